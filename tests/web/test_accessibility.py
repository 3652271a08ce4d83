"""Every page in a real browser: nothing found by axe-core, no overflow, all by keyboard."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from every_page import Site, Visit, furnished_site
from flask import Flask
from stage import INSTRUCTOR, OPERATOR
from werkzeug.serving import make_server

from web import assets
from workflow.settings import PROJECT

CHROMIUM = (
    os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)
BUILT = Path(assets.__file__).parent / "static" / "built" / "diagram.js"
AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
STANDARDS = [
    "wcag2a",
    "wcag2aa",
    "wcag21a",
    "wcag21aa",
    "wcag22a",
    "wcag22aa",
    "best-practice",
]
DESKTOP = {"width": 1440, "height": 900}
ZOOMED = {"width": 720, "height": 450}
"""1440 px at 200 %."""
PHONE = {"width": 360, "height": 740}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("every page in a browser"),
    pytest.mark.skipif(
        CHROMIUM is None,
        reason="NO CHROMIUM: accessibility is NOT tested. Install chromium, or name it in the"
        " variable CHROMIUM.",
    ),
    pytest.mark.skipif(
        not (BUILT.exists() and AXE.exists()),
        reason="The browser's part of the pages is not built. Run: make setup",
    ),
]

OPEN_ALL = "() => document.querySelectorAll('details').forEach(each => { each.open = true })"
RUN_AXE = """async (only) => {
  const options = { resultTypes: ["violations"], runOnly: only };
  const found = await axe.run(document, options);
  return found.violations.flatMap((each) => each.nodes.map((node) =>
    `${each.id}: ${node.target.join(" ")} ${node.html.slice(0, 160)} ${node.any.concat(node.all)
      .map((check) => check.message).join(" ").slice(0, 160)}`));
}"""
OVERFLOW = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const wide = [...document.body.querySelectorAll("*")].filter((each) =>
    each.getBoundingClientRect().right > root.clientWidth + 0.5);
  return [`${root.scrollWidth} px in ${root.clientWidth}: ` + wide.slice(-3).map((each) =>
    `${each.tagName.toLowerCase()}.${each.className}`).join(", ")];
}"""
DARK = "() => { document.documentElement.dataset.bsTheme = 'dark' }"


@dataclass
class Found:
    """What is wrong, by page."""

    light: list[str] = field(default_factory=list[str])
    dark: list[str] = field(default_factory=list[str])
    reflow: list[str] = field(default_factory=list[str])
    console: list[str] = field(default_factory=list[str])
    opened: int = 0


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Browsers:
    """One browser, with a page for each person: signed in as the site's client of theirs."""

    def __init__(self, chromium: Any, address: str, site: Site) -> None:
        self.chromium = chromium
        self.address = address
        self.site = site
        self.pages: dict[str, Any] = {}
        self.console: list[str] = []

    def of(self, email: str) -> Any:
        """This person's page."""
        if email not in self.pages:
            context = self.chromium.new_context(
                locale="fr-FR", reduced_motion="reduce", viewport=DESKTOP
            )
            context.set_default_timeout(10_000)
            cookie = self.site.people[email].get_cookie("jalon")
            if cookie is not None:
                context.add_cookies([{"name": "jalon", "value": cookie.value, "url": self.address}])
            page = context.new_page()
            page.on("console", lambda said: self._hear(page, said))
            page.on("pageerror", lambda error: self.console.append(f"{page.url}: {error}"))
            self.pages[email] = page
        return self.pages[email]

    def open(self, email: str, address: str) -> Any:
        """A page as this person reads it, its diagrams drawn."""
        page = self.of(email)
        page.set_viewport_size(DESKTOP)
        page.goto(self.address + address)
        page.wait_for_function(
            "() => [...document.querySelectorAll('[data-diagram]')].every(e => e.dataset.ready)"
        )
        return page

    def _hear(self, page: Any, said: Any) -> None:
        if said.type == "error":
            self.console.append(f"{page.url}: {said.text}")


