"""The theme that Streamlit sends when a page begins to run, read from its settings one time for all runs.

Streamlit reads six sections of dozens of settings for each run: 0.4 ms of the 10 of a change of a filter.
"""

from functools import cache

from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

from indicators.runtime_tricks import Trick, is_on


def keep_theme_message() -> None:
    """Have each run of a page send the theme of the first one: settings of the theme change with a new start only."""
    read_settings = app_session._populate_theme_msg  # noqa: SLF001 - what makes the message has no other name

    @cache
    def theme_of(section: str) -> CustomThemeConfig:
        message = CustomThemeConfig()
        read_settings(message, section)
        return message

    def fill_in(msg: CustomThemeConfig, section: str = "theme") -> None:
        kept = theme_of(section)
        # An empty section is left out of the message that it is a part of.
        if kept.ByteSize():
            msg.MergeFrom(kept)

    if is_on(Trick.THEME):
        app_session._populate_theme_msg = fill_in  # noqa: SLF001
