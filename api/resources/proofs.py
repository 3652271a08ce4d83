"""Proofs of a dossier and its SSI questionnaire: confidential (DSR 4.7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import IO, Any

from flask import Response, jsonify, request, send_file
from marshmallow import Schema, validate
from marshmallow import fields as f
from sqlalchemy.orm import Session

from api.access import actor, allowed
from api.context import runtime
from api.paging import PageQuery, page, page_of, position
from api.parsing import Part, spooled_limit
from api.preconditions import REPLAYED, KeyHeader, once, replayed
from api.problems import PREFIX
from api.readers import dossiers, records
from api.schemas import AnswerSchema, copied, instant, plain_text, whole_number, yes_or_no
from workflow.domain import proof, ssi
from workflow.domain.call import Call
from workflow.domain.person import OPERATOR_SIDE
from workflow.domain.proof import Proof
from workflow.engine import acts
from workflow.errors import InvalidInput, NotFound

part = Part("api-proofs", "Proofs of conformity and the SSI questionnaire.")
READERS = (*sorted(OPERATOR_SIDE), *sorted(proof.READERS))
SSI_FORM = "ssi_questionnaire"
MOST_SHOWN = 100
NEVER_KEPT = {"Cache-Control": "no-store"}
"""No copy of a confidential answer stays in a browser or on the way to it."""
PIECE = 64 * 1024
MULTIPART = "multipart/form-data"
_FILE = {"type": "string", "format": "binary"}
_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        MULTIPART: {
            "schema": {"type": "object", "properties": {"file": _FILE}, "required": ["file"]}
        },
        "application/octet-stream": {"schema": _FILE},
    },
}


class ProofSchema(Schema):
    """A file given for an expected proof."""

    id = whole_number()
    requirement = f.String(required=True, attribute="requirement_code")
    position = whole_number(description="Which of the requirement's proofs, from 1.")
    kind = plain_text()
    file_name = plain_text()
    media_type = plain_text()
    size = whole_number(description="Bytes.")
    sha256 = plain_text()
    uploaded_at = instant()


class ExpectedProofSchema(Schema):
    """A proof that the catalogue asks of this dossier."""

    requirement = f.String(required=True, attribute="requirement_code")
    position = whole_number()
    kind = plain_text()


class ProofFileSchema(Schema):
    """How complete the proof file is."""

    expected = whole_number()
    provided = whole_number()
    missing = f.List(
        f.Nested(ExpectedProofSchema),
        required=True,
        metadata={"description": f"The first {MOST_SHOWN} at most."},
    )
    ssi_answered = f.Boolean(required=True, attribute="ssi_done")
    is_complete = yes_or_no()


class UploadQuery(Schema):
    """Which expected proof a file answers."""

    requirement = f.String(required=True, validate=validate.Regexp(r"^[\w .:/-]{1,40}\Z"))
    position = f.Integer(load_default=1, validate=validate.Range(1, 1000))
    file_name = f.String(
        validate=validate.Length(1, 200),
        metadata={"description": "For a raw body; a multipart one tells its own."},
    )


class SsiAnswersSchema(Schema):
    """The answers to the SSI questionnaire."""

    answers = f.Dict(keys=f.String(), required=True)


@part.get("/dossiers/<number>/proofs")
@allowed(*READERS)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(ProofSchema))
def list_proofs(query: dict[str, Any], number: str) -> dict[str, Any]:
    """List the files of a dossier in the order in which they came"""
    after = position(query.get("cursor"), int)
    with runtime().database.reading() as session:
        dossier = dossiers.find(session, number, actor())
        rows = records.proofs(
            session, dossier.id, after=after[0] if after else None, limit=query["limit"]
        )
        kept, following = page(rows, query["limit"], lambda row: [row.id])
        return {"items": [copied(ProofSchema, row) for row in kept], "next": following}


@part.get("/dossiers/<number>/proof-file")
@allowed(*READERS)
@part.response(200, ProofFileSchema)
def get_proof_file(number: str) -> dict[str, Any]:
    """Read how complete the proof file is"""
    with runtime().database.reading() as session:
        dossier = dossiers.find(session, number, actor())
        found = proof.completeness(session, dossier)
        return {
            "expected": found.expected,
            "provided": found.provided,
            "missing": found.missing[:MOST_SHOWN],
            "ssi_done": found.ssi_done,
            "is_complete": found.is_complete,
        }


@part.post("/dossiers/<number>/proofs")
@allowed("operator")
@part.doc(requestBody=_BODY)
@part.arguments(KeyHeader, location="headers")
@part.arguments(UploadQuery, location="query")
@part.response(201, ProofSchema, headers=REPLAYED)
def attach_proof(headers: dict[str, Any], query: dict[str, Any], number: str) -> Any:
    """Give a file for an expected proof

    As multipart/form-data with a part `file`, or as the raw body with `file_name`.
    """
    largest = spooled_limit(runtime().settings.max_upload_megabytes)
    dossier_id = _dossier_id(number)
    file_name, media_type, content = _uploaded(query.get("file_name"))
    file: dict[str, Any] = {
        "requirement_code": query["requirement"],
        "position": query["position"],
        "file_name": file_name,
        "media_type": media_type,
    }
    # The transaction must not wait for a slow sender: the file is here before it opens.
    stored = runtime().files.put(content, largest=largest)
    key = headers.get("idempotency_key")
    replay = replayed(key)

    def attach(call: Call) -> dict[str, Any]:
        asked = ("attach", {"dossier": dossier_id, "sha256": stored.sha256, **file})
        return once(call, key, asked, lambda: _shown(proof.attach(call, **file, stored=stored)))

    kept = acts.perform(runtime(), actor(), dossier_id, attach)
    answer = jsonify(kept)
    answer.headers.extend({"Location": f"{PREFIX}/dossiers/{number}/proofs/{kept['id']}", **replay})
    return answer, 201


@part.delete("/dossiers/<number>/proofs/<int(max=2147483647):proof_id>")
@allowed("operator")
@part.response(204)
def remove_proof(number: str, proof_id: int) -> Response:
    """Take a file away, before the submission"""
    acts.perform(runtime(), actor(), _dossier_id(number), lambda call: proof.remove(call, proof_id))
    return Response(status=204)


@part.get("/dossiers/<number>/proofs/<int(max=2147483647):proof_id>")
@allowed(*READERS)
@part.response(200, _FILE, content_type="application/octet-stream")
def get_proof(number: str, proof_id: int) -> Response:
    """Download a file"""
    with runtime().database.reading() as session:
        found = _readable(session, number, proof_id)
        content = runtime().files.open(found.content_key)
        answer = send_file(
            content,
            mimetype="application/octet-stream",
            as_attachment=True,
            download_name=found.file_name,
            etag=found.sha256,
        )
    # What an operator uploads is never shown as a page of ours.
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@part.put("/dossiers/<number>/ssi-answers")
@allowed("operator")
@part.arguments(AnswerSchema)
@part.response(204)
def answer_ssi(body: dict[str, Any], number: str) -> Response:
    """Answer the SSI questionnaire; only the SSI officer reads the answers"""
    dossier_id = _dossier_id(number)
    answers = runtime().forms.get(SSI_FORM).validate(body["answer"])
    verb: Callable[[Call], None] = partial(ssi.answer_ssi, answers=answers)
    acts.perform(runtime(), actor(), dossier_id, verb)
    return Response(status=204)


@part.get("/dossiers/<number>/ssi-answers")
@allowed("ssi_officer")
@part.response(200, SsiAnswersSchema)
def get_ssi_answers(number: str) -> Any:
    """Read the answers to the SSI questionnaire"""
    with runtime().database.reading() as session:
        dossier = dossiers.find(session, number, actor())
        return {"answers": ssi.answers_for(session, dossier.id, actor())}, NEVER_KEPT


def _shown(kept: Proof) -> dict[str, Any]:
    shown: Any = ProofSchema().dump(kept)
    return shown


def _dossier_id(number: str) -> int:
    with runtime().database.reading() as session:
        return dossiers.find(session, number, actor()).id


def _readable(session: Session, number: str, proof_id: int) -> Proof:
    dossier = dossiers.find(session, number, actor())
    found = session.get(Proof, proof_id)
    if found is None or found.dossier_id != dossier.id:
        raise NotFound(f"Expected proof {proof_id} of dossier {number} but there is none.")
    return proof.find_readable(session, proof_id, actor())


def _uploaded(file_name: str | None) -> tuple[str, str, Iterator[bytes]]:
    if request.mimetype == MULTIPART:
        file = request.files.get("file")
        if file is None:
            raise InvalidInput("Expected a part named file but found none. Add the file.")
        return file.filename or "", file.mimetype, _pieces(file.stream)
    if file_name is None:
        raise InvalidInput(
            "Expected a part named file, or file_name with a raw body, but found neither."
            " Send one of them."
        )
    return file_name, request.mimetype, _pieces(request.stream)


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    while piece := content.read(PIECE):
        yield piece
