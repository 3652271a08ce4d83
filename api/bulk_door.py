"""The door of acts on many dossiers: prepared, confirmed, then one transaction for each dossier.

The pages, the API and the worker come through here. What became of a dossier is written in the
transaction of its own act: a process that dies in between has done it and says so, or has not
done it and does it later. Dossiers are taken one after the other, whoever carries on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow import audit_log
from workflow.domain import bulk_act, bulk_report, bulk_verbs, custody
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.bulk_act import BulkAct
from workflow.domain.call import Call
from workflow.domain.dossier import Dossier
from workflow.domain.instruction_queue import QueueEntry
from workflow.domain.person import Actor, Person, actor_of
from workflow.engine import acts
from workflow.errors import JalonError, NotFound

if TYPE_CHECKING:
    from workflow.engine.runtime import Runtime

AT_ONCE = 20
"""How many dossiers the confirming request does itself; the worker does the others."""
PER_ROUND = 200


class _SettledAlready(Exception):
    """Another process was faster with this dossier: nothing of this try is kept."""


def prepare(runtime: Runtime, actor: Actor, act: str, numbers: Sequence[str]) -> int:
    """Keep an act on the dossiers of these numbers, in the order of the queue; gives its id.

    Raises NotFound on a number of none, and what `bulk_act.prepare` raises.
    """
    now = runtime.clock.now()
    with runtime.database.transaction() as session:
        ids = _in_queue_order(session, list(dict.fromkeys(numbers))[: bulk_act.MOST_DOSSIERS + 1])
        return bulk_act.prepare(session, actor, act, ids, now).id


def complete(
    runtime: Runtime, actor: Actor, bulk_act_id: int, *, to: int | None, reason: str, text: str
) -> None:
    """Say to whom, why, or which note; raises what `bulk_act.complete` raises."""
    with runtime.database.transaction() as session:
        if bulk_act.of_actor(session, actor, bulk_act_id).act in bulk_act.TO_SOMEBODY:
            custody.require_recipient(session, to)
        bulk_act.complete(session, actor, bulk_act_id, to=to, reason=reason, text=text)


def confirm(runtime: Runtime, actor: Actor, bulk_act_id: int) -> None:
    """Begin: the first dossiers at once, the others by the worker; a second time does nothing."""
    now = runtime.clock.now()
    with runtime.database.transaction() as session:
        if not bulk_act.confirm(session, actor, bulk_act_id, now):
            return
        total = bulk_report.counts(session, bulk_act_id).total
        act = bulk_act.of_actor(session, actor, bulk_act_id).act
        facts = {"bulk_act": bulk_act_id, "act": act, "dossiers": total}
        _record(session, runtime, AuditKind.BULK_ACT_CONFIRMED, actor, facts)
    carry_on(runtime, bulk_act_id, limit=AT_ONCE)


def carry_on(runtime: Runtime, bulk_act_id: int, *, limit: int = PER_ROUND) -> int:
    """Do the next dossiers of a confirmed act, each in its own transaction; returns how many.

    Whoever asked for it acts, with the roles that they have now.
    """
    done = 0
    while done < limit:
        with runtime.database.reading() as session:
            act = session.get_one(BulkAct, bulk_act_id)
            following = bulk_act.waiting_items(session, bulk_act_id, limit=1)
            actor = _actor(session, act)
        if act.confirmed_at is None or not following:
            break
        item_id, dossier_id = following[0]
        _do(runtime, actor, act, item_id, dossier_id)
        done += 1
    _finish(runtime, bulk_act_id)
    return done


class BulkRound:
    """The worker's part: goes on with what was confirmed, also by a process that died."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime

    def __call__(self) -> None:
        """Do the next dossiers of each act under way."""
        with self.runtime.database.reading() as session:
            under_way = bulk_act.unfinished(session)
        for bulk_act_id in under_way:
            carry_on(self.runtime, bulk_act_id)


def _do(runtime: Runtime, actor: Actor, act: BulkAct, item_id: int, dossier_id: int) -> None:
    def verb(call: Call) -> None:
        if not bulk_act.claim(call.session, item_id, bulk_act.DONE, None, call.recorded_at):
            raise _SettledAlready
        bulk_verbs.VERBS[act.act](call, act)

    try:
        # Who looks after a dossier is the house's own order: a suspension does not stop it.
        acts.perform(runtime, actor, dossier_id, verb, even_held=True)
    except _SettledAlready:
        return
    except JalonError as refusal:
        now = runtime.clock.now()
        with runtime.database.transaction() as session:
            bulk_act.claim(session, item_id, bulk_act.REFUSED, refusal.code, now)


def _finish(runtime: Runtime, bulk_act_id: int) -> None:
    with runtime.database.transaction() as session:
        if not bulk_act.finish(session, bulk_act_id, runtime.clock.now()):
            return
        act = session.get_one(BulkAct, bulk_act_id)
        counted = bulk_report.counts(session, bulk_act_id)
        facts = {"bulk_act": bulk_act_id, "done": counted.done, "refused": counted.refused}
        kind = AuditKind.BULK_ACT_FINISHED
        _record(session, runtime, kind, _actor(session, act), facts)


def _actor(session: Session, act: BulkAct) -> Actor:
    person = session.get_one(Person, act.person_id)
    if person.is_active:
        return actor_of(session, person)
    return Actor(person.id, person.name, frozenset(), person.operator_id)


def _in_queue_order(session: Session, numbers: Sequence[str]) -> list[int]:
    """The ids of dossiers: those of the queue in its order, the others as they were given."""
    rows = session.execute(
        select(Dossier.number, Dossier.id)
        .outerjoin(QueueEntry, (QueueEntry.dossier_id == Dossier.id) & QueueEntry.left_at.is_(None))
        .where(Dossier.number.in_(numbers))
        .order_by(
            QueueEntry.dossier_id.is_(None),
            QueueEntry.deprioritised_at.is_not(None),
            QueueEntry.rank_at,
            Dossier.id,
        )
    ).all()
    unknown = set(numbers) - {number for number, _id in rows}
    if unknown:
        raise NotFound(f"Expected dossiers but {', '.join(sorted(unknown))} are none. Check them.")
    return [dossier_id for _number, dossier_id in rows]


def _record(
    session: Session, runtime: Runtime, kind: AuditKind, actor: Actor, facts: dict[str, Any]
) -> None:
    now = runtime.clock.now()
    event = audit_log.Event(kind, facts, actor.person_id, actor.name, now, now)
    audit_log.append(session, audit_log.HOUSE, [event])
