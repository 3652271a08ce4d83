"""What stands beside the form of a task: what to read, and what is filled in beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from web import solicitation_templates
from web.document_view import Signing, signing_of
from web.instruction_sheets import Sheet, filled_in, sheets_of
from web.proof_words import look_of
from web.runtime import now
from web.solicitation_view import AskedAndAnswered, files_of, solicitations_of
from workflow.domain import (
    agenda,
    college_invitation,
    convention,
    correction,
    instruction,
    proof,
    requirement,
    reservation,
)
from workflow.domain.attendance import is_agency
from workflow.domain.campaign import Campaign
from workflow.domain.college import CollegeSession
from workflow.domain.convention import Convention
from workflow.domain.correction import Correction
from workflow.domain.dossier import Dossier
from workflow.domain.instruction import Verdict
from workflow.domain.person import Person, PersonRole
from workflow.domain.proof import Completeness, Proof
from workflow.domain.requirement import Requirement
from workflow.domain.reservation import Reservation
from workflow.engine.waiting import HumanTask
from workflow.errors import Conflict

COLLEGE_ROLES = ("college_member", "college_president")
MOST_MEMBERS = 100
VERDICTS = "verdicts"

Answer = dict[str, Any]
Options = dict[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class AgendaItem:
    """One dossier before the college."""

    dossier: Dossier
    conform: int
    not_conform: list[str]
    others: int
    is_agency: bool = False


@dataclass
class TaskContext:
    """What a task's page shows beside its form; empty parts are not shown."""

    template: str = "tasks/task.html"
    values: Answer = field(default_factory=dict[str, Any])
    options: Options = field(default_factory=dict[str, list[tuple[str, str]]])
    solicitations: list[AskedAndAnswered] = field(default_factory=list[AskedAndAnswered])
    asked: AskedAndAnswered | None = None
    offers: Options = field(default_factory=dict[str, list[tuple[str, str]]])
    correction: Correction | None = None
    convention: Convention | None = None
    signing: Signing | None = None
    proof_file: Completeness | None = None
    sheets: dict[str, Sheet] = field(default_factory=dict[str, Sheet])
    recommendations: list[Requirement] = field(default_factory=list[Requirement])
    reservations: Sequence[Reservation] = ()
    agenda: dict[str, AgendaItem] = field(default_factory=dict[str, AgendaItem])
    session: CollegeSession | None = None
    members: list[str] = field(default_factory=list[str])
    partners: tuple[str, ...] = ()
    added: dict[int, list[Proof]] = field(default_factory=dict[int, list[Proof]])
    """The files added in answer to each solicitation, by its id."""
    quorum: int = 0

    @property
    def scans_nothing(self) -> bool:
        """Whether no antivirus looked at any file of the sheets: then it is told once."""
        files = [file for sheet in self.sheets.values() for file in sheet.files]
        return bool(files) and all(file.scan is look_of(None) for file in files)

    def answered(self, drafted: Answer | None) -> Answer:
        """The form as filled in beforehand, and over it what was drafted.

        The review of proofs drafts one requirement at a time: the others stay as filled in.
        """
        if drafted is None:
            return self.values
        values = {**self.values, **drafted}
        if self.sheets:
            values[VERDICTS] = filled_in(self.sheets, drafted.get(VERDICTS))
        return values


@dataclass(frozen=True)
class Reading:
    """What the readers of contexts read from."""

    session: Session
    task: HumanTask
    dossier: Dossier | None
    campaign: Campaign


def context_of(reading: Reading) -> TaskContext:
    """The context of a task by its form; tasks that nobody wrote one for show the dossier only."""
    context = TaskContext()
    fill = _FILLERS.get(reading.task.form_key)
    if fill is not None:
        fill(reading, context)
    context.offers = solicitation_templates.offers(
        reading.session, reading.campaign.id, reading.task.form_key
    )
    return context


def _check_admissibility(reading: Reading, context: TaskContext) -> None:
    dossier = _dossier(reading)
    context.solicitations = solicitations_of(reading.session, dossier.id, now())
    context.template = "tasks/check_admissibility.html"
    if dossier.previous_dossier_id is not None:
        context.values = {
            "in_trust_space": dossier.in_trust_space,
            "component_source": dossier.component_source,
            "contract_v2_operator_on": dossier.contract_v2_operator_on,
            "contract_v2_agency_on": dossier.contract_v2_agency_on,
        }


def _answer(reading: Reading, context: TaskContext) -> None:
    context.solicitations = solicitations_of(reading.session, _dossier(reading).id, now())
    context.asked = next((each for each in context.solicitations if each.is_open), None)
    if context.asked is not None:
        context.values = {
            "answers": [
                {"question": question.position, "text": ""} for question in context.asked.questions
            ]
        }
    context.added = files_of(reading.session, _dossier(reading).id)
    context.template = "tasks/answer.html"


def _agree(reading: Reading, context: TaskContext) -> None:
    context.correction = correction.of_instance(reading.session, reading.task.instance_id)
    context.template = "tasks/agree_correction.html"


def _sign(reading: Reading, context: TaskContext) -> None:
    context.convention = convention.find(reading.session, reading.task.dossier_id)
    context.signing = signing_of(reading.session, _dossier(reading).id)
    context.template = "tasks/sign.html"


