"""What is locked before a turn, and in which order, so that acts never wait for each other."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.engine import instances
from workflow.engine.instances import Instance
from workflow.engine.waiting import MessageWait
from workflow.errors import Conflict, NotFound

DOSSIER_ENDED = "dossier_ended"
"""What the processes that concern a dossier hear when its procedure ends."""
HEARD_WHILE_HELD = frozenset({"withdraw", "exclude", DOSSIER_ENDED})


class TimersDue(Exception):
    """A timer of this instance is due: it fires, and commits, before the act is tried."""

    def __init__(self, instance_id: int, until: datetime) -> None:
        super().__init__(instance_id, until)
        self.instance_id = instance_id
        self.until = until


class LockFirst(Exception):
    """The dossier that an instance concerns is locked before it: the act begins again so."""

    def __init__(self, dossier_id: int) -> None:
        super().__init__(dossier_id)
        self.dossier_id = dossier_id


def lock(
    session: Session,
    instance_id: int,
    *,
    now: datetime,
    revision: int | None = None,
    even_held: bool = False,
) -> Instance:
    """Lock an instance's row for a turn.

    Raises NotFound, Conflict when the caller saw an older revision or the instance is held
    (unless ``even_held``), TimersDue when a timer has to fire first.
    """
    # Read again under the lock: what this session read before it may be older.
    instance = session.scalars(
        select(Instance)
        .where(Instance.id == instance_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if instance is None:
        raise NotFound(f"Expected an instance {instance_id} but there is none. Check the number.")
    require_current(instance, now=now, revision=revision)
    if not even_held:
        require_not_held(instance)
    return instance


def require_not_held(instance: Instance) -> None:
    """Refuse a turn of a suspended dossier: only what ends it is heard (DSR 4.8)."""
    if instance.held:
        raise Conflict(
            "Expected a dossier under way but it is suspended. Wait until it is resumed: only a"
            " withdrawal or an exclusion is heard meanwhile."
        )


def require_current(instance: Instance, *, now: datetime, revision: int | None) -> None:
    """Refuse a turn while a timer is due, or when the caller saw an older revision."""
    if instance.next_due_at is not None and instance.next_due_at <= now:
        raise TimersDue(instance.id, now)
    if revision is not None and instance.revision != revision:
        raise Conflict(
            f"Expected revision {instance.revision} but the page shows revision {revision}."
            " Somebody acted meanwhile: reload, then decide again."
        )


def lock_dossier(session: Session, dossier_id: int, now: datetime) -> Instance:
    """Lock the procedure of a dossier that another process is about to change.

    What ends a dossier locks it before the processes beside it: so do their own acts. Raises
    NotFound, TimersDue, Conflict on a dossier that is suspended or has ended.
    """
    instance = lock(session, instances.of_dossier(session, dossier_id).id, now=now)
    if instance.ended_at is not None:
        raise Conflict(
            "Expected a dossier under way but it has ended. Its facts are what they were then."
        )
    session.info[_DOSSIER_LOCKED] = dossier_id
    return instance


def require_dossier_locked(session: Session, instance: Instance) -> None:
    """Refuse a turn of a process that concerns a dossier until that dossier is locked."""
    concerned = instance.about_dossier_id
    if concerned is not None and session.info.get(_DOSSIER_LOCKED) != concerned:
        raise LockFirst(concerned)


_DOSSIER_LOCKED = "dossier_locked"


def lock_listeners(session: Session, campaign_id: str) -> None:
    """Lock the dossiers that a process without a dossier may write to, in one order.

    The college changes rows and chains of dossiers before it messages them: without this, a
    dossier's own turn and a session would wait for each other.
    """
    session.execute(
        select(Instance.id)
        .join(MessageWait, MessageWait.instance_id == Instance.id)
        .where(
            Instance.campaign_id == campaign_id,
            MessageWait.dossier_id.is_not(None),
            MessageWait.boundary.is_(False),
        )
        .order_by(Instance.id)
        .with_for_update(of=Instance)
    )
