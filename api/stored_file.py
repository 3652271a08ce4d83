"""A stored file as people get it: saved, or shown in a frame that may do nothing; by ranges too."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import dump_options_header
from werkzeug.wsgi import FileWrapper

from api.context import runtime
from workflow.domain import stored_content
from workflow.domain.file_store import PIECE
from workflow.errors import NotFound

PLAIN = "application/octet-stream"
ACTIVE = frozenset({"text/html", "application/xhtml+xml", "image/svg+xml", "text/xml"})
"""What a browser might run: it is told to be plain octets."""


SHOWN = frozenset(
    {
        "application/pdf",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/webp",
        "video/mp4",
        "video/quicktime",
        "video/webm",
    }
)
"""What a browser may show by itself; it is drawn or played, never run."""
SAVED_POLICY = "default-src 'none'; sandbox"
SHOWN_POLICY = f"{SAVED_POLICY}; frame-ancestors 'self'"


def given_out(session: Session, key: str, *, to_its_sender: bool) -> None:
    """Refuse (Quarantined) what is infected, and to others what is not scanned yet."""
    stored_content.require_given_out(session, key, to_its_sender=to_its_sender)


def saved(key: str, name: str, media_type: str) -> Response:
    """The file of that key, to be saved under the name it was attached with; raises NotFound.

    A part of it is sent to those who ask for a range: a cut download.
    """
    response = _sent(key, PLAIN if media_type in ACTIVE else media_type)
    response.headers["Content-Disposition"] = _named("attachment", name)
    response.headers["Content-Security-Policy"] = SAVED_POLICY
    return response


def shown(key: str, name: str, media_type: str) -> Response:
    """The file of that key, for a frame, an image or a player of our own pages; raises NotFound.

    Whatever is not of `SHOWN` is saved instead. What is shown came from outside: it gets an origin
    of its own, runs nothing and reads nothing.
    """
    if media_type not in SHOWN:
        return saved(key, name, media_type)
    response = _sent(key, media_type)
    response.headers["Content-Disposition"] = _named("inline", name)
    response.headers["Content-Security-Policy"] = SHOWN_POLICY
    return response


def _sent(key: str, media_type: str) -> Response:
    store = runtime().files
    size = store.size(key)
    if size is None:
        raise NotFound(f"Expected the stored file {key} but it is missing. Tell the administrator.")
    response = Response(
        FileWrapper(store.open(key), PIECE),
        mimetype=media_type,
        direct_passthrough=True,
    )
    response.content_length = size
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.set_etag(key)
    try:
        response.make_conditional(request, accept_ranges=True, complete_length=size)
    except RequestedRangeNotSatisfiable:
        response.close()
        raise
    return response


def _named(disposition: str, name: str) -> str:
    """RFC 6266: a name that everybody reads, and the name as it is."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    shown = dump_options_header(disposition, {"filename": plain})
    return shown if plain == name else f"{shown}; filename*=UTF-8''{quote(name, safe='')}"
