"""The command line: the same intake and the same queries as the pages, for programs and operators."""

import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from getpass import getuser
from pathlib import Path
from typing import Annotated, Final

import polars as pl
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from dashboards.clock import Clock
from dashboards.settings import DEFAULT_STORE, DEMO_STORE, MAX_WORKERS, LogFormat, Settings
from dashboards.web.access_key import KEY_PARAM, Access, AccessKey, KeylessAccess
from dashboards.web.site_address import SiteAddress
from dashboards.wording.finding_messages import (
    figure_lines,
    group_by_cause,
    group_sentence,
    hint_sentence,
    mention_hidden,
    message_sentence,
    shorten_cell,
    validation_json,
)
from dashboards.wording.translations import Language, Translator, load_translator
from indicators.definitions.periods import Period
from indicators.errors import PilotageError, StoreError
from indicators.intake.deposit import Accepted, Refused, ToReword
from indicators.intake.deposit import check as validate_bytes
from indicators.intake.deposit import deposit as store_file
from indicators.intake.files_out.template import template_csv
from indicators.intake.replay import read_manifest, replay
from indicators.intake.rules import CollectionScope
from indicators.intake.rules.personal_data import holds_personal_data
from indicators.intake.validate import ValidationResult, Verdict, internal_error_result
from indicators.network import DATA_FOLDER, Network
from indicators.queries.deposits.deposit_history import lost_by_withdrawal, retracted_figures
from indicators.queries.deposits.export import export_csv
from indicators.queries.deposits.export import export_rows as current_rows
from indicators.queries.deposits.invented import real_structure_names
from indicators.store.deposit_ids import resolve_deposit, unique_prefix_length
from indicators.store.deposits import Receipt, list_receipts
from indicators.store.deposits import withdraw as withdraw_deposit
from schemas.datasets import DATASETS
from schemas.findings import Finding, Severity

LOG: Final = logging.getLogger(__name__)
EXIT_CODES: Final = {Verdict.ACCEPTED: 0, Verdict.TO_CONFIRM: 3, Verdict.REFUSED: 1}
GRAVEST_FIRST: Final = (Verdict.REFUSED, Verdict.TO_CONFIRM, Verdict.ACCEPTED)
EXIT_MISUSE: Final = 2
CODES_WITH_BOTH_VALUES: Final = ("B04", "X03", "X05")
"""Codes whose message quotes a value and the one that it replaces or contradicts, different for each cell."""
MAX_PRINTED_ROWS: Final = 20
"""Rows printed for one cause; `--json` lists all."""
MAX_PRINTED_SUGGESTIONS: Final = 3
"""Distinct values printed with their suggestion."""

Dataset = StrEnum("Dataset", list(DATASETS))  # type: ignore[misc]  # the list is closed, but made elsewhere


class ExportFormat(StrEnum):
    """Formats of an export."""

    CSV = "csv"
    PARQUET = "parquet"
    JSON = "json"


class TemplateFormat(StrEnum):
    """Formats of a template to fill."""

    CSV = "csv"
    XLSX = "xlsx"


def _read_settings() -> Settings:
    """Read the settings; print an invalid one in one line and exit."""
    try:
        return Settings()
    except ValidationError as wrong:
        first = wrong.errors()[0]
        sys.stderr.write(f"pilotage: PILOTAGE_{str(first['loc'][0]).upper()}: {first['msg']}\n")
        raise SystemExit(EXIT_MISUSE) from None


settings = _read_settings()
clock = Clock(settings.today)
DEFAULT_LANG: Final = Language(settings.lang)
DEMO_AUTHOR: Final = "réseau fictif"
DEMO_COMMENT: Final = "rectification annoncée par la structure"
app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Tableau de bord public d’un réseau.",
)
out = Console()
err = Console(stderr=True)

