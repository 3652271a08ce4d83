"""Lists that are read backwards, page by page: the address says before which entry one goes on."""

from __future__ import annotations

from web.whole_number import asked_number


def asked_before() -> int | None:
    """The id before which the list goes on; None on its first page."""
    return asked_number("avant")
