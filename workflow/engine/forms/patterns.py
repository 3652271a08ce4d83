"""Patterns a form may ask of a text: those that mean the same in a browser and here, and are quick.

A pattern is written by whoever edits the form, and is matched against what strangers type. So only
a plain subset of regular expressions is taken, without repeated groups, look-around or back
references; what is left cannot backtrack more than the product of its repetitions.
"""

from __future__ import annotations

import re

MAX_PATTERN_LENGTH = 200
MAX_STEPS = 1_000_000
_ESCAPABLE_LETTERS = frozenset("dDwWsStnr")
_TOKEN = re.compile(
    r"(?P<escape>\\.)"
    r"|(?P<set>\[\^?(?:\\.|[^\]\\\[])+\])"
    r"|(?P<open>\((?:\?:)?)"
    r"|(?P<close>\))"
    r"|(?P<repeat>[*+?]|\{\d{1,4}(?:,\d{0,4})?\})"
    r"|(?P<alternative>\|)"
    r"|(?P<plain>[^\\\[\](){}*+?|])"
)


class UnsafePattern(ValueError):
    """The pattern is not in the subset; the message says what was met."""


def compile_pattern(pattern: str, max_length: int) -> re.Pattern[str]:
    """The pattern, ready for ``search``; ``max_length`` is that of the texts it will meet.

    Raises UnsafePattern when it is not a regular expression, is not anchored by ``^`` and ``$``,
    uses more than the subset, or could take over a million steps.
    """
    if len(pattern) > MAX_PATTERN_LENGTH:
        raise UnsafePattern(f"it has over {MAX_PATTERN_LENGTH} characters")
    if not (pattern.startswith("^") and pattern.endswith("$") and not pattern.endswith(r"\$")):
        raise UnsafePattern("it does not start with ^ and end with $")
    if _worst_steps(pattern[1:-1], max_length) > MAX_STEPS:
        raise UnsafePattern("it could take too long on a text made for that")
    try:
        return re.compile(rf"\A(?:{pattern[1:-1]})\Z", re.ASCII)
    except re.error as fault:
        raise UnsafePattern(f"it is not a regular expression: {fault}") from fault


def _worst_steps(body: str, max_length: int) -> int:
    steps = max(1, max_length)
    position = 0
    before = "open"
    while position < len(body):
        token = _TOKEN.match(body, position)
        if token is None or token.lastgroup is None:
            raise UnsafePattern(f"“{body[position]}” is not understood there")
        kind, text = token.lastgroup, token.group()
        if kind in {"escape", "set"}:
            _require_common_escapes(text)
        if kind == "repeat":
            steps *= _repetitions(text, before, max_length)
        if kind == "alternative":
            steps *= 2
        before, position = kind, token.end()
    return steps


def _require_common_escapes(text: str) -> None:
    for letter in re.findall(r"\\([A-Za-z0-9])", text):
        if letter not in _ESCAPABLE_LETTERS:
            raise UnsafePattern(f"“\\{letter}” does not mean the same everywhere")


def _repetitions(repeat: str, before: str, max_length: int) -> int:
    """How many counts one repetition can try."""
    if before in {"open", "repeat", "alternative"}:
        raise UnsafePattern(f"“{repeat}” repeats nothing")
    if before == "close" and repeat != "?":
        raise UnsafePattern(f"“{repeat}” repeats a group")
    if repeat == "?":
        return 2
    if repeat in {"*", "+"}:
        return max_length
    least, _, most = repeat[1:-1].partition(",")
    if "," not in repeat:
        return 1
    return int(most or max_length) - int(least) + 1
