"""Every page of the product, found in its url map, on a demo with dossiers at every step.

For the tests that open all pages (accessibility) and for ``docs/screens.py``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from stage import (
    ATTENDANCE,
    CAMPAIGN,
    INSTRUCTOR,
    LEGAL,
    MEMBER,
    OFFICER,
    OPERATOR,
    OWNER,
    PARTNER,
    PRESIDENT,
    Stage,
    demo_runtime,
)
from werkzeug.test import TestResponse

from web import visit_door
from web.app import create_app
from web.demo_accounts import (
    DEMO_ACCOUNTS,
    DEMO_COLLEAGUES,
    DEMO_PASSWORD,
    add_demo_accounts,
)
from web.standing_acts import ACTS
from workflow.domain import agenda, support_question
from workflow.domain.college import CollegeSession
from workflow.domain.document import Document
from workflow.domain.dossier import Dossier
from workflow.domain.guided_visit import LATER, NEVER
from workflow.domain.listing import Listing
from workflow.domain.notification_texts import TEXTS
from workflow.domain.person import SYSTEM
from workflow.engine import (
    campaigns,
    deposit_drafts,
    diagrams,
    human_tasks,
    messages,
    parameters,
)
from workflow.engine.deposit_drafts import DepositPlace
from workflow.engine.diagrams import DiagramVersion
from workflow.engine.runtime import Runtime
from workflow.engine.waiting import HumanTask

LET_GO = """() => {
  for (const each of document.querySelectorAll("main *, body > *")) {
    if (getComputedStyle(each).position === "sticky") each.style.position = "static";
  }
}"""
"""What sticks to an edge of the window lies where it stands, and covers nothing for now."""
VISITOR = ""
"""Somebody who has not signed in."""
SUPPORT = "assistance@ans.example"
OTHER_CAMPAIGN = "dsr-agenda-fictif-2022"
NOT_PAGES = ("/static", "/api", "/metrics", "/healthz", "/readyz", ".csv", ".json", ".txt")
SMALLEST_IDS = range(1, 4)
READERS_OF_MORE = (OPERATOR, INSTRUCTOR)
"""Who reads the further addresses of a page, once everybody has read the first one."""
ROOM = ("enter", "show", "screen", "record")
READ_BY_ALL = ("tasks.show",)
BEGUN = "0123456789abcdef" * 2
"""The id of a candidature in preparation."""
MINOR = {
    "requirement": "DER-TLS-02",
    "nature": "minor",
    "text": "Refuser TLS 1.1 sur le port 993.",
}


@dataclass
class Visit:
    """A page as one person reads it."""

    address: str
    email: str
    endpoint: str


@dataclass
class Site:
    """The product with people at work."""

    app: Flask
    stage: Stage
    people: dict[str, FlaskClient]
    others: list[Visit]
    """Pages with an address that no url map tells: previews, links of mails, errors."""

    def visits(self) -> list[Visit]:
        """Every page, as `visits` chooses them, then the others and two with a first visit."""
        found = visits(self.app, self.stage, self.people) + self.others
        return found + guided(self.stage)


def guided(stage: Stage) -> list[Visit]:
    """A page with a first visit at its foot, and one where it is folded."""
    at = stage.runtime.clock.now()
    visit_door.restart(stage.runtime, stage.who(SUPPORT).person_id or 0, at)
    visit_door.put_away(stage.runtime, stage.who(MEMBER).person_id or 0, LATER, at)
    return [Visit("/accueil", SUPPORT, "visit"), Visit("/registre", MEMBER, "visit")]


def put_visits_away(stage: Stage) -> None:
    """Nobody is guided, so that pages show themselves."""
    for account in DEMO_ACCOUNTS:
        number = stage.who(account.email).person_id or 0
        visit_door.put_away(stage.runtime, number, NEVER, stage.runtime.clock.now())


def furnish(stage: Stage) -> None:
    """Dossiers at every step, and something on every page that lists other things."""
    stage.deposit("Alizé Dépôt")
    asked = stage.deposit("Alizé Question")
    questions = ["Quel est votre SIRET ?", "Le contrat est-il signé ?"]
    stage.do(asked, "check_admissibility", OFFICER, outcome="solicit", questions=questions)
    stage.do(stage.deposit("Alizé Achat"), "check_admissibility", OFFICER, outcome="ineligible")
    stage.admitted("Alizé Convention")
    stage.submitted("Alizé File")
    answered = stage.solicited("Alizé Répondu")
    stage.do(answered, "answer_solicitation", OPERATOR)
    stage.solicited("Alizé Sollicité")
    stage.decided("non_blocking", [MINOR])
    corrected = stage.decided("non_blocking", [MINOR])
    stage.do(corrected, "correct_reservations", OPERATOR)
    stage.decided("blocking", [MINOR | {"nature": "major"}])
    stage.decided("award")
    stage.instructed("Alizé Collège")
    question = {"subject": "Vidéo refusée", "text": "L’envoi d’une vidéo échoue."}
    human_tasks.start(
        stage.runtime,
        support_question.PROCESS,
        support_question.ASK,
        question,
        stage.who(OPERATOR),
        aside=True,
    )

    begun = {"service_name": "Alizé Connect", "service_version": "1.0"}
    place = DepositPlace(BEGUN, "deposit_dossier", CAMPAIGN)
    deposit_drafts.save(stage.runtime, place, begun, stage.who(OPERATOR))


def furnish_by_hand(stage: Stage, people: dict[str, FlaskClient]) -> list[Visit]:
    """What only the pages do: a mandate, a partner at a session, a proposed correction…

    Gives the pages to which some of these acts lead.
    """
    with stage.runtime.database.reading() as session:
        asked = session.scalars(select(Dossier.number).order_by(Dossier.id).limit(2)).all()[1]
        coming = session.scalar(
            select(CollegeSession.id).where(
                CollegeSession.held_at.is_(None), CollegeSession.campaign_id == CAMPAIGN
            )
        )
    mandate = {"person": stage.who(OPERATOR).person_id, "may_sign": "yes", "since": "03/11/2022"}
    post(people[LEGAL], "/entreprise/mandats", **mandate, until="", basis="Pouvoir du 2 novembre")
    partner = {"person": stage.who(PARTNER).person_id, "organisation": "CNDA"}
    post(people[PRESIDENT], f"/college/seances/{coming}/partenaires", **partner)
    changed = {"fact": "service_version", "new_text": "1.0.1", "reason": "Coquille."}
    post(people[OFFICER], f"/dossiers/{asked}/corrections/nouvelle", **changed)
    inside = f"/dossiers/{asked}/interne"
    post(people[OFFICER], f"{inside}/notes", page=inside, text="Vérifier le contrat.")
    template = {"kind": "admissibility", "title": "SIRET", "text": "Quel est votre SIRET ?"}
    post(people[OWNER], f"/campagnes/{CAMPAIGN}/modeles/nouveau", **template)
    search = {"list": "queue", "etat": "actif", "name": "Décompte en cours", "shared": "yes"}
    post(people[INSTRUCTOR], "/recherches/nouvelle", **search)
    longer = {"delays": {"solicitation_abandon": {"amount": 45}}}
    parameters.change(stage.runtime, CAMPAIGN, longer, "Décision du 2 novembre", stage.who(OWNER))
    edited = f"/campagnes/{CAMPAIGN}/parametres/modifier"
    preview = post(people[OWNER], edited, **{"delays.solicitation_abandon.amount": "60"})
    _hand_over(stage, people)
    colleague = {"email": "nouvelle@alize.example", "role": "operator"}
    invited = post(people[LEGAL], "/compte/inviter", **colleague)
    forgotten = post(people[VISITOR], "/mot-de-passe-oublie", email=OFFICER)
    found = re.findall(r"/(?:invitation|mot-de-passe)/[^\"<\s]+", invited.text + forgotten.text)
    _sit(stage, people[PRESIDENT], coming)
    return [
        Visit(preview.request.full_path, OWNER, "parameters.preview"),
        *(Visit(link, VISITOR, "link") for link in dict.fromkeys(found)),
        Visit("/absente", VISITOR, "error"),
        Visit("/personnes", OPERATOR, "error"),
    ]


def _sit(stage: Stage, president: FlaskClient, session_id: int | None) -> None:
    """A session that sits, with who is present and a decision proposed in its room."""
    messages.convene(stage.runtime, CAMPAIGN, stage.who(PRESIDENT))
    room = f"/college/seances/{session_id}"
    number = president.get(f"{room}/salle").location.rpartition("/")[2]
    here = f"{room}/salle/{number}"
    post(president, f"{room}/presents", page=here, present=ATTENDANCE, others="", number=number)
    reserved = {f"decisions.0.reservations.0.{key}": value for key, value in MINOR.items()}
    left = {"~recused": ["", ATTENDANCE[2]]}
    decided = {"decisions.0.outcome": "non_blocking", "decisions.0.reasons": "Au vu des preuves."}
    post(president, here, **decided, **reserved, **left, **{"~over": "yes"})


def _hand_over(stage: Stage, people: dict[str, FlaskClient]) -> None:
    """An act on many dossiers prepared, another one done; an absence to cover, another begun."""
    with stage.runtime.database.reading() as session:
        queued = session.scalars(
            select(Dossier.number).where(Dossier.service_name == "Alizé File")
        ).one()
    post(people[OWNER], "/lots", page="/file", act="assign", dossier=queued)
    prepared = post(people[INSTRUCTOR], "/lots", page="/file", act="note", dossier=queued)
    address = prepared.request.path
    post(people[INSTRUCTOR], address, text="Lot commun.")
    post(people[INSTRUCTOR], f"{address}/lancer", page=address)
    colleague = DEMO_COLLEAGUES[0]
    with stage.runtime.database.transaction() as session:
        add_demo_accounts(session, stage.runtime.clock.now(), [colleague])
    covered: dict[str, Any] = {"first_day": "21/11/2022", "last_day": "25/11/2022"}
    covered["person"] = stage.who(colleague.email).person_id
    covered["stand_in"] = stage.who(INSTRUCTOR).person_id
    post(people[OWNER], "/absences/nouvelle", **covered)
    days = {"first_day": "03/11/2022", "last_day": "10/11/2022", "stand_in": "team"}
    post(people[INSTRUCTOR], "/absences/nouvelle", **days)


def deploy_other_campaign(runtime: Runtime) -> None:
    """An older campaign, so that pages show the choice."""
    folder = runtime.settings.bpmn_folder
    diagrams.put_in_force(runtime, diagrams.read_files([folder]), SYSTEM)
    mapping, catalogue = campaigns.read(folder / "campaigns" / f"{OTHER_CAMPAIGN}.yaml")
    campaigns.deploy(runtime, mapping, catalogue, SYSTEM)


def signed_in(app: Flask) -> dict[str, FlaskClient]:
    """A client for each of the demo's people, and one for a visitor."""
    people = {VISITOR: app.test_client()}
    for account in DEMO_ACCOUNTS:
        client = app.test_client()
        post(client, "/connexion", email=account.email, password=DEMO_PASSWORD)
        people[account.email] = client
    return people


