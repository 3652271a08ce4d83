"""Who acted last on what a refused act was about: told with the refusal, as the pages do."""

from __future__ import annotations

from typing import Any

from flask import g, request
from sqlalchemy.orm import Session

from api.context import runtime
from workflow.audit_log import AuditEntry, latest_about, latest_of
from workflow.domain import dossier as dossiers
from workflow.domain.absence import ASSIGNING_ROLE, Absence
from workflow.domain.audit_kinds import ABSENCES, HANDS, STEPS
from workflow.domain.person import Actor
from workflow.engine.waiting import HumanTask

TAKING = "/taking"
"""The end of the address that puts a dossier into somebody's hands."""


def last_act() -> dict[str, Any] | None:
    """Who, when and what, of the dossier, task or absence that this request names.

    None when it names none, or none that the caller may read.
    """
    actor: Actor | None = g.get("jalon_actor")
    if actor is None:
        return None
    with runtime().database.reading() as session:
        absence_id = (request.view_args or {}).get("absence_id")
        if absence_id is not None:
            return _of_absence(session, absence_id, actor)
        dossier_id = _named(session)
        if dossier_id is None or not dossiers.is_visible(session, dossier_id, actor):
            return None
        takes = request.url_rule is not None and request.url_rule.rule.endswith(TAKING)
        kinds = (*STEPS, *HANDS) if takes and actor.is_agency else STEPS
        for entry in latest_of(session, dossier_id, kinds=kinds, limit=1):
            return _said(entry)
        return None


def _of_absence(session: Session, absence_id: int, actor: Actor) -> dict[str, Any] | None:
    found = session.get(Absence, absence_id)
    concerned = found is not None and actor.person_id in (found.person_id, found.stand_in_id)
    if not concerned and ASSIGNING_ROLE not in actor.roles:
        return None
    entry = latest_about(session, ABSENCES, absence=absence_id)
    return None if entry is None else _said(entry)


def _said(entry: AuditEntry) -> dict[str, Any]:
    return {"who": entry.actor_name, "at": entry.recorded_at, "kind": entry.kind}


def _named(session: Session) -> int | None:
    given = request.view_args or {}
    if "task_id" in given:
        task = session.get(HumanTask, given["task_id"])
        return None if task is None else task.dossier_id
    found = dossiers.find_by_number(session, str(given["number"])) if "number" in given else None
    return None if found is None else found.id
