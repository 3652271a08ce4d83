"""Everything works by keyboard: focus is seen, nothing traps it, disclosures and diagrams open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browsing import BROWSED, Browsers, browsing
from playwright.sync_api import expect
from stage import INSTRUCTOR, OPERATOR

pytestmark = BROWSED

FOCUSED = """() => {
  const at = document.activeElement;
  if (!at || at === document.body || at === document.documentElement) return null;
  const ring = (each) => {
    const style = getComputedStyle(each);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const box = at.getBoundingClientRect();
  window.passed ??= new Map();
  if (!window.passed.has(at)) window.passed.set(at, window.passed.size);
  return {
    rank: window.passed.get(at),
    name: `${at.tagName.toLowerCase()}.${at.getAttribute("class") ?? ""}`
      + ` ${(at.textContent ?? "").trim().slice(0, 40)}`,
    ring: ring(at) || (at.nextElementSibling !== null && ring(at.nextElementSibling)),
    seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    inDiagram: at.closest("[data-diagram]")?.id ?? "",
  };
}"""
REACHABLE = """() => {
  const groups = new Set();
  return [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
    .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.disabled
      && each.tabIndex >= 0 && !each.closest("[data-diagram]"))
    .filter((each) => each.type !== "radio" || (!groups.has(each.name) && groups.add(each.name)))
    .length;
}"""
MOST_STOPS = 400


@pytest.fixture(scope="module")
def browsers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browsers]:
    """The furnished demo in a browser."""
    with browsing(tmp_path_factory.mktemp("site")) as opened:
        yield opened


def tab_through(page: Any) -> list[dict[str, Any]]:
    """Every stop of the Tab key, from the top of the page until it leaves."""
    stops: list[dict[str, Any]] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None or stop["rank"] < len(stops):
            return stops
        stops.append(stop)
    pytest.fail(f"Tab never leaves {page.url}")


@pytest.mark.parametrize(
    ("email", "address"),
    [
        ("", "/connexion"),
        ("", "/registre"),
        (OPERATOR, "/accueil"),
        (OPERATOR, "/deposer"),
        (OPERATOR, "/dossiers/2022-007"),
        (INSTRUCTOR, "/file"),
        (INSTRUCTOR, "/dossiers/2022-007"),
        (INSTRUCTOR, "/dossiers/2022-005/revue/DER-TLS-02"),
        (INSTRUCTOR, "/schemas/admissibility.bpmn"),
    ],
)
def test_the_tab_key_reaches_everything_shows_where_it_is_and_leaves(
    browsers: Browsers, email: str, address: str
) -> None:
    page = browsers.open(email, address)
    stops = tab_through(page)
    assert "Aller au contenu" in stops[0]["name"]
    assert [stop["name"] for stop in stops if not stop["ring"]] == []
    assert [stop["name"] for stop in stops if not stop["seen"]] == []
    assert len([each for each in stops if not each["inDiagram"]]) >= page.evaluate(REACHABLE)


def test_the_skip_link_leads_to_the_content(browsers: Browsers) -> None:
    page = browsers.open(OPERATOR, "/accueil")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#content:focus").wait_for()


def test_a_disclosure_opens_and_closes_by_keyboard(browsers: Browsers) -> None:
    page = browsers.open(OPERATOR, "/dossiers/2022-007")
    words = page.locator("#path-in-words")
    words.locator("summary").focus()
    page.keyboard.press("Enter")
    page.locator("#path-in-words[open]").wait_for()
    page.keyboard.press("Space")
    page.locator("#path-in-words:not([open])").wait_for()


def test_the_frame_of_the_diagram_is_entered_and_left_by_keyboard(browsers: Browsers) -> None:
    page = browsers.open(INSTRUCTOR, "/schemas/admissibility.bpmn")
    stops = tab_through(page)
    inside = [rank for rank, stop in enumerate(stops) if stop["inDiagram"] == "drawing"]
    assert inside
    assert max(inside) < len(stops) - 1


def test_a_colleague_is_called_in_a_note_by_the_keyboard_alone(browsers: Browsers) -> None:
    page = browsers.open(INSTRUCTOR, "/dossiers/2022-007/interne/notes/nouvelle")
    page.locator("textarea[name=text]").focus()
    page.keyboard.type("Voir avec @hel")
    page.get_by_role("listbox").get_by_role("option", name="Hélène Vasseur").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.type("svp.")
    expect(page.locator("textarea[name=text]")).to_have_value("Voir avec @Hélène Vasseur svp.")
    page.get_by_role("button", name="Ajouter la note").press("Enter")
    page.get_by_text("Prévient : Hélène Vasseur").wait_for()
