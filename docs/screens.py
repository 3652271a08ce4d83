"""Photographs every page of the product: each language, theme and width, into ``var/screens/``.

``python docs/screens.py [--language fr] [--theme light] [--width 1440]`` furnishes a demo of its
own with dossiers at every step, opens every page as its telling readers, and prints how many
pictures were taken, which pages overflow and which log an error. Exits 1 when there are any.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from rich.progress import track

PROJECT = Path(__file__).resolve().parents[1]
sys.path.append(str(PROJECT / "tests" / "web"))

from chromium import drawn, served  # noqa: E402 (found there)
from every_page import LET_GO, Site, Visit, furnished_site  # noqa: E402 (found there)

TARGET = PROJECT / "var" / "screens"
LANGUAGES, THEMES, WIDTHS = ("fr", "en"), ("light", "dark"), (1440, 390)
HEIGHTS = {1440: 700, 390: 844}
"""Too low for what sticks to the foot of a window, which would stand amid a whole page."""
REFUSALS = ("404 (NOT FOUND)", "403 (FORBIDDEN)")
WEAR = """(theme) => {
  const root = document.documentElement;
  if (root.dataset.bsTheme === theme) return;
  document.querySelector("[data-theme-toggle]")?.click();
  root.dataset.bsTheme = theme;
}"""
OVERFLOWS = """() => document.documentElement.scrollWidth > document.documentElement.clientWidth"""


class Camera:
    """Takes pictures of pages in one language and width, and keeps what is wrong.

    A page is opened once for all themes: people change theirs without opening it again, too.
    """

    def __init__(self, chromium: Any, site: Site, address: str, language: str, width: int):
        self.site, self.address, self.language, self.width = site, address, language, width
        self.context = chromium.new_context(
            viewport={"width": width, "height": HEIGHTS[width]},
            reduced_motion="reduce",
            locale={"fr": "fr-FR", "en": "en-GB"}[language],
        )
        self.context.set_default_timeout(15_000)
        self.page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))
        self.taken = 0
        self.faults: list[str] = []

    def folder(self, theme: str) -> Path:
        """Where the pictures of a theme go."""
        return TARGET / f"{self.language}-{theme}-{self.width}"

    def take(self, visit: Visit, themes: Sequence[str]) -> None:
        """One picture of the whole page in each theme, as its reader sees it."""
        cookies = {"language": self.language, "theme": themes[0]}
        session = self.site.people[visit.email].get_cookie("jalon")
        self.context.clear_cookies()
        if session is not None:
            cookies["jalon"] = session.value
        self.context.add_cookies(
            [{"name": k, "value": v, "url": self.address} for k, v in cookies.items()]
        )
        self.page.goto(self.address + visit.address)
        drawn(self.page)
        if self.page.evaluate(OVERFLOWS):
            self.faults.append(f"{visit.address} ({visit.email}) overflows at {self.width} px")
        self.page.evaluate(LET_GO)
        for theme in themes:
            self.page.evaluate(WEAR, theme)
            self.page.screenshot(path=self.folder(theme) / name_of(visit), full_page=True)
            self.taken += 1

    def _hear(self, said: Any) -> None:
        if said.type == "error" and not said.text.endswith(REFUSALS):
            self.faults.append(f"{self.page.url} logs: {said.text}")


def name_of(visit: Visit) -> str:
    """A file's name that tells the page and its reader."""
    page = re.sub(r"[^A-Za-z0-9.-]+", "_", visit.address.partition("?")[0]).strip("_") or "front"
    return f"{page}~{visit.email.partition('.')[0] or 'visitor'}.png"


def main(arguments: list[str]) -> int:
    """Take the pictures; 1 when a page overflows or logs an error, or Chromium is missing."""
    asked = _asked(arguments)
    chromium_path = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium_path is None:
        print("Chromium is missing: install it, then run this again.", file=sys.stderr)
        return 1
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    faults: list[str] = []
    taken = 0
    with (
        tempfile.TemporaryDirectory(prefix="jalon-screens-") as folder,
        furnished_site(Path(folder)) as site,
        served(site.app) as address,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-gpu"]
        )
        visits = [each for each in site.visits() if asked.only in each.address]
        for language, width in itertools.product(asked.language, asked.width):
            speak(site, language)
            camera = Camera(chromium, site, address, language, width)
            for theme in asked.theme:
                shutil.rmtree(camera.folder(theme), ignore_errors=True)
            for visit in track(visits, description=f"  {language} {width} px", transient=True):
                camera.take(visit, asked.theme)
            camera.context.close()
            faults += camera.faults
            taken += camera.taken
        chromium.close()
    print(f"{taken} pictures of {len(visits)} pages in {TARGET.relative_to(PROJECT)}")
    print("\n".join(dict.fromkeys(faults)) or "No page overflows, none logs an error.")
    return 1 if faults else 0


def speak(site: Site, language: str) -> None:
    """Everybody reads in this language from now on: people keep theirs in their account."""
    for client in site.people.values():
        client.post("/langue", data={"language": language, "to": "/"})


def _asked(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--language", nargs="+", choices=LANGUAGES, default=LANGUAGES)
    parser.add_argument("--theme", nargs="+", choices=THEMES, default=THEMES)
    parser.add_argument("--width", nargs="+", type=int, choices=WIDTHS, default=WIDTHS)
    parser.add_argument("--only", default="", help="only the addresses that contain this text")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
