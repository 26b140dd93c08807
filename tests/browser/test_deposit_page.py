"""A member of staff deposits a quarter's figures: a bad file, its annotated copy, the corrected one, the receipt."""

from __future__ import annotations

import io
import json
import re
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from indicators.store.deposits import list_receipts, read_content
from tests.browser.conftest import shown, wait_until_drawn
from tests.builders import Store, measure, measures

if TYPE_CHECKING:
    from playwright.sync_api import Page


pytestmark = pytest.mark.browser

STRUCTURE, NAME, QUARTER = "filature-des-monts-clairs", "Filature des Monts clairs (fictif)", "2026-T3"
CHOSEN = f"deposer?structure={STRUCTURE}&periode={QUARTER}"
ENGLISH = re.compile(
    r"\b(Upload\w*|uploads?|Drag|drop|Browse|Loading|Search|Select|Open|Close|Clear|Deploy|Running|per file|No results"
    r"|icon|available|selected|Dismiss|Skip|Remove|Cancel|Add files|file upload|allowed|smaller|Error|Download|failed"
    r"|Press|apply)\b"
)
"""Words that Streamlit writes of itself."""


def drop(page: Page, *files: tuple[str, bytes]) -> None:
    page.locator('input[type="file"]').set_input_files(
        [{"name": name, "mimeType": "text/csv", "buffer": content} for name, content in files]
    )


def downloaded(page: Page, name: str) -> tuple[str, bytes]:
    """Click on a button that gives a file, and return the file with its name."""
    with page.expect_download() as download:
        page.get_by_role("button", name=name, exact=True).first.click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


SPOKEN = """() => {
    const seen = (element) => element && element.checkVisibility({visibilityProperty: true})
        && !element.closest('script, style, [data-testid="stIconMaterial"]');
    const found = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) if (seen(texts.currentNode.parentElement)) found.push(texts.currentNode.data);
    for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'aria-description', 'aria-roledescription'])
        for (const control of document.body.querySelectorAll(`[${name}]`))
            if (seen(control)) found.push(control.getAttribute(name));
    return found;
}"""
"""Everything that can be seen or that a screen reader would say: not the letters by which a font draws an icon."""


def english(page: Page) -> list[str]:
    """Words of Streamlit's own anywhere on the page."""
    return [text for text in page.evaluate(SPOKEN) if ENGLISH.search(text)]


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.keyboard.type(option)
    page.get_by_role("option", name=option).first.click()
    wait_until_drawn(page)


def wait_for_address(page: Page, part: str) -> None:
    """Wait until a choice is written in the address: the page writes it a little after it is drawn."""
    page.wait_for_url(lambda address: part in address, timeout=30_000)


def figures_of(site: str, page: Page) -> dict[str, object]:
    answer = page.request.get(f"{site}/api/board/{STRUCTURE}.json?periode={QUARTER}")
    return {figure["indicator"]: figure for figure in answer.json()["figures"]}


