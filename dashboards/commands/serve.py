"""Commands that serve pages: `demo` and `serve`."""

import logging
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from dashboards.commands.environment import clock, settings
from dashboards.commands.opening import open_network
from dashboards.commands.options import DEFAULT_LANG, HostOption, LogOption, PortOption, StoreOption, WorkersOption
from dashboards.commands.terminal import err, out
from dashboards.settings import DEFAULT_STORE, DEMO_STORE, LogFormat
from dashboards.web.access_key import KEY_PARAM, Access, AccessKey, DemoAccess, PublicAccess
from dashboards.web.site_address import SiteAddress
from dashboards.wording.finding_messages import shorten_cell
from dashboards.wording.translations import load_translator
from indicators.definitions.roles import Grant, read_members
from indicators.errors import PilotageError
from indicators.intake.replay import read_manifest, replay
from indicators.network import DATA_FOLDER, Network
from indicators.queries.deposits.invented import real_structure_names
from indicators.store.deposits import list_receipts

LOG: Final = logging.getLogger(__name__)
DEMO_FOLDER: Final = DATA_FOLDER / "demo"
DEMO_ADMINISTRATOR: Final = "administration"
"""Name, in addresses, of whom a visitor of the demo is who does not choose."""
DEMO_AUTHOR: Final = "réseau fictif"
DEMO_COMMENT: Final = "rectification annoncée par la structure"


def demo(
    store: StoreOption = None,
    host: HostOption = settings.host,
    port: PortOption = settings.port,
    log: LogOption = settings.log,
) -> None:
    """Ouvre le réseau de démonstration (fictif) sur http://localhost:8501."""
    with open_network(store, DEMO_STORE, upgrade=True) as network:
        _refuse_real_network(network)
        bar = Progress(
            TextColumn("Dépôt du réseau fictif"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            console=err,
        )
        with bar:
            task = bar.add_task("", total=len(read_manifest(DEMO_FOLDER)))
            stored = 0
            # The demo's periods are in the past whatever the machine's clock says.
            for step in replay(network, DEMO_FOLDER, DEMO_AUTHOR, DEMO_COMMENT, today=date.max):
                stored += step.stored
                bar.update(task, advance=1, description=step.file)
        if stored:
            _compact_store(network)
        _keep_demo_members(network)
        _serve(network, host, port, log, demo_access)


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
    network: Network, host: str, port: int, log: LogFormat, access_for_site: Callable[[SiteAddress], Access]
) -> None:
    # Streamlit and the chart libraries take two seconds to import: only commands that serve pages load them.
    from dashboards.web.asgi import serve as serve_pages

    serve_settings = settings.model_copy(update={"log": log})
    serve_pages(network, host, port, clock, announce, access_for_site, serve_settings)


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
        case PublicAccess():
            access_sentence = t("cli.demo.public")
    out.print(access_sentence, highlight=False, soft_wrap=True)
    if settings.url and not settings.trusted_proxies:
        out.print(t("cli.proxies"), highlight=False, soft_wrap=True)
