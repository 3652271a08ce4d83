"""Which names of the caller's data an expression may mean that hold an operator, such as "a-b"."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

from workflow.feel.tokens import KEYWORDS, scan

_OPERATORS = frozenset({"+", "-", "*", "/", "'", "**"})
_NOTHING: frozenset[str] = frozenset()


@lru_cache(2048)
def _may_hold_operators(source: str) -> bool:
    """Whether a word, an operator and a word follow one another somewhere."""
    tokens = scan(source)
    return any(a.kind == "word" and b.text in _OPERATORS for a, b in pairwise(tokens))


def gathered_names(source: str, context: Mapping[str, Any]) -> frozenset[str]:
    """The context's own names with an operator inside, when the expression could use them.

    Names with a keyword inside are left out: data must not change how ``a and b`` is read.
    """
    if not _may_hold_operators(source):
        return _NOTHING
    return frozenset(name for name in context if _is_special(name)) or _NOTHING


def _is_special(name: Any) -> bool:
    if not isinstance(name, str) or name.isalnum() or not _OPERATORS.intersection(name):
        return False
    return not KEYWORDS.intersection(name.split())
