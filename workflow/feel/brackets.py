"""Which bracket is which: ``]1..5[`` is a range, ``a[1]`` a filter, and both use the same signs."""

from __future__ import annotations

from workflow.feel.errors import FeelLimitExceeded
from workflow.feel.limits import MAX_NESTING
from workflow.feel.tokens import Token

_OPENING = {"(": ")", "[": "]", "{": "}", "OPEN_RANGE": "]"}
_VALUE_KEYWORDS = frozenset({"true", "false", "null"})
_STARTS_OPERAND = frozenset({"number", "string", "at", "name"})


def mark_brackets(tokens: list[Token]) -> None:
    """Rename the kind of outward brackets to OPEN_RANGE and CLOSE_RANGE, in place."""
    opened: list[list[bool]] = []
    previous: Token | None = None
    for index, token in enumerate(tokens):
        follows = tokens[index + 1] if index + 1 < len(tokens) else None
        if token.text == "]" and _opens_range(previous, follows, bool(opened)):
            token.kind = "OPEN_RANGE"
        elif token.text == "[" and _closes_range(previous, follows, opened):
            token.kind = "CLOSE_RANGE"
        _track(token, opened)
        previous = token


def _track(token: Token, opened: list[list[bool]]) -> None:
    """Keep, for each open bracket, whether its ``..`` has been read."""
    if token.kind == "OPEN_RANGE" or (token.kind == "operator" and token.text in _OPENING):
        opened.append([False])
        if len(opened) > MAX_NESTING:
            raise FeelLimitExceeded(
                f"Expected at most {MAX_NESTING} brackets within one another but there are more. "
                "Split the expression."
            )
    elif token.text == ".." and opened:
        opened[-1][0] = True
    elif opened and (token.kind == "CLOSE_RANGE" or token.text in (")", "]", "}")):
        opened.pop()


def _ends_operand(token: Token | None) -> bool:
    if token is None:
        return False
    if token.kind == "keyword":
        return token.text in _VALUE_KEYWORDS
    if token.kind == "operator":
        return token.text in (")", "]", "}", "?")
    return token.kind in _STARTS_OPERAND or token.kind == "CLOSE_RANGE"


def _opens_range(previous: Token | None, follows: Token | None, within: bool) -> bool:
    if _ends_operand(previous):
        return False
    if within and previous is not None and previous.text == "[":
        return follows is not None and follows.kind in _STARTS_OPERAND
    return True


def _closes_range(previous: Token | None, follows: Token | None, opened: list[list[bool]]) -> bool:
    """A ``[`` after ``..`` closes the range, unless what follows could only be a filter."""
    if not opened or not opened[-1][0] or not _ends_operand(previous):
        return False
    if follows is None or follows.kind == "CLOSE_RANGE":
        return True
    if follows.kind == "keyword":
        return follows.text not in _VALUE_KEYWORDS and follows.text not in (
            "if",
            "for",
            "some",
            "every",
            "function",
        )
    return follows.kind == "operator" and follows.text not in ("(", "[", "{", "-", "?")
