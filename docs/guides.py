"""Makes the pictures of the guides of ``docs/`` from the running product, into ``docs/pictures/``.

``python docs/guides.py`` furnishes a demo of its own and photographs what the guides show, in
French and in the light theme. A guide names its pictures; one that nobody takes, or that no guide
names, ends the command with 1.
"""

from __future__ import annotations

import logging
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from rich.progress import track
from sqlalchemy import select

PROJECT = Path(__file__).resolve().parents[1]
sys.path.append(str(PROJECT / "tests" / "web"))

from chromium import drawn, served  # noqa: E402 (found there)
from every_page import Site, furnished_site  # noqa: E402 (found there)
from stage import (  # noqa: E402 (found there)
    ADMINISTRATOR,
    AUDITOR,
    CAMPAIGN,
    INSTRUCTOR,
    OFFICER,
    OPERATOR,
    OWNER,
    PRESIDENT,
)

from workflow.domain.college import CollegeSession  # noqa: E402 (after the path is set)
from workflow.domain.dossier import Dossier  # noqa: E402 (after the path is set)
from workflow.engine.waiting import HumanTask  # noqa: E402 (after the path is set)

GUIDES = Path(__file__).parent
TARGET = GUIDES / "pictures"
COMING = select(CollegeSession.id).where(
    CollegeSession.held_at.is_(None), CollegeSession.campaign_id == CAMPAIGN
)
NAMED = re.compile(r"\(pictures/([a-z-]+)\.png\)")


@dataclass(frozen=True)
class Picture:
    """A page as someone reads it; `service` and `task` fill the address, `opened` is clicked."""

    name: str
    email: str
    address: str
    service: str = ""
    task: str = ""
    opened: str = ""
    height: int = 800


PICTURES = (
    Picture("operateur-accueil", OPERATOR, "/accueil", height=1000),
    Picture("operateur-deposer", OPERATOR, "/deposer"),
    Picture(
        "operateur-dossier",
        OPERATOR,
        "/dossiers/{number}",
        service="Alizé Sollicité",
        opened="main details summary",
        height=1100,
    ),
    Picture(
        "operateur-preuves", OPERATOR, "/dossiers/{number}/preuves", service="Alizé Convention"
    ),
    Picture(
        "operateur-reponse", OPERATOR, "/taches/{task}", "Alizé Sollicité", "answer_solicitation"
    ),
    Picture("operateur-entreprise", OPERATOR, "/entreprise"),
    Picture(
        "recevabilite-controle", OFFICER, "/taches/{task}", "Alizé Dépôt", "check_admissibility"
    ),
    Picture("instructeur-file", INSTRUCTOR, "/file"),
    Picture("instructeur-tache", INSTRUCTOR, "/taches/{task}", "Alizé File", "instruct_dossier"),
    Picture("instructeur-revue", INSTRUCTOR, "/dossiers/{number}/revue", service="Alizé Répondu"),
    Picture("instructeur-interne", OFFICER, "/dossiers/{number}/interne", service="Alizé Question"),
    Picture("college-seance", PRESIDENT, "/college"),
    Picture("college-salle", PRESIDENT, "/college/seances/{session}/salle"),
    Picture("operateur-procedure", OPERATOR, "/procedure"),
    Picture("pilote-schema", OWNER, "/schemas/dossier.bpmn"),
    Picture("pilote-parametres", OWNER, "/parametres"),
    Picture("pilote-textes", OWNER, "/textes"),
    Picture("pilote-pilotage", OWNER, "/pilotage"),
    Picture("auditeur-journal", AUDITOR, "/dossiers/{number}/historique", service="Alizé Répondu"),
    Picture("auditeur-dates", AUDITOR, "/dossiers/{number}/dates", service="Alizé Sollicité"),
    Picture("auditeur-consultations", AUDITOR, "/consultations"),
    Picture("administrateur-accueil", ADMINISTRATOR, "/administration", height=1000),
    Picture("administrateur-personnes", ADMINISTRATOR, "/personnes"),
    Picture("administrateur-sante", ADMINISTRATOR, "/administration/sante", height=1000),
    Picture("administrateur-fermetures", ADMINISTRATOR, "/administration/fermetures"),
)


def take(page: Any, site: Site, address: str, picture: Picture) -> None:
    """Photograph one page as its reader sees it first."""
    session = site.people[picture.email].get_cookie("jalon")
    assert session is not None
    cookies = {"language": "fr", "theme": "light", "jalon": session.value}
    page.context.clear_cookies()
    page.context.add_cookies([{"name": k, "value": v, "url": address} for k, v in cookies.items()])
    page.set_viewport_size({"width": 1280, "height": picture.height})
    page.goto(address + address_of(site, picture))
    drawn(page)
    if picture.opened:
        page.locator(picture.opened).first.click()
    page.screenshot(path=TARGET / f"{picture.name}.png")


def address_of(site: Site, picture: Picture) -> str:
    """The address with the dossier's number, the open task or the coming session it is about."""
    with site.stage.runtime.database.reading() as session:
        about: dict[str, object] = {"session": session.scalar(COMING)}
        if picture.service:
            named = select(Dossier).where(Dossier.service_name == picture.service)
            dossier = session.scalars(named).one()
            about["number"] = dossier.number
            about["task"] = session.scalar(
                select(HumanTask.id).where(
                    HumanTask.dossier_id == dossier.id,
                    HumanTask.element_id == picture.task,
                    HumanTask.closed_at.is_(None),
                )
            )
    return picture.address.format(**about)


def faults() -> list[str]:
    """Pictures that a guide names and nobody takes, and those that no guide names."""
    named = {
        name
        for guide in GUIDES.glob("*.md")
        for name in NAMED.findall(guide.read_text(encoding="utf-8"))
    }
    taken = {picture.name for picture in PICTURES}
    return [
        *(f"{name} is named by a guide, and nobody takes it" for name in sorted(named - taken)),
        *(f"{name} is taken, and no guide names it" for name in sorted(taken - named)),
    ]


def main() -> int:
    """Take every picture; 1 when one is missing or Chromium is."""
    chromium_path = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium_path is None:
        print("Chromium is missing: install it, then run this again.", file=sys.stderr)
        return 1
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir()
    with (
        tempfile.TemporaryDirectory(prefix="jalon-guides-") as folder,
        furnished_site(Path(folder)) as site,
        served(site.app) as address,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-gpu"]
        )
        page = chromium.new_page(locale="fr-FR", reduced_motion="reduce")
        for picture in track(PICTURES, description="  docs/pictures", transient=True):
            take(page, site, address, picture)
        chromium.close()
    print(f"{len(PICTURES)} pictures in {TARGET.relative_to(PROJECT)}")
    print("\n".join(faults()) or "Each guide has its pictures.")
    return 1 if faults() else 0


if __name__ == "__main__":
    sys.exit(main())
