"""HTTP and JSON: parse, call one door or one reader, render."""

from __future__ import annotations

from flask import Flask

from api import openapi
from api.context import SYSTEM_CLOCK
from api.metrics import RequestCounter
from api.openings import init_openings
from api.problems import init_problems
from api.resources import (
    access_records,
    assignments,
    bulk_acts,
    campaign_changes,
    campaigns,
    catalogues,
    college_invitations,
    commitments,
    corrections,
    deposit_drafts,
    diagrams,
    documents,
    dossiers,
    drafts,
    instruction,
    me,
    messages,
    notes,
    outgoing,
    people,
    probes,
    proofs,
    records,
    saved_searches,
    solicitation_templates,
    standing_acts,
    support_questions,
    tasks,
    uploads,
)
from api.resources import (
    register as public_register,
)
from workflow.clock import SystemClock

PARTS = (
    dossiers.part,
    tasks.part,
    messages.part,
    standing_acts.part,
    corrections.part,
    support_questions.part,
    proofs.part,
    documents.part,
    drafts.part,
    deposit_drafts.part,
    saved_searches.part,
    solicitation_templates.part,
    uploads.part,
    instruction.part,
    assignments.part,
    bulk_acts.part,
    notes.part,
    records.part,
    commitments.part,
    access_records.part,
    college_invitations.part,
    diagrams.part,
    campaigns.part,
    campaign_changes.part,
    catalogues.part,
    public_register.part,
    me.part,
    outgoing.part,
    people.part,
    openapi.part,
)


def register(app: Flask) -> None:
    """Mount the API under `/api/v1`, and the probes, on an application that has its runtime.

    Call it after CSRF protection and the sign-in of the pages are set up: the API then knows
    their sessions, and asks for their CSRF token itself.
    """
    app.extensions.setdefault(SYSTEM_CLOCK, SystemClock())
    counter = RequestCounter()
    counter.watch(app)
    app.extensions[probes.COUNTER] = counter
    init_problems(app)
    init_openings(app)
    api = openapi.init_openapi(app)
    csrf = app.extensions.get("csrf")
    for part in (*PARTS, probes.part):
        if csrf is not None:
            csrf.exempt(part)
    for part in PARTS:
        api.register_blueprint(part)
    app.register_blueprint(probes.part)
