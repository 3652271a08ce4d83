"""The procedure told to the public: its phases, who acts, by when, and what follows otherwise.

All of it is read off the diagrams and the campaign in force: whoever redraws one changes the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from web.dossier_words import INDICATIVE, Look, effect, end_look
from web.procedure_source import ProcedureSource
from workflow.delay import Delay
from workflow.domain import college
from workflow.domain.campaign import Campaign
from workflow.engine.spiff import Element, Process
from workflow.errors import NotFound

MACRO = "dossier"
REMINDER = "reminder"


@dataclass(frozen=True)
class Limit:
    """A delay of the campaign on a step: how long, who says so, and what happens then."""

    delay: Delay
    look: Look
    is_indicative: bool


@dataclass(frozen=True)
class PublicStep:
    """What somebody does in a phase."""

    label: str
    who: str
    about: str
    limits: list[Limit]
    reminders: int
    """How many reminders are sent before its delays end."""


@dataclass(frozen=True)
class Outcome:
    """How a phase, or the whole procedure, may end."""

    label: str
    about: str
    look: Look


@dataclass(frozen=True)
class Phase:
    """One part of the procedure, drawn in its own diagram."""

    process: Process
    title: str
    about: str
    people: list[str]
    steps: list[PublicStep]
    limits: list[Limit]
    outcomes: list[Outcome]
    is_deposit: bool = False
    is_college: bool = False


@dataclass(frozen=True)
class Procedure:
    """The whole procedure."""

    process: Process
    about: str
    phases: list[Phase]
    limits: list[Limit]
    """Delays that span several phases."""
    at_any_time: list[Outcome]
    ends: list[Outcome]


def procedure_of(source: ProcedureSource, campaign: Campaign) -> Procedure:
    """The procedure as deployed, with the delays of a campaign; raises NotFound without any."""
    process = process_of(source, MACRO)
    telling = _Telling(source, campaign)
    called = {each.called_process for each in process.elements.values()}
    phases = list(telling.deposit(process))
    for element in source.in_order(process):
        if element.called_process in source.processes:
            around = telling.limits(process, element.id)
            phases += telling.phases(element.called_process, element.label, around)
        elif element.message == college.MESSAGE and college.PROCESS not in called:
            phases += telling.phases(college.PROCESS, "", [])
    spanning = [
        limit
        for each in process.elements.values()
        if each.kind == "subProcess"
        for limit in telling.limits(process, each.id)
    ]
    return Procedure(
        process,
        source.about(process),
        list({phase.process.id: phase for phase in phases}.values()),
        spanning,
        [
            Outcome(each.label, source.about(process, each.id), end_look(each.id))
            for each in process.elements.values()
            if each.kind == "boundaryEvent" and each.event == "message"
        ],
        telling.outcomes(process),
    )


def process_of(source: ProcedureSource, process_id: str) -> Process:
    """A deployed process; raises NotFound."""
    found = source.processes.get(process_id)
    if found is None:
        raise NotFound(f"Expected a drawn process {process_id[:40]!r} but there is none.")
    return found


@dataclass(frozen=True)
class _Telling:
    """One telling of the procedure, with one campaign's delays."""

    source: ProcedureSource
    campaign: Campaign
    told: set[str] = field(default_factory=set[str])

    def phases(self, process_id: str | None, title: str, around: list[Limit]) -> Iterator[Phase]:
        """The phase of a called process, then those that it calls in its turn."""
        process = self.source.processes.get(process_id or "")
        if process is None or process.id in self.told:
            return
        self.told.add(process.id)
        yield self.phase(process, title, around)
        for element in self.source.in_order(process):
            if element.called_process:
                within = self.limits(process, element.id)
                yield from self.phases(element.called_process, element.label, within)

    def deposit(self, process: Process) -> Iterator[Phase]:
        """The first phase: the form that starts the procedure."""
        for start in process.elements.values():
            if start.kind == "startEvent" and start.form_key and start.container is None:
                who = process.lanes.get(start.role or "", "")
                about = self.source.about(process, start.id)
                people = [who] if who else []
                yield Phase(process, start.label, about, people, [], [], [], is_deposit=True)

    def phase(self, process: Process, title: str, around: list[Limit]) -> Phase:
        """One process, told by the tasks of people."""
        tasks = [
            each
            for each in self.source.in_order(process)
            if each.kind in ("userTask", "manualTask")
        ]
        steps = [self._step(process, each) for each in tasks]
        return Phase(
            process,
            title or process.name,
            self.source.about(process),
            list(dict.fromkeys(step.who for step in steps if step.who)),
            steps,
            around,
            self.outcomes(process),
            is_college=process.id == college.PROCESS,
        )

    def limits(self, process: Process, element_id: str) -> list[Limit]:
        """The delays on the border of an element that end or flag something."""
        return [
            Limit(
                delay,
                effect(delay.key, each.label),
                delay.key in INDICATIVE or delay.effect == "indicative",
            )
            for each, delay in self._timers(process, element_id)
            if delay.effect != REMINDER
        ]

    def outcomes(self, process: Process) -> list[Outcome]:
        """The ends of a process that have a name, each once."""
        found = {
            each.label: Outcome(each.label, self.source.about(process, each.id), end_look(each.id))
            for each in self.source.in_order(process)
            if each.kind == "endEvent"
            and each.container is None
            and each.label != each.id
            and not _is_aside(process, each)
        }
        return list(found.values())

    def _step(self, process: Process, task: Element) -> PublicStep:
        return PublicStep(
            task.label,
            process.lanes.get(task.role or "", ""),
            self.source.about(process, task.id),
            self.limits(process, task.id),
            sum(delay.effect == REMINDER for _each, delay in self._timers(process, task.id)),
        )

    def _timers(self, process: Process, element_id: str) -> Iterator[tuple[Element, Delay]]:
        for each in process.elements.values():
            if each.attached_to == element_id and each.event == "timer":
                delay = self.campaign.delays.get(self.source.delay(process, each.id))
                if delay is not None:
                    yield each, delay


def _is_aside(process: Process, end: Element) -> bool:
    """Whether an end is only that of what comes beside a step that goes on: a reminder."""
    before = {flow.source for flow in process.flows if flow.target == end.id}
    seen: set[str] = set()
    while before:
        element = process.elements[before.pop()]
        if element.kind == "boundaryEvent" and element.interrupting is False:
            continue
        if element.kind in ("startEvent", "boundaryEvent"):
            return False
        if element.id not in seen:
            seen.add(element.id)
            before |= {flow.source for flow in process.flows if flow.target == element.id}
    return True
