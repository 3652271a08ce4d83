"""The one way in for files of people: looked at, stored, then attached in one transaction.

Whatever brings the bytes (a form, one request of the API, a resumable upload), a file is judged
here before anything is kept: its name, its size, its type by its content, whether it is whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from sqlalchemy.orm import Session

from workflow.domain import dossier as dossiers
from workflow.domain import (
    evidence,
    file_name,
    file_type,
    proof,
    proof_opening,
    requirement,
    stored_content,
)
from workflow.domain.call import Call
from workflow.domain.campaign import Campaign
from workflow.domain.dossier import Dossier
from workflow.domain.evidence import Evidence
from workflow.domain.file_store import StoredFile, incoming
from workflow.domain.person import Actor
from workflow.domain.proof import Proof
from workflow.domain.proof_limits import ANY_KIND, limits_of
from workflow.engine import acts, instances, turn
from workflow.engine.runtime import Runtime


@dataclass(frozen=True, slots=True)
class ProofPlace:
    """An expected proof: a requirement, and which of its proofs, from 1."""

    requirement_code: str
    position: int


@dataclass(frozen=True, slots=True)
class ReservationPlace:
    """A reservation of the college, by its number in the decision."""

    number: int


Place: TypeAlias = ProofPlace | ReservationPlace
Attached: TypeAlias = Proof | Evidence


@dataclass(frozen=True, slots=True)
class Offered:
    """A file somebody offers: whole on disk, its hash known."""

    place: Place
    file_name: str
    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Received:
    """A file that was judged and stored; only its row is missing."""

    place: Place
    file_name: str
    media_type: str
    stored: StoredFile


def announce(
    session: Session,
    campaign: Campaign,
    dossier: Dossier,
    actor: Actor,
    place: Place,
    size: int,
    awaited: int = 0,
) -> str:
    """Refuse beforehand what could not be attached later; gives the kind of proof it would be.

    `awaited` is what other files on their way will hold, in bytes.
    """
    limits = limits_of(campaign.parameters)
    if isinstance(place, ReservationPlace):
        dossiers.require_party(session, dossier.id, "operator", actor)
        evidence.require_to_correct(session, dossier, place.number)
        kind, already = ANY_KIND, evidence.size_of(session, dossier.id)
    else:
        proof_opening.require_open(session, dossier, actor)
        kind = requirement.expected_proof(
            session, dossier, place.requirement_code, place.position
        ).kind
        already = proof.size_of(session, dossier.id)
    limits.require_size(kind, size, already + awaited)
    return kind


def receive(
    runtime: Runtime, actor: Actor, dossier_id: int, offered: Sequence[Offered]
) -> list[Received]:
    """Judge some files, then store them: all, or none when one is refused.

    Raises InvalidAnswer with a sentence, Conflict when nothing may be added now.
    """
    types: list[file_type.FileType] = []
    names: list[str] = []
    with runtime.database.reading() as session:
        dossier = dossiers.visible_to(session, dossier_id, actor)
        campaign = campaign_of(session, runtime, dossier_id)
        for each in offered:
            names.append(file_name.checked(each.file_name))
            size = each.path.stat().st_size
            kind = announce(session, campaign, dossier, actor, each.place, size)
            taken = limits_of(campaign.parameters).of(kind).types
            types.append(file_type.require(each.path, names[-1], taken))
    return [
        Received(each.place, name, found.media_type, runtime.files.put_file(each.path, each.sha256))
        for each, name, found in zip(offered, names, types, strict=True)
    ]


def attach(call: Call, received: Received, *, to_scan: bool) -> Attached:
    """Name a stored file in a call's transaction."""
    stored_content.keep(call, received.stored, received.media_type, to_scan=to_scan)
    if isinstance(received.place, ReservationPlace):
        return evidence.attach(
            call,
            number=received.place.number,
            file_name=received.file_name,
            media_type=received.media_type,
            stored=received.stored,
        )
    return proof.attach(
        call,
        requirement_code=received.place.requirement_code,
        position=received.place.position,
        file_name=received.file_name,
        media_type=received.media_type,
        stored=received.stored,
    )


def take(
    runtime: Runtime,
    actor: Actor,
    dossier_id: int,
    files: Iterable[tuple[Place, str, Iterable[bytes]]],
) -> list[Attached]:
    """Take files as they come, place, name and content, all in one act or none."""
    with spooled(runtime, files) as offered:
        received = receive(runtime, actor, dossier_id, offered)
        return acts.perform(
            runtime, actor, dossier_id, lambda call: attach_all(runtime, call, received)
        )


def attach_all(runtime: Runtime, call: Call, received: Sequence[Received]) -> list[Attached]:
    """Name some stored files in a call's transaction."""
    to_scan = bool(runtime.settings.clamav)
    return [attach(call, each, to_scan=to_scan) for each in received]


@contextmanager
def spooled(
    runtime: Runtime, files: Iterable[tuple[Place, str, Iterable[bytes]]]
) -> Iterator[list[Offered]]:
    """Files as they come, written to the scratch folder for as long as they are needed."""

    largest = runtime.settings.max_upload_megabytes * 1024 * 1024
    with ExitStack() as kept:
        offered: list[Offered] = []
        for place, name, content in files:
            path, stored = kept.enter_context(incoming(runtime.files.scratch, content, largest))
            offered.append(Offered(place, name, path, stored.sha256))
        yield offered


def campaign_of(session: Session, runtime: Runtime, dossier_id: int) -> Campaign:
    """The campaign that a dossier's instance runs under."""
    instance = instances.of_dossier(session, dossier_id)
    return turn.campaign_of(session, runtime, instance.campaign_id)
