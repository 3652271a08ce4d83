"""The session's cookie is renewed by pages only.

A browser has several requests under way: pictures, autosaves, presence. Were each of their answers
to carry the session as it was when it was asked, a late one would undo what an act has just put
there: the message that it is done, or a sign-out.
"""

from __future__ import annotations

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin


class PageSession(SecureCookieSessionInterface):
    """Flask's own session, kept by whatever changes it and renewed by whole pages."""

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Whether an answer carries the session: it changed, or this is a page to look at."""
        return session.modified or (session.permanent and _is_page())


def _is_page() -> bool:
    # Browsers of before 2023 do not say what they ask for.
    asked_for = request.headers.get("Sec-Fetch-Dest", "document")
    return asked_for == "document" and request.endpoint != "static"
