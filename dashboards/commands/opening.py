"""Opening the network that a command is about: at the address of its option, else of the settings."""

from collections.abc import Iterator
from contextlib import contextmanager

from dashboards.commands.environment import settings
from dashboards.commands.options import DEFAULT_LANG
from dashboards.commands.terminal import err, print_plain
from dashboards.settings import DEFAULT_STORE
from dashboards.wording.translations import load_translator
from indicators.network import Network


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
