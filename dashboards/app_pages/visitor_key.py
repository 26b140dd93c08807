"""Who a visitor is for the limits of images and papers: where they come from."""

import streamlit as st

from dashboards.web.limits import network_of


def visitor_key() -> str:
    """Return the rate-limit key of the visitor, from their address; a local proxy and this machine share one."""
    return network_of(st.context.ip_address or "")
