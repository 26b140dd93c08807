"""Commands that write a file: `template`, to be filled, and `export`, what is in force."""

import json
import sys
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from dashboards.commands.opening import open_network
from dashboards.commands.options import (
    DEFAULT_LANG,
    Dataset,
    ExportFormat,
    LangOption,
    OutputOption,
    PeriodOption,
    StoreOption,
    StructureOption,
    TemplateFormat,
)
from dashboards.wording.translations import load_translator
from indicators.definitions.periods import Period
from indicators.errors import PilotageError
from indicators.intake.files_out.template import template_csv
from indicators.queries.deposits.export import export_csv, in_french
from indicators.queries.deposits.export import export_rows as current_rows
from schemas.datasets import DATASETS


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


def export(
    dataset: Annotated[Dataset, typer.Argument(help="Jeu de données.")],
    store: StoreOption = None,
    format_: Annotated[ExportFormat, typer.Option("--format", help="Format de sortie.")] = ExportFormat.CSV,
    output: OutputOption = None,
) -> None:
    """Écrit un jeu de données tel qu’il est en vigueur ; ce qui sort peut être déposé de nouveau."""
    with open_network(store) as network:
        if DATASETS[dataset.value].in_store:
            with network.snapshot() as snapshot:
                rows = current_rows(snapshot, dataset.value)
        else:
            from indicators.accounts.members import role_rows

            rows = in_french(role_rows(network.accounts), dataset.value)
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


def _write(content: bytes, output: Path | None) -> None:
    """Write to a file or standard output; the error of an unwritable file names it."""
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as unwritable:
        raise PilotageError(f"{output}: {unwritable.strerror}") from unwritable
