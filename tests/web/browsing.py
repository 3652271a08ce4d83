"""One real browser before the furnished demo, for the tests that look at pages as people do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from chromium import IN_CHROMIUM, chromium, drawn, patient, served
from every_page import Site, furnished_site

from workflow.settings import PROJECT

AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP = {"width": 1440, "height": 900}
BROWSED = [
    *IN_CHROMIUM,
    pytest.mark.slow,
    pytest.mark.xdist_group("every page in a browser"),
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed. Run: make setup"),
]


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
            context = patient(self.chromium, viewport=DESKTOP)
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
        drawn(page)
        return page

    def _hear(self, page: Any, said: Any) -> None:
        if said.type == "error":
            self.console.append(f"{page.url}: {said.text}")


@contextmanager
def browsing(folder: Path) -> Iterator[Browsers]:
    """The furnished demo, served, and a browser before it."""
    with furnished_site(folder) as site, served(site.app) as address, chromium() as browser:
        yield Browsers(browser, address, site)
