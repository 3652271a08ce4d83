"""Dossiers: the list of those one may read, and the page of each."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_login import login_required

from web import dossier_list, proof_progress
from web.access import is_agency, visible_dossier
from web.clock_view import awaits_operator
from web.dossier_head import head_of
from web.dossier_view import MOST_ENTRIES, dossier_view
from web.dossier_words import (
    CLOCK_REASONS,
    DECISIONS,
    NATURES,
    questions_title,
)
from web.history_words import sentence
from web.language import _
from web.milestones import milestones
from web.runtime import now, runtime
from web.signed_in import actor
from web.standing_acts import Situation, offered
from web.standings import role_name
from web.words import siret_words
from workflow.domain import attestation, convention
from workflow.domain.clock_ledger import ClockInterval
from workflow.domain.deposit import NEVER_REAPPLIED
from workflow.domain.dossier import Dossier
from workflow.domain.person import Actor
from workflow.errors import NotFound

MOST_HISTORY = 200
AGAIN = frozenset({"refused_blocking", "refused_not_lifted"})

part = Blueprint("dossiers", __name__)


@part.app_template_filter("siret")
def siret(number: str) -> str:
    """*123 456 782 00010*."""
    return siret_words(number)


@part.app_template_filter("sentence")
def told(entry: Any) -> str:
    """What an entry of the history says."""
    return sentence(entry)


@part.app_template_filter("role_name")
def role(name: str) -> str:
    """A role as it is called."""
    return role_name(name)


@part.app_template_filter("clock_reason")
def clock_reason(reason: str) -> str:
    """Why a clock stands."""
    return str(CLOCK_REASONS.get(reason, reason))


@part.app_template_test("awaiting_operator")
def awaiting_operator(interval: ClockInterval) -> bool:
    """Whether a clock stood because the operator had to act."""
    return awaits_operator(interval)


@part.app_template_filter("interval_reason")
def interval_reason(interval: ClockInterval) -> str:
    """Why a clock ran or stood during an interval; the last one also says why it ended."""
    reason = clock_reason(interval.reason)
    if not interval.running:
        return reason
    if interval.reason in ("solicitation", "convention", "suspension"):
        return _("reprise : fin de l'attente")
    return reason


@part.get("/dossiers")
@login_required
def index() -> Any:
    """The dossiers that this person may read, last deposited first, searched and filtered."""
    return dossier_list.page()


@part.get("/dossiers/<number>")
@login_required
def show(number: str) -> Any:
    """One dossier: whose turn it is, by when, where it stands, and what happened."""
    who = actor()
    whole = request.args.get("historique") == "tout"
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, who)
        head = head_of(session, dossier, who)
        entries = MOST_HISTORY if whole else MOST_ENTRIES
        view = dossier_view(session, runtime(), head, who, now(), entries=entries)
        wanted = request.args.get("schema", "")
        facts = view.facts
        situation = Situation(dossier, view.held is not None, facts.queued, facts.is_followed)
        return render_template(
            "dossiers/show.html",
            view=view,
            head=head,
            dossier=dossier,
            steps=milestones(view),
            shown=view.diagram(wanted) or view.diagrams[0],
            detail=view.diagram(view.current),
            agency=is_agency(who),
            own=who.operator_id == dossier.operator_id,
            may_reapply=_may_reapply(dossier, who),
            may_take_over=_may_take_over(dossier, who),
            proof_files=proof_progress.of_stakes(session, runtime(), view.mine),
            rare_acts=offered(situation, who),
            role_name=role_name,
            questions_title=questions_title,
            decision_looks=DECISIONS,
            natures=NATURES,
            whole_history=whole,
            present=now(),
        )


@part.get("/dossiers/<number>/convention")
@login_required
def convention_text(number: str) -> Any:
    """The text of the convention, as it is signed."""
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        found = convention.find(session, dossier.id)
        return _document(found.text if found else None, f"convention-{dossier.number}.txt")


@part.get("/dossiers/<number>/attestation")
@login_required
def attestation_text(number: str) -> Any:
    """The text of the attestation of conformity."""
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, actor())
        found = attestation.find(session, dossier.id)
        return _document(found.text if found else None, f"attestation-{dossier.number}.txt")


def _document(text: str | None, name: str) -> Response:
    if text is None:
        raise NotFound("Expected a document of this dossier but it has none yet. Come back later.")
    return Response(
        text,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _may_reapply(dossier: Dossier, who: Actor) -> bool:
    return _may_deposit_for(dossier, who) and dossier.end in AGAIN


def _may_take_over(dossier: Dossier, who: Actor) -> bool:
    """Whether a whole new candidature may begin with what this one said (DOMAIN A17)."""
    is_over = dossier.ended_at is not None and dossier.end not in AGAIN | NEVER_REAPPLIED
    return _may_deposit_for(dossier, who) and is_over


def _may_deposit_for(dossier: Dossier, who: Actor) -> bool:
    return who.operator_id == dossier.operator_id and "operator" in who.roles
