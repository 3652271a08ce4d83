"""Makes the documents that acts have asked for, after their commit, once each.

The PDF is drawn and sealed outside any transaction, stored, then named by its row and entered
in the history together: a crash in between leaves a file that nobody names, and the next try
makes the document again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from workflow import audit_log
from workflow.clock import Clock
from workflow.db import Database
from workflow.documents import kinds, rendering, seal, words
from workflow.documents.rendering import Frame
from workflow.documents.seal import Seal
from workflow.domain import document
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.document import Document
from workflow.domain.file_store import FileStore, StoredFile
from workflow.domain.person import SYSTEM
from workflow.errors import JalonError
from workflow.hash_chain import canonical
from workflow.outbox import DeliveryRefused
from workflow.settings import Settings


@dataclass
class DocumentCarrier:
    """Makes one document of the outbox; `clock` is the procedure's, `system` the machine's."""

    database: Database
    store: FileStore
    settings: Settings
    clock: Clock
    system: Clock

    def __call__(self, payload: Mapping[str, Any]) -> None:
        """Make the document of a code; raises DeliveryRefused, with the remedy.

        A retry would not help: whoever runs the tool corrects its cause, then tries again.
        """
        asked = self._asked(str(payload["code"]))
        if asked is None:
            return
        try:
            self._make(asked)
        except JalonError as refusal:
            raise DeliveryRefused(f"{asked.number}: {refusal}", failure=refusal.code) from refusal
        except (KeyError, TypeError, ValueError) as fault:
            # Facts of another version, or what pyHanko refuses: one document must not stop others.
            raise DeliveryRefused(
                f"{asked.number}: Expected facts that can be drawn and sealed but found"
                f" {type(fault).__name__} ({fault}). Correct the cause, then try again.",
                failure="not_drawn",
            ) from fault

    def _asked(self, code: str) -> Document | None:
        with self.database.reading() as session:
            found = session.scalars(select(Document).where(Document.code == code)).one()
            return None if found.is_made else found

    def _make(self, asked: Document) -> None:
        sealed_with = seal.load(self.settings)
        pdf = pdf_of(asked, self.settings.base_url, sealed_with)
        # The operator may still sign the convention that is sent to it; the others are closed.
        final = asked.kind != document.CONVENTION
        sealed = sealed_with.put_on(pdf, self.system.now(), final=final)
        self._keep(asked.id, self.store.put(sealed), sealed_with)

    def _keep(self, document_id: int, stored: StoredFile, sealed_with: Seal) -> None:
        with self.database.transaction() as session:
            made = session.get_one(Document, document_id, with_for_update=True)
            if made.is_made:
                return  # Another worker was quicker: its bytes are the document.
            now = self.clock.now()
            made.issued_at = now
            made.sha256, made.size, made.content_key = stored.sha256, stored.size, stored.key
            made.sealed_by = sealed_with.subject
            facts = {
                "kind": made.kind,
                "number": made.number,
                "sha256": stored.sha256,
                "facts_sha256": made.facts_sha256,
                "sealed_by": made.sealed_by,
            }
            event = audit_log.Event(
                AuditKind.DOCUMENT_ISSUED, facts, SYSTEM.person_id, SYSTEM.name, now, now
            )
            audit_log.append(session, audit_log.chain_of(made.dossier_id), [event])


def pdf_of(asked: Document, base_url: str, sealed_with: Seal) -> bytes:
    """The PDF of a document, before its seal.

    Raises NotDrawn, also when its facts are no longer those that were frozen.
    """
    if hashlib.sha256(canonical(asked.facts)).hexdigest() != asked.facts_sha256:
        raise rendering.NotDrawn(
            f"Expected the facts of {asked.number} as they were frozen but they were changed."
            " Look for who changed the database."
        )
    sheet = kinds.sheet_of(asked.kind, asked.facts)
    at = asked.asked_at.isoformat()
    base = base_url.rstrip("/")
    # Of an attestation, the register says more than its code does.
    checked = asked.facts.get("listing") or asked.code
    address = f"{base}/verifier/{checked}"
    frame = Frame(
        number=asked.number,
        above=f"Référencement {asked.facts['dsr']}",
        date=words.day(at),
        at=asked.asked_at,
        check=(
            f"Adresse : {address}",
            f"Pour comparer ce fichier octet pour octet, déposez-le sur {base}/verifier",
            sealed_with.words,
        ),
        address=address,
        code=asked.code,
        facts=asked.facts_sha256,
        funding=asked.facts.get("funding", ""),
    )
    return rendering.draw(sheet, frame)