StoreOption = Annotated[str | None, typer.Option(help="Un dossier, ou ducklake:postgres:…  [PILOTAGE_STORE]")]
LangOption = Annotated[Language, typer.Option(help="Langue des messages.")]
FilesArgument = Annotated[
    list[Path], typer.Argument(exists=True, dir_okay=False, help="Fichiers CSV, XLSX, ODS ou Parquet.")
]
PeriodOption = Annotated[str | None, typer.Option(help="Période collectée, par exemple 2026-T3.")]
StructureOption = Annotated[str | None, typer.Option(help="Structure qui dépose.")]
ConfirmOption = Annotated[str | None, typer.Option(help="Commentaire qui confirme ce qui est à confirmer.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Un objet JSON par fichier.")]
OutputOption = Annotated[Path | None, typer.Option(help="Fichier à écrire ; sortie standard sinon.")]
HostOption = Annotated[str, typer.Option(help="Adresse d’écoute.")]
PortOption = Annotated[int, typer.Option(help="Port d’écoute.", min=0, max=65535)]
LogOption = Annotated[LogFormat, typer.Option("--log", help="Journal : text, ou json (un objet par ligne).")]
WorkersOption = Annotated[
    int, typer.Option("--workers", help="Processus qui se partagent les lecteurs.", min=1, max=MAX_WORKERS)
]


