"""Null characters, which PostgreSQL keeps in no text: pages read addresses and forms without them.

Somebody who pastes one never sees it, so that there is nothing to refuse. The API, whose callers
can be told, refuses them.
"""

from __future__ import annotations

from flask import Flask, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from workflow.errors import NotFound

NULL = "\0"

Texts = MultiDict[str, str]


def init_null_characters(app: Flask) -> None:
    """Take them out of what the pages of an application are asked and sent."""
    app.before_request(_leave_out)


def _leave_out() -> None:
    if request.path.startswith("/api/"):
        return
    if NULL in request.path:
        raise NotFound("Expected an address without null characters. Check it.")
    for name, texts in (("args", request.args), ("form", request.form)):
        if _has_any(texts):
            vars(request)[name] = _without(texts)  # where the request keeps what it parsed
    for _name, file in request.files.items(multi=True):
        file.filename = (file.filename or "").replace(NULL, "")


def _has_any(texts: Texts) -> bool:
    return any(NULL in name or NULL in text for name, text in texts.items(multi=True))


def _without(texts: Texts) -> ImmutableMultiDict[str, str]:
    return ImmutableMultiDict(
        (name.replace(NULL, ""), text.replace(NULL, "")) for name, text in texts.items(multi=True)
    )
