"""Deployed diagrams and decision tables, versioned; a file is never edited in place.

A deployment is the whole set of files in force from one moment on. New instances start on the
latest; running ones stay on theirs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow import audit_log
from workflow.db import Base, Instant
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.person import Actor
from workflow.engine.diagram_checks import CheckContext, Fault, check, in_force_beside
from workflow.engine.runtime import Runtime
from workflow.engine.source_file import SourceFile
from workflow.engine.spiff import Diagrams, parse
from workflow.errors import Conflict, InvalidInput, NotFound

SUFFIXES = (".bpmn", ".dmn")


class DiagramRefused(InvalidInput):
    """Diagrams with faults are not deployed; ``faults`` lists all of them."""

    code = "diagram_refused"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        first = faults[0]
        super().__init__(
            f"Expected diagrams without faults but found {len(faults)}; the first:"
            f" {first.file} {first.element}: {first.message_en} Correct them and deploy again."
        )


class DiagramVersion(Base):
    """One version of one file."""

    __tablename__ = "diagram_version"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    version: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    deployed_at: Mapped[datetime] = mapped_column(Instant)
    deployed_by: Mapped[str] = mapped_column(String(200))


class Deployment(Base):
    """The set of files in force from one moment on."""

    __tablename__ = "deployment"

    id: Mapped[int] = mapped_column(primary_key=True)
    deployed_at: Mapped[datetime] = mapped_column(Instant)
    deployed_by: Mapped[str] = mapped_column(String(200))


class DeploymentMember(Base):
    """One file of a deployment."""

    __tablename__ = "deployment_member"

    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployment.id"), primary_key=True)
    diagram_version_id: Mapped[int] = mapped_column(
        ForeignKey("diagram_version.id"), primary_key=True
    )


@dataclass(frozen=True, slots=True)
class Deployed:
    """What a deploy did: the deployment in force and the names of the files that changed."""

    deployment_id: int
    changed: tuple[str, ...]


def read_files(paths: Sequence[Path]) -> list[SourceFile]:
    """The .bpmn and .dmn files named, or found in the folders named; raises NotFound."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in path.iterdir() if p.suffix in SUFFIXES and p.is_file())
            if not found:
                raise NotFound(
                    f"Expected .bpmn or .dmn files in {path} but there are none. Check the folder."
                )
            files += found
        elif path.is_file():
            files.append(path)
        else:
            raise NotFound(f"Expected a file or a folder at {path} but there is none. Check it.")
    return [SourceFile(path.name, path.read_bytes()) for path in files]


def latest(session: Session) -> int:
    """The deployment in force; raises NotFound before the first deploy."""
    found = session.scalar(select(func.max(Deployment.id)))
    if found is None:
        raise NotFound(
            "Expected deployed diagrams but there are none. Run: jalon diagrams deploy bpmn"
        )
    return found


def files_of(session: Session, deployment_id: int) -> list[DiagramVersion]:
    """The files of a deployment, by name."""
    return list(
        session.scalars(
            select(DiagramVersion)
            .join(DeploymentMember, DeploymentMember.diagram_version_id == DiagramVersion.id)
            .where(DeploymentMember.deployment_id == deployment_id)
            .order_by(DiagramVersion.name)
        )
    )


def in_force(session: Session) -> list[SourceFile]:
    """The files of the deployment in force, by name; none before the first deploy."""
    current = session.scalar(select(func.max(Deployment.id)))
    return [SourceFile(f.name, f.content) for f in files_of(session, current)] if current else []


def version_of(session: Session, deployment_id: int, name: str) -> DiagramVersion:
    """One file as it stands in a deployment; raises NotFound."""
    for file in files_of(session, deployment_id):
        if file.name == name:
            return file
    raise NotFound(f"Expected the file {name} in deployment {deployment_id}. Check its name.")


def load(session: Session, runtime: Runtime, deployment_id: int) -> Diagrams:
    """A deployment's diagrams, parsed once per process."""

    def parsed() -> Diagrams:
        sources = [SourceFile(f.name, f.content) for f in files_of(session, deployment_id)]
        return parse_files(sources)

    return runtime.specs.diagrams(deployment_id, parsed)


