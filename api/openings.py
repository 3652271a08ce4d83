"""Keeps who opened what: after each answer that shows confidential content, before it leaves.

What is confidential is read off the address, not off a list of views: whatever names a dossier,
or something of one, is kept, so that a new page or route cannot be forgotten. The row is written
in the same request: if it cannot be, nothing is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, g, request
from flask_login import current_user
from sqlalchemy import Null, ScalarSelect, null, select
from sqlalchemy.orm import InstrumentedAttribute
from werkzeug.routing import Rule

from api.access import by_token
from api.context import runtime, system_now
from api.problems import PREFIX
from workflow.clock import Clock
from workflow.domain import access_record, read_mark
from workflow.domain import dossier as dossiers
from workflow.domain.access_record import Opening
from workflow.domain.document import Document
from workflow.domain.dossier import Dossier
from workflow.domain.evidence import Evidence
from workflow.domain.person import Actor
from workflow.domain.proof import Proof
from workflow.domain.upload import Upload
from workflow.engine.waiting import HumanTask

if TYPE_CHECKING:
    from workflow.engine.runtime import Runtime

OF_DOSSIER = "/dossiers/<"
SUBJECTS: Mapping[str, tuple[InstrumentedAttribute[int] | InstrumentedAttribute[str], str]] = {
    "proof_id": (Proof.id, "proof"),
    "evidence_id": (Evidence.id, "evidence"),
    "document_id": (Document.id, "document"),
    "task_id": (HumanTask.id, "task"),
    "upload_id": (Upload.id, "proof"),
}
"""Argument of an address → the row it names, which has a dossier, and what is then opened."""
SEGMENTS: Mapping[str, str] = {
    "preuves": "proofs",
    "proofs": "proofs",
    "proof-file": "proofs",
    "revue": "proofs",
    "questionnaire-ssi": "ssi",
    "ssi": "ssi",
    "ssi-answers": "ssi",
    "reserves": "evidence",
    "evidence": "evidence",
    "historique": "history",
    "history": "history",
    "convention": "document",
    "attestation": "document",
    "documents": "document",
    "convention-signee": "document",
    "signed-convention": "document",
    "interne": "exchanges",
    "notes": "exchanges",
    "opinions": "exchanges",
    "interests": "exchanges",
    "export": "export",
    "consultations.csv": "export",
    "access-records": "export",
    "seances": "session",
}
"""Part of an address → what is opened there; a dossier's own page otherwise."""
OTHERS = frozenset(
    {
        "/ssi",
        "/consultations.csv",
        f"{PREFIX}/ssi-answers/counts",
        f"{PREFIX}/access-records",
    }
)
"""Confidential addresses that name no dossier, beside those with an argument."""
SESSIONS = re.compile(r"^/(college|seances)/<|/(college-sessions|college-invitations)/<")
FORBIDDEN = 403
REFUSED = frozenset({FORBIDDEN, 404})
SHOWN_WITH_FAULTS = frozenset({409, 422})
_MODIFIED_NOT = 304


def init_openings(app: Flask) -> None:
    """Keep the openings of an application, its pages and its API alike."""
    app.after_request(_kept)


def seal_past_days(runtime: Runtime, system: Clock) -> None:
    """Seal the days that are over in the chain of the house; a round of the worker."""
    now = system.now()
    with runtime.database.reading() as session:
        if not access_record.unsealed(session, now):
            return
    with runtime.database.transaction() as session:
        access_record.seal(session, at=now, procedure_at=runtime.clock.now())


def what_of(rule: Rule) -> str | None:
    """What an address opens, one of `access_record.WHATS`; None when nothing is confidential."""
    named = next((argument for argument in SUBJECTS if argument in rule.arguments), None)
    if named is not None:
        return SUBJECTS[named][1]
    if SESSIONS.search(rule.rule) and OF_DOSSIER not in rule.rule:
        return "session"
    if OF_DOSSIER not in rule.rule and rule.rule not in OTHERS:
        return None
    parts = rule.rule.removeprefix(PREFIX).split("/")
    return next((SEGMENTS[each] for each in reversed(parts) if each in SEGMENTS), "dossier")


def _kept(response: Response) -> Response:
    what = None if request.url_rule is None else what_of(request.url_rule)
    person = _person()
    if what is None or person is None or request.method == "OPTIONS":
        return response
    refused = response.status_code in REFUSED
    if not refused and not _shows(response):
        return response
    if refused and not _is_refusal(response, person):
        return response
    opening = Opening(what=what, address=request.path, way=_way(), refused=refused)
    with runtime().database.transaction() as session:
        access_record.keep(
            session,
            person,
            opening,
            dossier=_dossier(),
            at=system_now(),
            procedure_at=runtime().clock.now(),
        )
        # The dossier's head has said whether there is anything new to keep as read.
        if not refused and opening.way == "page" and g.get("jalon_reads_news", True):
            read_mark.keep(session, person, _dossier())
    return response


def _shows(response: Response) -> bool:
    """Whether an answer shows content; an act of the API answers with its result only."""
    reads = request.method in ("GET", "HEAD")
    if request.path.startswith(f"{PREFIX}/") and not reads:
        return False
    status = response.status_code
    return 200 <= status < 300 or status == _MODIFIED_NOT or status in SHOWN_WITH_FAULTS


def _is_refusal(response: Response, person: Actor) -> bool:
    """Whether something that exists was refused, rather than not found."""
    if response.status_code == FORBIDDEN:
        return True
    with runtime().database.reading() as session:
        dossier_id = session.scalar(select(_dossier()))
        return dossier_id is not None and not dossiers.is_visible(session, dossier_id, person)


def _dossier() -> ScalarSelect[int] | Null:
    """The dossier that the address is about, as part of a statement."""
    given = request.view_args or {}
    for argument, (key, _what) in SUBJECTS.items():
        if argument in given:
            owner: InstrumentedAttribute[int] = key.class_.dossier_id
            return select(owner).where(key == given[argument]).scalar_subquery()
    if request.url_rule is None or OF_DOSSIER not in request.url_rule.rule:
        return null()
    number = str(given.get("number", "")).strip()
    return select(Dossier.id).where(Dossier.number == number).scalar_subquery()


def _person() -> Actor | None:
    known: Actor | None = g.get("jalon_actor")
    if known is not None or not hasattr(current_app, "login_manager"):
        return known
    return current_user.actor if current_user.is_authenticated else None


def _way() -> str:
    if by_token():
        return "token"
    return "api" if request.path.startswith(f"{PREFIX}/") else "page"
