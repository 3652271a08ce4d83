"""Every page in a real browser: nothing found by axe-core, no overflow, no error, no bare mark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from browsing import AXE, BROWSED, Browsers, browsing
from every_page import LET_GO, Visit
from first_view import MOST_BYTES, FirstViews
from stage import OPERATOR

STANDARDS = [
    "wcag2a",
    "wcag2aa",
    "wcag21a",
    "wcag21aa",
    "wcag22a",
    "wcag22aa",
    "best-practice",
]
ZOOMED = {"width": 720, "height": 450}
"""1440 px at 200 %."""
PHONE = {"width": 360, "height": 740}

pytestmark = BROWSED

OPEN_ALL = "() => document.querySelectorAll('details').forEach(each => { each.open = true })"
RUN_AXE = """async (only) => {
  // Style sheets are fetched anew for rules that read them, of which only a whole run has any.
  const options = { resultTypes: ["violations"], runOnly: only, preload: only.type === "tag" };
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
FILLED_IN = """() => [...document.querySelectorAll("form:has([data-autosave])")]
  .filter((each) => each.autocomplete !== "off").map((each) => each.outerHTML.slice(0, 160))"""
DARK = "() => { document.documentElement.dataset.bsTheme = 'dark' }"


@dataclass
class Found:
    """What is wrong, by page."""

    light: list[str] = field(default_factory=list[str])
    dark: list[str] = field(default_factory=list[str])
    reflow: list[str] = field(default_factory=list[str])
    filled_in: list[str] = field(default_factory=list[str])
    console: list[str] = field(default_factory=list[str])
    opened: int = 0


@pytest.fixture(scope="module")
def browsers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browsers]:
    """The furnished demo in a browser."""
    with browsing(tmp_path_factory.mktemp("site")) as opened:
        yield opened


@pytest.fixture(scope="module")
def visits(browsers: Browsers) -> list[Visit]:
    """Every page, by each of its telling readers."""
    return browsers.site.visits()


@pytest.fixture(scope="module")
def found(browsers: Browsers, visits: list[Visit]) -> Found:
    """Every page opened, and looked at in every way."""
    result = Found()
    axe = AXE.read_text(encoding="utf-8")
    for visit in visits:
        _look(browsers, visit, axe, result)
    result.console = browsers.console
    return result


def _look(browsers: Browsers, visit: Visit, axe: str, result: Found) -> None:
    page = browsers.open(visit.email, visit.address)
    who = f"{visit.address} ({visit.email or 'visitor'})"
    page.evaluate(axe)
    page.evaluate(OPEN_ALL)
    page.evaluate(LET_GO)
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
    result.filled_in += [f"{who} {each}" for each in page.evaluate(FILLED_IN)]
    result.opened += 1


def test_axe_finds_nothing_on_any_page_for_any_of_its_readers(found: Found) -> None:
    assert found.opened > 80
    assert not found.light, "\n".join(found.light)


def test_every_page_keeps_its_contrast_in_the_dark_theme(found: Found) -> None:
    assert not found.dark, "\n".join(found.dark)


def test_no_page_scrolls_sideways_at_200_percent_or_on_a_phone(found: Found) -> None:
    assert not found.reflow, "\n".join(found.reflow)


def test_no_form_that_keeps_its_draft_lets_the_browser_fill_it_in(found: Found) -> None:
    assert not found.filled_in, "\n".join(found.filled_in)


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
    page.locator("[data-error-summary]:focus").wait_for()


def test_no_mark_of_a_state_stands_without_words(browsers: Browsers) -> None:
    bare = """() => [...document.querySelectorAll(".mark")].filter((each) =>
      !each.parentElement.textContent.trim())
      .map((each) => each.parentElement.outerHTML.slice(0, 200))"""
    for address in ("/accueil", "/dossiers", "/dossiers/2022-007", "/dossiers/2022-001/preuves"):
        found = browsers.open(OPERATOR, address).evaluate(bare)
        assert not found, "\n".join(found)


def test_the_first_view_of_every_page_is_light(browsers: Browsers, visits: list[Visit]) -> None:
    views = FirstViews(browsers.site.people)
    heavy = {f"{each.address} ({each.email})": views.bytes_of(each) for each in visits}
    assert max(heavy.values()) < MOST_BYTES, sorted(heavy.items(), key=lambda one: -one[1])[:5]