def main() -> None:
    """Run a command; print a failure as one line, without a traceback."""
    try:
        app()
    except PilotageError as failure:
        err.print(f"pilotage: {failure}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(EXIT_MISUSE)


def print_plain(line: str, console: Console = out) -> None:
    """Print a line without interpreting rich markup: names may contain brackets."""
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def store_address(store: str | None, default: str = DEFAULT_STORE) -> tuple[str, str | None]:
    """Return the store's address, from the option, else the setting, else the default, and its data folder."""
    return store or settings.store or default, settings.data


@contextmanager
def open_network(store: str | None, default: str = DEFAULT_STORE, *, upgrade: bool = False) -> Iterator[Network]:
    """Open the network at the address of the option, the setting or the default; report an upgrade of its store."""
    with Network(*store_address(store, default), upgrade=upgrade) as network:
        if network.lake.upgraded:
            print_plain(load_translator(DEFAULT_LANG.value)("cli.upgraded", **vars(network.lake.upgraded)), err)
        yield network


def _parse_collected(network: Network, period: str | None, structure: str | None) -> CollectionScope:
    """Parse the period and structure being collected; an unknown one raises an error that names it."""
    with network.snapshot() as snapshot:
        structure_id = snapshot.structures[structure].id if structure else None
    return CollectionScope(Period.parse(period) if period else None, structure_id)


@app.command()
def demo(
    store: StoreOption = None,
    host: HostOption = settings.host,
    port: PortOption = settings.port,
    log: LogOption = settings.log,
) -> None:
    """Ouvre le réseau de démonstration (fictif) sur http://localhost:8501."""
    folder = DATA_FOLDER / "demo"
    with open_network(store, DEMO_STORE, upgrade=True) as network:
        _refuse_real_network(network)
        bar = Progress(
            TextColumn("Dépôt du réseau fictif"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            console=err,
        )
        with bar:
            task = bar.add_task("", total=len(read_manifest(folder)))
            stored = 0
            # The demo's periods are in the past whatever the machine's clock says.
            for step in replay(network, folder, DEMO_AUTHOR, DEMO_COMMENT, today=date.max):
                stored += step.stored
                bar.update(task, advance=1, description=step.file)
        if stored:
            _compact_store(network)
        _serve(network, host, port, log, demo_access)


@app.command()
def serve(
    store: StoreOption = None,
    host: HostOption = settings.host,
    port: PortOption = settings.port,
    workers: WorkersOption = settings.workers,
    log: LogOption = settings.log,
) -> None:
    """Ouvre les pages d’un réseau."""
    with open_network(store, upgrade=True) as network:
        _compact_store(network)
        if workers == 1:
            _serve(network, host, port, log, lambda site: AccessKey.generate(site.port))
    if workers > 1:
        _serve_by_workers(store or settings.store or DEFAULT_STORE, host, port, log, workers)


def _compact_store(network: Network) -> None:
    """Compact a store before serving it, and warn of unreferenced files that were left in place."""
    if unreferenced_files := network.lake.compact():
        LOG.warning(
            "store %s: files that nothing refers to were left: %d below its data folder are not its own, first %s",
            network.lake.name,
            len(unreferenced_files),
            unreferenced_files[0],
        )


def _refuse_real_network(network: Network) -> None:
    """Refuse to open a real network as a demonstration, where every visitor is administrator."""
    authors = {receipt.author for receipt in list_receipts(network.lake)}
    with network.snapshot() as snapshot:
        real_names = real_structure_names(snapshot)
    if (authors and DEMO_AUTHOR not in authors) or real_names:
        examples = f" ({', '.join(map(shorten_cell, real_names))})" if real_names else ""
        raise PilotageError(f"store {network.lake.name}: holds a network of its own{examples}; choose another --store")


def demo_access(site: SiteAddress) -> Access:
    """Return who administers the demo: every visitor on this machine, no one elsewhere."""
    return KeylessAccess.EVERYONE_IF_FICTITIOUS if site.is_local else KeylessAccess.NO_ONE


def _serve(
    network: Network, host: str, port: int, log: LogFormat, access_for_site: Callable[[SiteAddress], Access]
) -> None:
    # Streamlit and the chart libraries take two seconds to import: only commands that serve pages load them.
    from dashboards.web.asgi import serve as serve_pages

    serve_settings = settings.model_copy(update={"log": log})
    serve_pages(network, host, port, clock, announce, access_for_site, serve_settings)


def _serve_by_workers(store: str, host: str, port: int, log: LogFormat, count: int) -> None:
    """Serve a store with several processes that share one access key."""
    from dashboards.web.logging_setup import set_up_logging
    from dashboards.web.workers import ServingPlan, listen, new_cookie_secret, serve_by_workers

    serve_settings = settings.model_copy(update={"log": log})
    set_up_logging(serve_settings)
    listening = listen(host, port)
    site = SiteAddress.from_binding(host, listening.getsockname()[1], settings.url)
    access = AccessKey.generate(site.port)
    plan = ServingPlan(store, serve_settings, clock, site, access, new_cookie_secret())
    serve_by_workers(count, listening, plan, lambda: announce(site, access))


def announce(site: SiteAddress, access: Access) -> None:
    """Print the address of the site, and how to administer it."""
    t, url = load_translator(DEFAULT_LANG.value), site.url
    out.print(t("cli.ready", address=url), highlight=False, soft_wrap=True)
    match access:
        case AccessKey() as key:
            access_sentence = t("cli.key", address=f"{url}/?{KEY_PARAM}={key.secret}")
        case KeylessAccess.EVERYONE_IF_FICTITIOUS:
            access_sentence = t("cli.demo.open")
        case KeylessAccess.NO_ONE:
            access_sentence = t("cli.demo.public")
    out.print(access_sentence, highlight=False, soft_wrap=True)
    if settings.url and not settings.trusted_proxies:
        out.print(t("cli.proxies"), highlight=False, soft_wrap=True)


@app.command()
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
    with open_network(store) as network:
        collected = _parse_collected(network, period, structure)
        for path in files:
            examination = _validate_file(network, path, collected)
            has_personal_data = confirm is not None and holds_personal_data(confirm)
            is_confirmed = (
                examination.verdict is Verdict.TO_CONFIRM
                and bool(confirm and confirm.strip())
                and not has_personal_data
            )
            verdicts.append(Verdict.ACCEPTED if is_confirmed else examination.verdict)
            _print_result(examination, verdicts[-1], None, t, as_json=as_json)
            if has_personal_data:
                print_plain(t("cli.comment.personal"), err)
    raise typer.Exit(_worst_exit_code(verdicts))


@app.command("deposit")
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
    with open_network(store) as network:
        collected = _parse_collected(network, period, structure)
        for path in files:
            examination = _validate_file(network, path, collected)
            try:
                outcome = store_file(network, examination, author or getuser(), clock.now(), confirm)
            except StoreError as failure:
                outcome = Refused(_report_failure(path, failure))
            match outcome:
                case Accepted(_, receipt):
                    verdicts.append(Verdict.ACCEPTED)
                    _print_result(examination, verdicts[-1], receipt.deposit, t, as_json=as_json)
                    _print_clock_warning(receipt, t)
                    if not as_json:
                        with network.snapshot() as snapshot:
                            _print_removed_figures(retracted_figures(snapshot, [receipt.deposit]), t)
                case ToReword():
                    # The file as it stands is not refused: it waits for another comment.
                    verdicts.append(Verdict.TO_CONFIRM)
                    _print_result(examination, verdicts[-1], None, t, as_json=as_json)
                    print_plain(t("cli.comment.personal"), err)
                case _:
                    verdicts.append(outcome.validation.verdict)
                    _print_result(outcome.validation, verdicts[-1], None, t, as_json=as_json)
    raise typer.Exit(_worst_exit_code(verdicts))


def _validate_file(network: Network, path: Path, collected: CollectionScope) -> ValidationResult:
    """Validate a file; a failure of the store is reported as ours, never as a fault of the file."""
    try:
        return validate_bytes(network, path.read_bytes(), path.name, collected, clock.today())
    # Any failure here is ours; the other files are still validated.
    except Exception as failure:  # noqa: BLE001
        return _report_failure(path, failure)


def _report_failure(path: Path, failure: Exception) -> ValidationResult:
    reason = str(failure) if isinstance(failure, PilotageError) else repr(failure)
    err.print(f"pilotage: {path.name}: {reason}", style="red", markup=False, highlight=False, soft_wrap=True)
    return internal_error_result(path.name)


def _worst_exit_code(verdicts: list[Verdict]) -> int:
    return EXIT_CODES[min(verdicts, key=GRAVEST_FIRST.index)]


def _print_result(
    examination: ValidationResult, verdict: Verdict, deposit: str | None, t: Translator, *, as_json: bool
) -> None:
    """Print the verdict, then the findings, gravest first."""
    if as_json:
        sys.stdout.write(json.dumps(validation_json(examination, verdict, deposit, t), ensure_ascii=False) + "\n")
        return
    row_counts = t("cli.rows", count=examination.rows_read, accepted=examination.rows_accepted)
    # A file name may contain terminal control characters.
    name = "".join(letter if letter.isprintable() else "\ufffd" for letter in examination.file_name)
    out.print(
        f"{name} : {t(f'verdict.{verdict.value}')} ({row_counts})",
        markup=False,
        style="bold",
    )
    for cause_findings in group_by_cause(examination.findings):
        _print_cause(cause_findings, t)
    if deposit:
        out.print(t("cli.stored", deposit=deposit), markup=False)


def _print_clock_warning(receipt: Receipt, t: Translator) -> None:
    """Warn that this machine's clock is behind a moment already stored: one of the two is wrong."""
    if receipt.newer_moment:
        moments = {"moment": receipt.submitted_at, "newer": receipt.newer_moment}
        formatted_moments = {name: f"{moment:%Y-%m-%d %H:%M}" for name, moment in moments.items()}
        print_plain(t("cli.clock_behind", **formatted_moments), err)


def _print_cause(findings: Sequence[Finding], t: Translator) -> None:
    """Print the findings of one cause: description and count, location, suggestions, what to do."""
    first = findings[0]
    # A single finding about many cells, such as notes below the table, says so in its own message.
    is_single = len(findings) == 1
    location = f"{first.column or ''}{first.row or ''} " if is_single else ""
    sentence = message_sentence(first, t) if is_single else group_sentence(first, t)
    style = "red" if first.severity is Severity.BLOCKING else None
    severity = t(f"severity.{first.severity.value}")
    out.print(
        f"  {first.code} {severity} {location}{sentence}", markup=False, highlight=False, style=style, soft_wrap=True
    )
    lines = [] if is_single else [_row_list(findings, t)]
    if not is_single and first.code in CODES_WITH_BOTH_VALUES:
        cells = [f"{f.column or ''}{f.row or ''} {message_sentence(f, t)}" for f in findings]
        lines = [*cells[:MAX_PRINTED_ROWS], *(["…"] if first.count > min(len(cells), MAX_PRINTED_ROWS) else [])]
    suggestions = {f"{shorten_cell(f.value or '')} → {f.suggestion}": None for f in findings if f.suggestion}
    lines += [
        " ; ".join([*suggestions][:MAX_PRINTED_SUGGESTIONS])
        + (" …" if len(suggestions) > MAX_PRINTED_SUGGESTIONS else "")
    ]
    for line in filter(None, (*lines, hint_sentence(first, t))):
        out.print(f"      {line}", markup=False, highlight=False, style="dim", soft_wrap=True)


def _row_list(findings: Sequence[Finding], t: Translator) -> str:
    """List the rows of a cause, at most the first few, and mark those that the spreadsheet hides."""
    row_labels = {finding.row: mention_hidden(str(finding.row), finding, t) for finding in findings if finding.row}
    rows = ", ".join([*row_labels.values()][:MAX_PRINTED_ROWS]) + (
        " …" if findings[0].count > min(len(row_labels), MAX_PRINTED_ROWS) else ""
    )
    return t("cli.rows_at", count=len(row_labels), rows=rows) if row_labels else ""


def _print_removed_figures(rows: pl.DataFrame, t: Translator) -> None:
    """Print the figures that are no longer in force, with their former values."""
    if rows.height:
        out.print(t("cli.taken_away", count=rows.height), markup=False)
    for line in figure_lines(rows, t):
        out.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def template(
    dataset: Annotated[Dataset, typer.Argument(help="Jeu de données.")],
    store: StoreOption = None,
    structure: StructureOption = None,
    period: PeriodOption = None,
    format_: Annotated[
        TemplateFormat, typer.Option("--format", help="Format du fichier à remplir.")
    ] = TemplateFormat.CSV,
    output: OutputOption = None,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    """Écrit le fichier à remplir, préparé pour une structure et une période."""
    collected = Period.parse(period) if period else None
    with open_network(store) as network, network.snapshot() as snapshot:
        target_structure = snapshot.structures[structure] if structure else None
        if format_ is TemplateFormat.XLSX:
            # Imported here so that other commands start faster without the workbook writer.
            from indicators.intake.files_out.template_workbook import template_xlsx

            content = template_xlsx(snapshot, dataset.value, target_structure, collected, load_translator(lang.value))
        else:
            content = template_csv(
                snapshot, dataset.value, target_structure, collected, load_translator(lang.value)
            ).encode()
    _write(content, output)


def _write(content: bytes, output: Path | None) -> None:
    """Write to a file or standard output; the error of an unwritable file names it."""
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as unwritable:
        raise PilotageError(f"{output}: {unwritable.strerror}") from unwritable


@app.command()
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


def validate_reason(reason: str, lang: Language) -> str:
    """Return the reason stored with a record; an empty one, or one with personal data, is a usage error."""
    if not reason.strip():
        raise typer.BadParameter("empty", param_hint="--because")
    if holds_personal_data(reason):
        raise typer.BadParameter(load_translator(lang.value)("cli.comment.personal"), param_hint="--because")
    return reason.strip()


@app.command()
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
    _print_clock_warning(receipt, t)
    _print_removed_figures(removed, t)


@app.command()
def export(
    dataset: Annotated[Dataset, typer.Argument(help="Jeu de données.")],
    store: StoreOption = None,
    format_: Annotated[ExportFormat, typer.Option("--format", help="Format de sortie.")] = ExportFormat.CSV,
    output: OutputOption = None,
) -> None:
    """Écrit un jeu de données tel qu’il est en vigueur ; ce qui sort peut être déposé de nouveau."""
    with open_network(store) as network, network.snapshot() as snapshot:
        rows = current_rows(snapshot, dataset.value)
    _write(_serialize(rows, format_), output)


def _serialize(rows: pl.DataFrame, format_: ExportFormat) -> bytes:
    match format_:
        case ExportFormat.CSV:
            return export_csv(rows)
        case ExportFormat.JSON:
            return json.dumps(rows.to_dicts(), ensure_ascii=False, default=str, indent=1).encode() + b"\n"
        case ExportFormat.PARQUET:
            return _to_parquet(rows)


def _to_parquet(rows: pl.DataFrame) -> bytes:
    from io import BytesIO

    buffer = BytesIO()
    rows.write_parquet(buffer)
    return buffer.getvalue()


# Registers further commands on `app`; imported last because it needs the definitions above.
from dashboards import store_commands as _store_commands  # noqa: E402, F401

if __name__ == "__main__":
    main()
