"""Commands about members: `members list`, `add`, `remove`, `link`, `sign-out`, `export`, `erase`, `rotate-key`."""

import json
import sys
from datetime import datetime
from getpass import getuser
from typing import Annotated

import typer
from rich.table import Table

from dashboards.commands.environment import clock, settings
from dashboards.commands.opening import open_network
from dashboards.commands.options import DEFAULT_LANG, LangOption, StoreOption
from dashboards.commands.terminal import err, out, print_plain
from dashboards.web.site_address import DEFAULT_PORT, SiteAddress
from dashboards.wording.translations import load_translator
from indicators.definitions.perimeters import NETWORK, Perimeter
from indicators.definitions.roles import Grant, Member, Role
from indicators.network import Network
from schemas.members import normalize_address

AddressArgument = Annotated[str, typer.Argument(help="Adresse de courriel du membre.")]
RoleOption = Annotated[Role, typer.Option(help="Rôle.")]
PerimeterOption = Annotated[str, typer.Option(help="reseau, region:…, groupe:…, type:… ou une structure.")]
DayOption = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Jour, compris.")]

members = typer.Typer(no_args_is_help=True, help="Membres, rôles, sessions et liens de connexion.")


@members.command("list")
def list_command(store: StoreOption = None, lang: LangOption = DEFAULT_LANG) -> None:
    """Liste les rôles, avec leurs dates."""
    from indicators.accounts.members import list_roles

    t = load_translator(lang.value)
    with open_network(store) as network:
        roles = list_roles(network.accounts)
    table = Table()
    for name in ("address", "role", "perimeter", "from", "until"):
        table.add_column(t(f"cli.members.{name}"), overflow="fold")
    for role in roles:
        member = role.member
        days = (str(day or "") for day in (member.holds_from, member.holds_until))
        table.add_row(member.address, member.grant.role.value, member.grant.perimeter.code, *days)
    out.print(table if roles else t("cli.members.none"))


@members.command("add")
def add(
    address: AddressArgument,
    role: RoleOption,
    perimeter: PerimeterOption = NETWORK.code,
    since: DayOption = None,
    until: DayOption = None,
    store: StoreOption = None,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    """Donne un rôle à quelqu’un, ou change les dates de son rôle."""
    from indicators.accounts.members import LastAdministrator, change_members

    t = load_translator(lang.value)
    with open_network(store) as network:
        grant = _parse_grant(network, role, perimeter)
        member = Member(_parse_address(address), grant, since and since.date(), until and until.date())
        if member.holds_from and member.holds_until and member.holds_until < member.holds_from:
            raise typer.BadParameter("before --since", param_hint="--until")
        changed = change_members(network.accounts, [member], getuser(), clock.now(), clock.today())
    if isinstance(changed, LastAdministrator):
        _fail(t("cli.members.last"))
    else:
        print_plain(t("cli.members.changed", **{change.value: count for change, count in changed.counts.items()}))


@members.command("remove")
def remove(
    address: AddressArgument,
    role: RoleOption,
    perimeter: PerimeterOption = NETWORK.code,
    store: StoreOption = None,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    """Retire un rôle à quelqu’un, tout de suite."""
    from indicators.accounts.members import LastAdministrator, find_person, remove_role

    t = load_translator(lang.value)
    with open_network(store) as network:
        accounts, grant = network.accounts, Grant(role, Perimeter.parse(perimeter))
        person = find_person(accounts, _parse_address(address))
        if isinstance(remove_role(accounts, person, grant, getuser(), clock.now(), clock.today()), LastAdministrator):
            _fail(t("cli.members.last"))
        else:
            print_plain(t("cli.members.removed"))


@members.command("link")
def link_command(address: AddressArgument, store: StoreOption = None, lang: LangOption = DEFAULT_LANG) -> None:
    """Écrit un lien de connexion pour un membre : il sert une fois, pendant quinze minutes."""
    from dashboards.web.sign_in.addresses import LINK_PATH, TOKEN_PARAM, address_of
    from indicators.accounts.links import make_link_token
    from indicators.accounts.members import find_person

    site = SiteAddress.from_binding(settings.host, settings.port or DEFAULT_PORT, settings.url)
    with open_network(store) as network:
        person = find_person(network.accounts, _parse_address(address))
        token = make_link_token(network.accounts, person, getuser(), clock.now())
    sys.stdout.write(site.url + address_of(LINK_PATH, load_translator(lang.value), **{TOKEN_PARAM: token}) + "\n")


@members.command("sign-out")
def sign_out(
    address: Annotated[str | None, typer.Argument(help="Adresse du membre ; tout le monde sinon.")] = None,
    store: StoreOption = None,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    """Termine les sessions d’un membre, ou de tous."""
    from indicators.accounts.members import find_person
    from indicators.accounts.sessions import end_all_sessions, end_sessions_of

    with open_network(store) as network:
        accounts = network.accounts
        if address is None:
            count = end_all_sessions(accounts, getuser(), clock.now())
        else:
            person = find_person(accounts, _parse_address(address))
            count = end_sessions_of(accounts, person, getuser(), clock.now())
    print_plain(load_translator(lang.value)("cli.members.signed_out", count=count))


@members.command("export")
def export_command(address: AddressArgument, store: StoreOption = None) -> None:
    """Écrit tout ce que les comptes gardent sur une personne (RGPD, article 15), en JSON."""
    from indicators.accounts.members import export_person, find_person

    with open_network(store) as network:
        person = find_person(network.accounts, _parse_address(address))
        held = export_person(network.accounts, person)
    sys.stdout.write(json.dumps(held, ensure_ascii=False, default=str, indent=1) + "\n")


@members.command("erase")
def erase_command(address: AddressArgument, store: StoreOption = None, lang: LangOption = DEFAULT_LANG) -> None:
    """Efface une personne (RGPD, article 17) : adresse, rôles, sessions. Ses dépôts gardent un pseudonyme."""
    from indicators.accounts.members import LastAdministrator, erase_person, find_person

    t = load_translator(lang.value)
    with open_network(store) as network:
        accounts = network.accounts
        person = find_person(accounts, _parse_address(address))
        if isinstance(erase_person(accounts, person, getuser(), clock.now(), clock.today()), LastAdministrator):
            _fail(t("cli.members.last"))
        else:
            print_plain(t("cli.members.erased", person=person))


@members.command("rotate-key")
def rotate_key(store: StoreOption = None, lang: LangOption = DEFAULT_LANG) -> None:
    """Signe désormais les liens avec une nouvelle clé ; à faire deux fois si l’ancienne a pu être lue."""
    from indicators.accounts.links import rotate_signing_key

    with open_network(store) as network:
        rotate_signing_key(network.accounts)
    print_plain(load_translator(lang.value)("cli.members.rotated"))


def _parse_address(text: str) -> str:
    address = normalize_address(text)
    if address is None:
        raise typer.BadParameter("not a mail address", param_hint="ADDRESS")
    return address


def _parse_grant(network: Network, role: Role, code: str) -> Grant:
    """Parse the perimeter of a role, which must exist; that of an administrator is the network."""
    with network.snapshot() as snapshot:
        perimeter = snapshot.structures.parse_perimeter(code)
    if role is Role.ADMINISTRATOR and perimeter != NETWORK:
        raise typer.BadParameter("administrators are of the network", param_hint="--perimeter")
    return Grant(role, perimeter)


def _fail(sentence: str) -> None:
    print_plain(sentence, err)
    raise typer.Exit(1)
