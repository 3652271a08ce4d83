"""Resumable uploads by the tus protocol, version 1.0 (https://tus.io): large files, bad networks.

Extensions: creation, termination, expiration, checksum. The last byte attaches the file.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC
from email.utils import format_datetime
from typing import Any

from flask import Response, g, request
from marshmallow import EXCLUDE, Schema, post_load, validate
from marshmallow import fields as f
from werkzeug.exceptions import (
    ClientDisconnected,
    PreconditionFailed,
    UnsupportedMediaType,
)

from api.access import actor, allowed
from api.context import runtime, system_now
from api.parsing import Part, spooled_limit
from api.problems import PREFIX
from api.readers import dossiers
from workflow.domain.file_store import PIECE
from workflow.domain.upload import Upload
from workflow.engine import uploads
from workflow.engine.reception import Place, ProofPlace, ReservationPlace
from workflow.engine.uploads import Checksum, Progress
from workflow.errors import InvalidInput

part = Part("api-uploads", "Resumable uploads (tus 1.0) of proofs and of evidence.")
VERSION = "1.0.0"
EXTENSIONS = "creation,termination,expiration,checksum"
ALGORITHMS = ("sha256", "sha1")
OFFSETS = "application/offset+octet-stream"
LONGEST_METADATA = 4_000
_BYTES = {"type": "string", "format": "binary"}
_HEADER = {"schema": {"type": "string"}}
_TOLD = {"Tus-Resumable": _HEADER, "Upload-Offset": _HEADER, "Upload-Expires": _HEADER}


class TusHeader(Schema):
    """The version of the protocol; another one is refused with 412."""

    class Meta:
        unknown = EXCLUDE

    tus_resumable = f.String(
        data_key="Tus-Resumable",
        required=True,
        metadata={"example": VERSION, "description": "1.0.0; another one is refused with 412."},
    )

    @post_load
    def speak_one_version(self, found: dict[str, Any], **_kept: Any) -> dict[str, Any]:
        """Refuse other versions of the protocol (tus 1.0)."""
        spoken = found["tus_resumable"]
        if spoken != VERSION:
            raise PreconditionFailed(
                f"Expected version {VERSION} of tus but found {spoken[:20]!r}. Speak that one."
            )
        return found


class CreationHeaders(TusHeader):
    """What will come."""

    class Meta:
        unknown = EXCLUDE

    upload_length = f.Integer(
        data_key="Upload-Length", required=True, validate=validate.Range(0, 2**40)
    )
    upload_metadata = f.String(
        data_key="Upload-Metadata",
        required=True,
        validate=validate.Length(1, LONGEST_METADATA),
        metadata={
            "description": "dossier, filename, then requirement and position, or reservation:"
            " each a name and its value in Base64, separated by commas."
        },
    )


class OffsetHeaders(TusHeader):
    """Where the bytes of a request go."""

    class Meta:
        unknown = EXCLUDE

    upload_offset = f.Integer(
        data_key="Upload-Offset", required=True, validate=validate.Range(0, 2**40)
    )
    upload_checksum = f.String(
        data_key="Upload-Checksum",
        metadata={"description": "sha256 or sha1, then the hash in Base64."},
    )


@part.after_request
def tell_version(response: Response) -> Response:
    """Every answer names the version; a refused one, those that are spoken."""
    response.headers["Tus-Resumable"] = VERSION
    if response.status_code == 412:
        response.headers["Tus-Version"] = VERSION
    return response


@part.route("/uploads", methods=["OPTIONS"], provide_automatic_options=False)
@allowed("operator")
@part.response(204)
def describe() -> Response:
    """Read what is spoken here"""
    told = {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        "Allow": "OPTIONS, POST",
    }
    return Response(status=204, headers=told)


@part.post("/uploads")
@allowed("operator")
@part.arguments(CreationHeaders, location="headers")
@part.response(201, headers={"Location": _HEADER, **_TOLD})
def create_upload(headers: dict[str, Any]) -> Response:
    """Announce a file; the answer says where to send it"""
    told = _metadata(headers["upload_metadata"])
    with runtime().database.reading() as session:
        dossier_id = dossiers.find(session, told.get("dossier", ""), actor()).id
    begun = uploads.begin(
        runtime(),
        actor(),
        dossier_id,
        _place(told),
        told.get("filename", ""),
        headers["upload_length"],
        system_now(),
    )
    answer = _answer(201, begun, 0)
    answer.headers["Location"] = f"{PREFIX}/uploads/{begun.id}"
    return answer


@part.route("/uploads/<upload_id>", methods=["HEAD"])
@allowed("operator")
@part.arguments(TusHeader, location="headers")
@part.response(200, headers={"Upload-Length": _HEADER, **_TOLD})
def get_offset(_headers: dict[str, Any], upload_id: str) -> Response:
    """Ask where an upload stopped; one that a crash left whole is finished first"""
    return _told(200, uploads.progress(runtime(), actor(), upload_id, system_now()))


@part.patch("/uploads/<upload_id>")
@allowed("operator")
@part.doc(requestBody={"required": True, "content": {OFFSETS: {"schema": _BYTES}}})
@part.arguments(OffsetHeaders, location="headers")
@part.response(204, headers=_TOLD)
def append_bytes(headers: dict[str, Any], upload_id: str) -> Response:
    """Send bytes from where it stopped; the last one attaches the file"""
    if request.mimetype != OFFSETS:
        raise UnsupportedMediaType(f"Expected {OFFSETS} but found another type. Set Content-Type.")
    spooled_limit(runtime().settings.max_upload_megabytes)
    done = uploads.append(
        runtime(),
        actor(),
        upload_id,
        headers["upload_offset"],
        _pieces(),
        system_now(),
        _checksum(headers.get("upload_checksum")),
    )
    if g.get("jalon_upload_cut"):
        raise ClientDisconnected
    return _told(204, done)


@part.delete("/uploads/<upload_id>")
@allowed("operator")
@part.arguments(TusHeader, location="headers")
@part.response(204)
def cancel_upload(_headers: dict[str, Any], upload_id: str) -> Response:
    """Forget an upload and what came of it"""
    uploads.cancel(runtime(), actor(), upload_id, system_now())
    return Response(status=204)


def _told(status: int, done: Progress) -> Response:
    return _answer(status, done.upload, done.offset)


def _answer(status: int, found: Upload, offset: int) -> Response:
    answer = Response(status=status)
    answer.headers["Upload-Offset"] = str(offset)
    answer.headers["Upload-Length"] = str(found.length)
    answer.headers["Upload-Expires"] = format_datetime(found.expires_at.astimezone(UTC), True)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _pieces() -> Iterator[bytes]:
    """The body piece by piece; a cut ends it, what came is kept."""
    try:
        while piece := request.stream.read(PIECE):
            yield piece
    except (ClientDisconnected, ConnectionError):
        g.jalon_upload_cut = True


def _metadata(header: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for pair in header.split(","):
        name, _space, value = pair.strip().partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError) as fault:
            raise InvalidInput(
                f"Expected {name[:40]!r} in Base64 in Upload-Metadata but it is not. Encode it."
            ) from fault
    if any("\0" in value for value in found.values()):
        raise InvalidInput("Expected text without null characters in Upload-Metadata.")
    return found


def _place(told: Mapping[str, str]) -> Place:
    if "reservation" in told:
        return ReservationPlace(_number(told["reservation"]))
    return ProofPlace(told.get("requirement", ""), _number(told.get("position", "1")))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 4):
        raise InvalidInput(f"Expected a small number but found {text[:40]!r}. Write digits.")
    return int(text)


def _checksum(header: str | None) -> Checksum | None:
    if header is None:
        return None
    algorithm, _space, value = header.strip().partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except binascii.Error:
        digest = b""
    if algorithm not in ALGORITHMS or len(digest) != hashlib.new(algorithm).digest_size:
        raise InvalidInput(
            f"Expected one of {', '.join(ALGORITHMS)} and its hash in Base64 in Upload-Checksum."
        )
    return Checksum(algorithm, digest)
