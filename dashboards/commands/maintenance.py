"""Commands that keep a store: `upgrade`, `verify`, `backup` and `restore`."""

from pathlib import Path
from shutil import rmtree
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from dashboards.commands.opening import open_network, store_address
from dashboards.commands.options import DEFAULT_LANG, LangOption, StoreOption
from dashboards.commands.terminal import err, print_plain
from dashboards.wording.translations import Translator, load_translator
from indicators.errors import PilotageError
from indicators.intake.verify import verify
from indicators.store.copies import copy_store
from indicators.store.integrity import Damage, check_store
from indicators.store.lake import Lake


def upgrade(store: StoreOption = None, lang: LangOption = DEFAULT_LANG) -> None:
    """Met à niveau un réseau écrit par une version plus ancienne, après copie de son catalogue."""
    with open_network(store, upgrade=True) as network:
        if network.lake.upgraded is None:
            print_plain(load_translator(lang.value)("cli.up_to_date", name=network.lake.name))


def verify_command(store: StoreOption = None, lang: LangOption = DEFAULT_LANG) -> None:
    """Relit tous les fichiers d’un réseau et dit ce qui n’est plus comme au dépôt."""
    t = load_translator(lang.value)
    certain_count = 0
    bar = Progress(TextColumn(t("cli.verify.reading")), BarColumn(), MofNCompleteColumn(), console=err, transient=True)
    with bar:
        task = bar.add_task("", total=None)
        damages = verify(*store_address(store), lambda done, total: bar.update(task, completed=done, total=total))
        for damage in damages:
            certain_count += damage.is_certain
            print_damage(damage, t)
    print_plain(t("cli.verify.damaged", count=certain_count) if certain_count else t("cli.verify.sound"))
    raise typer.Exit(1 if certain_count else 0)


def print_damage(damage: Damage, t: Translator) -> None:
    """Print one damage: its kind, the file or table concerned, what is wrong."""
    print_plain(f"{t(f'damage.{damage.kind.value}')} {damage.name} — {damage.detail}")


def backup(
    target: Annotated[Path, typer.Argument(help="Dossier à créer pour la copie.")],
    store: StoreOption = None,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    """Copie un réseau entier dans un dossier, pendant que l’on continue de déposer, puis vérifie la copie."""
    if target.exists():
        raise PilotageError(f"{target}: exists already; a backup is made in a new folder")
    partial_copy = target.with_name(f".{target.name}.partial")
    if partial_copy.exists():
        # Left behind by an earlier backup that was interrupted.
        rmtree(partial_copy)
    with open_network(store) as network:
        row_count = _copy_and_verify(network.lake, Lake(str(partial_copy)), load_translator(lang.value))
    try:
        partial_copy.rename(target)
    except OSError as failure:
        raise PilotageError(f"{target}: {failure.strerror}") from failure
    print_plain(load_translator(lang.value)("cli.backup.done", count=row_count, name=target))


def restore(
    source: Annotated[Path, typer.Argument(help="Dossier d’une sauvegarde.", exists=True, file_okay=False)],
    store: StoreOption = None,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    """Rétablit une sauvegarde là où il n’y a rien : un autre dossier, ou une base PostgreSQL vide."""
    address, data = store_address(store)
    with Lake(str(source)) as backup_lake:
        row_count = _copy_and_verify(backup_lake, Lake(address, data), load_translator(lang.value))
    print_plain(load_translator(lang.value)("cli.restore.done", count=row_count))


def _copy_and_verify(source: Lake, target: Lake, t: Translator) -> int:
    """Copy a store into a new one and verify the copy; any damage found was already in the source."""
    with target:
        row_count = copy_store(source, target)
        if source.has_accounts():
            from indicators.accounts.copies import copy_accounts

            with source.open_accounts() as accounts, target.open_accounts() as copied:
                copy_accounts(accounts, copied)
        damages = [*check_store(target)]
    for damage in damages:
        print_damage(damage, t)
    if damages:
        raise PilotageError(f"store {target.name}: was copied with its damages; look at the original (pilotage verify)")
    return row_count
