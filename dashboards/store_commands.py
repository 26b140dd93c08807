"""Commands of whoever keeps a store: bring it up to date, hold it against its files, copy it, erase a deposit."""

from getpass import getuser
from pathlib import Path
from shutil import rmtree
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from dashboards.cli import (
    LANGUAGE,
    Lang,
    Store,
    app,
    checked_reason,
    clock,
    err,
    opened_network,
    print_plain,
    store_address,
)
from dashboards.wording.translations import Words, words
from indicators.errors import PilotageError
from indicators.intake.verify import verify
from indicators.store.copies import copy_store
from indicators.store.deposit_ids import resolve_deposit
from indicators.store.deposits import history
from indicators.store.erasure import erase
from indicators.store.integrity import Damage, store_damage
from indicators.store.lake import Lake


@app.command()
def upgrade(store: Store = None, lang: Lang = LANGUAGE) -> None:
    """Met à niveau un réseau écrit par une version plus ancienne, après copie de son catalogue."""
    with opened_network(store, upgrade=True) as network:
        if network.lake.upgraded is None:
            print_plain(words(lang.value)("cli.up_to_date", name=network.lake.name))


@app.command("verify")
def verify_command(store: Store = None, lang: Lang = LANGUAGE) -> None:
    """Relit tous les fichiers d’un réseau et dit ce qui n’est plus comme au dépôt."""
    say = words(lang.value)
    certain = 0
    bar = Progress(
        TextColumn(say("cli.verify.reading")), BarColumn(), MofNCompleteColumn(), console=err, transient=True
    )
    with bar:
        task = bar.add_task("", total=None)
        found = verify(*store_address(store), lambda done, total: bar.update(task, completed=done, total=total))
        for damage in found:
            certain += damage.is_certain
            tell_damage(damage, say)
    print_plain(say("cli.verify.damaged", count=certain) if certain else say("cli.verify.sound"))
    raise typer.Exit(1 if certain else 0)


def tell_damage(damage: Damage, say: Words) -> None:
    """Print one damage: its kind, what it is of, what is wrong."""
    print_plain(f"{say(f'damage.{damage.kind.value}')} {damage.name} — {damage.detail}")


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="Dossier à créer pour la copie.")],
    store: Store = None,
    lang: Lang = LANGUAGE,
) -> None:
    """Copie un réseau entier dans un dossier, pendant que l’on continue de déposer, puis vérifie la copie."""
    if target.exists():
        raise PilotageError(f"{target}: exists already; a backup is made in a new folder")
    making = target.with_name(f".{target.name}.partial")
    if making.exists():
        # What an earlier backup left when it was stopped.
        rmtree(making)
    with opened_network(store) as network:
        copied = _copied(network.lake, Lake(str(making)), words(lang.value))
    try:
        making.rename(target)
    except OSError as failure:
        raise PilotageError(f"{target}: {failure.strerror}") from failure
    print_plain(words(lang.value)("cli.backup.done", count=copied, name=target))


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="Dossier d’une sauvegarde.", exists=True, file_okay=False)],
    store: Store = None,
    lang: Lang = LANGUAGE,
) -> None:
    """Rétablit une sauvegarde là où il n’y a rien : un autre dossier, ou une base PostgreSQL vide."""
    address, data = store_address(store)
    with Lake(str(source)) as kept:
        copied = _copied(kept, Lake(address, data), words(lang.value))
    print_plain(words(lang.value)("cli.restore.done", count=copied))


def _copied(source: Lake, target: Lake, say: Words) -> int:
    """Copy a store into a new one and hold that against itself; what is damaged was so before it was copied."""
    with target:
        copied = copy_store(source, target)
        damaged = [*store_damage(target)]
    for damage in damaged:
        tell_damage(damage, say)
    if damaged:
        raise PilotageError(f"store {target.name}: was copied with its damages; look at the original (pilotage verify)")
    return copied


@app.command("erase")
def erase_command(
    deposit: Annotated[str, typer.Argument(help="Identifiant du dépôt, ou son début s’il est seul à commencer ainsi.")],
    because: Annotated[str, typer.Option(help="Motif, gardé avec l’effacement ; rien de ce qui est effacé.")],
    store: Store = None,
    author: Annotated[str | None, typer.Option(help="Qui efface.")] = None,
    lang: Lang = LANGUAGE,
) -> None:
    """Efface pour de bon un dépôt qui contenait des données personnelles ; il en reste la trace, sans contenu."""
    reason = checked_reason(because, lang)
    with opened_network(store) as network:
        found = resolve_deposit(deposit, [receipt.deposit for receipt in history(network.lake)])
        receipt = erase(network.lake, found, reason, author or getuser(), clock.now())
    say = words(lang.value)
    print_plain(say("cli.erased", deposit=found, erasure=receipt.deposit))
    print_plain(say("cli.erased.copies"))
