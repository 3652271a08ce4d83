"""Proofs of a dossier and its SSI questionnaire: confidential (DSR 4.7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import IO, Any

from flask import Response, jsonify, request
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
from api.schemas import AnswerSchema, instant, plain_text, whole_number, yes_or_no
from api.stored_file import PLAIN, given_out, saved
from workflow.domain import proof, ssi, stored_content
from workflow.domain.call import Call
from workflow.domain.file_store import PIECE
from workflow.domain.person import OPERATOR_SIDE
from workflow.domain.proof import Proof
from workflow.engine import acts, reception
from workflow.engine.reception import ProofPlace, Received
from workflow.errors import InvalidInput, NotFound

part = Part("api-proofs", "Proofs of conformity and the SSI questionnaire.")
READERS = (*sorted(OPERATOR_SIDE), *sorted(proof.READERS))
SSI_FORM = "ssi_questionnaire"
MOST_SHOWN = 100
NEVER_KEPT = {"Cache-Control": "no-store"}
"""No copy of a confidential answer stays in a browser or on the way to it."""
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


_OWN_FACTS = (
    "id",
    "requirement_code",
    "position",
    "kind",
    "file_name",
    "media_type",
    "size",
    "sha256",
    "uploaded_at",
    "handed_in_at",
)


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
    handed_in_at = instant(nullable=True, description="Null until it is submitted.")
    scan = plain_text(
        description="not_scanned, pending (quarantine), clean, infected (counts for nothing) or"
        " too_big."
    )


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
            session,
            dossier.id,
            after=after[0] if after else None,
            limit=query["limit"],
            handed_in=actor().operator_id != dossier.operator_id,
        )
        kept, following = page(rows, query["limit"], lambda row: [row.id])
        return {"items": _facts(session, kept), "next": following}


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
    spooled_limit(runtime().settings.max_upload_megabytes)
    dossier_id = _dossier_id(number)
    file_name, content = _uploaded(query.get("file_name"))
    place = ProofPlace(query["requirement"], query["position"])
    key = headers.get("idempotency_key")
    replay = replayed(key)
    # The transaction must not wait for a slow sender: the file is here before it opens.
    with reception.spooled(runtime(), [(place, file_name, content)]) as offered:
        # A repetition is answered as before, whatever may be attached by now.
        received = [] if replay else reception.receive(runtime(), actor(), dossier_id, offered)
        told = {**query, "file_name": file_name, "sha256": offered[0].sha256}

        def attach(call: Call) -> dict[str, Any]:
            asked = ("attach", {"dossier": dossier_id, **told})
            return once(call, key, asked, lambda: _attached(call, received))

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
        own = actor().operator_id == dossiers.find(session, number, actor()).operator_id
        given_out(session, found.content_key, to_its_sender=own)
        key, name = found.content_key, found.file_name
    # What an operator uploads is never shown as a page of ours.
    return saved(key, name, PLAIN)


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


def _attached(call: Call, received: Sequence[Received]) -> dict[str, Any]:
    kept = [
        each for each in reception.attach_all(runtime(), call, received) if isinstance(each, Proof)
    ]
    shown: Any = ProofSchema().dump(_facts(call.session, kept)[0])
    return shown


def _facts(session: Session, proofs: Sequence[Proof]) -> list[dict[str, Any]]:
    known = stored_content.states_of(session, (each.content_key for each in proofs))
    return [
        {
            **{name: getattr(each, name) for name in _OWN_FACTS},
            "scan": known[each.content_key].scan_state
            if each.content_key in known
            else stored_content.NOT_SCANNED,
        }
        for each in proofs
    ]


def _dossier_id(number: str) -> int:
    with runtime().database.reading() as session:
        return dossiers.find(session, number, actor()).id


def _readable(session: Session, number: str, proof_id: int) -> Proof:
    dossier = dossiers.find(session, number, actor())
    found = session.get(Proof, proof_id)
    if found is None or found.dossier_id != dossier.id:
        raise NotFound(f"Expected proof {proof_id} of dossier {number} but there is none.")
    return proof.find_readable(session, proof_id, actor())


def _uploaded(file_name: str | None) -> tuple[str, Iterator[bytes]]:
    if request.mimetype == MULTIPART:
        file = request.files.get("file")
        if file is None:
            raise InvalidInput("Expected a part named file but found none. Add the file.")
        return file.filename or "", _pieces(file.stream)
    if file_name is None:
        raise InvalidInput(
            "Expected a part named file, or file_name with a raw body, but found neither."
            " Send one of them."
        )
    return file_name, _pieces(request.stream)


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    while piece := content.read(PIECE):
        yield piece
