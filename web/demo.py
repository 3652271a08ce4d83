"""The demo's clock: its administrator moves it forward, and what falls due happens."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select

from web.demo_story import may_be_told, play_story
from web.kept import is_refresh, redisplays
from web.language import _, _l, _n, language
from web.runtime import now, runtime
from web.signed_in import actor, requires_role
from web.words import instant_words
from workflow import audit_log
from workflow.clock import PARIS, UTC
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.demo_clock import StoredDemoClock
from workflow.domain.dossier import Dossier
from workflow.engine import timers
from workflow.engine.waiting import Timer
from workflow.errors import InvalidAnswer, InvalidInput

part = Blueprint("demo", __name__)

FARTHEST = timedelta(days=400)
STEPS = {
    "1h": (timedelta(hours=1), _l("1 heure")),
    "1d": (timedelta(days=1), _l("1 jour")),
    "7d": (timedelta(days=7), _l("1 semaine")),
    "30d": (timedelta(days=30), _l("30 jours")),
}


@part.app_context_processor
def give_demo_now() -> dict[str, Any]:
    """The instant that the frame of every page of the demo shows."""
    return {"demo_now": instant_words(now(), now(), language(), year=True, near=False)}


@part.route("/demonstration/horloge", methods=["GET", "POST"])
@requires_role("administrator")
@redisplays
def clock() -> Any:
    """Move the demo's clock forward."""
    faults: dict[str, list[str]] = {}
    if request.method == "POST" and not is_refresh():
        try:
            _advance(_asked())
            return redirect(url_for("demo.clock"), 303)
        except InvalidAnswer as refusal:
            faults = refusal.faults
    timer, number = _next_due()
    page = render_template(
        "demo_clock.html",
        present=now(),
        next_due=timer,
        number=number,
        may_tell=_may_tell(),
        steps=[(key, name) for key, (_step, name) in STEPS.items()],
        typed_day=request.form.get("day", ""),
        typed_time=request.form.get("time", ""),
        faults=faults,
    )
    return page, 422 if faults else 200


@part.post("/demonstration/histoire")
@requires_role("administrator")
def tell() -> Any:
    """Play the demo's story, so that every page has something to show."""
    play_story(runtime())
    flash(
        _("La démonstration est remplie, cinq semaines plus tard : un dossier à chaque étape."),
        "done",
    )
    return redirect(url_for("home.index"), 303)


@part.app_template_filter("machine_seconds")
def machine_seconds(instant: datetime) -> str:
    """An instant to the microsecond, as a form carries it."""
    return instant.astimezone(UTC).isoformat()


def _advance(until: datetime) -> None:
    present = runtime().clock.now()
    if until <= present:
        raise _refused(_("Cette heure est passée. Choisissez-en une qui vient : l'horloge avance."))
    if until - present > FARTHEST:
        raise _refused(_("C'est trop loin. Avancez de 400 jours au plus à la fois."))
    demo_clock = runtime().clock
    if not isinstance(demo_clock, StoredDemoClock):
        raise InvalidInput("Expected the demo's clock but found another one. Start the demo.")
    demo_clock.advance_to(until)
    fired = timers.fire_due(runtime(), until)
    with runtime().database.transaction() as session:
        payload = {"from": present.isoformat(), "to": until.isoformat()}
        event = audit_log.Event(
            AuditKind.DEMO_CLOCK_ADVANCED, payload, actor().person_id, actor().name, until, until
        )
        audit_log.append(session, audit_log.HOUSE, [event])
    flash(
        _n(
            "Horloge avancée. %(num)s échéance s'est déclenchée.",
            "Horloge avancée. %(num)s échéances se sont déclenchées.",
            fired,
        ),
        "done",
    )


def _asked() -> datetime:
    step = request.form.get("by")
    if step in STEPS:
        return runtime().clock.now() + STEPS[step][0]
    until = request.form.get("until")
    try:
        if until:
            return datetime.fromisoformat(until).astimezone(UTC)
        typed = f"{request.form.get('day', '').strip()} {request.form.get('time', '').strip()}"
        return datetime.strptime(typed, "%d/%m/%Y %H:%M").replace(tzinfo=PARIS).astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        sentence = _("Cette date est mal écrite. Indiquez par exemple 07/11/2022 et 16:20.")
        raise _refused(sentence) from fault


def _refused(sentence: str) -> InvalidAnswer:
    return InvalidAnswer(
        "Expected an instant ahead of the demo clock but found another. Give a later one.",
        {"day": [sentence]},
    )


def _may_tell() -> bool:
    with runtime().database.reading() as session:
        return may_be_told(session, runtime().settings, now())


def _next_due() -> tuple[Timer | None, str | None]:
    """The timer that fires first, and the number of its dossier."""
    first = (
        select(Timer, Dossier.number)
        .outerjoin(Dossier, Dossier.id == Timer.dossier_id)
        .where(Timer.due_at.is_not(None))
        .order_by(Timer.due_at, Timer.instance_id)
        .limit(1)
    )
    with runtime().database.reading() as session:
        found = session.execute(first).first()
        if found is None:
            return None, None
        session.expunge(found[0])
        return found[0], found[1]
