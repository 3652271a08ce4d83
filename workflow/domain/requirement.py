"""The requirement catalogue (REM): what a service must satisfy, and by which proofs.

A catalogue is versioned and pinned to the dossier at its deposit (DSR 3.1, DOMAIN A22).
[règles 8 29 30 31]
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.db import Base, Json
from workflow.errors import InvalidAnswer
from workflow.hash_chain import canonical

if TYPE_CHECKING:
    from workflow.domain.dossier import Dossier

TYPES = ("mandatory", "conditional", "recommendation")
PROOF_KINDS = ("capture", "video", "file", "log", "document", "test_report")
CATALOGUE_LIMIT = 2000
_REQUIRED_COLUMNS = ("id", "statement", "type", "profile")
_PROOF_COLUMNS = ("proof_1", "proof_2", "proof_3")


class CatalogueVersion(Base):
    """One version of a catalogue; `derived` when it is ours for want of the published one."""

    __tablename__ = "catalogue_version"
    __table_args__ = (UniqueConstraint("catalogue", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    catalogue: Mapped[str] = mapped_column(String(80))
    version: Mapped[str] = mapped_column(String(40))
    derived: Mapped[bool]
    sha256: Mapped[str] = mapped_column(String(64))


class Requirement(Base):
    """One requirement; a recommendation is never judged (DSR 4.1.4). [règles 32 37 38 39]"""

    __tablename__ = "requirement"
    __table_args__ = (
        UniqueConstraint("catalogue_version_id", "code"),
        Index(None, "catalogue_version_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    catalogue_version_id: Mapped[int] = mapped_column(ForeignKey("catalogue_version.id"))
    code: Mapped[str] = mapped_column(String(40))
    statement: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(String(20))
    profile: Mapped[str] = mapped_column(String(40))
    verification_scenario: Mapped[str] = mapped_column(Text)
    proofs: Mapped[list[str]] = mapped_column(Json)
    proof_texts: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    """What the catalogue says of each proof, beside its kind; empty when it says nothing."""
    position: Mapped[int]


@dataclass(frozen=True, slots=True)
class ExpectedProof:
    """One proof that a requirement asks for; `position` counts within it, from 1."""

    requirement_code: str
    position: int
    kind: str


@dataclass(frozen=True, slots=True)
class CatalogueRows:
    """A catalogue file as read."""

    version: str | None
    derived: bool
    requirements: tuple[Mapping[str, Any], ...]


def read(rows: Sequence[Mapping[str, Any]], profiles: object) -> tuple[CatalogueRows, list[str]]:
    """Read the rows of a catalogue file; returns them with every fault found.

    Columns: id, statement, type, profile; verification_scenario, proof_1 to proof_n (kinds),
    version and source (DERIVED for ours) may follow.
    """
    known = [str(name) for name in profiles] if isinstance(profiles, list) else []
    faults = [] if rows else ["catalogue: Expected requirements but found none. Add its CSV file."]
    seen: set[str] = set()
    requirements: list[Mapping[str, Any]] = []
    for number, row in enumerate(rows, start=1):
        found = _requirement(row, number)
        faults += _row_faults(found, f"catalogue[{number}]", known, seen)
        seen.add(found["code"])
        requirements.append(found)
    versions = {str(row["version"]).strip() for row in rows if row.get("version")}
    if len(versions) > 1:
        faults.append(
            f"catalogue: Expected one version but found {', '.join(sorted(versions))}. Keep one."
        )
    derived = any(str(row.get("source", "")).upper() == "DERIVED" for row in rows)
    return CatalogueRows(min(versions, default=None), derived, tuple(requirements)), faults


def import_rows(session: Session, catalogue: str, rows: CatalogueRows) -> CatalogueVersion:
    """Store a catalogue, or find it again when its content has not changed.

    A version name that already stands for another content gets the next free suffix, so that
    a dossier's pinned catalogue never changes under it.
    """
    fingerprint = hashlib.sha256(canonical(rows.requirements)).hexdigest()
    stored = session.scalars(
        select(CatalogueVersion)
        .where(CatalogueVersion.catalogue == catalogue)
        .order_by(CatalogueVersion.id)
        .limit(CATALOGUE_LIMIT)
    ).all()
    for version in stored:
        if version.sha256 == fingerprint and rows.version in (None, version.version):
            return version
    taken = {version.version for version in stored}
    wanted = rows.version or "1"
    name = next(
        candidate
        for candidate in (wanted, *(f"{wanted}+{n}" for n in range(1, len(taken) + 2)))
        if candidate not in taken
    )
    version = CatalogueVersion(
        catalogue=catalogue, version=name, derived=rows.derived, sha256=fingerprint
    )
    session.add(version)
    session.flush()  # Its requirements need the id.
    session.add_all(
        Requirement(catalogue_version_id=version.id, **requirement)
        for requirement in rows.requirements
    )
    return version


def applicable(session: Session, dossier: Dossier) -> Sequence[Requirement]:
    """The requirements that bind a dossier: its profiles, without recommendations.

    [règles 33 38]
    """
    return session.scalars(
        select(Requirement)
        .where(
            Requirement.catalogue_version_id == dossier.catalogue_version_id,
            Requirement.type != "recommendation",
            Requirement.profile.in_(dossier.profiles),
        )
        .order_by(Requirement.position)
        .limit(CATALOGUE_LIMIT)
    ).all()


def expected_proofs(session: Session, dossier: Dossier) -> list[ExpectedProof]:
    """Every proof that the applicable requirements ask for (DSR 4.3). [règle 55]"""
    return [
        ExpectedProof(requirement.code, position, kind)
        for requirement in applicable(session, dossier)
        for position, kind in enumerate(requirement.proofs, start=1)
    ]


def expected_proof(session: Session, dossier: Dossier, code: str, position: int) -> ExpectedProof:
    """What the catalogue asks for at that place, else InvalidAnswer."""
    for proof in expected_proofs(session, dossier):
        if (proof.requirement_code, proof.position) == (code, position):
            return proof
    raise InvalidAnswer(
        f"Expected a proof that the catalogue asks for but found {code!r}, {position}."
        " Choose one of the list.",
        {"requirement_code": ["Cette preuve n’est pas demandée pour votre dossier."]},
    )


def catalogue_of(session: Session, catalogue_version_id: int) -> Sequence[Requirement]:
    """The whole catalogue in its order, recommendations included."""
    return session.scalars(
        select(Requirement)
        .where(Requirement.catalogue_version_id == catalogue_version_id)
        .order_by(Requirement.position)
        .limit(CATALOGUE_LIMIT)
    ).all()


def _requirement(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    texts = {name: str(row.get(name) or "").strip() for name in (*row, *_REQUIRED_COLUMNS)}
    return {
        "code": texts["id"],
        "statement": texts["statement"],
        "type": texts["type"],
        "profile": texts["profile"],
        "verification_scenario": texts.get("verification_scenario", ""),
        "proofs": [texts[name] for name in _PROOF_COLUMNS if texts.get(name)],
        "position": number,
    }


def _row_faults(
    found: Mapping[str, Any], path: str, profiles: Sequence[str], seen: set[str]
) -> list[str]:
    faults = [
        f"{path}.{name}: Expected a text but found none. Write one."
        for name, key in zip(_REQUIRED_COLUMNS, ("code", *_REQUIRED_COLUMNS[1:]), strict=True)
        if not found[key]
    ]
    if found["code"] in seen:
        faults.append(
            f"{path}.id: Expected each code once but found {found['code']} again. Rename one."
        )
    choices = (("type", TYPES), ("profile", profiles))
    faults += [
        f"{path}.{name}: Expected one of {', '.join(known)} but found {found[name]!r}. Choose one."
        for name, known in choices
        if found[name] and found[name] not in known
    ]
    faults += [
        f"{path}.proofs: Expected kinds among {', '.join(PROOF_KINDS)} but found {kind!r}."
        " Choose one."
        for kind in found["proofs"]
        if kind not in PROOF_KINDS
    ]
    return faults
