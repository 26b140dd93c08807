"""Command about mails: `mail`, to be run once a day."""

from typing import Annotated

import typer

from dashboards.commands.environment import clock, settings
from dashboards.commands.opening import open_network
from dashboards.commands.options import DEFAULT_LANG, LangOption, StoreOption
from dashboards.commands.terminal import out, print_plain
from dashboards.web.site_address import DEFAULT_PORT, SiteAddress
from dashboards.wording.translations import load_translator
from indicators.errors import PilotageError
from indicators.network import Network


def mail_command(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Écrit les courriels ici, sans les envoyer.")] = False,
    store: StoreOption = None,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    """Envoie les rappels et les résumés dus aujourd’hui, une seule fois chacun ; à lancer chaque jour."""
    from dashboards.mails.planning import due_mails
    from dashboards.mails.sending import send_queue
    from indicators.accounts.mail_queue import queue_mails

    t, site_url = load_translator(lang.value), _site_url()
    with open_network(store) as network:
        if dry_run:
            # Accounts that are not there are not made to look into them.
            count = _print_due(network, site_url) if network.lake.has_accounts() else 0
            if not count:
                print_plain(t("cli.mail.none"))
            return
        server = settings.mail_server
        if server is None:
            raise PilotageError("no mail server: set PILOTAGE_SMTP and PILOTAGE_MAIL_FROM, or use --dry-run")
        with network.snapshot() as snapshot:
            due = due_mails(snapshot, network.accounts, clock.today())
        queued = queue_mails(network.accounts, due, clock.now())
        result = send_queue(network, server, site_url, clock)
    print_plain(t("cli.mail.queued", queued=queued, **vars(result)))
    raise typer.Exit(1 if result.failed else 0)


def _print_due(network: Network, site_url: str) -> int:
    """Print each mail that is due and not queued yet, as its reader would find it; return how many these are."""
    from dashboards.mails.letters import to_mail
    from dashboards.mails.planning import due_mails
    from dashboards.mails.sending import write_letter
    from indicators.accounts.mail_queue import known_keys
    from indicators.accounts.members import correspondents

    with network.snapshot() as snapshot:
        due = due_mails(snapshot, network.accounts, clock.today())
    people, known = correspondents(network.accounts), known_keys(network.accounts, [each.key for each in due])
    count = 0
    for each in [one for one in due if one.key not in known]:
        letter = write_letter(network, each, people[each.person], site_url, clock)
        if letter is not None:
            mail = to_mail(letter, people[each.person], each.key)
            out.print(f"{mail.to} · {mail.subject}", markup=False, highlight=False, style="bold", soft_wrap=True)
            out.print(mail.text, markup=False, highlight=False, soft_wrap=True)
            count += 1
    return count


def _site_url() -> str:
    return SiteAddress.from_binding(settings.host, settings.port or DEFAULT_PORT, settings.url).url
