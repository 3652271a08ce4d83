"""Addresses of style sheets and scripts, marked with what they contain so that caches hold."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask, Response, request, url_for

YEAR = 365 * 24 * 3600


def init_assets(app: Flask) -> None:
    """Give `asset(name)` to the templates and let browsers keep what is marked."""
    folder = Path(app.static_folder or "")
    marks: dict[str, str] = {}

    def asset(name: str) -> str:
        if name not in marks or app.debug:
            file = folder / name
            known = file.is_file()
            marks[name] = hashlib.sha256(file.read_bytes()).hexdigest()[:12] if known else "missing"
        return url_for("static", filename=name, v=marks[name])

    @app.after_request
    def keep(response: Response) -> Response:
        if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
            response.cache_control.no_cache = None
            response.cache_control.public = True
            response.cache_control.max_age = YEAR
            response.cache_control.immutable = True
        return response

    app.jinja_env.globals["asset"] = asset
