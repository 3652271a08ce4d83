"""Proofs in words: what the antivirus says of a file, and what the history tells of files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from web.dossier_words import PROOF_KINDS, Look
from web.language import _, _l, _n
from workflow.domain.catalogue_changes import proofs_of
from workflow.domain.requirement import Requirement
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


def names_of(catalogue: Iterable[Requirement]) -> dict[tuple[str, int], str]:
    """What each expected proof is, in words, by the code of its requirement and its position."""
    return {
        (each.code, at): str(PROOF_KINDS.get(kind, kind))
        for each in catalogue
        for at, (kind, _text) in enumerate(proofs_of(each), start=1)
    }


TELLERS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "proof:attached": lambda f: _(
        "Joint une preuve pour %(code)s : %(file)s.",
        code=f.get("requirement", ""),
        file=f.get("file_name", ""),
    ),
    "proof:removed": lambda f: _(
        "Retire une preuve jointe pour %(code)s.", code=f.get("requirement", "")
    ),
    "ssi:answered": lambda f: _("Remplit le questionnaire de maturité SSI."),
    "content:scanned": lambda f: _(
        "L'antivirus trouve un programme malveillant dans %(name)s : %(threat)s.",
        name=f.get("file_name", ""),
        threat=f.get("threat", ""),
    ),
    "submission:recorded": lambda f: _n(
        "Remet la version %(version)s du dossier de preuves : %(num)s fichier.",
        "Remet la version %(version)s du dossier de preuves : %(num)s fichiers.",
        len(f.get("files") or []),
        version=f.get("number", ""),
    ),
}
"""The history's sentences about files and versions."""
