"""Whole numbers that addresses and forms carry as text: ids, revisions, ranks."""

from __future__ import annotations

from flask import request

MOST_DIGITS = 9
"""Digits of a number that a page may be asked for: what every database holds."""


def whole_number(text: str) -> int | None:
    """The number that a text is; None when it is none, or a longer one than Jalon gives."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
    return int(text) if is_number else None


def asked_number(name: str) -> int | None:
    """The number that the address gives; None without it."""
    return whole_number(request.args.get(name, ""))


def posted_number(name: str) -> int | None:
    """The number that the form gives; None without it."""
    return whole_number(request.form.get(name, ""))


def posted_numbers(name: str) -> list[int]:
    """The numbers that a list of the form gives, without what is none."""
    found = map(whole_number, request.form.getlist(name))
    return [each for each in found if each is not None]