def test_a_bad_file_its_annotated_copy_the_corrected_one_the_confirmation_the_receipt_and_the_withdrawal(
    page: Page, own_site: tuple[str, Store]
) -> None:
    site, store = own_site
    shown(page, f"{site}/deposer")
    choose(page, "Structure qui dépose", NAME)
    choose(page, "Période collectée", "T3 2026")
    wait_for_address(page, f"structure={STRUCTURE}")
    wait_for_address(page, f"periode={QUARTER}")
    expect(page.locator(".campaign")).to_contain_text("La collecte du T3 2026")
    expect(page.get_by_role("heading", name=f"{NAME}, T3 2026")).to_be_visible()

    before = figures_of(site, page)
    assert isinstance(before["absenteeism_rate"], dict)
    hours = int(float(before["absenteeism_rate"]["denominator"]))
    absent = round(hours * 0.061)
    bad = measures(
        measure(STRUCTURE, "T3 2026", "absenteeism_rate", absent, hours),
        measure(STRUCTURE, "T3 2026", "undocumented_exit_rate", "mille", 20),
    )
    drop(page, ("rectification.csv", bad))
    expect(page.get_by_text("Fichier refusé")).to_be_visible()
    expect(page.get_by_text("1 cause à corriger")).to_be_visible()
    expect(page.get_by_text("« mille » n’est pas lisible")).to_be_visible()
    expect(page.get_by_text("Cellule D3, colonne « numerateur »")).to_be_visible()
    assert page.get_by_role("button", name=re.compile("^Enregistrer")).count() == 0

    name, content = downloaded(page, "Télécharger le fichier annoté (XLSX)")
    assert name == "rectification-annote.xlsx"
    book = load_workbook(io.BytesIO(content))
    marked = book[book.sheetnames[1]]["D3"]
    assert marked.value == "mille"
    assert marked.comment is not None
    assert "C03" in marked.comment.text

    name, content = downloaded(page, "Télécharger le fichier corrigé (CSV)")
    assert name == "rectification-corrige.csv"
    assert content.startswith(b"\xef\xbb\xbf")
    corrected = content.decode("utf-8-sig")
    assert "T3 2026" not in corrected
    assert corrected.count(QUARTER) == 2
    assert "mille" in corrected

    # What the depositor corrects by hand: the line that could not be read is taken out.
    kept = "\n".join(line for line in corrected.splitlines() if "mille" not in line).encode()
    shown(page, f"{site}/{CHOSEN}")
    drop(page, ("rectification-corrige.csv", kept))
    expect(page.get_by_text("Fichier à confirmer")).to_be_visible()
    changes = page.locator(".changes")
    expect(changes).to_contain_text("1 modifiée")
    expect(changes.locator("tbody tr")).to_have_count(1)
    old = int(float(str(before["absenteeism_rate"]["numerator"])))
    expect(changes.locator("tbody td").first).to_contain_text(f"{old:,}".replace(",", "\u202f"))
    expect(changes.locator("tbody td").last).to_contain_text(f"{absent:,}".replace(",", "\u202f"))

    store_it = page.get_by_role("button", name=re.compile("^Enregistrer"))
    store_it.click()
    expect(page.get_by_role("alert").filter(has_text="Écrivez d’abord un commentaire.")).to_be_visible()
    assert figures_of(site, page) == before
    page.get_by_role("textbox", name=re.compile("Dites en une phrase")).fill("Relevé corrigé par la structure.")
    page.keyboard.press("Tab")
    wait_until_drawn(page)
    store_it.click()
    expect(page.get_by_text("Fichier déposé")).to_be_visible()

    name, content = downloaded(page, "Reçu en JSON")
    receipt = json.loads(content)
    with store.open() as network:
        stored = list_receipts(network.lake)[0]
        original = read_content(network.lake, stored.deposit)
    assert original == kept
    assert receipt.pop("taken_away") == []
    assert receipt == json.loads(json.dumps(vars(stored), default=str))
    assert receipt["sha256"] == sha256(kept).hexdigest()
    assert (receipt["rows_read"], receipt["rows_accepted"]) == (1, 1)
    assert receipt["comment"] == "Relevé corrigé par la structure."
    name, content = downloaded(page, "Télécharger le reçu")
    assert name.endswith(".html")
    assert receipt["sha256"] in content.decode()
    assert receipt["deposit"] in content.decode()

    after = figures_of(site, page)
    assert isinstance(after["absenteeism_rate"], dict)
    assert after["absenteeism_rate"]["numerator"] == absent
    page.get_by_role("link", name=f"Voir le tableau de bord : {NAME}").click()
    page.wait_for_url(f"**/structure?structure={STRUCTURE}&periode={QUARTER}*")
    wait_until_drawn(page)

    shown(page, f"{site}/{CHOSEN}")
    newest = page.locator(".deposits li").first
    expect(newest).to_contain_text("rectification-corrige.csv")
    expect(newest).to_contain_text("accepté après confirmation")
    expect(newest).to_contain_text("Relevé corrigé par la structure.")
    choose(page, "Consulter ou retirer un dépôt", "rectification-corrige.csv")
    name, content = downloaded(page, "Télécharger le fichier d’origine")
    assert (name, content) == ("rectification-corrige.csv", kept)
    expect(page.get_by_text("1 ligne reviendra à la valeur déposée le")).to_be_visible()
    page.get_by_role("button", name="Retirer ce dépôt").click()
    expect(page.get_by_text("Écrivez d’abord le motif.")).to_be_visible()
    page.get_by_role("textbox", name="Motif du retrait, gardé avec lui").fill("Déposé par erreur.")
    page.keyboard.press("Tab")
    wait_until_drawn(page)
    page.get_by_role("button", name="Retirer ce dépôt").click()
    expect(newest).to_contain_text("retiré")
    expect(newest).to_contain_text("Déposé par erreur.")
    assert figures_of(site, page) == before
    with store.open() as network:
        assert list_receipts(network.lake)[0].withdraws == stored.deposit
        assert list_receipts(network.lake)[0].comment == "Déposé par erreur."


