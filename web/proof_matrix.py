"""The proof file as a table: requirements, the proofs they expect, the files given, what lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from web.dossier_words import Look
from web.proof_words import look_of
from workflow.domain import catalogue_changes, proof, proof_opening, requirement, ssi, upload
from workflow.domain.campaign import Campaign
from workflow.domain.dossier import Dossier
from workflow.domain.person import Actor
from workflow.domain.proof import Proof
from workflow.domain.proof_limits import KindLimit, limits_of
from workflow.domain.requirement import Requirement
from workflow.domain.solicitation import Solicitation
from workflow.domain.stored_content import INFECTED, StoredContent, states_of
from workflow.domain.upload import Upload
from workflow.engine import uploads
from workflow.engine.runtime import Runtime


@dataclass(frozen=True)
class GivenFile:
    """A file given for an expected proof, and what the antivirus says of it."""

    proof: Proof
    content: StoredContent | None
    may_remove: bool

    @property
    def scan(self) -> Look:
        """The state of its scan, in words."""
        return look_of(self.content)

    @property
    def counts(self) -> bool:
        """Whether it proves anything: an infected file does not."""
        return self.content is None or self.content.scan_state != INFECTED


@dataclass(frozen=True)
class Expected:
    """One expected proof with the files given for it; `text` is what the catalogue says."""

    code: str
    position: int
    kind: str
    files: list[GivenFile]
    limit: KindLimit
    text: str = ""

    @property
    def place(self) -> str:
        """Its place, as fields and addresses name it."""
        return f"{self.code}.{self.position}"

    @property
    def is_provided(self) -> bool:
        """Whether a file stands for it."""
        return any(file.counts for file in self.files)


@dataclass(frozen=True)
class RequirementRow:
    """A requirement with its expected proofs."""

    requirement: Requirement
    expected: list[Expected]

    @property
    def is_provided(self) -> bool:
        """Whether each expected proof has a file."""
        return all(each.is_provided for each in self.expected)


@dataclass(frozen=True)
class ProfileCount:
    """How far a profile is."""

    profile: str
    provided: int
    expected: int


@dataclass(frozen=True)
class Interrupted:
    """An upload to go on with: how many bytes of it have come."""

    upload: Upload
    arrived: int

    @property
    def place(self) -> str:
        """The expected proof it is for."""
        return f"{self.upload.requirement_code} nº\u00a0{self.upload.position}"


@dataclass(frozen=True)
class Matrix:
    """All that the page of a proof file shows."""

    rows: list[RequirementRow]
    recommendations: list[Requirement]
    interrupted: list[Interrupted]
    ssi_done: bool
    may_change: bool
    answered: Solicitation | None
    """The solicitation in whose answer files are added now."""

    @property
    def expected(self) -> list[Expected]:
        """Every expected proof."""
        return [each for row in self.rows for each in row.expected]

    @property
    def provided(self) -> int:
        """How many of them have a file."""
        return sum(each.is_provided for each in self.expected)

    @property
    def is_ready(self) -> bool:
        """Whether the proof file may be submitted."""
        return self.ssi_done and self.provided == len(self.expected)

    @property
    def missing(self) -> list[RequirementRow]:
        """The requirements that lack a file."""
        return [row for row in self.rows if not row.is_provided]

    @property
    def scans_nothing(self) -> bool:
        """Whether no antivirus looked at any given file: then it is told once, not of each."""
        given = [file for each in self.expected for file in each.files]
        return bool(given) and all(file.scan is look_of(None) for file in given)

    @property
    def infected(self) -> list[GivenFile]:
        """The files to replace."""
        return [file for each in self.expected for file in each.files if not file.counts]

    @property
    def profiles(self) -> list[ProfileCount]:
        """How far each profile is, in the order of the catalogue."""
        found: dict[str, list[Expected]] = {}
        for row in self.rows:
            found.setdefault(row.requirement.profile, []).extend(row.expected)
        return [
            ProfileCount(profile, sum(each.is_provided for each in expected), len(expected))
            for profile, expected in found.items()
        ]


def matrix_of(
    session: Session, runtime: Runtime, campaign: Campaign, dossier: Dossier, actor: Actor
) -> Matrix:
    """The proof file of a dossier as this person sees it."""
    is_own = actor.operator_id == dossier.operator_id
    answered = proof_opening.solicitation_open_on(session, dossier) if is_own else None
    is_open = proof_opening.takes_files(dossier, answered)
    may_change = is_own and "operator" in actor.roles and is_open
    given = _given(session, dossier, actor, may_change=may_change)
    limits = limits_of(campaign.parameters)
    catalogue = requirement.catalogue_of(session, dossier.catalogue_version_id)
    chosen = [each for each in catalogue if each.profile in dossier.profiles]
    rows = [
        RequirementRow(
            each,
            [
                Expected(each.code, at, kind, given.get((each.code, at), []), limits.of(kind), text)
                for at, (kind, text) in enumerate(catalogue_changes.proofs_of(each), start=1)
            ],
        )
        for each in chosen
        if each.type != "recommendation" and each.proofs
    ]
    return Matrix(
        rows,
        [each for each in chosen if each.type == "recommendation"],
        _interrupted(session, runtime, dossier, actor) if may_change else [],
        ssi.is_done(session, dossier.id),
        may_change,
        answered,
    )


def _given(
    session: Session, dossier: Dossier, actor: Actor, *, may_change: bool
) -> Mapping[tuple[str, int], list[GivenFile]]:
    shown: Sequence[Proof] = proof.shown_to(session, dossier, actor)
    known = states_of(session, (each.content_key for each in shown))
    found: dict[tuple[str, int], list[GivenFile]] = {}
    for each in shown:
        content = known.get(each.content_key)
        is_infected = content is not None and content.scan_state == INFECTED
        removable = may_change and (each.handed_in_at is None or is_infected)
        found.setdefault((each.requirement_code, each.position), []).append(
            GivenFile(each, content, removable)
        )
    return found


def _interrupted(
    session: Session, runtime: Runtime, dossier: Dossier, actor: Actor
) -> list[Interrupted]:
    return [
        Interrupted(each, uploads.arrived(runtime, each))
        for each in upload.unfinished_of(session, dossier.id, actor)
        if each.requirement_code is not None
    ]
