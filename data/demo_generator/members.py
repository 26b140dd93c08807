"""The people of the fictitious network: roles on perimeters, under addresses that lead nowhere; nobody has a name."""

from __future__ import annotations

from typing import Final

HEADER: Final = ("adresse", "role", "perimetre", "du", "au")
MEMBERS: Final = (
    ("direction@demo.example", "director", "atelier-du-canal", "", ""),
    ("qualite@demo.example", "quality", "groupe:groupe-des-trois-rives-fictif", "", ""),
    ("delegation@demo.example", "delegate", "region:ile-de-france", "", ""),
    ("depot@demo.example", "depositor", "atelier-du-canal", "", ""),
    ("administration@demo.example", "administrator", "reseau", "", ""),
)
