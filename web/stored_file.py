"""A stored file as people download it: always saved, never shown in the page."""

from __future__ import annotations

from flask import Response, send_file

from web.runtime import runtime


def saved(key: str, name: str, media_type: str) -> Response:
    """The file of that key, under the name it was attached with; raises NotFound."""
    response = send_file(
        runtime().files.open(key), mimetype=media_type, as_attachment=True, download_name=name
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
