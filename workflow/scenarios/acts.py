"""What people do in a scenario, through the same doors as everybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain import operator as operators
from workflow.domain import person, proof, requirement, standing
from workflow.domain import ssi as ssi_domain
from workflow.domain.campaign import Campaign
from workflow.domain.dossier import Dossier
from workflow.domain.operator import Operator
from workflow.domain.person import OPERATOR_SIDE, ROLES, Actor, Person, PersonRole
from workflow.engine import acts as domain_acts
from workflow.engine import holds, human_tasks, messages, parameters, reopenings
from workflow.engine.runtime import Runtime
from workflow.engine.spiff import Diagrams, Element
from workflow.engine.waiting import HumanTask
from workflow.errors import Conflict, NotFound
from workflow.scenarios import defaults
from workflow.scenarios.file import InvalidScenario, Step
from workflow.service_tasks.registry import Call

MACRO_PROCESS = "dossier"
PROCESS_OWNER = "process_owner"
HOLDS = frozenset({"suspend", "resume"})
"""Acts of the engine that a scenario sends like messages: no diagram draws them."""
FICTITIOUS_FILE = b"Preuve fictive d'un scenario.\n"


@dataclass
class Stage:
    """Where a scenario is played: its runtime, and who and what its names stand for.

    ``pass_time`` moves the runtime's clock forward to an instant.
    """

    runtime: Runtime
    pass_time: Callable[[datetime], None]
    campaign: Campaign
    diagrams: Diagrams
    known: tuple[str, ...]
    dossiers: dict[str, int] = field(default_factory=dict[str, int])
    companies: dict[str, int] = field(default_factory=dict[str, int])

    def dossier_id(self, name: str) -> int:
        """The dossier a name stands for; raises InvalidScenario before it is started."""
        if name not in self.dossiers:
            raise InvalidScenario(
                f"Expected a dossier that was started but {name!r} was not."
                " Start it first, or correct its name."
            )
        return self.dossiers[name]


def carry_out(stage: Stage, step: Step) -> None:
    """Do what a step says; raises the refusal that a person would get."""
    acts: Mapping[str, Callable[[Stage, Step], None]] = {
        "start": _start,
        "complete": _complete,
        "send": _send,
        "convene": _convene,
        "reopen": _reopen,
        "restore_rank": _restore_rank,
        "set": _set,
    }
    acts[step.act or ""](stage, step)


def actor_for(stage: Stage, role: str, dossier_name: str) -> Actor:
    """A person with this role; on the operator's side, of the dossier's own operator.

    Whoever is there already comes first: in the demo, its accounts.
    """
    if role not in ROLES:
        raise InvalidScenario(
            f"Expected an actor among {', '.join(ROLES)} but found {role!r}. Correct it."
        )
    operator_id = _operator_of(stage, dossier_name) if role in OPERATOR_SIDE else None
    with stage.runtime.database.transaction() as session:
        found = _somebody(session, role, operator_id) or person.add_person(
            session,
            email=f"{role}.{operator_id or 'agence'}@scenario.example",
            name=f"Personne fictive ({role})",
            password=None,
            roles=[role],
            operator_id=operator_id,
            at=stage.runtime.clock.now(),
        )
        session.flush()  # the actor carries the person's id
        return person.actor_of(session, found)


def _somebody(session: Session, role: str, operator_id: int | None) -> Person | None:
    return session.scalars(
        select(Person)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(PersonRole.role == role, Person.operator_id == operator_id)
        .order_by(Person.id)
        .limit(1)
    ).first()


def _operator_of(stage: Stage, dossier_name: str, siret: str | None = None) -> int:
    """Who deposited a dossier; before that, the company with this SIRET, or one made up."""
    if dossier_name in stage.dossiers:
        with stage.runtime.database.reading() as session:
            dossier = defaults.dossier_of(session, stage.dossiers[dossier_name])
            return dossier.operator_id
    if dossier_name not in stage.companies:
        with stage.runtime.database.transaction() as session:
            own = defaults.siret_of(dossier_name)
            company = operators.of_siret(session, siret or own) or operators.of_siret(session, own)
            if company is None:
                company = Operator(company_name=defaults.company_of(dossier_name), siret=own)
                session.add(company)
                session.flush()  # its people refer to it
            stage.companies[dossier_name] = company.id
    return stage.companies[dossier_name]


def _start(stage: Stage, step: Step) -> None:
    if step.target == "reapply":
        if step.of is None:
            raise InvalidScenario("Expected 'of' with 'start: reapply': which dossier? Add it.")
        name = step.of
        with stage.runtime.database.reading() as session:
            previous = defaults.dossier_of(session, stage.dossier_id(step.of))
            answer = defaults.reapplication(previous)
    else:
        name = step.dossier
        answer = defaults.deposit(step.dossier, stage.campaign)
        _operator_of(stage, name, step.answer.get("siret"))
    actor = actor_for(stage, step.actor or "operator", name)
    done = human_tasks.start(
        stage.runtime,
        MACRO_PROCESS,
        step.target or "",
        {**answer, **step.answer},
        actor,
        campaign_id=stage.campaign.id,
    )
    if done.dossier_id is not None:
        stage.dossiers[step.dossier] = done.dossier_id


def _complete(stage: Stage, step: Step) -> None:
    element = _user_task(stage, step.target or "")
    dossier_id = stage.dossier_id(step.dossier)
    actor = actor_for(stage, step.actor or element.role or "", step.dossier)
    with stage.runtime.database.reading() as session:
        task = human_tasks.latest_of_element(session, dossier_id, element.id)
        if task is None:
            raise Conflict(f"Expected {element.id} to be open but the dossier is not there yet.")
        task_id = task.id
        human_tasks.require_may_complete(session, task, actor)
        human_tasks.require_open(task)
        answer = defaults.of_task(session, task.form_key, defaults.dossier_of(session, dossier_id))
    given = dict(step.answer)
    if element.id == "submit_proofs":
        _fill_proof_file(stage, actor, dossier_id, given)
    human_tasks.complete(stage.runtime, task_id, {**answer, **given}, actor)


def _user_task(stage: Stage, element_id: str) -> Element:
    for process_id in sorted(stage.diagrams.process_ids):
        element = stage.diagrams.process(process_id).elements.get(element_id)
        if element is not None and element.kind in ("userTask", "manualTask"):
            return element
    raise NotFound(f"Expected a human task of the diagrams but {element_id} is not one.")


def _fill_proof_file(stage: Stage, actor: Actor, dossier_id: int, given: dict[str, Any]) -> None:
    """Put one fictitious file per expected proof, and the SSI answers, unless told otherwise."""
    wanted = given.pop("files", None)
    ssi = given.pop("ssi_answers", None)

    stored = stage.runtime.files.put([FICTITIOUS_FILE])

    def fill(call: Call) -> None:
        dossier = defaults.dossier_of(call.session, dossier_id)
        for code, position in defaults.missing_proofs(call.session, dossier):
            if wanted is None or code in wanted:
                proof.attach(
                    call,
                    requirement_code=code,
                    position=position,
                    file_name=f"{code}-{position}.txt",
                    media_type="text/plain",
                    stored=stored,
                )
        if ssi is None or ssi:
            ssi_domain.answer_ssi(call, ssi or {"declared": "Réponse fictive"})

    domain_acts.perform(stage.runtime, actor, dossier_id, fill)


def _hold(stage: Stage, step: Step) -> None:
    door = holds.suspend if step.target == "suspend" else holds.resume
    answer = {**defaults.MESSAGES[step.target or ""], **step.answer}
    reason = step.reason or answer["reason"]
    actor = actor_for(stage, step.actor or PROCESS_OWNER, step.dossier)
    door(stage.runtime, stage.dossier_id(step.dossier), reason, actor)


def _reopen(stage: Stage, step: Step) -> None:
    """The name stands for the new dossier from then on, unless the step gives it another."""
    dossier_id = stage.dossier_id(step.target or "")
    actor = actor_for(stage, step.actor or PROCESS_OWNER, step.target or "")
    done = reopenings.reopen(stage.runtime, dossier_id, step.reason or "", actor)
    if done.dossier_id is not None:
        stage.dossiers[step.dossier] = done.dossier_id


def _restore_rank(stage: Stage, step: Step) -> None:
    dossier_id = stage.dossier_id(step.target or "")
    actor = actor_for(stage, step.actor or PROCESS_OWNER, step.target or "")
    domain_acts.perform(
        stage.runtime,
        actor,
        dossier_id,
        lambda call: standing.restore_rank(call, step.reason or ""),
    )


def _set(stage: Stage, step: Step) -> None:
    actor = actor_for(stage, step.actor or PROCESS_OWNER, step.dossier)
    done = parameters.change(
        stage.runtime,
        stage.campaign.id,
        step.parameters,
        step.basis or "",
        actor,
        moves_running=step.moves_running,
        past=step.past,
    )
    stage.campaign = done.campaign


def _send(stage: Stage, step: Step) -> None:
    message = step.target or ""
    if message in HOLDS:
        _hold(stage, step)
        return
    listeners = [
        element
        for process_id in stage.diagrams.process_ids
        for element in stage.diagrams.process(process_id).elements.values()
        if element.message == message and element.properties.get("roles")
    ]
    if not listeners:
        raise NotFound(f"Expected a message that people send but {message!r} is not one.")
    dossier_id = stage.dossier_id(step.dossier)
    role = step.actor or listeners[0].properties["roles"].split(",")[0].strip()
    answer = {**defaults.MESSAGES.get(message, {}), **step.answer}
    actor = actor_for(stage, role, step.dossier)
    messages.send(stage.runtime, dossier_id, message, answer, actor)


def _convene(stage: Stage, step: Step) -> None:
    if step.target != "college":
        raise InvalidScenario(f"Expected 'convene: college' but found {step.target!r}.")
    actor = actor_for(stage, step.actor or "college_president", step.dossier)
    done = messages.convene(stage.runtime, stage.campaign.id, actor)
    with stage.runtime.database.reading() as session:
        task_id = session.scalars(
            select(HumanTask.id).where(
                HumanTask.instance_id == done.instance_id, HumanTask.closed_at.is_(None)
            )
        ).one()
        answer = _college_answer(session, stage, step)
    human_tasks.complete(stage.runtime, task_id, {**answer, **step.answer}, actor)


def _college_answer(session: Session, stage: Stage, step: Step) -> dict[str, Any]:
    decided: dict[str, Dossier] = {
        name: defaults.dossier_of(session, stage.dossier_id(name)) for name in step.decide
    }
    return defaults.session_of_college(
        step.answer.get("attendance") or defaults.attendance(stage.campaign),
        step.decide,
        {name: dossier.number for name, dossier in decided.items()},
        {
            name: requirement.applicable(session, dossier)[0].code
            for name, dossier in decided.items()
        },
    )
