"""The site as `streamlit run dashboards/app.py` serves it: public until the key that it prints is given.

Streamlit finds `app` in this file and serves it with its own uvicorn, whose limits on slow and too many connections are
Streamlit's: a site that others reach is started by `pilotage serve`.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

from streamlit import App, config

from dashboards.access import AppState
from dashboards.clock import Clock
from dashboards.commands.serve import announce
from dashboards.settings import DEFAULT_STORE, process_settings
from dashboards.web.access_key import AccessKey
from dashboards.web.asgi import PAGE_SCRIPT, application_parts, prepare, rules_of, sign_in_for
from dashboards.web.first_answers import CacheWarmer
from dashboards.web.site_address import SiteAddress
from indicators.errors import PilotageError
from indicators.network import Network
from indicators.runtime_tricks import freeze_live_objects

EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - where Streamlit listens unless it is told otherwise


def open_site() -> AppState:
    """Open the store of `PILOTAGE_STORE` at the address and port of Streamlit's settings, with a new key."""
    settings = process_settings()
    host = str(config.get_option("server.address") or EVERY_ADDRESS)
    site = SiteAddress.from_binding(host, int(config.get_option("server.port")), settings.url)
    try:
        network = Network(settings.store or DEFAULT_STORE, settings.data, upgrade=True)
    except PilotageError as failure:
        sys.exit(f"pilotage: {failure}")
    access = AccessKey.generate(site.port)
    return AppState(
        network, Clock(settings.today), access, site, sign_in_for(access, network, settings, site), rules_of(settings)
    )


@asynccontextmanager
async def warmed_up(_: App) -> AsyncIterator[None]:
    """Warm up what boards need of each version of the store while the site is served."""
    with closing(CacheWarmer(app_state)) as warmer:
        warmer.start()
        freeze_live_objects(collect=True)
        announce(app_state.site, app_state.access)
        yield
    app_state.network.close()


app_state = open_site()
prepare(app_state, process_settings())
app = App(PAGE_SCRIPT, lifespan=warmed_up, **application_parts(process_settings()))
