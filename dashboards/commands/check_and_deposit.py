"""Commands that read files: `check` and `deposit`."""

from collections.abc import Callable
from getpass import getuser
from pathlib import Path
from typing import Annotated, Final

import typer

from dashboards.commands.environment import clock
from dashboards.commands.interruption import remembered_interruption
from dashboards.commands.opening import open_network
from dashboards.commands.options import (
    DEFAULT_LANG,
    ConfirmOption,
    FilesArgument,
    JsonOption,
    LangOption,
    PeriodOption,
    StoreOption,
    StructureOption,
)
from dashboards.commands.results import print_clock_warning, print_removed_figures, print_result
from dashboards.commands.terminal import err, print_plain
from dashboards.wording.translations import load_translator
from indicators.definitions.periods import Period
from indicators.errors import PilotageError, StoreError
from indicators.intake.deposit import Accepted, LeavesNoAdministrator, MembersKept, Refused, ToReword
from indicators.intake.deposit import check as validate_bytes
from indicators.intake.deposit import deposit as store_file
from indicators.intake.rules import CollectionScope
from indicators.intake.rules.personal_data import holds_personal_data
from indicators.intake.validate import ValidationResult, Verdict, internal_error_result
from indicators.network import Network
from indicators.queries.deposits.deposit_history import retracted_figures

EXIT_CODES: Final = {Verdict.ACCEPTED: 0, Verdict.TO_CONFIRM: 3, Verdict.REFUSED: 1}
GRAVEST_FIRST: Final = (Verdict.REFUSED, Verdict.TO_CONFIRM, Verdict.ACCEPTED)


def check(
    files: FilesArgument,
    store: StoreOption = None,
    period: PeriodOption = None,
    structure: StructureOption = None,
    confirm: ConfirmOption = None,
    lang: LangOption = DEFAULT_LANG,
    as_json: JsonOption = False,
) -> None:
    """Vérifie des fichiers sans rien enregistrer."""
    t = load_translator(lang.value)
    verdicts = []
    with open_network(store) as network, remembered_interruption() as end_if_pressed:
        collected = _parse_collected(network, period, structure)
        for path in files:
            examination = _validate_file(network, path, collected, end_if_pressed)
            has_personal_data = confirm is not None and holds_personal_data(confirm)
            is_confirmed = (
                examination.verdict is Verdict.TO_CONFIRM
                and bool(confirm and confirm.strip())
                and not has_personal_data
            )
            verdicts.append(Verdict.ACCEPTED if is_confirmed else examination.verdict)
            print_result(examination, verdicts[-1], None, t, as_json=as_json)
            if has_personal_data:
                print_plain(t("cli.comment.personal"), err)
    raise typer.Exit(_worst_exit_code(verdicts))


def deposit_command(
    files: FilesArgument,
    store: StoreOption = None,
    period: PeriodOption = None,
    structure: StructureOption = None,
    confirm: ConfirmOption = None,
    author: Annotated[str | None, typer.Option(help="Qui dépose.")] = None,
    lang: LangOption = DEFAULT_LANG,
    as_json: JsonOption = False,
) -> None:
    """Vérifie des fichiers et enregistre ceux qui sont acceptés, entiers."""
    t = load_translator(lang.value)
    verdicts = []
    with open_network(store) as network, remembered_interruption() as end_if_pressed:
        collected = _parse_collected(network, period, structure)
        for path in files:
            examination = _validate_file(network, path, collected, end_if_pressed)
            try:
                outcome = store_file(network, examination, author or getuser(), clock.now(), confirm)
            except StoreError as failure:
                end_if_pressed()
                outcome = Refused(_report_failure(path, failure))
            match outcome:
                case Accepted(_, receipt):
                    verdicts.append(Verdict.ACCEPTED)
                    print_result(examination, verdicts[-1], receipt.deposit, t, as_json=as_json)
                    print_clock_warning(receipt, t)
                    if not as_json:
                        if receipt.eyes is not None:
                            print_plain(t("cli.stored.waiting"))
                        with network.snapshot() as snapshot:
                            print_removed_figures(retracted_figures(snapshot, [receipt.deposit]), t)
                case MembersKept(_, counts):
                    verdicts.append(Verdict.ACCEPTED)
                    print_result(examination, verdicts[-1], None, t, as_json=as_json)
                    if not as_json:
                        print_plain(t("cli.members.kept", **{change.value: count for change, count in counts.items()}))
                case LeavesNoAdministrator():
                    verdicts.append(Verdict.REFUSED)
                    print_result(examination, verdicts[-1], None, t, as_json=as_json)
                    print_plain(t("cli.members.last"), err)
                case ToReword():
                    # The file as it stands is not refused: it waits for another comment.
                    verdicts.append(Verdict.TO_CONFIRM)
                    print_result(examination, verdicts[-1], None, t, as_json=as_json)
                    print_plain(t("cli.comment.personal"), err)
                case _:
                    verdicts.append(outcome.validation.verdict)
                    print_result(outcome.validation, verdicts[-1], None, t, as_json=as_json)
    raise typer.Exit(_worst_exit_code(verdicts))


def _validate_file(
    network: Network, path: Path, collected: CollectionScope, end_if_pressed: Callable[[], None]
) -> ValidationResult:
    """Validate a file; a failure of the store is reported as ours, never as a fault of the file."""
    try:
        examination = validate_bytes(network, path.read_bytes(), path.name, collected, clock.today())
    # Any failure here is ours, unless it is what a library made of Ctrl-C; the other files are still validated.
    except Exception as failure:  # noqa: BLE001
        end_if_pressed()
        return _report_failure(path, failure)
    end_if_pressed()
    return examination


def _report_failure(path: Path, failure: Exception) -> ValidationResult:
    reason = str(failure) if isinstance(failure, PilotageError) else repr(failure)
    err.print(f"pilotage: {path.name}: {reason}", style="red", markup=False, highlight=False, soft_wrap=True)
    return internal_error_result(path.name)


def _worst_exit_code(verdicts: list[Verdict]) -> int:
    return EXIT_CODES[min(verdicts, key=GRAVEST_FIRST.index)]


def _parse_collected(network: Network, period: str | None, structure: str | None) -> CollectionScope:
    """Parse the period and structure being collected; an unknown one raises an error that names it."""
    with network.snapshot() as snapshot:
        structure_id = snapshot.structures[structure].id if structure else None
    return CollectionScope(Period.parse(period) if period else None, structure_id)
