"""Answers made small on their way: pages, style sheets and scripts.

The API and the files of dossiers travel as they are: an ETag of the API names a revision, which
compression would rename, and a part of a file must be the bytes that were asked for.
"""

from __future__ import annotations

from flask import Flask, Response, request
from flask_compress import Compress

ALGORITHMS = ("br", "gzip")
TYPES = ("text/html", "text/css", "text/javascript", "image/svg+xml")


def init_compression(app: Flask) -> None:
    """Compress what a browser shows, when it says that it can read it."""
    app.config.update(
        COMPRESS_REGISTER=False,
        COMPRESS_ALGORITHM=ALGORITHMS,
        COMPRESS_ALGORITHM_STREAMING=ALGORITHMS,
        COMPRESS_MIMETYPES=TYPES,
    )
    compress = Compress(app)

    @app.after_request
    def small(response: Response) -> Response:
        if request.path.startswith("/api/") or response.status_code == 206:
            return response
        close = getattr(response.response, "close", None)
        if close is not None:
            # A file is read in pieces; the compressor that takes its place does not close it.
            response.call_on_close(close)
        return compress.after_request(response)
