"""The doors of people: start a dossier, complete a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain import deposit
from workflow.domain import dossier as dossiers
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.person import OPERATOR_SIDE, Actor
from workflow.engine import acceptances, deposit_drafts, doors, locking, spreading, turn, waiting
from workflow.engine import diagrams as deployed
from workflow.engine.deposit_drafts import DepositPlace
from workflow.engine.instances import Instance, Projection
from workflow.engine.runtime import Runtime
from workflow.engine.turn import Cause, Done
from workflow.engine.waiting import HumanTask
from workflow.errors import Conflict, NotAllowed, NotFound, OutOfTime


def start(
    runtime: Runtime,
    process_id: str,
    form_key: str,
    answer: Mapping[str, Any],
    actor: Actor,
    *,
    campaign_id: str | None = None,
    aside: bool = False,
    about_dossier_id: int | None = None,
    texts_version: str | None = None,
    prepared: DepositPlace | None = None,
    idempotency_key: str | None = None,
) -> Done:
    """Start a process through the form of its start event.

    A process ``aside`` stands beside the procedure of dossiers, for the people of the actor's
    operator, or about a dossier under way. Raises NotFound on an unknown process or form and on
    a stranger's dossier, NotAllowed without the start's role, Conflict on a dossier that is
    suspended or has ended, on texts that are not those shown (``texts_version``) and on a
    candidature that was deposited already (``prepared``, whose draft ends here), InvalidAnswer
    when the form is not satisfied.
    """
    now = runtime.clock.now()

    def act(session: Session) -> Done:
        _require_start(session, runtime, process_id, form_key, actor)
        campaign = campaign_id
        if about_dossier_id is not None:
            campaign = dossiers.visible_to(session, about_dossier_id, actor).campaign_id
            locking.lock_dossier(session, about_dossier_id, now)
        campaign = campaign or deposit.campaign_meant(session, answer, now)
        form = turn.offered_form(session, runtime, form_key, campaign)
        acceptances.require_shown(form, texts_version)
        clean = form.validate(answer)
        instance, call = turn.begin(
            session,
            runtime,
            process_id,
            campaign,
            actor,
            effective_at=now,
            answer=clean,
            variables=_kept(runtime, form_key, clean),
            facts={
                "form": form_key,
                "answer": form.told(clean),
                **acceptances.facts_of(form, clean),
            },
            about_dossier_id=about_dossier_id,
            operator_id=actor.operator_id if aside else None,
            aside=aside or about_dossier_id is not None,
        )
        acceptances.keep(call, form, clean)
        spreading.spread(session, runtime, call)
        if prepared is not None and call.dossier_id is not None:
            deposit_drafts.close(session, prepared, call.dossier_id, actor, now)
        return Done(instance.id, call.dossier_id, instance.revision)

    wanted = {"process": process_id, "form": form_key, "campaign": campaign_id}
    if about_dossier_id is not None:
        wanted |= {"about": about_dossier_id}
    request = ("start", {**wanted, "answer": doors.plain(answer)})
    return doors.through(runtime, act, actor=actor, key=idempotency_key, request=request)


def complete(
    runtime: Runtime,
    task_id: str,
    answer: Mapping[str, Any],
    actor: Actor,
    *,
    revision: int | None = None,
    texts_version: str | None = None,
    idempotency_key: str | None = None,
) -> Done:
    """Complete an open task.

    Raises NotFound, NotAllowed, OutOfTime when its deadline ended it, Conflict when it is done
    already or the page is stale, InvalidAnswer. In every case nothing has changed.
    """
    now = runtime.clock.now()

    def act(session: Session) -> Done:
        task, instance, campaign_version = _lock(session, task_id)
        require_may_complete(session, task, actor)
        locking.require_dossier_locked(session, instance)
        turn.require_current(instance, now=now, revision=None)
        turn.require_not_held(instance)
        require_open(task)
        turn.require_current(instance, now=now, revision=revision)
        form = turn.offered_form(
            session, runtime, task.form_key, instance.campaign_id, campaign_version
        )
        acceptances.require_shown(form, texts_version)
        clean = form.validate(answer)
        kept = _kept(runtime, task.form_key, clean)
        facts = {
            "task": task.id,
            "element": task.element_id,
            "process": task.process_id,
            "label": task.label,
            "role": task.role,
            "answer": form.told(clean),
            **acceptances.facts_of(form, clean),
        }
        call = turn.take(
            session,
            runtime,
            instance,
            lambda flow: flow.complete(task.id, kept),
            Cause(AuditKind.TASK_COMPLETED, facts, actor, "cancelled", {task.id: "completed"}),
            effective_at=now,
            answer=clean,
            campaign_version=campaign_version,
        )
        acceptances.keep(call, form, clean)
        spreading.spread(session, runtime, call)
        return Done(instance.id, call.dossier_id, instance.revision)

    request = ("complete", {"task": task_id, "answer": doors.plain(answer)})
    return doors.through(runtime, act, actor=actor, key=idempotency_key, request=request)


def _lock(session: Session, task_id: str) -> tuple[HumanTask, Instance, int]:
    """A task with its instance, locked, and the campaign's version in force; one statement.

    The task's row may be older than the lock: whether it is still open is read off the
    instance, and the row is read again only to say how it ended.
    """
    row = session.execute(
        select(HumanTask, Instance, turn.version_in_force(Instance.campaign_id))
        .join(Instance, Instance.id == HumanTask.instance_id)
        .where(HumanTask.id == task_id)
        .with_for_update(of=Instance)
    ).first()
    if row is None:
        raise _no_task(task_id)
    task, instance, version = row
    if task.closed_at is None and task_id not in Projection.load(instance.projection).tasks:
        session.refresh(task)
    return task, instance, version


def _require_start(
    session: Session, runtime: Runtime, process_id: str, form_key: str, actor: Actor
) -> None:
    diagrams = deployed.load(session, runtime, deployed.latest(session))
    if process_id not in diagrams.process_ids:
        raise NotFound(f"Expected a deployed process but {process_id} is not one. Check its id.")
    starts = [e for e in diagrams.process(process_id).elements.values() if e.kind == "startEvent"]
    for element in starts:
        others = element.properties.get("otherForms", "").split(",")
        if form_key in (element.form_key, *(other.strip() for other in others)):
            _require_one_of(actor, (element.role or "", element.properties.get("otherRole", "")))
            return
    raise NotFound(f"Expected a start of {process_id} with the form {form_key}. Check its key.")


def _kept(runtime: Runtime, form_key: str, clean: Mapping[str, Any]) -> dict[str, Any]:
    variables = runtime.forms.get(form_key).variables
    return {key: value for key, value in clean.items() if key in variables}


def find(session: Session, task_id: str) -> HumanTask:
    """A task, open or closed; raises NotFound."""
    task = session.get(HumanTask, task_id)
    if task is None:
        raise _no_task(task_id)
    return task


def _no_task(task_id: str) -> NotFound:
    return NotFound(f"Expected a task {task_id} but there is none. Check the address.")


def require_may_complete(session: Session, task: HumanTask, actor: Actor) -> None:
    """Refuse a person without a role of the task, or a stranger to its dossier or operator.

    A stranger is told that there is no such task, as of one that never was (NotFound).
    """
    if not actor.is_agency and not _is_own(session, task, actor):
        raise _no_task(task.id)
    held = sorted(actor.roles & task.roles) or [task.role]
    if task.dossier_id is not None and task.role in OPERATOR_SIDE:
        dossiers.require_party(session, task.dossier_id, held[0], actor)
    _require_one_of(actor, sorted(task.roles))


def _is_own(session: Session, task: HumanTask, actor: Actor) -> bool:
    """Whether a task is of nobody, or of this person's operator."""
    if task.dossier_id is not None:
        return dossiers.is_visible(session, task.dossier_id, actor)
    return task.operator_id in (None, actor.operator_id)


