"""The command line: the same intake and the same questions as the pages, for programs and for operators."""

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
from dashboards.settings import DEMO_STORE, MOST_WORKERS, STORE, LogFormat, Settings
from dashboards.web.access_key import PARAMETER, Access, AccessKey, KeylessAccess
from dashboards.web.site_address import SiteAddress
from dashboards.wording.finding_messages import (
    by_cause,
    examination_json,
    figure_lines,
    grouped,
    hint,
    message,
    shortened,
    with_hidden,
)
from dashboards.wording.translations import Words, words
from indicators.definitions.periods import Period
from indicators.errors import PilotageError, StoreError
from indicators.intake.deposit import Accepted, Refused, ToReword
from indicators.intake.deposit import check as examine_file
from indicators.intake.deposit import deposit as store_file
from indicators.intake.files_out.template import template_csv
from indicators.intake.replay import replay, steps
from indicators.intake.rules import Collected
from indicators.intake.rules.personal_data import holds_personal_data
from indicators.intake.validate import Examination, Verdict, failed
from indicators.network import DATA, Network
from indicators.queries.deposits.deposit_history import lost_by_withdrawal, taken_away
from indicators.queries.deposits.export import export as current_rows
from indicators.queries.deposits.export import export_csv
from indicators.queries.deposits.invented import names_not_invented
from indicators.store.deposit_ids import resolve_deposit, short_length
from indicators.store.deposits import Receipt
from indicators.store.deposits import history as deposits
from indicators.store.deposits import withdraw as take_back
from schemas.datasets import DATASETS
from schemas.findings import Finding, Severity

LOG: Final = logging.getLogger(__name__)
EXIT: Final = {Verdict.ACCEPTED: 0, Verdict.TO_CONFIRM: 3, Verdict.REFUSED: 1}
GRAVEST: Final = (Verdict.REFUSED, Verdict.TO_CONFIRM, Verdict.ACCEPTED)
MISUSE: Final = 2
WITH_BOTH_VALUES: Final = ("B04", "X03", "X05")
"""Codes whose sentence tells a value and the one that it replaces or contradicts: each cell has its own."""
ROWS: Final = 20
"""Rows printed for one cause; `--json` gives more."""
SHOWN: Final = 3
"""Texts printed with what is proposed for them."""

Dataset = StrEnum("Dataset", list(DATASETS))  # type: ignore[misc]  # the list is closed, but made elsewhere


class Format(StrEnum):
    """Formats of an export."""

    CSV = "csv"
    PARQUET = "parquet"
    JSON = "json"


class TemplateFormat(StrEnum):
    """Formats of a file to fill."""

    CSV = "csv"
    XLSX = "xlsx"


class Language(StrEnum):
    """Languages of what the command line says."""

    FR = "fr"
    EN = "en"
    NL = "nl"


def _read_settings() -> Settings:
    """Read the settings; a wrong one is named in one line."""
    try:
        return Settings()
    except ValidationError as wrong:
        first = wrong.errors()[0]
        sys.stderr.write(f"pilotage: PILOTAGE_{str(first['loc'][0]).upper()}: {first['msg']}\n")
        raise SystemExit(MISUSE) from None


settings = _read_settings()
clock = Clock(settings.today)
LANGUAGE: Final = Language(settings.lang)
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

Store = Annotated[str | None, typer.Option(help="Un dossier, ou ducklake:postgres:…  [PILOTAGE_STORE]")]
Lang = Annotated[Language, typer.Option(help="Langue des messages.")]
Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Fichiers CSV, XLSX, ODS ou Parquet.")]
PeriodOption = Annotated[str | None, typer.Option(help="Période collectée, par exemple 2026-T3.")]
StructureOption = Annotated[str | None, typer.Option(help="Structure qui dépose.")]
Confirm = Annotated[str | None, typer.Option(help="Commentaire qui confirme ce qui est à confirmer.")]
Json = Annotated[bool, typer.Option("--json", help="Un objet JSON par fichier.")]
Output = Annotated[Path | None, typer.Option(help="Fichier à écrire ; sortie standard sinon.")]
Host = Annotated[str, typer.Option(help="Adresse d’écoute.")]
Port = Annotated[int, typer.Option(help="Port d’écoute.", min=0, max=65535)]
LogOption = Annotated[LogFormat, typer.Option("--log", help="Journal : text, ou json (un objet par ligne).")]
WorkersOption = Annotated[
    int, typer.Option("--workers", help="Processus qui se partagent les lecteurs.", min=1, max=MOST_WORKERS)
]


