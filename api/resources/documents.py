"""Documents of a dossier: those issued, the convention signed by a certificate, the export."""

from __future__ import annotations

from typing import Any

from flask import Response, request, send_file
from marshmallow import Schema

from api.access import AGENCY, EVERYONE, actor, allowed
from api.context import runtime, system_now
from api.paging import PageQuery, page, page_of, position
from api.parsing import Part, spooled_limit
from api.readers import dossiers as reader
from api.schemas import copied, instant, plain_text, whole_number
from workflow.documents import export
from workflow.documents.inspection import LARGEST_PDF
from workflow.documents.zip_stream import stream
from workflow.domain import college_sessions, convention, document
from workflow.domain.document import PREFIXES, Document
from workflow.engine import acts, signed_conventions, turn
from workflow.errors import InvalidInput, NotFound

part = Part("api-documents", "Documents: PDFs that are sealed, and the export of a dossier.")
EXPORTERS = ("operator", "legal_representative", "process_owner", "auditor")
PDF = "application/pdf"
ZIP = "application/zip"
MULTIPART = "multipart/form-data"
MEGABYTE = 1024 * 1024
_FILE = {"type": "string", "format": "binary"}
_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        MULTIPART: {
            "schema": {"type": "object", "properties": {"file": _FILE}, "required": ["file"]}
        },
        PDF: {"schema": _FILE},
    },
}


class DocumentSchema(Schema):
    """A document; what follows `asked_at` is null until its PDF is made."""

    id = whole_number()
    kind = plain_text(enum=list(PREFIXES))
    number = plain_text()
    version = whole_number()
    code = plain_text(description="Printed on the document: checked at /verifier/<code>.")
    facts_sha256 = plain_text(description="SHA-256 of the facts, frozen by the act.")
    asked_at = instant()
    issued_at = instant(nullable=True)
    sha256 = plain_text(nullable=True)
    size = whole_number(nullable=True, description="Bytes.")
    sealed_by = plain_text(nullable=True)


class SignerSchema(Schema):
    """The certificate that signed the convention."""

    name = plain_text()
    subject = plain_text()
    issuer = plain_text()
    serial = plain_text()
    sha256 = plain_text()


@part.get("/dossiers/<number>/documents")
@allowed(*EVERYONE)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(DocumentSchema))
def list_documents(query: dict[str, Any], number: str) -> dict[str, Any]:
    """List the documents of a dossier in the order in which they were asked for"""
    after = position(query.get("cursor"), int)
    with runtime().database.reading() as session:
        dossier = reader.find(session, number, actor())
        found = document.of_dossier(session, dossier.id, actor())
        rows = [each for each in found if after is None or each.id > after[0]]
        kept, following = page(rows[: query["limit"] + 1], query["limit"], lambda row: [row.id])
        return {"items": [copied(DocumentSchema, row) for row in kept], "next": following}


@part.get("/dossiers/<number>/documents/<int(max=2147483647):document_id>")
@allowed(*EVERYONE)
@part.response(200, _FILE, content_type=PDF)
def get_document(number: str, document_id: int) -> Response:
    """Download a document as it was issued"""
    with runtime().database.reading() as session:
        dossier = reader.find(session, number, actor())
        found = document.find_readable(session, document_id, actor())
        if found.dossier_id != dossier.id:
            raise NotFound(f"Expected document {document_id} of dossier {number} but it is not.")
        return _pdf(found)


@part.get("/campaigns/<campaign_id>/college-sessions/<int(max=2147483647):number>/minutes")
@allowed(*AGENCY)
@part.response(200, _FILE, content_type=PDF)
def get_minutes(campaign_id: str, number: int) -> Response:
    """Download the minutes of a session that was held"""
    with runtime().database.reading() as session:
        held = college_sessions.held(session, campaign_id, number)
        found = document.of_session(session, held.id)
        if found is None or not found.is_made:
            raise NotFound(
                f"Expected the minutes of session {number} but their PDF is not made yet."
                " Come back later."
            )
        return _pdf(found)


@part.put("/dossiers/<number>/signed-convention")
@allowed("legal_representative")
@part.doc(requestBody=_BODY)
@part.response(200, SignerSchema)
def give_signed_convention(number: str) -> Any:
    """Give the convention's PDF signed by a certificate, before completing the task

    As multipart/form-data with a part `file`, or as the raw body.
    """
    spooled_limit(LARGEST_PDF // MEGABYTE + 1)
    with runtime().database.reading() as session:
        dossier_id = reader.find(session, number, actor()).id
    certificate = signed_conventions.keep(runtime(), actor(), dossier_id, _given(), system_now())
    return SignerSchema().dump(certificate)


@part.delete("/dossiers/<number>/signed-convention")
@allowed("legal_representative")
@part.response(204)
def remove_signed_convention(number: str) -> Response:
    """Take the signed copy back, before the task is completed"""
    with runtime().database.reading() as session:
        dossier_id = reader.find(session, number, actor()).id
    acts.perform(runtime(), actor(), dossier_id, convention.remove_signed_copy)
    return Response(status=204)


@part.get("/dossiers/<number>/export")
@allowed(*EXPORTERS)
@part.response(200, _FILE, content_type=ZIP)
def export_dossier(number: str) -> Response:
    """Download the whole dossier: documents, proofs, history, and their hashes

    Nothing of the SSI questionnaire is in it.
    """
    with runtime().database.reading() as session:
        dossier = reader.find(session, number, actor())
        entries = export.entries_of(
            session,
            runtime().files,
            dossier,
            turn.campaign_of(session, runtime(), dossier.campaign_id),
            actor(),
            now=runtime().clock.now(),
            base_url=runtime().settings.base_url,
        )
    return Response(
        stream(entries, runtime().files),
        mimetype=ZIP,
        headers={"Content-Disposition": f'attachment; filename="dossier-{number}.zip"'},
    )


def _pdf(found: Document) -> Response:
    answer = send_file(
        runtime().files.open(found.content_key or ""),
        mimetype=PDF,
        as_attachment=True,
        download_name=found.file_name,
        etag=found.sha256 or False,
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def _given() -> bytes:
    if request.mimetype != MULTIPART:
        return request.stream.read(LARGEST_PDF + 1)
    file = request.files.get("file")
    if file is None:
        raise InvalidInput("Expected a part named file but found none. Add the file.")
    return file.stream.read(LARGEST_PDF + 1)
