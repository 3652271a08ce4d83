"""The check of a document by anyone: by the code it bears, or byte for byte (DSR 4.5, 4.10).

What is given is compared and forgotten: nothing of it is stored.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request

from web.document_words import named
from web.language import _
from web.procedure_words import faults_in_words
from web.public import example_number
from web.runtime import now, runtime, system_now
from web.security import limiter
from workflow.documents import inspection
from workflow.documents.inspection import LARGEST_PDF, Signed
from workflow.domain import document
from workflow.domain.document import Document, InvalidDocument
from workflow.engine.signed_conventions import trust_of

part = Blueprint("verification", __name__)


@dataclass(frozen=True)
class SealState:
    """One seal or signature of a file: whose, and in words whether it holds."""

    words: str
    tone: str
    shape: str
    subject: str


@dataclass(frozen=True)
class FileVerdict:
    """What is known of a file: the document it is, if any, and the state of its seals."""

    document: Document | None
    title: str
    is_of_number: bool
    seals: list[SealState]
    sha256: str


@part.get("/verifier/document/<code>")
@limiter.limit("60 per minute")
def of_code(code: str) -> Any:
    """Say which document bears a code."""
    with runtime().database.reading() as session:
        found = document.by_code(session, code) if document.is_code(code) else None
        session.expunge_all()
    normal = document.normalised(code)[:40]
    page = _page(number=normal, code=normal, found=found, title=named(found.kind) if found else "")
    return page, 200 if found else 404


@part.post("/verifier")
@limiter.limit("10 per minute")
@limiter.limit("60 per hour")
def of_file() -> Any:
    """Say whether a file is a document as it was issued, and whether its seal holds."""
    number = document.normalised(request.form.get("numero", ""))[:60]
    chosen = request.files.get("file")
    if chosen is None or not chosen.filename:
        return _refused(number, [_("Aucun fichier n'est choisi. Choisissez-en un.")])
    given = chosen.stream.read(LARGEST_PDF + 1)
    try:
        inspection.require_pdf(given)
        verdict = _verdict(given, number)
    except InvalidDocument as refusal:
        return _refused(
            number, [each for told in faults_in_words(refusal).values() for each in told]
        )
    return _page(number=number, verdict=verdict)


def _verdict(given: bytes, number: str) -> FileVerdict:
    sha256 = hashlib.sha256(given).hexdigest()
    with runtime().database.reading() as session:
        found = document.by_sha256(session, sha256)
        session.expunge_all()
    signed = inspection.inspect(given, trust_of(runtime().settings), system_now())
    return FileVerdict(
        document=found,
        title=named(found.kind) if found else "",
        is_of_number=not number or (found is not None and number in _numbers(found)),
        seals=[_state(each) for each in signed],
        sha256=sha256,
    )


def _numbers(found: Document) -> set[str]:
    return {found.code, found.number, str(found.facts.get("listing"))}


def _state(each: Signed) -> SealState:
    if each.is_ours:
        if each.is_sound:
            return SealState(_("Cachet de l'ANS intact"), "done", "check", each.subject)
        return SealState(
            _("Cachet de l'ANS rompu : le fichier a changé depuis"), "alert", "cross", each.subject
        )
    if each.is_sound:
        return SealState(_("Signature intacte et reconnue"), "done", "check", each.subject)
    if not each.is_unchanged:
        return SealState(
            _("Signature rompue : le fichier a changé depuis"), "alert", "cross", each.subject
        )
    return SealState(
        _("Signature intacte, mais son autorité n'est pas reconnue ici"),
        "wait",
        "warn",
        each.subject,
    )


def _refused(number: str, faults: list[str]) -> Any:
    return _page(number=number, faults=faults), 422


def _page(**shown: Any) -> str:
    return render_template("verify.html", outcome=None, **example_number(), today=now(), **shown)
