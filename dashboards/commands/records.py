"""Commands about records of deposits: `history`, `withdraw` and `erase`."""

import json
import sys
from getpass import getuser
from typing import Annotated

import typer
from rich.table import Table

from dashboards.commands.environment import clock
from dashboards.commands.opening import open_network
from dashboards.commands.options import DEFAULT_LANG, JsonOption, LangOption, StoreOption
from dashboards.commands.results import print_clock_warning, print_removed_figures
from dashboards.commands.terminal import out, print_plain
from dashboards.wording.translations import Language, Translator, load_translator
from indicators.intake.rules.personal_data import holds_personal_data
from indicators.queries.deposits.deposit_history import lost_by_withdrawal, retracted_figures
from indicators.store.deposit_ids import resolve_deposit, unique_prefix_length
from indicators.store.deposits import Receipt, list_receipts
from indicators.store.deposits import withdraw as withdraw_deposit
from indicators.store.erasure import erase as erase_deposit


def history(store: StoreOption = None, lang: LangOption = DEFAULT_LANG, as_json: JsonOption = False) -> None:
    """Liste les dépôts et les retraits, du plus récent au plus ancien."""
    t = load_translator(lang.value)
    with open_network(store) as network:
        receipts = list_receipts(network.lake)
        with network.snapshot() as snapshot:
            removed = retracted_figures(snapshot, [receipt.deposit for receipt in receipts])
    counts = dict(removed.group_by("deposit").len().iter_rows())
    if as_json:
        for receipt in receipts:
            line = {**vars(receipt), "taken_away": counts.get(receipt.deposit, 0)}
            sys.stdout.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
        return
    table = Table()
    for name in ("moment", "deposit", "dataset", "file", "rows", "author", "comment"):
        # Identifiers, which are typed again, are never wrapped; other columns are.
        table.add_column(t(f"history.{name}"), overflow="fold", no_wrap=name == "deposit")
    length = unique_prefix_length([receipt.deposit for receipt in receipts])
    for receipt in receipts:
        description = receipt.file_name or _describe_record(receipt, length, t)
        moment = receipt.submitted_at.strftime("%Y-%m-%d %H:%M")
        rows = str(receipt.rows_accepted)
        if receipt.deposit in counts:
            rows = t("cli.history.taken_away", count=counts[receipt.deposit], rows=rows)
        short_id = receipt.deposit[:length]
        table.add_row(moment, short_id, receipt.dataset, description, rows, receipt.author, receipt.comment)
    out.print(table if receipts else t("history.empty"))


def _describe_record(receipt: Receipt, length: int, t: Translator) -> str:
    """Describe a record without a file: an erased deposit, an erasure or a withdrawal."""
    if receipt.is_erased:
        return t("history.erased")
    return t("history.erases" if receipt.erases else "history.withdraws", deposit=(receipt.withdraws or "")[:length])


def withdraw(
    deposit: Annotated[str, typer.Argument(help="Identifiant du dépôt, ou son début s’il est seul à commencer ainsi.")],
    because: Annotated[str, typer.Option(help="Motif, gardé avec le retrait.")],
    store: StoreOption = None,
    author: Annotated[str | None, typer.Option(help="Qui retire.")] = None,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    """Retire un dépôt : ce qu’il remplaçait redevient courant."""
    reason = validate_reason(because, lang)
    with open_network(store) as network:
        deposit_id = resolve_deposit(deposit, [receipt.deposit for receipt in list_receipts(network.lake)])
        with network.snapshot() as snapshot:
            removed = lost_by_withdrawal(snapshot, deposit_id)
        receipt = withdraw_deposit(network.lake, deposit_id, reason, author or getuser(), clock.now())
    t = load_translator(lang.value)
    out.print(t("cli.withdrawn", deposit=deposit_id, withdrawal=receipt.deposit), markup=False)
    print_clock_warning(receipt, t)
    print_removed_figures(removed, t)


def erase_command(
    deposit: Annotated[str, typer.Argument(help="Identifiant du dépôt, ou son début s’il est seul à commencer ainsi.")],
    because: Annotated[str, typer.Option(help="Motif, gardé avec l’effacement ; rien de ce qui est effacé.")],
    store: StoreOption = None,
    author: Annotated[str | None, typer.Option(help="Qui efface.")] = None,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    """Efface pour de bon un dépôt qui contenait des données personnelles ; il en reste la trace, sans contenu."""
    reason = validate_reason(because, lang)
    with open_network(store) as network:
        deposit_id = resolve_deposit(deposit, [receipt.deposit for receipt in list_receipts(network.lake)])
        receipt = erase_deposit(network.lake, deposit_id, reason, author or getuser(), clock.now())
    t = load_translator(lang.value)
    print_plain(t("cli.erased", deposit=deposit_id, erasure=receipt.deposit))
    print_plain(t("cli.erased.copies"))


def validate_reason(reason: str, lang: Language) -> str:
    """Return the reason stored with a record; an empty one, or one with personal data, is a usage error."""
    if not reason.strip():
        raise typer.BadParameter("empty", param_hint="--because")
    if holds_personal_data(reason):
        raise typer.BadParameter(load_translator(lang.value)("cli.comment.personal"), param_hint="--because")
    return reason.strip()
