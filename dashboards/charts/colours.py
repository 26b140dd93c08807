"""The closed list of colours, for charts and pages. Contrasts are those on white paper (WCAG 2.2, 1.4.3 and 1.4.11)."""

from typing import Final

PAPER: Final = "#FFFFFF"
INK: Final = "#1A2226"
"""Text: 16.2."""
QUIET: Final = "#55626A"
"""Secondary text and thin lines: 6.3."""
ACCENT: Final = "#0B4F5E"
"""The one accent, for what is being looked at: 9.1."""
TARGET: Final = "#8F4A0B"
"""Targets, always dashed and named: 6.5."""
MET: Final = "#1E6B3C"
"""A target reached, always with its pictogram and word: 6.5."""
MISSED: Final = "#A3341C"
"""A target not reached, always with its pictogram and word: 6.9."""
EDGE: Final = "#7C8A91"
"""Edges of surfaces that carry a meaning: 3.5."""
BAND: Final = "#DCE7EA"
"""Fill of a band; its edges carry the meaning."""
HAIRLINE: Final = "#DDE2E5"
"""Rules between things: decoration."""
EMPTY: Final = "#F3F5F6"
"""Where there is nothing: a region without structures."""

SCALE: Final = ("#E3EEF0", "#BBD5DA", "#83B0B9", "#3C7F8C", ACCENT)
"""Five steps from little to much; the value always stands written on them."""
DARK_STEPS: Final = 3
"""From this step of the scale on, text is white."""
