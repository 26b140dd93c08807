"""Commands of whoever keeps a store: bring it up to date, hold it against its files, copy it, erase a deposit."""

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from dashboards.cli import LANGUAGE, Lang, Store, app, err, opened_network, print_plain, store_address
from dashboards.words import words
from indicators.intake.verify import verify


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
            print_plain(f"{say(f'damage.{damage.kind.value}')} {damage.name} — {damage.detail}")
    print_plain(say("cli.verify.damaged", count=certain) if certain else say("cli.verify.sound"))
    raise typer.Exit(1 if certain else 0)
