"""The whole history of a dossier, or of the house, with the verdict on its chain."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, render_template, request
from flask_login import login_required

from web.access import require_agency, visible_dossier
from web.dossier_head import DossierHead, head_of
from web.language import _l
from web.runtime import runtime
from web.signed_in import actor, requires_role
from web.whole_number import asked_number
from workflow import audit_log
from workflow.audit_log import AuditEntry

PER_PAGE = 50
READERS_OF_PAYLOADS = frozenset({"auditor", "process_owner"})

_OF_HOUSE = {
    "support_question": _l("Questions au support"),
    "college_session": _l("Séances du collège"),
}
_OF_DOSSIER = {
    "dossier": _l("Procédure"),
    "clerical_correction": _l("Corrections d'erreurs matérielles"),
}
"""The processes by which a history is narrowed."""

part = Blueprint("history", __name__)


@part.app_template_filter("payload")
def payload(entry: AuditEntry) -> str:
    """What an entry recorded, as indented JSON."""
    return orjson.dumps(entry.facts, option=orjson.OPT_INDENT_2).decode()


@part.get("/historique")
@requires_role("auditor", "process_owner")
def index() -> Any:
    """What concerns no dossier: diagrams, campaigns, sessions of the college, accounts."""
    return _page(None, None)


@part.get("/dossiers/<number>/historique")
@login_required
def dossier(number: str) -> Any:
    """Every entry of a dossier in order."""
    require_agency(actor())
    with runtime().database.reading() as session:
        found = visible_dossier(session, number, actor())
        head = head_of(session, found, actor())
    return _page(found.id, head)


def _page(dossier_id: int | None, head: DossierHead | None) -> Any:
    after = asked_number("apres") or 0
    asked = request.args.get("processus", "")
    choices = _OF_DOSSIER if head else _OF_HOUSE
    process = asked if asked in choices else None
    with runtime().database.reading() as session:
        entries = audit_log.history_of(
            session, dossier_id, after=after, limit=PER_PAGE + 1, process=process
        )
        verdict = audit_log.verify(session, audit_log.chain_of(dossier_id))
        shown = entries[:PER_PAGE]
        return render_template(
            "history/index.html",
            entries=shown,
            verdict=verdict,
            head=head,
            choices=choices,
            process=process,
            after=after,
            next_after=shown[-1].sequence if len(entries) > PER_PAGE else None,
            may_read_payloads=bool(actor().roles & READERS_OF_PAYLOADS),
        )
