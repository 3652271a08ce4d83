"""A turn: all that an instance does between two waits, in ONE transaction.

1. The caller has locked the instance row and checked that no timer is due.
2. Load the engine's state, act, run to the next waits.
3. Move the timers that follow a clock this turn has touched.
4. Store the state, rewrite what the instance waits for, append to the audit log.
5. Hand back the messages and starts that other instances receive in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflow.domain import dossier as dossiers
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.campaign import Campaign, CampaignVersion
from workflow.domain.person import Actor
from workflow.engine import diagrams as deployed
from workflow.engine import locking, recording, waiting
from workflow.engine.forms import Form
from workflow.engine.instances import Closing, Instance, Projection
from workflow.engine.locking import (
    HEARD_WHILE_HELD,
    TimersDue,
    lock,
    require_current,
    require_not_held,
)
from workflow.engine.runtime import Runtime
from workflow.engine.spiff import Diagrams, Flow, OperationCall, TurnEnvironment
from workflow.errors import NotFound
from workflow.service_tasks import registry
from workflow.service_tasks.registry import Call

__all__ = [
    "Cause",
    "Done",
    "TimersDue",
    "begin",
    "campaign_of",
    "lock",
    "offered_form",
    "open_call",
    "require_current",
    "require_not_held",
    "take",
    "version_in_force",
]


@dataclass(frozen=True)
class Done:
    """What a door answers: where the act took place and the revision it left behind."""

    instance_id: int
    dossier_id: int | None
    revision: int


@dataclass
class Cause:
    """Why a turn is taken: said in the audit log and on the tasks that it closes."""

    kind: str
    facts: Mapping[str, Any]
    actor: Actor
    otherwise: str
    closed: dict[str, str] = field(default_factory=dict[str, str])

    def closing(self, how: str) -> Closing:
        """What is said of a task that this turn ends so."""
        return Closing(how, self.actor.name, self.actor.person_id)


def take(
    session: Session,
    runtime: Runtime,
    instance: Instance,
    act: Callable[[Flow], object],
    cause: Cause,
    *,
    effective_at: datetime,
    answer: Mapping[str, Any] | None = None,
    variables: Mapping[str, Any] | None = None,
    campaign_version: int | None = None,
    verb: Callable[[Call, Flow], object] | None = None,
) -> Call:
    """Take one turn of a locked instance; the effects on others are in the returned call.

    ``campaign_version`` is the version in force where the caller has read it already; ``verb``
    is an act of the domain that no diagram draws, done before the instance runs on.
    """
    at = max(effective_at, instance.last_instant)
    campaign = campaign_of(session, runtime, instance.campaign_id, campaign_version)
    call = open_call(runtime, session, instance, campaign, cause.actor, at, answer)
    diagrams = deployed.load(session, runtime, instance.deployment_id)
    environment = _environment(call, instance)
    if instance.state:
        flow = diagrams.load(instance.process_id, instance.state, environment)
    else:
        flow = diagrams.start(instance.process_id, environment, dict(variables or {}))
    act(flow)
    if verb is not None:
        verb(call, flow)
    flow.run()
    for clock in sorted(call.touched_clocks):
        flow.follow(clock)
    if not instance.aside:
        instance.dossier_id = call.dossier_id
    _store(session, instance, flow, diagrams, cause, at)
    if flow.completed:
        _end(session, instance, flow, call, at)
    facts = recording.facts_of_turn(cause.facts, instance, flow, call.campaign.version_id)
    recording.record(session, call, [recording.event(call, cause.kind, facts)])
    return call


def open_call(
    runtime: Runtime,
    session: Session,
    instance: Instance,
    campaign: Campaign,
    actor: Actor,
    at: datetime,
    answer: Mapping[str, Any] | None = None,
) -> Call:
    """What operations receive in a turn of this instance."""
    return Call(
        session=session,
        effective_at=at,
        recorded_at=runtime.clock.now(),
        actor=actor,
        campaign=campaign,
        answer=dict(answer or {}),
        instance_id=instance.id,
        dossier_id=instance.concerned_dossier_id,
    )


def version_in_force(
    campaign_id: ColumnElement[str] | InstrumentedAttribute[str] | str,
) -> ScalarSelect[int]:
    """The id of a campaign's parameters in force; versions are numbered as they come."""
    return (
        select(func.max(CampaignVersion.id))
        .where(CampaignVersion.campaign_id == campaign_id)
        .scalar_subquery()
    )


