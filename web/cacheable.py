"""Answers that anybody may be given again: what a visitor reads, marked with its content."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, request

from web.signed_in import signed_in

SHARED_FOR = 60
"""Seconds for which a proxy may answer all who are not signed in; browsers always ask again."""


def cacheable(answer: Any) -> Response:
    """A page or a download with its ETag; 304 to whoever holds it already."""
    response = make_response(answer)
    response.add_etag()
    response.vary.update(("Cookie", "Accept-Language"))
    if signed_in() is None and response.status_code == 200:
        response.cache_control.public = True
        response.cache_control.max_age = 0
        response.cache_control.s_maxage = SHARED_FOR
    response.make_conditional(request)
    return response
