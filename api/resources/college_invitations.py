"""The sessions of the college to which a partner's person is invited (DSR 4.5). [règle 67]"""

from __future__ import annotations

from typing import Any

from marshmallow import Schema
from marshmallow import fields as f

from api.access import actor, allowed
from api.context import runtime
from api.parsing import Part
from api.schemas import instant, plain_text, texts, whole_number
from workflow.domain import agenda, verdict_synthesis
from workflow.domain import college_invitation as invitations
from workflow.domain.college import CollegeSession
from workflow.domain.person import PARTNER
from workflow.domain.verdict_synthesis import Synthesis

part = Part("api-college-invitations", "What an invited partner reads of a session.")


class InvitedSessionSchema(Schema):
    """A session still to be held, to which I am invited."""

    id = whole_number()
    campaign = plain_text()
    number = whole_number()
    scheduled_at = instant()
    organisation = plain_text(description="For whom I sit.")


class InvitedSessionPageSchema(Schema):
    """Few sessions, hence one page."""

    items = f.List(f.Nested(InvitedSessionSchema), required=True)
    next = f.String(required=True, allow_none=True)


class SynthesisSchema(Schema):
    """How a dossier was judged: neither proofs nor comments."""

    number = plain_text()
    company_name = plain_text()
    service_name = plain_text()
    service_version = plain_text()
    profiles = texts()
    verdicts = f.Dict(keys=f.String(), values=f.Integer(), required=True)
    not_conform = texts(description="Codes of the requirements that are not conform.")


class AgendaSchema(InvitedSessionSchema):
    """A session with its agenda."""

    agenda = f.List(f.Nested(SynthesisSchema), required=True)


@part.get("/college-invitations")
@allowed(PARTNER)
@part.response(200, InvitedSessionPageSchema)
def list_invitations() -> dict[str, Any]:
    """List the open sessions to which I am invited"""
    with runtime().database.reading() as session:
        rows = invitations.sessions_of(session, actor())
        return {"items": [_session(*row) for row in rows], "next": None}


@part.get("/college-invitations/<int(max=2147483647):session_id>")
@allowed(PARTNER)
@part.response(200, AgendaSchema)
def get_invited_session(session_id: int) -> dict[str, Any]:
    """Read the agenda of a session to which I am invited"""
    with runtime().database.reading() as session:
        sitting, organisation = invitations.session_for(session, actor(), session_id)
        ready = agenda.ready(session, sitting.campaign_id)
        found = verdict_synthesis.of(session, ready)
        return {**_session(sitting, organisation), "agenda": [_synthesis(each) for each in found]}


def _session(sitting: CollegeSession, organisation: str) -> dict[str, Any]:
    return {
        "id": sitting.id,
        "campaign": sitting.campaign_id,
        "number": sitting.number,
        "scheduled_at": sitting.scheduled_at,
        "organisation": organisation,
    }


def _synthesis(found: Synthesis) -> dict[str, Any]:
    names = ("number", "company_name", "service_name", "service_version", "profiles")
    return {
        **{name: getattr(found.dossier, name) for name in names},
        "verdicts": found.counts,
        "not_conform": [each.code for each in found.not_conform],
    }