def campaign_of(
    session: Session, runtime: Runtime, campaign_id: str, version_id: int | None = None
) -> Campaign:
    """A campaign's parameters in force, kept in memory per version."""
    version_id = version_id or session.scalar(select(version_in_force(campaign_id)))
    if version_id is None:
        raise NotFound(f"Expected a deployed campaign {campaign_id} but there is none. Deploy it.")
    return runtime.specs.campaign(
        version_id, lambda: session.get_one(CampaignVersion, version_id).parsed()
    )


def offered_form(
    session: Session,
    runtime: Runtime,
    form_key: str,
    campaign_id: str,
    version_id: int | None = None,
) -> Form:
    """A form with the options that a campaign gives; NotFound without the form or campaign."""
    form = runtime.forms.get(form_key)
    if not form.has_computed_options:
        return form
    return form.offered(campaign_of(session, runtime, campaign_id, version_id).feel_constants())


def _environment(call: Call, instance: Instance) -> TurnEnvironment:
    # A process under way without a dossier, such as the college, may write to any that listens.
    locked = instance.dossier_id is not None or instance.aside or not instance.state

    def perform(wanted: OperationCall) -> Any:
        nonlocal locked
        if not locked:
            locking.lock_listeners(call.session, instance.campaign_id)
            locked = True
        return registry.find(wanted.operation).function(call, **wanted.parameters)

    return TurnEnvironment(
        effective_at=call.effective_at,
        functions=registry.feel_functions(call),
        perform=perform,
        answer=call.answer,
        constants=call.campaign.feel_constants(),
        held=instance.held,
        heard_while_held=HEARD_WHILE_HELD,
    )


def _store(
    session: Session,
    instance: Instance,
    flow: Flow,
    diagrams: Diagrams,
    cause: Cause,
    at: datetime,
) -> None:
    projection = Projection.load(instance.projection)
    waiting.rewrite(
        session,
        instance,
        flow,
        projection,
        diagrams=diagrams,
        at=at,
        closed={task: cause.closing(how) for task, how in cause.closed.items()},
        otherwise=cause.closing(cause.otherwise),
    )
    for step in flow.steps():
        seen = projection.passed.setdefault(step.process_id, [])
        if step.outcome == "completed" and step.element_id not in seen:
            seen.append(step.element_id)
    instance.projection = projection.dump()
    instance.state = flow.dump()
    instance.revision += 1
    instance.last_instant = at


def _end(session: Session, instance: Instance, flow: Flow, call: Call, at: datetime) -> None:
    instance.ended_at, instance.end, instance.held = at, flow.ended, False
    if instance.dossier_id is None:
        call.record(AuditKind.INSTANCE_ENDED, {"process": instance.process_id, "end": flow.ended})
    elif flow.ended is not None:
        call.has_ended = True
        dossiers.record_end(session, instance.dossier_id, flow.ended, at)
        call.record(AuditKind.DOSSIER_ENDED, {"end": flow.ended})


def begin(
    session: Session,
    runtime: Runtime,
    process_id: str,
    campaign_id: str,
    actor: Actor,
    *,
    effective_at: datetime,
    answer: Mapping[str, Any] | None = None,
    variables: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
    about_dossier_id: int | None = None,
    operator_id: int | None = None,
    aside: bool = False,
) -> tuple[Instance, Call]:
    """Start a new instance on the deployment in force, and take its first turn.

    ``aside`` says that it stands beside the procedure of dossiers: see Instance.
    """
    instance = Instance(
        process_id=process_id,
        deployment_id=deployed.latest(session),
        campaign_id=campaign_id,
        dossier_id=None,
        revision=0,
        state=b"",
        projection=b"",
        held=False,
        last_instant=effective_at,
        started_at=effective_at,
        about_dossier_id=about_dossier_id,
        operator_id=operator_id,
        aside=aside,
    )
    session.add(instance)
    session.flush()  # operations refer to the instance by its id
    cause = Cause(
        AuditKind.INSTANCE_STARTED, {"process": process_id, **(facts or {})}, actor, "completed"
    )
    call = take(
        session,
        runtime,
        instance,
        lambda _flow: None,
        cause,
        effective_at=effective_at,
        answer=answer,
        variables=variables,
    )
    return instance, call
