"""Commands that serve pages: `demo` and `serve`."""

import logging
from collections.abc import Callable, Iterable, Mapping
from csv import DictReader
from datetime import date
from pathlib import Path
from typing import Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from dashboards.clock import Clock
from dashboards.commands.environment import clock, settings
from dashboards.commands.opening import open_network
from dashboards.commands.options import (
    DEFAULT_LANG,
    DemoNetwork,
    HostOption,
    LogOption,
    NetworkOption,
    PortOption,
    StoreOption,
    WorkersOption,
)
from dashboards.commands.terminal import err, out
from dashboards.settings import BELGIUM_STORE, DEFAULT_STORE, DEMO_STORE, LogFormat
from dashboards.web.access_key import KEY_PARAM, Access, AccessKey, ArchiveAccess, DemoAccess, PublicAccess
from dashboards.web.site_address import SiteAddress
from dashboards.wording.finding_messages import shorten_cell
from dashboards.wording.translations import load_translator
from indicators.definitions.perimeters import NETWORK
from indicators.definitions.roles import Grant, Role, read_members
from indicators.errors import PilotageError
from indicators.intake.replay import ReplayStep, read_manifest, replay
from indicators.network import DATA_FOLDER, Network
from indicators.queries.deposits.invented import real_structure_names
from indicators.store.deposits import list_receipts

LOG: Final = logging.getLogger(__name__)
DEMO_FOLDER: Final = DATA_FOLDER / "demo"
DEMO_ADMINISTRATOR: Final = "administration"
"""Name, in addresses, of whom a visitor of the demo is who does not choose."""
DEMO_AUTHOR: Final = "réseau fictif"
DEMO_COMMENT: Final = "rectification annoncée par la structure"
ARCHIVE_FOLDER: Final = DATA_FOLDER / "belgium-2010"
ARCHIVE_AUTHOR: Final = "chiffres publiés en 2010"
ARCHIVE_COMMENT: Final = "publié ainsi"
ARCHIVE_DAY: Final = date(2011, 1, 31)
"""Day on which the clock of the archive stands: its last quarter is over, and nothing is late."""


def demo(
    network: NetworkOption = DemoNetwork.DEMO,
    store: StoreOption = None,
    host: HostOption = settings.host,
    port: PortOption = settings.port,
    log: LogOption = settings.log,
) -> None:
    """Ouvre le réseau de démonstration (fictif) sur http://localhost:8501, ou des chiffres publiés en 2010."""
    if network is DemoNetwork.BELGIUM_2010:
        open_archive(store, host, port, log)
        return
    with open_network(store, DEMO_STORE, upgrade=True) as opened:
        _refuse_real_network(opened)
        # The demo's periods are in the past whatever the machine's clock says.
        steps = replay(opened, DEMO_FOLDER, DEMO_AUTHOR, DEMO_COMMENT, today=date.max)
        if _deposit_all(steps, DEMO_FOLDER, "Dépôt du réseau fictif"):
            _compact_store(opened)
        _keep_demo_members(opened)
        _serve(opened, host, port, log, demo_access)


def open_archive(store: str | None, host: str, port: int, log: LogFormat) -> None:
    """Deposit the figures published in 2010 in a store of their own, and serve it as of the day after them."""
    stopped = Clock(settings.today or ARCHIVE_DAY)
    with open_network(store, BELGIUM_STORE, upgrade=True) as opened:
        _refuse_other_than_published(opened)
        steps = replay(
            opened, ARCHIVE_FOLDER, ARCHIVE_AUTHOR, ARCHIVE_COMMENT, today=stopped.today(), now=stopped.now()
        )
        if _deposit_all(steps, ARCHIVE_FOLDER, "Dépôt des chiffres publiés"):
            _compact_store(opened)
        _serve(opened, host, port, log, archive_access, stopped)


def _deposit_all(steps: Iterable[ReplayStep], folder: Path, title: str) -> bool:
    """Deposit the files of a folder with a progress bar; return whether any was not there before."""
    bar = Progress(TextColumn(title), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), console=err)
    stored = False
    with bar:
        task = bar.add_task("", total=len(read_manifest(folder)))
        for step in steps:
            stored |= step.stored
            bar.update(task, advance=1, description=step.file)
    return stored


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


def _refuse_other_than_published(network: Network) -> None:
    """Refuse to open any other network as an archive, which lets a reader see the figures of management."""
    authors = {receipt.author for receipt in list_receipts(network.lake)}
    with network.snapshot() as snapshot:
        others = snapshot.structures.by_id.keys() - published_structures()
    if authors - {ARCHIVE_AUTHOR} or others:
        raise PilotageError(f"store {network.lake.name}: holds a network of its own; choose another --store")


def published_structures() -> frozenset[str]:
    """Return the codes of the structures whose figures were published."""
    with (ARCHIVE_FOLDER / "structures.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["structure"] for row in DictReader(file, delimiter=";"))


def archive_access(site: SiteAddress) -> Access:
    """Return who reads what was published: all of it on this machine, the figures of public sheets elsewhere."""
    reader = (Grant(Role.QUALITY, NETWORK),) if site.is_local else ()
    return ArchiveAccess(reader, published_structures())


def demo_access(site: SiteAddress) -> Access:
    """Return who may be whom in the demo: whoever reaches it on this machine is whom they choose, public elsewhere."""
    return DemoAccess(read_demo_people()) if site.is_local else PublicAccess()


def _keep_demo_members(network: Network) -> None:
    """Give the people of the demonstration their roles in its accounts, for the page that shows them."""
    from indicators.accounts.members import change_members

    people = read_members(DEMO_FOLDER / "membres.csv")
    change_members(network.accounts, people, DEMO_AUTHOR, clock.now(), clock.today())


def read_demo_people() -> Mapping[str, tuple[Grant, ...]]:
    """Return the grants of the people of the demo by the name in the address; who does not choose administers it."""
    people: dict[str, tuple[Grant, ...]] = {}
    for member in read_members(DEMO_FOLDER / "membres.csv"):
        if member.holds_on(clock.today()):
            name = member.address.partition("@")[0]
            people[name] = (*people.get(name, ()), member.grant)
    administration = people.pop(DEMO_ADMINISTRATOR)
    return {"visite": (), **people, "": administration}


def _serve(
    network: Network,
    host: str,
    port: int,
    log: LogFormat,
    access_for_site: Callable[[SiteAddress], Access],
    site_clock: Clock = clock,
) -> None:
    # Streamlit and the chart libraries take two seconds to import: only commands that serve pages load them.
    from dashboards.web.asgi import serve as serve_pages

    serve_settings = settings.model_copy(update={"log": log})
    serve_pages(network, host, port, site_clock, announce, access_for_site, serve_settings)


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
        case DemoAccess():
            access_sentence = t("cli.demo.open")
        case ArchiveAccess():
            access_sentence = t("cli.archive")
        case PublicAccess():
            access_sentence = t("cli.demo.public")
    out.print(access_sentence, highlight=False, soft_wrap=True)
    if settings.url and not settings.trusted_proxies:
        out.print(t("cli.proxies"), highlight=False, soft_wrap=True)
