"""Rare acts of the Agency on a dossier, each with its reason: a plain link, then a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import login_required
from sqlalchemy import select
from sqlalchemy.orm import Session

from web import answering
from web.access import visible_dossier
from web.kept import is_refresh, redisplays
from web.language import LazyString, _, _l
from web.runtime import runtime
from web.signed_in import actor
from workflow.domain import deposit, standing, suspension
from workflow.domain import dossier as dossiers
from workflow.domain.dossier import Dossier
from workflow.domain.instruction_queue import QueueEntry
from workflow.domain.person import Actor
from workflow.engine import acts, holds, reopenings
from workflow.engine.turn import Done
from workflow.errors import Conflict, InvalidAnswer, NotAllowed, NotFound

part = Blueprint("standing_acts", __name__)


@dataclass(frozen=True)
class Situation:
    """What rare acts depend on: whether the dossier is held, its place, whether one follows it."""

    dossier: Dossier
    is_held: bool
    queued: QueueEntry | None
    is_followed: bool

    @property
    def is_under_way(self) -> bool:
        """Whether the dossier is neither suspended nor ended."""
        return self.dossier.ended_at is None and not self.is_held


@dataclass(frozen=True)
class StandingAct:
    """One rare act: its words, who may do it, and when it can be done at all."""

    name: str
    title: LazyString
    effect: LazyString
    done: LazyString
    refused: LazyString
    roles: frozenset[str]
    is_possible: Callable[[Situation], bool]
    carry_out: Callable[[int, str, str | None, int | None], Done | None]
    """The door: dossier, reason, key of the act, revision that the page showed."""


def situation_of(session: Session, dossier: Dossier) -> Situation:
    """What the rare acts on a dossier depend on."""
    followed = select(Dossier.id).where(Dossier.previous_dossier_id == dossier.id).limit(1)
    return Situation(
        dossier,
        suspension.current(session, dossier.id) is not None,
        session.get(QueueEntry, dossier.id),
        session.scalar(followed) is not None,
    )


def _may_be_reopened(found: Situation) -> bool:
    return found.dossier.end in deposit.REOPENABLE and not found.is_followed


def _lost_its_rank(found: Situation) -> bool:
    entry = found.queued
    queued = entry is not None and entry.left_at is None and found.is_under_way
    return queued and entry is not None and _was_moved(entry)


def _was_moved(entry: QueueEntry) -> bool:
    return entry.deprioritised_at is not None or entry.rank_at != entry.received_at


def _suspend(dossier_id: int, reason: str, key: str | None, seen: int | None) -> Done:
    who = actor()
    return holds.suspend(runtime(), dossier_id, reason, who, revision=seen, idempotency_key=key)


def _resume(dossier_id: int, reason: str, key: str | None, seen: int | None) -> Done:
    who = actor()
    return holds.resume(runtime(), dossier_id, reason, who, revision=seen, idempotency_key=key)


def _reopen(dossier_id: int, reason: str, key: str | None, _seen: int | None) -> Done:
    # A dossier that has ended does not change any more: it is followed once.
    return reopenings.reopen(runtime(), dossier_id, reason, actor(), idempotency_key=key)


def _restore(dossier_id: int, reason: str, _key: str | None, seen: int | None) -> None:
    acts.perform(
        runtime(),
        actor(),
        dossier_id,
        lambda call: standing.restore_rank(call, reason),
        revision=seen,
    )


ACTS = {
    act.name: act
    for act in (
        StandingAct(
            "suspendre",
            _l("Suspendre le dossier"),
            _l(
                "Tant que le dossier est suspendu, aucun délai ne court et personne n'agit ; un"
                " désistement ou une exclusion restent possibles."
            ),
            _l("Dossier suspendu. L'opérateur est notifié avec le motif."),
            _l("Le dossier n'est pas suspendu"),
            suspension.MAY_HOLD,
            lambda found: found.is_under_way,
            _suspend,
        ),
        StandingAct(
            "reprendre",
            _l("Reprendre le dossier"),
            _l(
                "Le dossier reprend là où il s'est arrêté. Les jours de la suspension ne comptent"
                " pas : chaque date est recalculée et notifiée."
            ),
            _l("Dossier repris. Les nouvelles dates sont sur cette page."),
            _l("Le dossier n'est pas repris"),
            suspension.MAY_HOLD,
            lambda found: found.is_held,
            _resume,
        ),
        StandingAct(
            "rouvrir",
            _l("Rouvrir le dossier"),
            _l(
                "Un nouveau dossier, lié à celui-ci, reprend la procédure là où la réponse a"
                " manqué, quelle que soit la date de clôture des dépôts."
            ),
            _l("Dossier rouvert sous un nouveau numéro. L'opérateur est notifié."),
            _l("Le dossier n'est pas rouvert"),
            standing.MAY_REOPEN,
            _may_be_reopened,
            _reopen,
        ),
        StandingAct(
            "retablir-le-rang",
            _l("Rétablir le rang du dossier"),
            _l(
                "Le dossier retrouve dans la file le rang que lui donnait la réception de ses"
                " preuves complètes."
            ),
            _l("Rang rétabli."),
            _l("Le rang n'est pas rétabli"),
            standing.MAY_RESTORE_RANK,
            _lost_its_rank,
            _restore,
        ),
    )
}


def offered(found: Situation, who: Actor) -> list[StandingAct]:
    """The rare acts that this person may do on a dossier now."""
    return [act for act in ACTS.values() if who.roles & act.roles and act.is_possible(found)]


@part.route("/dossiers/<number>/actes/<name>", methods=["GET", "POST"])
@login_required
@redisplays
def perform(number: str, name: str) -> Any:
    """Ask for the reason of a rare act, then do it."""
    dossier, wanted = _wanted(number, name)
    fault, status, happened = "", 200, ""
    if request.method == "POST" and not is_refresh():
        try:
            done = wanted.carry_out(
                dossier.id,
                request.form.get("reason", ""),
                answering.act_key(),
                answering.posted_revision(),
            )
            flash(str(wanted.done), "done")
            return redirect(url_for("dossiers.show", number=_after(done) or number), 303)
        except InvalidAnswer:
            fault, status = _("Indiquez le motif, en %(most)s caractères au plus.", most=MOST), 422
        except Conflict as refusal:
            happened, status = _happened(dossier, refusal), 409
    return _page(dossier, wanted, fault, happened), status


def _page(dossier: Dossier, wanted: StandingAct, fault: str, happened: str) -> str:
    with runtime().database.reading() as session:
        # Shown again for another reason than staleness, a page keeps the revision it opened on.
        kept = None if happened else answering.posted_revision()
        possible = not happened or wanted.is_possible(
            situation_of(session, dossiers.get(session, dossier.id))
        )
        return render_template(
            "dossiers/standing_act.html",
            dossier=dossier,
            act=wanted,
            fault=fault,
            happened=happened,
            possible=possible,
            reason=request.form.get("reason", ""),
            key=answering.act_key(),
            revision=answering.revision_of(session, dossier.id) if kept is None else kept,
        )


def _happened(dossier: Dossier, refusal: Conflict) -> str:
    """What to tell of an act that came too late; another refusal stays what it is."""
    with runtime().database.reading() as session:
        situation = situation_of(session, dossiers.get(session, dossier.id))
        if situation.is_followed:
            return _("Le dossier est déjà suivi d'un autre.")
        seen, current = answering.posted_revision(), answering.revision_of(session, dossier.id)
        if type(refusal) is not Conflict or seen == current:
            raise refusal
        return answering.what_happened(session, dossier.id)


MOST = standing.LONGEST_REASON


def _wanted(number: str, name: str) -> tuple[Dossier, StandingAct]:
    wanted = ACTS.get(name)
    if wanted is None:
        raise NotFound(f"Expected an act among {', '.join(ACTS)} but found {name!r}.")
    who = actor()
    with runtime().database.reading() as session:
        dossier = visible_dossier(session, number, who)
        if not who.roles & wanted.roles:
            raise NotAllowed(
                f"Expected a person who is {' or '.join(sorted(wanted.roles))} but {who.name} is"
                " not. Ask one of them."
            )
        if request.method == "GET" and not wanted.is_possible(situation_of(session, dossier)):
            raise Conflict(
                f"Expected dossier {number} to allow {name} but it does not now. Reload its page."
            )
        session.expunge_all()
    return dossier, wanted


def _after(done: Done | None) -> str | None:
    """The dossier to show then: the new one after a reopening."""
    if done is None or done.dossier_id is None:
        return None
    with runtime().database.reading() as session:
        return dossiers.get(session, done.dossier_id).number
