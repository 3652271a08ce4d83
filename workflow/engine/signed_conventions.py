"""The door of a convention signed by a certificate: checked, then stored, then kept."""

from __future__ import annotations

from datetime import datetime

from workflow.documents import inspection, seal, signed_copy
from workflow.documents.inspection import Trust
from workflow.documents.seal import InvalidSeal, Seal
from workflow.domain import convention, convention_signature, document
from workflow.domain import dossier as dossiers
from workflow.domain.convention_signature import Certificate
from workflow.domain.person import Actor
from workflow.engine import acts
from workflow.engine.runtime import Runtime
from workflow.errors import Conflict
from workflow.settings import Settings


def keep(
    runtime: Runtime, actor: Actor, dossier_id: int, given: bytes, system_now: datetime
) -> Certificate:
    """Check a signed copy of a dossier's convention and keep it; whose certificate signed.

    `system_now` is the machine's instant, by which certificates live. Raises InvalidDocument,
    WrongSigner, NotAllowed, and Conflict when no signature is waited for: nothing is stored then.
    """
    with runtime.database.reading() as session:
        dossiers.require_party(session, dossier_id, "legal_representative", actor)
        kept = convention.find(session, dossier_id)
        convention_signature.require_unsigned(None if kept is None else kept.signed_at)
        sent = document.latest(session, dossier_id, document.CONVENTION)
    if sent is None or sent.content_key is None:
        raise Conflict(
            "Expected the convention's PDF to be there but it is not made yet. Come back later."
        )
    with runtime.files.open(sent.content_key) as file:
        original = file.read()
    certificate = signed_copy.check(original, given, trust_of(runtime.settings), system_now)
    with runtime.database.reading() as session:
        convention_signature.require_signer(session, dossier_id, actor, certificate.name)
    stored = runtime.files.put(given, largest=inspection.LARGEST_PDF)
    acts.perform(
        runtime,
        actor,
        dossier_id,
        lambda call: convention.keep_signed_copy(call, certificate, stored),
    )
    return certificate


def trust_of(settings: Settings) -> Trust:
    """Whom a deployment believes: its own seal, and the authorities of its folder."""
    return Trust.of(_seal(settings), settings.trust_folder)


def _seal(settings: Settings) -> Seal | None:
    try:
        return seal.load(settings)
    except InvalidSeal:
        return None
