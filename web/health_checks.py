"""How Jalon is doing: whether what must happen does, in the order of the health page.

A check reads what is there (tables, disk, settings), never repairs. Instants of the machine and
of the procedure are told apart: a demo's clock may be far from the machine's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from flask import url_for
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from web.health import Check, Look
from web.health_means import certificate, database, disks, scanner
from web.language import _, _n
from web.mail_words import failure_sentence
from workflow.domain.mail_delivery import MailDelivery
from workflow.engine import house_check
from workflow.engine.house_check import HISTORY, WORKER
from workflow.engine.waiting import Timer
from workflow.outbox import OutboxMessage

if TYPE_CHECKING:
    from workflow.engine.runtime import Runtime

LATE_TIMER = timedelta(minutes=5)
LATE_EFFECT = timedelta(minutes=15)
HISTORY_EVERY = timedelta(days=8)


def all_checks(
    runtime: Runtime, session: Session, machine_now: datetime, now: datetime
) -> list[Check]:
    """Every check, in the order of the page."""
    look = Look(runtime, session, machine_now, now, house_check.latest(session))
    return [check for find in CHECKS for check in find(look)]


def worst(checks: Sequence[Check]) -> Check:
    """The check that says it for all: an alert, else a warning, else all is well."""
    for tone in ("alert", "wait"):
        found = [check for check in checks if check.tone == tone]
        if found:
            words = _n("%(num)s point à traiter", "%(num)s points à traiter", len(found))
            if tone == "wait":
                words = _n("%(num)s point à surveiller", "%(num)s points à surveiller", len(found))
            return Check("", tone, words)
    return Check("", "done", _("Tout va bien"))


def _workers(look: Look) -> list[Check]:
    title = _("Passages de l'exécutant")
    seen = [each for each in look.regular if each.name.startswith(WORKER)]
    most = max(timedelta(minutes=2), 4 * timedelta(seconds=look.runtime.settings.sweep_seconds))
    remedy = _("Lancez « jalon work », ou « jalon serve » sans --no-worker.")
    if not seen:
        return [Check(title, "alert", _("Aucun passage connu"), remedy=remedy)]
    last = _("dernier : %(moment)s", moment=look.moment(seen[0].done_at))
    alive = sum(look.machine_now - each.done_at <= most for each in seen)
    if not alive:
        words = _("Plus aucun passage : ni délai ni envoi ne part")
        return [Check(title, "alert", words, last, remedy)]
    words = _n("%(num)s exécutant au travail", "%(num)s exécutants au travail", alive)
    return [Check(title, "done", words, last)]


def _timers(look: Look) -> list[Check]:
    title = _("Délais échus")
    late = Timer.due_at <= look.now - LATE_TIMER
    failed = func.count(Timer.failure)
    count, broken = look.session.execute(select(func.count(), failed).where(late)).one()
    if not count:
        return [Check(title, "done", _("Aucun en retard"))]
    return [
        Check(
            title,
            "alert",
            _n("%(num)s délai échu attend encore", "%(num)s délais échus attendent", count),
            _n("dont %(num)s en échec", "dont %(num)s en échec", broken) if broken else "",
            _("Leur date légale ne change pas : chacun partira à son instant. Voyez l'exécutant.")
            if not broken
            else _("Le journal du processus dit pourquoi ; corrigez, il réessaie de lui-même."),
        )
    ]


def _outbox(look: Look) -> list[Check]:
    title = _("Boîte d'envoi")
    unsent = OutboxMessage.delivered_at.is_(None)
    overdue = OutboxMessage.due_at <= look.machine_now - LATE_EFFECT
    waiting, incidents, stuck = look.session.execute(
        select(
            func.count().filter(OutboxMessage.incident.is_(False)),
            func.count().filter(OutboxMessage.incident.is_(True)),
            func.count().filter(
                OutboxMessage.incident.is_(False), overdue, OutboxMessage.attempts > 0
            ),
        ).where(unsent)
    ).one()
    note = _n("%(num)s envoi en attente", "%(num)s envois en attente", waiting)
    place = url_for("outgoing.index")
    if incidents:
        words = _n("%(num)s incident", "%(num)s incidents", incidents)
        return [Check(title, "alert", words, note, _("Lisez la raison, puis relancez."), place)]
    if stuck:
        words = _n("%(num)s envoi en retard", "%(num)s envois en retard", stuck)
        return [Check(title, "wait", words, note, _("Voyez si l'exécutant passe."), place)]
    return [Check(title, "done", _("Aucun incident"), note, address=place)]


def _mail(look: Look) -> list[Check]:
    title, place = _("Serveur de courriel"), url_for("outgoing.deliveries")
    host = look.runtime.settings.smtp_host
    if not host:
        remedy = _("Réglez JALON_SMTP_HOST pour envoyer des copies ; l'outil garde l'original.")
        return [Check(title, "mute", _("Aucun n'est réglé"), remedy=remedy)]
    newest = [
        select(func.max(MailDelivery.id)).where(MailDelivery.state == state).scalar_subquery()
        for state in ("sent", "retrying", "failed")
    ]
    tried = [
        copy
        for copy in look.session.scalars(
            select(MailDelivery).where(or_(*(MailDelivery.id == each for each in newest)))
        )
        if copy.tried_at
    ]
    last = max(tried, key=lambda copy: copy.tried_at or copy.queued_at, default=None)
    if last is None or last.tried_at is None:
        return [Check(title, "mute", _("Aucun envoi encore"), host, address=place)]
    note = f"{host}, {look.moment(last.tried_at)}"
    if last.state == "sent":
        return [Check(title, "done", _("Le dernier envoi a été pris"), note, address=place)]
    tone = "alert" if last.failure in ("unreachable", "authentication", "certificate") else "wait"
    remedy = _("Vérifiez les réglages JALON_SMTP_*, puis relancez les incidents.")
    return [Check(title, tone, failure_sentence(last.failure), note, remedy, place)]


def _history(look: Look) -> list[Check]:
    title = _("Vérification de l'historique")
    remedy = _("Lancez « jalon history verify », chaque nuit par exemple.")
    last = next((each for each in look.regular if each.name == HISTORY), None)
    if last is None:
        return [Check(title, "wait", _("Jamais faite ici"), remedy=remedy)]
    entries = last.facts.get("entries", 0)
    note = _("%(moment)s, %(count)s faits", moment=look.moment(last.done_at), count=entries)
    if not last.is_sound:
        remedy = _("Ne changez rien, sauvez la base, comparez avec la dernière sauvegarde saine.")
        return [Check(title, "alert", _("Une chaîne est altérée"), note, remedy)]
    if look.machine_now - last.done_at > HISTORY_EVERY:
        return [Check(title, "wait", _("Intact, mais ancien"), note, remedy)]
    return [Check(title, "done", _("Intact"), note)]


CHECKS: tuple[Callable[[Look], list[Check]], ...] = (
    _workers,
    _timers,
    _outbox,
    _mail,
    database,
    disks,
    scanner,
    certificate,
    _history,
)