def post(client: FlaskClient, address: str, *, page: str = "", **fields: Any) -> TestResponse:
    """Send the form of a page; gives the page to which it leads."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page or address).text)
    data = {"csrf_token": found[1] if found else "", **fields}
    return client.post(address, data=data, follow_redirects=True)


@contextmanager
def furnished_site(folder: Path, *, demo: bool = True) -> Iterator[Site]:
    """The demo on a database of its own, with dossiers at every step and everybody signed in."""
    with demo_runtime(folder) as runtime:
        deploy_other_campaign(runtime)
        stage = Stage.set_up(runtime)
        furnish(stage)
        app = create_app(runtime, demo=demo)
        app.config["RATELIMIT_ENABLED"] = False
        put_visits_away(stage)
        people = signed_in(app)
        yield Site(app, stage, people, furnish_by_hand(stage, people))


def visits(app: Flask, stage: Stage, people: dict[str, FlaskClient]) -> list[Visit]:
    """Every page at least once, and again for whoever sees in it something seen nowhere yet."""
    kept: list[Visit] = []
    seen: set[str] = set()
    endpoints: dict[str, int] = {}
    for endpoint, address in addresses(app, stage):
        opened = endpoints.get(endpoint, 0)
        readers = people if not opened or endpoint in READ_BY_ALL else READERS_OF_MORE
        for email in readers:
            answer = people[email].get(address)
            if answer.status_code != 200 or answer.mimetype != "text/html":
                answer.close()  # a download is still open
                continue
            features = features_of(answer.text)
            if endpoint not in endpoints or features - seen:
                seen |= features
                kept.append(Visit(address, email, endpoint))
            endpoints[endpoint] = opened + 1
    return kept


def addresses(app: Flask, stage: Stage) -> Iterator[tuple[str, str]]:
    """Endpoint and address of all that can be read, with the arguments that exist."""
    given = _given(stage)
    adapter = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" not in (rule.methods or ()) or any(part in rule.rule for part in NOT_PAGES):
            continue
        names = sorted(rule.arguments)
        choices = [_values(given, rule.endpoint, name, rule.rule) for name in names]
        for values in itertools.product(*choices):
            yield rule.endpoint, adapter.build(rule.endpoint, dict(zip(names, values, strict=True)))


def _values(given: dict[str, list[Any]], endpoint: str, name: str, rule: str) -> list[Any]:
    if f"{endpoint}.{name}" in given:
        return given[f"{endpoint}.{name}"]
    if name in given and (name != "number" or f"<{name}>" in rule):
        return given[name]
    return list(SMALLEST_IDS) if f":{name}>" in rule else []


def _given(stage: Stage) -> dict[str, list[Any]]:
    with stage.runtime.database.reading() as session:
        numbers = list(session.scalars(select(Dossier.number).order_by(Dossier.id)))
        open_ones = session.execute(
            select(HumanTask.element_id, HumanTask.id).where(HumanTask.closed_at.is_(None))
        )
        tasks = {row.element_id: row.id for row in open_ones}
        files = list(session.scalars(select(DiagramVersion.name).distinct()))
        listings = list(session.scalars(select(Listing.number)))
        codes = list(session.scalars(select(Document.code).limit(1)))
        sessions = session.execute(select(CollegeSession.id, CollegeSession.number)).all()
        rooms = select(HumanTask.instance_id).where(
            HumanTask.element_id == "hold_session", HumanTask.closed_at.is_(None)
        )
        sitting = select(CollegeSession).where(CollegeSession.instance_id.in_(rooms))
        room = session.scalars(sitting).one()
        shown = [each.number for each in agenda.ready(session, room.campaign_id)]
    return {
        "number": numbers[1::3],
        "dossiers.show.number": numbers,
        "partner_sessions.dossier.number": numbers,
        "task_id": list(tasks.values()),
        "campaign_id": [CAMPAIGN],
        "absence_id": [1, 2],
        "language": ["fr"],
        "kind": [next(iter(TEXTS))],
        "diagrams.show.name": files,
        "guide.page.name": ["queue.index"],
        "standing_acts.perform.name": list(ACTS),
        "public.verify_number.number": listings,
        "proof_review.show.code": ["DER-TLS-02"],
        "verification.of_code.code": codes,
        "session_id": [row.id for row in sessions],
        "college_room.show.number": shown,
        **{f"college_room.{each}.session_id": [room.id] for each in ROOM},
        "process_id": ["dossier", "instruction_solicitation"],
        "college.minutes.number": [row.number for row in sessions],
        "draft_id": [BEGUN],
        "dossiers.message.name": ["withdraw", "exclude", "withdraw_solicitation"],
    }


class _Features(HTMLParser):
    """What a page is made of: its elements with their classes, under their parents' names."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.last = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = ".".join(sorted((dict(attrs).get("class") or "").split()))
        names = " ".join(sorted(name for name, _ in attrs))
        self.found.add(f"{tag}.{classes} {names}")


def features_of(page: str) -> frozenset[str]:
    """The kinds of elements of a page."""
    reading = _Features()
    reading.feed(page)
    return frozenset(reading.found)
