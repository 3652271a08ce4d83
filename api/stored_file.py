"""A stored file as people download it: always saved, never shown in the page, by ranges too."""

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


def given_out(session: Session, key: str, *, to_its_sender: bool) -> None:
    """Refuse (Quarantined) what is infected, and to others what is not scanned yet."""
    stored_content.require_given_out(session, key, to_its_sender=to_its_sender)


def saved(key: str, name: str, media_type: str) -> Response:
    """The file of that key, under the name it was attached with; raises NotFound.

    A part of it is sent to those who ask for a range: a player, a cut download.
    """
    store = runtime().files
    size = store.size(key)
    if size is None:
        raise NotFound(f"Expected the stored file {key} but it is missing. Tell the administrator.")
    response = Response(
        FileWrapper(store.open(key), PIECE),
        mimetype=PLAIN if media_type in ACTIVE else media_type,
        direct_passthrough=True,
    )
    response.content_length = size
    response.headers["Content-Disposition"] = _attachment(name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.set_etag(key)
    try:
        response.make_conditional(request, accept_ranges=True, complete_length=size)
    except RequestedRangeNotSatisfiable:
        response.close()
        raise
    return response


def _attachment(name: str) -> str:
    """RFC 6266: a name that everybody reads, and the name as it is."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    shown = dump_options_header("attachment", {"filename": plain})
    return shown if plain == name else f"{shown}; filename*=UTF-8''{quote(name, safe='')}"