def _require_one_of(actor: Actor, roles: Sequence[str]) -> None:
    if not actor.roles & set(roles):
        named = " or ".join(role for role in roles if role)
        raise NotAllowed(
            f"Expected the role {named} but {actor.name} has {sorted(actor.roles)}."
            " Ask a person who has that role."
        )


def require_open(task: HumanTask) -> None:
    """Refuse a task that is over, and say how it ended."""
    if task.closed_at is None:
        return
    sentence = (
        f"Expected {task.element_id} to be open but it ended at {task.closed_at.isoformat()}"
        f" ({task.closed_by} by {task.closed_by_name}). Reload the dossier."
    )
    raise OutOfTime(sentence) if task.closed_by == "timer" else Conflict(sentence)


def open_of_dossier(session: Session, dossier_id: int) -> Sequence[HumanTask]:
    """The open tasks of a dossier's procedure, oldest first; none of the processes beside it."""
    return session.scalars(
        select(HumanTask)
        .where(
            HumanTask.dossier_id == dossier_id,
            HumanTask.closed_at.is_(None),
            HumanTask.aside.is_(False),
        )
        .order_by(HumanTask.opened_at, HumanTask.id)
    ).all()


def open_for_roles(
    session: Session,
    roles: frozenset[str],
    *,
    operator_id: int | None = None,
    limit: int = 100,
    after: tuple[datetime, str] | None = None,
) -> Sequence[HumanTask]:
    """The open tasks of some roles, oldest first; of one operator's dossiers when given."""
    query = select(HumanTask).where(waiting.is_of_roles(roles), HumanTask.closed_at.is_(None))
    if operator_id is not None:
        query = query.join(dossiers.Dossier, dossiers.Dossier.id == HumanTask.dossier_id).where(
            dossiers.Dossier.operator_id == operator_id
        )
    if after is not None:
        opened_at, task_id = after
        query = query.where(
            (HumanTask.opened_at > opened_at)
            | ((HumanTask.opened_at == opened_at) & (HumanTask.id > task_id))
        )
    return session.scalars(query.order_by(HumanTask.opened_at, HumanTask.id).limit(limit)).all()


def open_at(session: Session, dossier_id: int, element_id: str) -> str | None:
    """The id of the task of a dossier that is open at an element."""
    return session.scalar(
        select(HumanTask.id)
        .where(
            HumanTask.dossier_id == dossier_id,
            HumanTask.element_id == element_id,
            HumanTask.closed_at.is_(None),
        )
        .limit(1)
    )


def latest_of_element(session: Session, dossier_id: int, element_id: str) -> HumanTask | None:
    """The last task a dossier had at an element, open or closed."""
    return session.scalars(
        select(HumanTask)
        .where(HumanTask.dossier_id == dossier_id, HumanTask.element_id == element_id)
        .order_by(HumanTask.closed_at.is_(None).desc(), HumanTask.opened_at.desc())
        .limit(1)
    ).first()
