"""The whole dossier in one zip, with a manifest of hashes and how to check it without a script.

An operator gets its own dossier, without what the Agency keeps to itself; the auditor and the
process owner get the payloads of the history too. The SSI questionnaire is in nobody's export.
[règle 57]
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow import audit_log
from workflow.audit_log import AuditEntry
from workflow.documents import dossier_sheet, rendering
from workflow.documents.export_words import READ_ME
from workflow.documents.rendering import Frame
from workflow.documents.tongue import Tongue, tongue_of
from workflow.documents.zip_stream import Entry, safe_name
from workflow.domain import document, evidence, proof, stored_content
from workflow.domain.audit_kinds import INTERNAL, AuditKind
from workflow.domain.campaign import Campaign
from workflow.domain.campaign_parameters import in_language
from workflow.domain.convention_signature import ConventionSignature
from workflow.domain.dossier import Dossier
from workflow.domain.file_store import FileStore
from workflow.domain.person import Actor
from workflow.errors import NotAllowed, NotFound

AUDITORS = frozenset({"auditor", "process_owner"})
MANIFEST = "SHA256SUMS"
PER_READ = 500
MOST_COPIES = 50
NOT_TOLD = INTERNAL | {
    AuditKind.VERDICT_RECORDED,
    AuditKind.RESERVATION_LIFTING_PROPOSED,
    AuditKind.DOSSIER_FLAGGED,
    AuditKind.QUEUE_RANK_RESTORED,
    AuditKind.SSI_ANSWERED,
}
"""What an operator's export leaves out of the history."""


def entries_of(
    session: Session,
    store: FileStore,
    dossier: Dossier,
    campaign: Campaign,
    actor: Actor,
    *,
    now: datetime,
    base_url: str,
    language: str = "fr",
) -> list[Entry]:
    """The files of a dossier's export for this person, the manifest last.

    What is made to be read is in `language`; what was issued or given is as it was.

    Raises NotAllowed to whom it is not given, and NotFound when the store has lost a file.
    """
    own = actor.operator_id is not None and actor.operator_id == dossier.operator_id
    if not own and not actor.roles & AUDITORS:
        raise NotAllowed(
            f"Expected the dossier's operator, the auditor or the process owner but {actor.name} is"
            " none of them. Ask one of them."
        )
    given = list(_given(session, dossier, actor))
    kept = stored_content.withheld(session, [each.key for each in given], to_its_sender=own)
    withheld = [each.path for each in given if each.key in kept]
    files = [
        *_documents(session, dossier, actor),
        *(each for each in given if each.key not in kept),
    ]
    lost = [each.path for each in files if each.content is None and not store.exists(each.key)]
    if lost:
        raise NotFound(
            f"Expected every file of dossier {dossier.number} but {lost[0]} is missing from the"
            " store. Restore it from a backup."
        )
    tongue = tongue_of(language)
    name, text, withheld_text = READ_ME[tongue.language]
    read_me = text.format(
        number=dossier.number,
        service=f"{dossier.service_name}, version {dossier.service_version}",
        company=dossier.company_name,
        at=tongue.instant(now.isoformat()),
        address=f"{base_url.rstrip('/')}/verifier",
        withheld=withheld_text.format(names="\n  ".join(withheld)) if withheld else "",
    )
    made = [
        _made(name, read_me.encode()),
        _made("dossier.pdf", _readable(session, dossier, campaign, actor, now, tongue)),
        *files,
        _made("historique.json", _history(session, dossier, own)),
    ]
    lines = "".join(f"{each.sha256}  {each.path}\n" for each in made)
    return [*made, _made(MANIFEST, lines.encode())]


def _documents(session: Session, dossier: Dossier, actor: Actor) -> Iterator[Entry]:
    for each in document.of_dossier(session, dossier.id, actor):
        if each.content_key is not None:
            yield _stored(f"documents/{safe_name(each.file_name)}", each)
        if each.kind == document.SIGNATURE_EVIDENCE:
            facts = orjson.dumps(each.facts, option=orjson.OPT_INDENT_2)
            yield _made(f"signatures/{safe_name(each.number)}.json", facts)
    copies = session.scalars(
        select(ConventionSignature)
        .where(
            ConventionSignature.dossier_id == dossier.id,
            ConventionSignature.content_key.is_not(None),
        )
        .order_by(ConventionSignature.id)
        .limit(MOST_COPIES)
    )
    for copy in copies:
        yield _stored(f"signatures/convention-signee-{copy.id}.pdf", copy)


def _given(session: Session, dossier: Dossier, actor: Actor) -> Iterator[Entry]:
    """What the operator gave; the Agency sees no proof before it is handed in."""
    for each in proof.shown_to(session, dossier, actor):
        name = f"{each.position}-{each.id}-{safe_name(each.file_name)}"
        yield _stored(f"preuves/{safe_name(each.requirement_code)}/{name}", each)
    for piece in evidence.of_dossier(session, dossier.id):
        yield _stored(f"corrections/{piece.id}-{safe_name(piece.file_name)}", piece)


def _readable(
    session: Session,
    dossier: Dossier,
    campaign: Campaign,
    actor: Actor,
    now: datetime,
    tongue: Tongue,
) -> bytes:
    sheet = dossier_sheet.sheet_of(
        session,
        dossier,
        campaign.names_of(dossier.profiles, tongue.language),
        proof.shown_to(session, dossier, actor),
        evidence.of_dossier(session, dossier.id),
        tongue,
    )
    frame = Frame(
        number=dossier.number,
        above=tongue.say("Référencement {dsr}", dsr=dossier.dsr),
        date=tongue.say("État du {at}", at=tongue.instant(now.isoformat())),
        at=now,
        check=(
            tongue.say(
                "Copie de travail du dossier, sans cachet. Son empreinte est dans le fichier"
                " {manifest} de l’archive ; seuls les documents du dossier « documents » font foi.",
                manifest=MANIFEST,
            ),
        ),
        funding=in_language(campaign.funding, tongue.language),
        language=tongue.language,
    )
    return rendering.draw(sheet, frame)


def _history(session: Session, dossier: Dossier, own: bool) -> bytes:
    told = [_told(entry, own) for entry in _entries(session, dossier.id, own)]
    whole = {"dossier": dossier.number, "entries": told}
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z)


def _entries(session: Session, dossier_id: int, own: bool) -> Iterator[AuditEntry]:
    after, without = 0, {str(kind) for kind in NOT_TOLD} if own else set[str]()
    while True:
        rows = audit_log.history_of(
            session, dossier_id, after=after, limit=PER_READ, without=without
        )
        yield from rows
        if len(rows) < PER_READ:
            return
        after = rows[-1].sequence


def _told(entry: AuditEntry, own: bool) -> Mapping[str, Any]:
    told: dict[str, Any] = {
        "sequence": entry.sequence,
        "kind": entry.kind,
        "by": entry.actor_name,
        "effective_at": entry.effective_at,
        "recorded_at": entry.recorded_at,
        "commitment": entry.commitment,
        "link": entry.link,
    }
    return told if own else {**told, "facts": entry.facts}


def _made(path: str, content: bytes) -> Entry:
    return Entry(path, hashlib.sha256(content).hexdigest(), len(content), content)


def _stored(path: str, row: Any) -> Entry:
    return Entry(path, row.sha256, row.size, key=row.content_key)
