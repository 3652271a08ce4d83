"""The tag of a rule in a text: ``[règle 53]``, ``[règles 53 66]``."""

from __future__ import annotations

import re
from pathlib import Path

DSR = "DSR-OPE-MSS"
FIRST, LAST = 1, 83
_ANY = re.compile(r"\[\s*r[eèé]gles?\b[^\]]*\]", re.IGNORECASE)
_EXACT = re.compile(r"\[(?:règle (?P<one>\d+)|règles (?P<many>\d+(?: \d+)+))\]")


class Fault(Exception):
    """Something that the page of conformity cannot say; its text names the place."""


def rules_in(text: str, where: str, faults: list[str]) -> tuple[int, ...]:
    """The rules that a text names, in its order; what is written otherwise is added to faults."""
    found: list[int] = []
    for tag in _ANY.findall(text):
        exact = _EXACT.fullmatch(tag)
        if exact is None:
            faults.append(
                f"{where}: Expected [règle 53] or [règles 53 66] but found {tag}. Correct the tag."
            )
            continue
        found += [int(number) for number in (exact["one"] or exact["many"]).split()]
    return within(found, where, faults)


def within(numbers: list[int], where: str, faults: list[str]) -> tuple[int, ...]:
    """The numbers that are rules, each once; the others are added to the faults."""
    for number in numbers:
        if not FIRST <= number <= LAST:
            faults.append(
                f"{where}: Expected a rule from {FIRST} to {LAST} but found {number}."
                " Correct the tag."
            )
    kept = [number for number in numbers if FIRST <= number <= LAST]
    if len(set(kept)) < len(kept):
        faults.append(f"{where}: Expected each rule once but found {kept}. Name it once.")
    return tuple(dict.fromkeys(kept))


def place_of(path: Path, root: Path) -> str:
    """A file's place within the project."""
    return path.relative_to(root).as_posix()
