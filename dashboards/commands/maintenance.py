"""Maintenance commands of a store: upgrade, verify, back up, restore, erase a deposit."""

from getpass import getuser
from pathlib import Path
from shutil import rmtree
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from dashboards.cli import (
    DEFAULT_LANG,
    LangOption,
    StoreOption,
    app,
    clock,
    err,
    open_network,
    print_plain,
    store_address,
    validate_reason,
)
from dashboards.wording.translations import Translator, load_translator
from indicators.errors import PilotageError
from indicators.intake.verify import verify
from indicators.store.copies import copy_store
from indicators.store.deposit_ids import resolve_deposit
from indicators.store.deposits import list_receipts
from indicators.store.erasure import erase
from indicators.store.integrity import Damage, check_store
from indicators.store.lake import Lake


@app.command()
def upgrade(store: StoreOption = None, lang: LangOption = DEFAULT_LANG) -> None:
    """Met à niveau un réseau écrit par une version plus ancienne, après copie de son catalogue."""
    with open_network(store, upgrade=True) as network:
        if network.lake.upgraded is None:
            print_plain(load_translator(lang.value)("cli.up_to_date", name=network.lake.name))


@app.command("verify")
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


@app.command()
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


@app.command()
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
        damages = [*check_store(target)]
    for damage in damages:
        print_damage(damage, t)
    if damages:
        raise PilotageError(f"store {target.name}: was copied with its damages; look at the original (pilotage verify)")
    return row_count


@app.command("erase")
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
        receipt = erase(network.lake, deposit_id, reason, author or getuser(), clock.now())
    t = load_translator(lang.value)
    print_plain(t("cli.erased", deposit=deposit_id, erasure=receipt.deposit))
    print_plain(t("cli.erased.copies"))
