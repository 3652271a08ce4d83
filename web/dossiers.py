"""Dossiers: the list of those one may read, and the page of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_login import login_required
from sqlalchemy import Select, or_, select

from web.access import is_agency, visible_dossier
from web.clock_view import awaits_operator
from web.dossier_head import head_of
from web.dossier_view import MOST_ENTRIES, dossier_view
from web.dossier_words import (
    CLOCK_REASONS,
    DECISIONS,
    ENDS,
    NATURES,
    questions_title,
)
from web.history_words import sentence
from web.language import _
from web.milestones import milestones
from web.runtime import now, runtime
from web.signed_in import actor
from web.standing_acts import Situation, offered
from web.standings import role_name, standings
from workflow.clock import UTC
from workflow.domain import attestation, convention, dossier_word
from workflow.domain.clock_ledger import ClockInterval
from workflow.domain.dossier import Dossier
from workflow.domain.person import Actor
from workflow.engine.waiting import HumanTask, MessageWait
from workflow.errors import NotFound

PER_PAGE = 25
MOST_HISTORY = 200
AGAIN = frozenset({"refused_blocking", "refused_not_lifted"})

part = Blueprint("dossiers", __name__)


@part.app_template_filter("siret")
def siret(number: str) -> str:
    """*123 456 782 00010*."""
    return f"{number[:3]} {number[3:6]} {number[6:9]} {number[9:]}" if len(number) == 14 else number


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
    who = actor()
    words, where = request.args.get("q", "").strip()[:100], request.args.get("ou", "")
    query = _standing_at(_readable(who), where)
    if words:
        query = query.where(dossier_word.found_by(words))
    after = _cursor(request.args.get("apres", ""))
    if after is not None:
        at, dossier_id = after
        query = query.where(
            or_(Dossier.deposited_at < at, (Dossier.deposited_at == at) & (Dossier.id < dossier_id))
        )
    with runtime().database.reading() as session:
        newest = query.order_by(Dossier.deposited_at.desc(), Dossier.id.desc())
        found = session.scalars(newest.limit(PER_PAGE + 1)).all()
        shown = standings(session, runtime(), found[:PER_PAGE])
        return render_template(
            "dossiers/index.html",
            items=shown,
            more=_address_after(found[PER_PAGE - 1]) if len(found) > PER_PAGE else None,
            is_first=after is None,
            q=words,
            where=where,
            ends=ENDS,
            agency=is_agency(who),
            searched=bool(words or where),
            may_deposit="operator" in who.roles,
            present=now(),
        )


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


def _readable(who: Actor) -> Select[Dossier]:
    query = select(Dossier)
    return query if is_agency(who) else query.where(Dossier.operator_id == who.operator_id)


def _standing_at(query: Select[Dossier], where: str) -> Select[Dossier]:
    """Dossiers that stand at a task, wait for the college, are under way, or ended somehow."""
    match where:
        case "en-cours":
            return query.where(Dossier.ended_at.is_(None))
        case "closes":
            return query.where(Dossier.ended_at.is_not(None))
        case "college":
            waiting = select(MessageWait.dossier_id).where(MessageWait.message == "college_decided")
            return query.where(Dossier.id.in_(waiting))
        case "operateur" | "ans":
            held = select(HumanTask.dossier_id).where(
                HumanTask.closed_at.is_(None),
                HumanTask.dossier_id.is_not(None),
                HumanTask.aside.is_(False),
                HumanTask.role.in_(("operator", "legal_representative"))
                if where == "operateur"
                else HumanTask.role.not_in(("operator", "legal_representative")),
            )
            return query.where(Dossier.id.in_(held))
        case _ if where in ENDS:
            return query.where(Dossier.end == where)
        case _:
            return query


def _cursor(text: str) -> tuple[datetime, int] | None:
    at, _comma, dossier_id = text.partition(",")
    try:
        instant = datetime.fromisoformat(at)
    except ValueError:
        return None
    if instant.tzinfo is None or not dossier_id.isdecimal() or len(dossier_id) > 18:
        return None
    return instant.astimezone(UTC), int(dossier_id)


def _address_after(last: Dossier) -> str:
    after = f"{last.deposited_at.isoformat()},{last.id}"
    words, where = request.args.get("q") or None, request.args.get("ou") or None
    return url_for("dossiers.index", q=words, ou=where, apres=after)


def _may_reapply(dossier: Dossier, who: Actor) -> bool:
    own = who.operator_id == dossier.operator_id and "operator" in who.roles
    return own and dossier.end in AGAIN
