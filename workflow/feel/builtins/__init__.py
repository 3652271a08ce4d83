"""The standard functions of FEEL (DMN 10.3.4), one module for each of the standard's tables."""

from __future__ import annotations

from workflow.feel.builtins import (
    aggregates,
    contexts,
    conversion,
    lists,
    numbers,
    ranges,
    strings,
    temporal,
)
from workflow.feel.builtins.registry import BUILTINS

__all__ = [
    "BUILTINS",
    "aggregates",
    "contexts",
    "conversion",
    "lists",
    "numbers",
    "ranges",
    "strings",
    "temporal",
]
