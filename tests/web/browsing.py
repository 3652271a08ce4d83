"""One real browser before the furnished demo, for the tests that look at pages as people do."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from every_page import Site, furnished_site
from flask import Flask
from werkzeug.serving import make_server

from web import assets
from workflow.settings import PROJECT

CHROMIUM = (
    os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)
BUILT = Path(assets.__file__).parent / "static" / "built" / "diagram.js"
AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DESKTOP = {"width": 1440, "height": 900}
BROWSED = [
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


@contextmanager
def browsing(folder: Path) -> Iterator[Browsers]:
    """The furnished demo, served, and a browser before it."""
    from playwright.sync_api import sync_playwright

    with (
        furnished_site(folder) as site,
        served(site.app) as address,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield Browsers(chromium, address, site)
        chromium.close()