def main() -> None:
    """Run a command; what cannot go on is one line, without a traceback."""
    try:
        app()
    except PilotageError as failure:
        err.print(f"pilotage: {failure}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(MISUSE)


def print_plain(line: str, console: Console = out) -> None:
    """Print a line as it is: a name in it may hold what would be taken for markup."""
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def store_address(store: str | None, default: str = STORE) -> tuple[str, str | None]:
    """Return where the store is that an option, a setting or a command's own default names, and where its data are."""
    return store or settings.store or default, settings.data


@contextmanager
def opened_network(store: str | None, default: str = STORE, *, upgrade: bool = False) -> Iterator[Network]:
    """Open the network that an option, a setting or a command's own default names; an upgrade is said."""
    with Network(*store_address(store, default), upgrade=upgrade) as network:
        if network.lake.upgraded:
            print_plain(words(LANGUAGE.value)("cli.upgraded", **vars(network.lake.upgraded)), err)
        yield network


def _collected(network: Network, period: str | None, structure: str | None) -> Collected:
    """Read what is being collected; an unknown period or structure is an error that names it."""
    with network.reading() as reading:
        found = reading.structures[structure].id if structure else None
    return Collected(Period.parse(period) if period else None, found)


@app.command()
def demo(
    store: Store = None, host: Host = settings.host, port: Port = settings.port, log: LogOption = settings.log
) -> None:
    """Ouvre le réseau de démonstration (fictif) sur http://localhost:8501."""
    folder = DATA / "demo"
    with opened_network(store, DEMO_STORE, upgrade=True) as network:
        _refuse_another_network(network)
        bar = Progress(
            TextColumn("Dépôt du réseau fictif"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            console=err,
        )
        with bar:
            task = bar.add_task("", total=len(steps(folder)))
            stored = 0
            # The demo's periods are over whatever this machine's clock says.
            for step in replay(network, folder, DEMO_AUTHOR, DEMO_COMMENT, today=date.max):
                stored += step.stored
                bar.update(task, advance=1, description=step.file)
        if stored:
            _tidy(network)
        _serve(network, host, port, log, access_to_demo)


@app.command()
def serve(
    store: Store = None,
    host: Host = settings.host,
    port: Port = settings.port,
    workers: WorkersOption = settings.workers,
    log: LogOption = settings.log,
) -> None:
    """Ouvre les pages d’un réseau."""
    with opened_network(store, upgrade=True) as network:
        _tidy(network)
        if workers == 1:
            _serve(network, host, port, log, lambda site: AccessKey.generate(site.port))
    if workers > 1:
        _serve_by_workers(store or settings.store or STORE, host, port, log, workers)


def _tidy(network: Network) -> None:
    """Tidy a store before it is served, and warn of what kept it from being tidied whole."""
    if strange := network.lake.tidy():
        LOG.warning(
            "store %s: files that nothing refers to were left: %d below its data folder are not its own, first %s",
            network.lake.name,
            len(strange),
            strange[0],
        )


def _refuse_another_network(network: Network) -> None:
    """Refuse to show as a demonstration what is none: there, everybody administers."""
    known = {receipt.author for receipt in deposits(network.lake)}
    with network.reading() as reading:
        real = names_not_invented(reading)
    if (known and DEMO_AUTHOR not in known) or real:
        named = f" ({', '.join(map(shortened, real))})" if real else ""
        raise PilotageError(f"store {network.lake.name}: holds a network of its own{named}; choose another --store")


def access_to_demo(site: SiteAddress) -> Access:
    """Say who administers the demo: everybody at this machine, nobody elsewhere."""
    return KeylessAccess.EVERYBODY_WHILE_INVENTED if site.on_this_machine else KeylessAccess.NOBODY


def _serve(network: Network, host: str, port: int, log: LogFormat, access_at: Callable[[SiteAddress], Access]) -> None:
    # Streamlit and what it draws with take two seconds to import: only the commands that serve pages pay them.
    from dashboards.web.asgi import serve as serve_pages

    chosen = settings.model_copy(update={"log": log})
    serve_pages(network, host, port, clock, _announce, access_at, chosen)


def _serve_by_workers(store: str, host: str, port: int, log: LogFormat, count: int) -> None:
    """Serve a store by several processes; the key is made here, and is the same for all of them."""
    from dashboards.web.logging_setup import set_up_logging
    from dashboards.web.workers import Plan, listen, new_cookie_secret, serve_by_workers

    chosen = settings.model_copy(update={"log": log})
    set_up_logging(chosen)
    listening = listen(host, port)
    site = SiteAddress.listening(host, listening.getsockname()[1], settings.url)
    access = AccessKey.generate(site.port)
    plan = Plan(store, chosen, clock, site, access, new_cookie_secret())
    serve_by_workers(count, listening, plan, lambda: _announce(site, access))


def _announce(site: SiteAddress, access: Access) -> None:
    """Say where the site is, and who administers it."""
    say, address = words(LANGUAGE.value), site.url
    out.print(say("cli.ready", address=address), highlight=False, soft_wrap=True)
    match access:
        case AccessKey() as key:
            told = say("cli.key", address=f"{address}/?{PARAMETER}={key.secret}")
        case KeylessAccess.EVERYBODY_WHILE_INVENTED:
            told = say("cli.demo.open")
        case KeylessAccess.NOBODY:
            told = say("cli.demo.public")
    out.print(told, highlight=False, soft_wrap=True)
    if settings.url and not settings.trusted_proxies:
        out.print(say("cli.proxies"), highlight=False, soft_wrap=True)


@app.command()
def check(
    files: Files,
    store: Store = None,
    period: PeriodOption = None,
    structure: StructureOption = None,
    confirm: Confirm = None,
    lang: Lang = LANGUAGE,
    as_json: Json = False,
) -> None:
    """Vérifie des fichiers sans rien enregistrer."""
    say = words(lang.value)
    verdicts = []
    with opened_network(store) as network:
        collected = _collected(network, period, structure)
        for path in files:
            examination = _examined(network, path, collected)
            personal = confirm is not None and holds_personal_data(confirm)
            confirmed = examination.verdict is Verdict.TO_CONFIRM and bool(confirm and confirm.strip()) and not personal
            verdicts.append(Verdict.ACCEPTED if confirmed else examination.verdict)
            _tell(examination, verdicts[-1], None, say, as_json=as_json)
            if personal:
                print_plain(say("cli.comment.personal"), err)
    raise typer.Exit(_worst(verdicts))


@app.command("deposit")
def deposit_command(
    files: Files,
    store: Store = None,
    period: PeriodOption = None,
    structure: StructureOption = None,
    confirm: Confirm = None,
    author: Annotated[str | None, typer.Option(help="Qui dépose.")] = None,
    lang: Lang = LANGUAGE,
    as_json: Json = False,
) -> None:
    """Vérifie des fichiers et enregistre ceux qui sont acceptés, entiers."""
    say = words(lang.value)
    verdicts = []
    with opened_network(store) as network:
        collected = _collected(network, period, structure)
        for path in files:
            examination = _examined(network, path, collected)
            try:
                outcome = store_file(network, examination, author or getuser(), clock.now(), confirm)
            except StoreError as failure:
                outcome = Refused(_failed(path, failure))
            match outcome:
                case Accepted(_, receipt):
                    verdicts.append(Verdict.ACCEPTED)
                    _tell(examination, verdicts[-1], receipt.deposit, say, as_json=as_json)
                    _tell_clock(receipt, say)
                    if not as_json:
                        with network.reading() as reading:
                            _tell_gone(taken_away(reading, [receipt.deposit]), say)
                case ToReword():
                    # The file as it stands is not refused: it waits for another comment.
                    verdicts.append(Verdict.TO_CONFIRM)
                    _tell(examination, verdicts[-1], None, say, as_json=as_json)
                    print_plain(say("cli.comment.personal"), err)
                case _:
                    verdicts.append(outcome.examination.verdict)
                    _tell(outcome.examination, verdicts[-1], None, say, as_json=as_json)
    raise typer.Exit(_worst(verdicts))


def _examined(network: Network, path: Path, collected: Collected) -> Examination:
    """Examine a file; a failure of the store is ours, and is never told as the fault of the file."""
    try:
        return examine_file(network, path.read_bytes(), path.name, collected, clock.today())
    # Whatever fails is ours, and the other files are still to be looked at.
    except Exception as failure:  # noqa: BLE001
        return _failed(path, failure)


def _failed(path: Path, failure: Exception) -> Examination:
    told = str(failure) if isinstance(failure, PilotageError) else repr(failure)
    err.print(f"pilotage: {path.name}: {told}", style="red", markup=False, highlight=False, soft_wrap=True)
    return failed(path.name)


def _worst(verdicts: list[Verdict]) -> int:
    return EXIT[min(verdicts, key=GRAVEST.index)]


def _tell(examination: Examination, verdict: Verdict, deposit: str | None, say: Words, *, as_json: bool) -> None:
    """Print the verdict first, then the findings, gravest first."""
    if as_json:
        sys.stdout.write(json.dumps(examination_json(examination, verdict, deposit, say), ensure_ascii=False) + "\n")
        return
    counted = say("cli.rows", count=examination.rows_read, accepted=examination.rows_accepted)
    # A name may hold what a terminal would obey.
    name = "".join(letter if letter.isprintable() else "\ufffd" for letter in examination.file_name)
    out.print(
        f"{name} : {say(f'verdict.{verdict.value}')} ({counted})",
        markup=False,
        style="bold",
    )
    for same in by_cause(examination.findings):
        _print_cause(same, say)
    if deposit:
        out.print(say("cli.stored", deposit=deposit), markup=False)


def _tell_clock(receipt: Receipt, say: Words) -> None:
    """Say that this machine's clock has not reached a moment already stored: one of the two is wrong."""
    if receipt.newer_moment:
        moments = {"moment": receipt.submitted_at, "newer": receipt.newer_moment}
        told = {name: f"{moment:%Y-%m-%d %H:%M}" for name, moment in moments.items()}
        print_plain(say("cli.clock_behind", **told), err)


def _print_cause(same: Sequence[Finding], say: Words) -> None:
    """Print one cause: what it is and how often, where, what may be written instead, what to do."""
    first = same[0]
    # One that speaks for many cells, such as notes below the table, says so itself.
    alone = len(same) == 1
    where = f"{first.column or ''}{first.row or ''} " if alone else ""
    sentence = message(first, say) if alone else grouped(first, say)
    style = "red" if first.severity is Severity.BLOCKING else None
    severity = say(f"severity.{first.severity.value}")
    out.print(
        f"  {first.code} {severity} {where}{sentence}", markup=False, highlight=False, style=style, soft_wrap=True
    )
    lines = [] if alone else [_rows_of(same, say)]
    if not alone and first.code in WITH_BOTH_VALUES:
        cells = [f"{f.column or ''}{f.row or ''} {message(f, say)}" for f in same]
        lines = [*cells[:ROWS], *(["…"] if first.count > min(len(cells), ROWS) else [])]
    proposed = {f"{shortened(f.value or '')} → {f.suggestion}": None for f in same if f.suggestion}
    lines += [" ; ".join([*proposed][:SHOWN]) + (" …" if len(proposed) > SHOWN else "")]
    for line in filter(None, (*lines, hint(first, say))):
        out.print(f"      {line}", markup=False, highlight=False, style="dim", soft_wrap=True)


def _rows_of(same: Sequence[Finding], say: Words) -> str:
    """Name the rows of a cause, the first of them where there are many, and those that the spreadsheet hides."""
    known = {finding.row: with_hidden(str(finding.row), finding, say) for finding in same if finding.row}
    rows = ", ".join([*known.values()][:ROWS]) + (" …" if same[0].count > min(len(known), ROWS) else "")
    return say("cli.rows_at", count=len(known), rows=rows) if known else ""


def _tell_gone(rows: pl.DataFrame, say: Words) -> None:
    """Print the figures that are no longer in force, with what they were."""
    if rows.height:
        out.print(say("cli.taken_away", count=rows.height), markup=False)
    for line in figure_lines(rows, say):
        out.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def template(
    dataset: Annotated[Dataset, typer.Argument(help="Jeu de données.")],
    store: Store = None,
    structure: StructureOption = None,
    period: PeriodOption = None,
    format_: Annotated[
        TemplateFormat, typer.Option("--format", help="Format du fichier à remplir.")
    ] = TemplateFormat.CSV,
    output: Output = None,
    lang: Lang = LANGUAGE,
) -> None:
    """Écrit le fichier à remplir, préparé pour une structure et une période."""
    collected = Period.parse(period) if period else None
    with opened_network(store) as network, network.reading() as reading:
        found = reading.structures[structure] if structure else None
        if format_ is TemplateFormat.XLSX:
            # The other commands do without what writes workbooks, and start sooner.
            from indicators.intake.files_out.template_workbook import template_xlsx

            content = template_xlsx(reading, dataset.value, found, collected, words(lang.value))
        else:
            content = template_csv(reading, dataset.value, found, collected, words(lang.value)).encode()
    _write(content, output)


def _write(content: bytes, output: Path | None) -> None:
    """Write to a file, or on the standard output; a file that cannot be written is named."""
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as unwritable:
        raise PilotageError(f"{output}: {unwritable.strerror}") from unwritable


@app.command()
def history(store: Store = None, lang: Lang = LANGUAGE, as_json: Json = False) -> None:
    """Liste les dépôts et les retraits, du plus récent au plus ancien."""
    say = words(lang.value)
    with opened_network(store) as network:
        receipts = deposits(network.lake)
        with network.reading() as reading:
            gone = taken_away(reading, [receipt.deposit for receipt in receipts])
    counts = dict(gone.group_by("deposit").len().iter_rows())
    if as_json:
        for receipt in receipts:
            line = {**vars(receipt), "taken_away": counts.get(receipt.deposit, 0)}
            sys.stdout.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
        return
    table = Table()
    for name in ("moment", "deposit", "dataset", "file", "rows", "author", "comment"):
        # What one types again is never cut; what one reads goes on below.
        table.add_column(say(f"history.{name}"), overflow="fold", no_wrap=name == "deposit")
    length = short_length([receipt.deposit for receipt in receipts])
    for receipt in receipts:
        what = receipt.file_name or _what(receipt, length, say)
        moment = receipt.submitted_at.strftime("%Y-%m-%d %H:%M")
        rows = str(receipt.rows_accepted)
        if receipt.deposit in counts:
            rows = say("cli.history.taken_away", count=counts[receipt.deposit], rows=rows)
        shown = receipt.deposit[:length]
        table.add_row(moment, shown, receipt.dataset, what, rows, receipt.author, receipt.comment)
    out.print(table if receipts else say("history.empty"))


def _what(receipt: Receipt, length: int, say: Words) -> str:
    """Say what a record without a file is: an erased deposit, or what took another back."""
    if receipt.is_erased:
        return say("history.erased")
    return say("history.erases" if receipt.erases else "history.withdraws", deposit=(receipt.withdraws or "")[:length])


def checked_reason(because: str, lang: Language) -> str:
    """Return the reason that is kept with a record; an empty one, or one with personal data, is misuse."""
    if not because.strip():
        raise typer.BadParameter("empty", param_hint="--because")
    if holds_personal_data(because):
        raise typer.BadParameter(words(lang.value)("cli.comment.personal"), param_hint="--because")
    return because.strip()


@app.command()
def withdraw(
    deposit: Annotated[str, typer.Argument(help="Identifiant du dépôt, ou son début s’il est seul à commencer ainsi.")],
    because: Annotated[str, typer.Option(help="Motif, gardé avec le retrait.")],
    store: Store = None,
    author: Annotated[str | None, typer.Option(help="Qui retire.")] = None,
    lang: Lang = LANGUAGE,
) -> None:
    """Retire un dépôt : ce qu’il remplaçait redevient courant."""
    reason = checked_reason(because, lang)
    with opened_network(store) as network:
        found = resolve_deposit(deposit, [receipt.deposit for receipt in deposits(network.lake)])
        with network.reading() as reading:
            lost = lost_by_withdrawal(reading, found)
        receipt = take_back(network.lake, found, reason, author or getuser(), clock.now())
    say = words(lang.value)
    out.print(say("cli.withdrawn", deposit=found, withdrawal=receipt.deposit), markup=False)
    _tell_clock(receipt, say)
    _tell_gone(lost, say)


@app.command()
def export(
    dataset: Annotated[Dataset, typer.Argument(help="Jeu de données.")],
    store: Store = None,
    format_: Annotated[Format, typer.Option("--format", help="Format de sortie.")] = Format.CSV,
    output: Output = None,
) -> None:
    """Écrit un jeu de données tel qu’il est en vigueur ; ce qui sort peut être déposé de nouveau."""
    with opened_network(store) as network, network.reading() as reading:
        rows = current_rows(reading, dataset.value)
    _write(_written(rows, format_), output)


def _written(rows: pl.DataFrame, format_: Format) -> bytes:
    match format_:
        case Format.CSV:
            return export_csv(rows)
        case Format.JSON:
            return json.dumps(rows.to_dicts(), ensure_ascii=False, default=str, indent=1).encode() + b"\n"
        case Format.PARQUET:
            return _parquet(rows)


def _parquet(rows: pl.DataFrame) -> bytes:
    from io import BytesIO

    buffer = BytesIO()
    rows.write_parquet(buffer)
    return buffer.getvalue()


# They are commands of the same application, and need what stands above.
from dashboards import store_commands as _store_commands  # noqa: E402, F401

if __name__ == "__main__":
    main()
