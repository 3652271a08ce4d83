"""Lists that are read backwards, page by page: the address says before which entry one goes on."""

from __future__ import annotations

from flask import request

LONGEST = 9
"""Digits of an id that an address may name: what every database holds."""


def asked_before() -> int | None:
    """The id before which the list goes on; None on its first page."""
    return number_in("avant")


def number_in(name: str) -> int | None:
    """A number that the address may give; None without it, or when it is no such number."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST else None
