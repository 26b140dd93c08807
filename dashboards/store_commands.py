"""Commands of whoever keeps a store: bring it up to date, hold it against its files, copy it, erase a deposit."""

from dashboards.cli import LANGUAGE, Lang, Store, app, opened_network, print_plain
from dashboards.words import words


@app.command()
def upgrade(store: Store = None, lang: Lang = LANGUAGE) -> None:
    """Met à niveau un réseau écrit par une version plus ancienne, après copie de son catalogue."""
    with opened_network(store, upgrade=True) as network:
        if network.lake.upgraded is None:
            print_plain(words(lang.value)("cli.up_to_date", name=network.lake.name))