def parse_files(sources: Sequence[SourceFile]) -> Diagrams:
    """Read diagrams and decision tables together."""
    return parse(
        [source for source in sources if source.name.endswith(".bpmn")],
        [source for source in sources if source.name.endswith(".dmn")],
    )


def deploy(
    runtime: Runtime,
    files: Sequence[SourceFile],
    actor: Actor,
    context: CheckContext,
    *,
    replaces: int | None = None,
) -> Deployed:
    """Check files with those that stay in force beside them, then put them in force.

    `replaces` is the deployment on which they were drawn. Raises DiagramRefused with every fault,
    DiagramUnreadable when the engine refuses them together, Conflict when another deployment came
    meanwhile; then nothing is deployed.
    """
    names = {file.name for file in files}
    with runtime.database.reading() as session:
        staying = [file for file in in_force(session) if file.name not in names]
    faults = check(files, replace(context, deployed=staying))
    if faults:
        raise DiagramRefused(faults)
    parse_files([*staying, *files])  # what is in force can be run, whatever the checks overlook
    return put_in_force(runtime, files, actor, replaces=replaces)


def put_in_force(
    runtime: Runtime, files: Sequence[SourceFile], actor: Actor, *, replaces: int | None = None
) -> Deployed:
    """Deploy files that have been checked; one that is the same as in force changes nothing."""
    now = runtime.clock.now()
    with runtime.database.transaction() as session:
        # Two deploys at once would each leave the other's files out.
        audit_log.serialise(session, audit_log.HOUSE)
        current_id = session.scalar(select(func.max(Deployment.id)))
        _require_replaced(session, current_id, replaces)
        current = {f.name: f for f in files_of(session, current_id)} if current_id else {}
        changed = [file for file in files if _differs(file, current.get(file.name))]
        if current_id is not None and not changed:
            return Deployed(current_id, ())
        beside = in_force_beside(files, [SourceFile(f.name, f.content) for f in current.values()])
        kept = {file.name for file in beside} | {file.name for file in files}
        versions = {name: version for name, version in current.items() if name in kept}
        versions |= {file.name: _new_version(session, file, now, actor) for file in changed}
        deployment = Deployment(deployed_at=now, deployed_by=actor.name)
        session.add(deployment)
        session.flush()  # the members need the ids
        session.add_all(
            DeploymentMember(deployment_id=deployment.id, diagram_version_id=version.id)
            for version in versions.values()
        )
        audit_log.append(
            session, audit_log.HOUSE, [_deployed(versions[f.name], actor) for f in changed]
        )
        return Deployed(deployment.id, tuple(file.name for file in changed))


def _require_replaced(session: Session, current_id: int | None, replaces: int | None) -> None:
    if replaces is None or replaces == current_id or current_id is None:
        return
    current = session.get_one(Deployment, current_id)
    raise Conflict(
        f"Expected deployment {replaces} to be in force but {current.deployed_by} deployed"
        f" {current_id} at {current.deployed_at.isoformat()}. Compare with it, then deploy again."
    )


def _differs(file: SourceFile, current: DiagramVersion | None) -> bool:
    return current is None or current.sha256 != hashlib.sha256(file.content).hexdigest()


def _new_version(session: Session, file: SourceFile, now: datetime, actor: Actor) -> DiagramVersion:
    last = session.scalar(
        select(func.max(DiagramVersion.version)).where(DiagramVersion.name == file.name)
    )
    version = DiagramVersion(
        name=file.name,
        version=(last or 0) + 1,
        sha256=hashlib.sha256(file.content).hexdigest(),
        content=file.content,
        deployed_at=now,
        deployed_by=actor.name,
    )
    session.add(version)
    session.flush()  # the deployment needs the id
    return version


def _deployed(version: DiagramVersion, actor: Actor) -> audit_log.Event:
    return audit_log.Event(
        kind=AuditKind.DIAGRAM_DEPLOYED,
        payload={"file": version.name, "version": version.version, "sha256": version.sha256},
        actor_id=actor.person_id,
        actor_name=actor.name,
        effective_at=version.deployed_at,
        recorded_at=version.deployed_at,
    )
