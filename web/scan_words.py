"""What the antivirus says of a file, in words: never hidden, never a colour alone."""

from __future__ import annotations

from web.dossier_words import Look
from web.language import _l
from workflow.domain.stored_content import (
    CLEAN,
    INFECTED,
    NOT_SCANNED,
    PENDING,
    TOO_BIG,
    StoredContent,
)

SCANS: dict[str, Look] = {
    NOT_SCANNED: Look(_l("non analysé par un antivirus"), "mute", "ring"),
    PENDING: Look(_l("en quarantaine : analyse en attente"), "wait", "pause"),
    CLEAN: Look(_l("analysé, rien trouvé"), "done", "check"),
    INFECTED: Look(_l("infecté : à remplacer, ne compte pas"), "alert", "cross"),
    TOO_BIG: Look(_l("trop gros pour être analysé"), "wait", "warn"),
}


def look_of(content: StoredContent | None) -> Look:
    """The words for a content; one that nothing is known of was not scanned."""
    return SCANS[NOT_SCANNED if content is None else content.scan_state]
