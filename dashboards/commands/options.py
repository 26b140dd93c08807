"""Options and arguments that several commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from dashboards.commands.environment import settings
from dashboards.settings import MAX_WORKERS, LogFormat
from dashboards.wording.translations import Language
from schemas.datasets import DATASETS

Dataset = StrEnum("Dataset", list(DATASETS))  # type: ignore[misc]  # the list is closed, but made elsewhere


class DemoNetwork(StrEnum):
    """Networks that come with the product."""

    DEMO = "demo"
    BELGIUM_2010 = "belgium-2010"


class ExportFormat(StrEnum):
    """Formats of an export."""

    CSV = "csv"
    PARQUET = "parquet"
    JSON = "json"


class TemplateFormat(StrEnum):
    """Formats of a template to fill."""

    CSV = "csv"
    XLSX = "xlsx"


DEFAULT_LANG: Final = Language(settings.lang)

StoreOption = Annotated[str | None, typer.Option(help="Un dossier, ou ducklake:postgres:…  [PILOTAGE_STORE]")]
NetworkOption = Annotated[
    DemoNetwork, typer.Option(help="demo (fictif), ou belgium-2010 (chiffres publiés, en lecture seule).")
]
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