@pytest.fixture(scope="module")
def browsers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browsers]:
    """The furnished demo, served, and a browser before it."""
    from playwright.sync_api import sync_playwright

    with (
        furnished_site(tmp_path_factory.mktemp("site")) as site,
        served(site.app) as address,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield Browsers(chromium, address, site)
        chromium.close()


@pytest.fixture(scope="module")
def found(browsers: Browsers) -> Found:
    """Every page opened once by each of its telling readers, and looked at in every way."""
    result = Found()
    axe = AXE.read_text(encoding="utf-8")
    for visit in browsers.site.visits():
        _look(browsers, visit, axe, result)
    result.console = browsers.console
    return result


def _look(browsers: Browsers, visit: Visit, axe: str, result: Found) -> None:
    page = browsers.open(visit.email, visit.address)
    who = f"{visit.address} ({visit.email or 'visitor'})"
    page.evaluate(axe)
    page.evaluate(OPEN_ALL)
    only = {"type": "tag", "values": STANDARDS}
    result.light += [f"{who} {each}" for each in page.evaluate(RUN_AXE, only)]
    page.evaluate(DARK)
    only = {"type": "rule", "values": ["color-contrast"]}
    result.dark += [f"{who} {each}" for each in page.evaluate(RUN_AXE, only)]
    for size in (ZOOMED, PHONE):
        page.set_viewport_size(size)
        result.reflow += [f"{who} {each}" for each in page.evaluate(OVERFLOW)]
    only = {"type": "rule", "values": ["target-size"]}
    result.light += [f"{who} at 360 px {each}" for each in page.evaluate(RUN_AXE, only)]
    result.opened += 1


def test_axe_finds_nothing_on_any_page_for_any_of_its_readers(found: Found) -> None:
    assert found.opened > 80
    assert not found.light, "\n".join(found.light)


def test_every_page_keeps_its_contrast_in_the_dark_theme(found: Found) -> None:
    assert not found.dark, "\n".join(found.dark)


def test_no_page_scrolls_sideways_at_200_percent_or_on_a_phone(found: Found) -> None:
    assert not found.reflow, "\n".join(found.reflow)


def test_no_page_logs_an_error_in_the_console(found: Found) -> None:
    refusals = ("404 (NOT FOUND)", "403 (FORBIDDEN)")
    assert [each for each in found.console if not each.endswith(refusals)] == []


@pytest.mark.parametrize(
    ("email", "address"),
    [("", "/connexion"), (OPERATOR, "/deposer"), (OPERATOR, "/compte/mot-de-passe")],
)
def test_axe_finds_nothing_on_a_form_that_is_refused(
    browsers: Browsers, email: str, address: str
) -> None:
    page = browsers.open(email, address)
    form = page.locator("main form:has(.btn-primary)").last
    for typed in form.locator(":is([type=email],[type=password])").all():
        typed.fill("personne@alize.example")
    form.locator("[type=submit].btn-primary").last.click()
    page.locator("[data-error-summary]").wait_for()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(RUN_AXE, {"type": "tag", "values": STANDARDS}) == []
    assert page.evaluate("() => document.activeElement.hasAttribute('data-error-summary')")


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
    assert page.evaluate("() => document.activeElement.id") == "content"


def test_a_disclosure_opens_and_closes_by_keyboard(browsers: Browsers) -> None:
    page = browsers.open(OPERATOR, "/dossiers/2022-007")
    words = page.locator("#path-in-words")
    words.locator("summary").focus()
    page.keyboard.press("Enter")
    assert words.get_attribute("open") is not None
    page.keyboard.press("Space")
    assert words.get_attribute("open") is None


def test_the_frame_of_the_diagram_is_entered_and_left_by_keyboard(browsers: Browsers) -> None:
    page = browsers.open(INSTRUCTOR, "/schemas/admissibility.bpmn")
    stops = tab_through(page)
    inside = [rank for rank, stop in enumerate(stops) if stop["inDiagram"] == "drawing"]
    assert inside
    assert max(inside) < len(stops) - 1


def test_no_mark_of_a_state_stands_without_words(browsers: Browsers) -> None:
    bare = """() => [...document.querySelectorAll(".mark")].filter((each) =>
      !each.parentElement.textContent.trim())
      .map((each) => each.parentElement.outerHTML.slice(0, 200))"""
    for address in ("/accueil", "/dossiers", "/dossiers/2022-007", "/dossiers/2022-001/preuves"):
        found = browsers.open(OPERATOR, address).evaluate(bare)
        assert not found, "\n".join(found)