def test_several_files_have_each_their_verdict_and_a_second_click_stores_nothing_twice(
    page: Page, own_site: tuple[str, Store]
) -> None:
    site, store = own_site
    with store.open() as network:
        known = len(list_receipts(network.lake))
    shown(page, f"{site}/deposer")
    sound = measures(measure(STRUCTURE, QUARTER, "undocumented_exit_rate", "NC"))
    drop(page, ("vide.csv", b"\n"), ("rectification.csv", sound), ("faux.csv", b"PK\x03\x04 faux"))
    expect(page.locator(".verdict h2")).to_have_text(["vide.csv", "rectification.csv", "faux.csv"])
    expect(page.locator(".verdict .told strong")).to_have_text(
        ["Fichier refusé", "Fichier à confirmer", "Fichier refusé"]
    )
    page.get_by_role("textbox", name=re.compile("Dites en une phrase")).fill("Chiffre à revoir.")
    page.keyboard.press("Tab")
    wait_until_drawn(page)
    page.get_by_role("button", name=re.compile("^Enregistrer")).dblclick()
    expect(page.get_by_text("Fichier déposé")).to_have_count(1)
    wait_until_drawn(page)
    with store.open() as network:
        assert len(list_receipts(network.lake)) == known + 1


def test_a_workbook_prepared_by_the_page_names_the_structure_the_period_and_the_period_before(
    page: Page, site: str
) -> None:
    shown(page, f"{site}/{CHOSEN}")
    name, content = downloaded(page, "Télécharger le classeur (XLSX)")
    assert name == f"measures-{STRUCTURE}-{QUARTER}.xlsx"
    rows = list(load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    assert {row[0] for row in rows[1:]} == {STRUCTURE}
    assert "2026-T2" in {cell for row in rows[1:] for cell in row}
    name, content = downloaded(page, "Télécharger en CSV")
    assert name == f"measures-{STRUCTURE}-{QUARTER}.csv"
    assert content.decode("utf-8-sig").startswith("structure;periode;indicateur")
    choose(page, "Jeu de données", "Registre des actions")
    wait_for_address(page, "jeu=actions")
    wait_until_drawn(page)
    name, content = downloaded(page, "Télécharger le classeur (XLSX)")
    assert name == "actions.xlsx"


def test_streamlit_says_nothing_of_its_own_in_english_on_screen_or_to_a_screen_reader(
    page: Page, site: str, tmp_path: Path
) -> None:
    shown(page, f"{site}/{CHOSEN}")
    expect(page.get_by_role("button", name="Choisir des fichiers").and_(page.locator("button"))).to_be_visible()
    for theirs in ("Upload", "file upload", "Open"):
        assert page.get_by_role("button", name=theirs, exact=True).count() == 0
    assert english(page) == []
    # The uploader with nothing, with a file it will not take, one that is too large, and one that it takes.
    drop(page, ("image.png", b"x"))
    alert = page.locator('[data-testid="stFileChip"] [role="alert"]')
    expect(alert).to_be_visible()
    expect(alert).to_have_text(re.compile("^Ce format n’est pas accepté"))
    assert english(page) == []
    (tmp_path / "grand.csv").write_bytes(b"x" * (51 * 2**20))
    page.locator('input[type="file"]').set_input_files(tmp_path / "grand.csv")
    expect(page.get_by_text("Ce fichier est trop lourd : 50 Mo au plus.")).to_be_visible()
    drop(page, ("rectification.csv", measures(measure(STRUCTURE, QUARTER, "absenteeism_rate", "mille", 20))))
    expect(page.get_by_text("Fichier refusé")).to_be_visible()
    wait_until_drawn(page)
    expect(page.get_by_role("button", name="Retirer rectification.csv")).to_be_visible()
    expect(page.get_by_role("button", name="Ajouter des fichiers")).to_be_visible()
    for chip in page.locator('[data-testid="stFileChip"]').all():
        chip.hover()
    assert english(page) == []
    page.get_by_role("combobox", name="Structure qui dépose").click()
    page.keyboard.type("zzzz")
    expect(page.get_by_text("Aucun résultat")).to_be_visible()
    assert english(page) == []


def test_a_large_file_is_followed_in_words_while_it_is_read(page: Page, site: str) -> None:
    rows = [
        measure(STRUCTURE, QUARTER, "absenteeism_rate", number, 2_000_000, segment=f"poste={number}")
        for number in range(20_000)
    ]
    shown(page, f"{site}/deposer")
    seen = page.evaluate_handle(
        """() => { const seen = []; new MutationObserver(() => {
            const bar = document.querySelector('[data-testid="stProgress"]'); if (bar) seen.push(bar.innerText);
        }).observe(document.body, {childList: true, subtree: true, characterData: true}); return seen; }"""
    )
    drop(page, ("grand.csv", measures(*rows)))
    expect(page.locator(".verdict h2")).to_have_text("grand.csv", timeout=60_000)
    wait_until_drawn(page)
    progress = page.evaluate("seen => [...new Set(seen)]", seen)
    assert any(line.startswith("grand.csv\N{NO-BREAK SPACE}: ") for line in progress), progress
    assert page.locator('[data-testid="stProgress"]').count() == 0


@pytest.mark.parametrize(
    ("language", "width"),
    [
        ("en", 360),
        *(
            pytest.param(*others, marks=pytest.mark.full)
            for others in (("fr", 1440), ("fr", 768), ("fr", 360), ("en", 1440), ("en", 768))
        ),
    ],
)
def test_nothing_overflows_whatever_is_said(page: Page, site: str, width: int, language: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    shown(page, f"{site}/{CHOSEN}&lang={language}")
    drop(
        page,
        (
            "un-nom-de-fichier-tres-long-comme-les-tableurs-en-donnent-au-troisieme-trimestre.csv",
            measures(
                measure(STRUCTURE, "T3 2026", "absenteeism_rate", "mille", "douze cents heures de travail"),
                measure(STRUCTURE, "T3 2026", "un_indicateur_qui_n_existe_pas_au_catalogue", 1, 2),
                measure(STRUCTURE, QUARTER, "dynamic_exit_rate", 12, 9),
            ),
        ),
    )
    expect(page.locator(".verdict.refused")).to_be_visible()
    wait_until_drawn(page)
    for folded in page.locator("details > summary").all():
        folded.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (
        page.evaluate(
            """() => [...document.querySelectorAll('[data-testid="stMain"] *')].filter(e => !e.closest('.table, svg')
            && e.checkVisibility() && e.getBoundingClientRect().width > 1
            && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
            .map(e => e.outerHTML.slice(0, 200))"""
        )
        == []
    )


ANNOUNCED: str = "[...document.querySelectorAll('body > .unseen[role=status]')].map(each => each.textContent).join()"


def test_the_focus_goes_to_the_verdict_and_then_to_the_receipt_and_leaves_nobody_who_writes(
    page: Page, own_site: tuple[str, Store]
) -> None:
    site, _ = own_site
    shown(page, f"{site}/{CHOSEN}")
    drop(page, ("refus.csv", b"structure;periode\nnulle-part;2026-T3\n"))
    expect(page.get_by_role("group", name=re.compile(r"^refus\.csv\s: Fichier refusé"))).to_be_focused()
    page.wait_for_timeout(300)
    assert page.evaluate(ANNOUNCED) == "", "what has the focus is read with it"
    # Where one writes, a verdict is told and takes nothing away.
    hours = measures(measure(STRUCTURE, "T3 2026", "absenteeism_rate", 311, 12_400))
    field = page.get_by_role("combobox", name="Structure qui dépose")
    drop(page, ("heures.csv", hours))
    field.focus()
    expect(page.get_by_role("group", name=re.compile(r"^heures\.csv"))).to_be_visible()
    expect(page.locator("body > .unseen[role=status]")).to_contain_text("heures.csv")
    assert field.evaluate("field => field === document.activeElement")
    wait_until_drawn(page)
    page.get_by_role("textbox", name=re.compile("Dites en une phrase")).fill("relu avec la direction")
    page.keyboard.press("Tab")
    wait_until_drawn(page)
    page.get_by_role("button", name=re.compile("^Enregistrer")).click()
    expect(page.get_by_role("group", name=re.compile(r"^heures\.csv\s: Fichier déposé"))).to_be_focused()
