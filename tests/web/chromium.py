"""Debian's Chromium before a served application: what all tests in a browser share."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect, sync_playwright
from werkzeug.serving import make_server

from web import assets

CHROMIUM = (
    os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)
BUILT = Path(assets.__file__).parent / "static" / "built" / "diagram.js"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE = 45_000
"""Milliseconds that a page may take on a machine that is busy with other tests."""
expect.set_options(timeout=PATIENCE)
IN_CHROMIUM = [
    pytest.mark.skipif(
        CHROMIUM is None,
        reason="NO CHROMIUM: the pages are NOT tested in a browser. Install chromium, or name it"
        " in the variable CHROMIUM.",
    ),
    pytest.mark.skipif(
        not BUILT.exists(),
        reason="The browser's part of the pages is not built. Run: make setup",
    ),
]


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def chromium(**options: Any) -> Iterator[Any]:
    """One browser, closed at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, **options)
        yield browser
        browser.close()


def first_held(
    page: Any, address: str, wanted: Callable[[Any], bool] = lambda request: True
) -> list[Any]:
    """The wanted requests of a page as they come; the first of them waits to be continued."""
    asked: list[Any] = []

    def hold(route: Any) -> None:
        if wanted(route.request):
            asked.append(route)
        if [route] != asked:
            route.continue_()

    page.route(address, hold)
    return asked


def drawn(page: Any) -> None:
    """Wait until every diagram of a page is drawn."""
    page.locator("[data-diagram]:not([data-ready])").first.wait_for(state="detached")


def patient(browser: Any, **options: Any) -> Any:
    """A context of someone who reads French and waits for slow pages."""
    context = browser.new_context(locale="fr-FR", reduced_motion="reduce", **options)
    context.set_default_timeout(PATIENCE)
    return context
