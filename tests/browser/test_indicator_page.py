"""A director reads an indicator: what the figures bear, what stands beside them, and takes them away."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ENGLISH, shown, wait_until_drawn
from tests.browser.page_messages import read_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

ABSENCE = "indicateur?indicateur=absenteeism_rate&structure=atelier-du-canal"
EXITS = "indicateur?indicateur=dynamic_exit_rate&structure=interim-des-trois-rives"
JOBS = "indicateur?indicateur=fte_realised&structure=entraide-des-trois-rives"
"""Full-time equivalents, of which the latest point is beyond the limits."""


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_a_visitor_reads_the_series_its_new_base_and_its_target_but_no_action_nor_note(page: Page, site: str) -> None:
    text = plain(shown(page, f"{site}/{ABSENCE}"))
    assert not ENGLISH.search(text)
    assert "T1 2023, décidée le 16 mai 2023 : Les accidents du travail" in text
    assert "7 % (T1 2024 – T4 2026). Objectif interne, convenu le 11 janvier 2024" in text
    assert "27 % du chemin parcouru : de 13,8 % au T4 2023 à 12,0 % au T3 2026." in text
    assert "Actions sur cet indicateur" not in text
    assert "Notes" not in text
    description = plain(page.locator('[role="graphics-document"]').get_attribute("aria-label") or "")
    assert "Nouvelle base : T1 2023." in description
    assert "sont désormais comptés" not in page.content(), "the note of the measure"


def test_a_director_sees_the_actions_and_the_notes_of_the_indicator(site: str) -> None:
    text = read_page(site, f"{ABSENCE}&vue=gestion").prose
    assert "Actions sur cet indicateur" in text
    assert "Avant : 15,1 % sur 1 période ; après : 13,0 % sur 4 périodes" in text
    assert "ne prouvent pas l’effet" in text
    assert "T1 2023 : rupture de série" in text
    text = read_page(site, f"{EXITS}&vue=gestion").prose
    assert "Avant : 70,8 % sur 4 périodes (entre 66 et 75 sur 100)" in text
    assert "Niveau visé atteint ou dépassé : de 65,6 % au T4 2023 à 87,9 % au T3 2026." in text


def test_the_figures_and_the_chart_are_taken_away(page: Page, site: str) -> None:
    shown(page, f"{site}/{EXITS}")
    expect(page.locator('[role="graphics-document"]')).to_be_visible()
    taken = {}
    for name in ("Chiffres (CSV)", "Image (PNG)", "Dessin (SVG)"):
        with page.expect_download(timeout=60_000) as download:
            page.get_by_role("button", name=name).click()
        taken[download.value.suggested_filename] = Path(download.value.path()).read_bytes()
    assert set(taken) == {f"interim-des-trois-rives-dynamic_exit_rate.{end}" for end in ("csv", "png", "svg")}
    lines = taken["interim-des-trois-rives-dynamic_exit_rate.csv"].decode("utf-8-sig").splitlines()
    assert lines[0].startswith("perimetre;nom;indicateur;libelle;periode;valeur;unite")
    assert "dynamic_exit_rate;Taux de sorties dynamiques;2026-T3;87,9;%;80;91;" in lines[-1]
    assert taken["interim-des-trois-rives-dynamic_exit_rate.png"].startswith(b"\x89PNG")
    drawn = taken["interim-des-trois-rives-dynamic_exit_rate.svg"].decode()
    assert "limite haute" in drawn
    assert "Préparer un projet" not in drawn, "what is taken from the public view is public"


def test_the_table_names_the_special_cause_of_each_point(site: str) -> None:
    sent = read_page(site, JOBS)
    assert sent.of_tag("thead", within="table")[0].text.endswith("Cause particulière")
    first = plain(next(row.text for row in sent.of_tag("tr", within="table") if row.text.startswith("T3 2026")))
    assert "exceptionnellement bas au vu du passé" in first


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("indicateur?indicateur=cisp_job_exit_rate&structure=atelier-du-canal", "ne concerne pas : Atelier du Canal"),
        ("indicateur?indicateur=dynamic_exit_rate&perimetre=type:ECO", "ne concerne pas"),
        ("indicateur?indicateur=action_on_time_rate&structure=atelier-du-canal", "gestion"),
    ],
)
def test_what_cannot_be_shown_is_said_and_the_definition_stays(site: str, address: str, reason: str) -> None:
    sent = read_page(site, address)
    assert reason in plain(sent.of_class("notice")[0].text)
    assert "Définition" in sent.prose
    assert "vega_lite_chart" not in sent.kinds


def test_figures_that_are_all_withheld_are_counted_and_explained(site: str) -> None:
    sent = read_page(site, "indicateur?indicateur=dynamic_exit_rate&structure=depannage-du-ried&pas=trimestre")
    notice = plain(sent.of_class("notice")[0].text)
    assert re.search(r"\d+ périodes non publiées : protègent des personnes ou un autre chiffre", notice)
    assert re.search(r"\d+ périodes? attendues?, non remises?", notice)
    assert "vega_lite_chart" not in sent.kinds


def test_the_definition_stands_beside_the_figures_and_below_them_on_narrow_screens(page: Page, site: str) -> None:
    shown(page, f"{site}/{ABSENCE}&lang=en")
    for width, side_by_side in ((1440, True), (768, False), (360, False)):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(600)
        chart = page.locator('[role="graphics-document"]').bounding_box()
        definition = page.get_by_role("heading", name="Definition", exact=True).bounding_box()
        assert chart is not None
        assert definition is not None
        assert (definition["x"] > chart["x"] + chart["width"] / 2) is side_by_side
        assert side_by_side or definition["y"] > chart["y"] + chart["height"] / 2
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    text = wait_until_drawn(page)
    assert "target 7%" in page.locator('[role="graphics-document"]').inner_text() or "Internal target" in text