def _submit(reading: Reading, context: TaskContext) -> None:
    context.proof_file = proof.completeness(reading.session, _dossier(reading))
    context.template = "tasks/submit_proofs.html"


def _instruct(reading: Reading, context: TaskContext) -> None:
    session, dossier = reading.session, _dossier(reading)
    context.sheets, context.recommendations = sheets_of(session, dossier)
    context.values = {VERDICTS: [sheet.first_answer for sheet in context.sheets.values()]}
    context.solicitations = solicitations_of(session, dossier.id, now())
    context.added = _added_since(context.sheets)
    context.template = "tasks/instruct.html"


def _added_since(sheets: Mapping[str, Sheet]) -> dict[int, list[Proof]]:
    """The files of the sheets that came with the answer to each solicitation, by its id."""
    found: dict[int, list[Proof]] = {}
    for sheet in sheets.values():
        for file in sheet.files:
            if file.proof.solicitation_id is not None:
                found.setdefault(file.proof.solicitation_id, []).append(file.proof)
    return found


def _reservations(reading: Reading, context: TaskContext) -> None:
    context.reservations = reservation.open_of(reading.session, _dossier(reading).id)
    context.values = {
        "corrections": [
            {"reservation": each.number, "explanation": each.correction or ""}
            for each in context.reservations
        ]
    }
    context.template = "tasks/reservations.html"


def _hold_session(reading: Reading, context: TaskContext) -> None:
    session = reading.session
    ready = agenda.ready(session, reading.campaign.id)
    items = agenda_items(session, ready, reading.campaign)
    context.agenda = {each.dossier.number: each for each in items}
    context.session, expected = college_invitation.sitting_of(session, reading.task.instance_id)
    context.values = {
        "partners": expected,
        "decisions": [{"dossier": dossier.number} for dossier in ready],
    }
    context.partners = reading.campaign.college.partners
    context.options = {
        "requirement": _codes(session, ready),
        "organisation": [(name, name) for name in context.partners],
    }
    context.members = college_members(session)
    context.quorum = reading.campaign.college.quorum
    context.template = "tasks/hold_session.html"


def college_members(session: Session) -> list[str]:
    """Whoever may sit at the college, by name."""
    return list(
        session.scalars(
            select(Person.name)
            .join(PersonRole, PersonRole.person_id == Person.id)
            .where(PersonRole.role.in_(COLLEGE_ROLES), Person.is_active.is_(True))
            .distinct()
            .order_by(Person.name)
            .limit(MOST_MEMBERS)
        )
    )


def agenda_items(
    session: Session, ready: Sequence[Dossier], campaign: Campaign
) -> list[AgendaItem]:
    """What the instruction concluded on each dossier that is ready for the college."""
    rows = session.execute(
        select(Verdict.dossier_id, Verdict.verdict, Verdict.requirement_code)
        .where(Verdict.dossier_id.in_([dossier.id for dossier in ready]))
        .order_by(Verdict.dossier_id, Verdict.requirement_code)
    ).all()
    items: list[AgendaItem] = []
    for dossier in ready:
        own = [(verdict, code) for dossier_id, verdict, code in rows if dossier_id == dossier.id]
        refused = [code for verdict, code in own if verdict == instruction.NOT_CONFORM]
        conform = sum(verdict == "conform" for verdict, _code in own)
        others = len(own) - conform - len(refused)
        candidate = is_agency(dossier.siret, campaign)
        items.append(AgendaItem(dossier, conform, refused, others, candidate))
    return items


def _codes(session: Session, ready: Sequence[Dossier]) -> list[tuple[str, str]]:
    """The requirements that a reservation may name, among those of the dossiers at hand."""
    catalogues = sorted({dossier.catalogue_version_id for dossier in ready})
    if not catalogues:
        return []
    rows = session.execute(
        select(Requirement.code, Requirement.statement)
        .where(
            Requirement.catalogue_version_id.in_(catalogues), Requirement.type != "recommendation"
        )
        .order_by(Requirement.position)
        .limit(requirement.CATALOGUE_LIMIT)
    )
    return list({code: (code, f"{code}, {_short(text)}") for code, text in rows}.values())


def _short(text: str, length: int = 70) -> str:
    return text if len(text) <= length else text[:length].rsplit(" ", 1)[0] + "…"


def _dossier(reading: Reading) -> Dossier:
    if reading.dossier is None:
        raise Conflict(
            f"Expected a task of a dossier but {reading.task.element_id} concerns none."
            " Give this form to a task of the dossier's own diagrams."
        )
    return reading.dossier


_FILLERS: Mapping[str, Callable[[Reading, TaskContext], None]] = {
    "check_admissibility": _check_admissibility,
    "answer_admissibility_solicitation": _answer,
    "answer_solicitation": _answer,
    "agree_correction": _agree,
    "sign_convention": _sign,
    "countersign_convention": _sign,
    "submit_proofs": _submit,
    "instruct_dossier": _instruct,
    "correct_reservations": _reservations,
    "verify_corrections": _reservations,
    "confirm_lifting": _reservations,
    "hold_session": _hold_session,
}
