"""Commands about collections: `campaigns`, `approve` and `send-back`."""

import json
import sys
from datetime import date
from getpass import getuser
from typing import Annotated, Final

import typer
from rich.table import Table

from dashboards.commands.environment import clock
from dashboards.commands.opening import open_network
from dashboards.commands.options import DEFAULT_LANG, JsonOption, LangOption, StoreOption
from dashboards.commands.records import validate_reason
from dashboards.commands.terminal import out, print_plain
from dashboards.wording.translations import Language, load_translator
from indicators.definitions.campaigns import Campaigns
from indicators.intake.approval import decide
from indicators.store.approvals import Decision, DecisionVerdict, NewDecision, new_decision_id
from indicators.store.deposit_ids import resolve_deposit
from indicators.store.deposits import list_receipts

DepositArgument = Annotated[
    str, typer.Argument(help="Identifiant du dépôt, ou son début s’il est seul à commencer ainsi.")
]
AuthorOption = Annotated[str | None, typer.Option(help="Qui décide.")]
EXIT_REFUSED: Final = 1
LISTED_QUARTERS: Final = 8
"""Quarters listed without a campaign of their own, back from the newest one opened."""


def campaigns(store: StoreOption = None, lang: LangOption = DEFAULT_LANG, as_json: JsonOption = False) -> None:
    """Liste les collectes, de la plus récente à la plus ancienne, avec les délais accordés."""
    t = load_translator(lang.value)
    with open_network(store) as network, network.snapshot() as snapshot:
        found = snapshot.campaigns
    today = clock.today()
    columns = ("period", "structure", "state", "opens", "due", "review", "locks", "eyes", "reason")
    lines = [dict(zip(columns, line, strict=True)) for line in _lines(found, today)]
    if as_json:
        for line in lines:
            sys.stdout.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
        return
    table = Table()
    for name in columns:
        table.add_column(t(f"cli.campaigns.{name}"), overflow="fold", no_wrap=name == "period")
    for line in lines:
        line["state"] = t(f"cli.campaigns.state.{line['state']}")
        table.add_row(*("" if cell is None else str(cell) for cell in line.values()))
    out.print(table)


def _lines(found: Campaigns, today: date) -> list[tuple[object, ...]]:
    """Return a line for each campaign, newest period first, each followed by its late exceptions."""
    periods = {*found.declared, *(period for period, _ in found.exceptions)}
    periods |= set(found.newest_opened(today).trailing(LISTED_QUARTERS))
    lines: list[tuple[object, ...]] = []
    for period in sorted(periods, key=lambda one: (one.end, one.code), reverse=True):
        campaign = found.for_period(period)
        lines.append(
            (
                *(period.code, None, campaign.state(today).value, campaign.opens, campaign.due),
                *(campaign.review, campaign.locks, campaign.eyes, campaign.approved_by),
            )
        )
        for (of, structure), exception in sorted(found.exceptions.items(), key=lambda one: one[0][1]):
            if of == period:
                state = "exception" if exception.until >= today else "expired"
                days = (exception.opens, exception.until, None, None, None)
                lines.append((period.code, structure, state, *days, exception.reason))
    return lines


def approve(
    deposit: DepositArgument,
    because: Annotated[str, typer.Option(help="Commentaire, gardé avec l’approbation.")] = "",
    store: StoreOption = None,
    author: AuthorOption = None,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    """Approuve un dépôt qui attend une approbation."""
    comment = validate_reason(because, lang) if because.strip() else ""
    _decide(deposit, DecisionVerdict.APPROVED, comment, store, author, lang)


def send_back(
    deposit: DepositArgument,
    because: Annotated[str, typer.Option(help="Ce qui est à corriger, gardé avec le renvoi.")],
    store: StoreOption = None,
    author: AuthorOption = None,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    """Renvoie un dépôt qui attend une approbation : un nouveau dépôt le corrigera."""
    _decide(deposit, DecisionVerdict.SENT_BACK, validate_reason(because, lang), store, author, lang)


def _decide(
    deposit: str, verdict: DecisionVerdict, comment: str, store: str | None, author: str | None, lang: Language
) -> None:
    """Store a decision and print it; what is refused is printed, and ends the command with the code of a refusal."""
    t = load_translator(lang.value)
    with open_network(store) as network:
        deposit_id = resolve_deposit(deposit, [receipt.deposit for receipt in list_receipts(network.lake)])
        new = NewDecision(new_decision_id(), deposit_id, verdict, author or getuser(), clock.now(), comment)
        found = decide(network.lake, new)
        with network.snapshot() as snapshot:
            state = snapshot.approval_states.get(deposit_id)
    if not isinstance(found, Decision):
        print_plain(t(f"cli.decision.{found}", deposit=deposit_id))
        raise typer.Exit(EXIT_REFUSED)
    print_plain(t(f"cli.decision.stored.{state}", deposit=deposit_id))
