"""Makes the README's picture from the running product: a dossier under instruction.

``python docs/picture.py`` plays a fictitious dossier on a database of its own, serves the
pages on a free port and takes the picture with Chromium.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import sync_playwright
from waitress.server import create_server

from web.app import create_app
from web.commands.serve import prepare_demo
from web.demo_accounts import DEMO_ACCOUNTS, DEMO_PASSWORD
from workflow.clock import PARIS, VirtualClock
from workflow.db import Database
from workflow.domain import person, proof, ssi
from workflow.domain.file_store import FolderStore
from workflow.engine import acts, human_tasks, tables
from workflow.engine.forms import Forms
from workflow.engine.runtime import Runtime
from workflow.scenarios import defaults
from workflow.service_tasks.registry import Call
from workflow.settings import Settings

TARGET = Path(__file__).parent / "dossier.png"
OPERATOR = "operateur@alize.example"
STEPS = (
    ("recevabilite@ans.example", "check_admissibility", timedelta(days=4)),
    ("direction@alize.example", "sign_convention", timedelta(days=5)),
    ("signature@ans.example", "countersign_convention", timedelta(days=2)),
    (OPERATOR, "submit_proofs", timedelta(days=3)),
    ("instruction@ans.example", "instruct_dossier", timedelta(days=16)),
)
QUESTIONS = (
    "Le journal montre le refus de TLS 1.0. Pouvez-vous fournir le même essai en TLS 1.1 ?",
    "La vidéo s’arrête avant la réponse du serveur. Pouvez-vous joindre la ligne de journal ?",
)


def prepare(folder: Path) -> tuple[Runtime, VirtualClock]:
    """A demo on a database of its own."""
    database = Database(f"sqlite:///{folder / 'picture.sqlite3'}")
    tables.METADATA.create_all(database.engine)
    settings = replace(Settings.from_environment({}), proofs_folder=folder / "proofs")
    clock = VirtualClock(datetime(2022, 10, 3, 14, 12, tzinfo=PARIS))
    runtime = Runtime(
        database, clock, Forms.load(settings.forms_folder), FolderStore(folder / "proofs"), settings
    )
    prepare_demo(runtime)
    return runtime, clock


def play(runtime: Runtime, clock: VirtualClock) -> str:
    """Carry a dossier to its first solicitation; its number."""
    with runtime.database.reading() as session:
        actors = {
            account.email: person.actor_of(session, found)
            for account in DEMO_ACCOUNTS
            if (found := person.find_by_email(session, account.email))
        }
    answer = {
        "company_name": "Messageries Alizé SAS",
        "siret": "12345678200010",
        "legal_representative_name": "Odile Renaudin",
        "legal_representative_email": "direction@alize.example",
        "legal_representative_phone": "01 99 00 12 34",
        "contact_name": "Nadia Ferrand",
        "service_name": "Alizé Santé Pro",
        "service_version": "4.2",
        "dsr": "DSR-OPE-MSS",
        "planned_proof_on": "2022-10-17",
        "publication_authorised": True,
        "profiles": ["general"],
        **defaults.COMMITMENTS,
    }
    done = human_tasks.start(runtime, "dossier", "deposit_dossier", answer, actors[OPERATOR])
    assert done.dossier_id is not None
    for email, element, pause in STEPS:
        clock.move_to(clock.now() + pause)
        if element == "submit_proofs":
            acts.perform(runtime, actors[OPERATOR], done.dossier_id, _filling(runtime))
        with runtime.database.reading() as session:
            task = human_tasks.latest_of_element(session, done.dossier_id, element)
            assert task is not None
            dossier = defaults.dossier_of(session, done.dossier_id)
            given = defaults.of_task(session, task.form_key, dossier)
            number = dossier.number
        if element == "instruct_dossier":
            given |= {"outcome": "solicit", "questions": list(QUESTIONS)}
        human_tasks.complete(runtime, task.id, given, actors[email])
    clock.move_to(clock.now() + timedelta(hours=20, minutes=28))
    return number


def _filling(runtime: Runtime):
    stored = runtime.files.put([b"Preuve fictive.\n"])

    def fill(call: Call) -> None:
        dossier = defaults.dossier_of(call.session, call.dossier_id or 0)
        for code, position in defaults.missing_proofs(call.session, dossier):
            proof.attach(
                call,
                requirement_code=code,
                position=position,
                file_name=f"{code}-{position}.txt",
                media_type="text/plain",
                stored=stored,
            )
        ssi.answer_ssi(call, {"declared": "Réponse fictive"})

    return fill


def take(runtime: Runtime, number: str, chromium: str) -> None:
    """Serve the pages and photograph the dossier as its operator sees it."""
    server = create_server(create_app(runtime, demo=True), host="127.0.0.1", port=0)
    threading.Thread(target=server.run, daemon=True).start()
    address = f"http://127.0.0.1:{server.effective_port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 1500}, locale="fr-FR")
        page.goto(f"{address}/connexion")
        page.fill("input[name=email]", OPERATOR)
        page.fill("input[name=password]", DEMO_PASSWORD)
        page.click("main button[type=submit]")
        page.goto(f"{address}/dossiers/{number}")
        page.wait_for_selector(".djs-container svg")
        page.screenshot(path=TARGET)
        browser.close()
    server.close()


def main() -> int:
    """Make the picture; 1 when Chromium is missing."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("Chromium is missing: install it, then run this again.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        runtime, clock = prepare(Path(folder))
        take(runtime, play(runtime, clock), chromium)
        runtime.database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
