"""Patterns of XPath 3.1, from text to a small program that ``pattern_match`` runs.

Python's ``re`` is not used: its patterns differ, and a hostile one can run for hours.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from workflow.feel.characters import CharacterSet, category_of, class_of
from workflow.feel.errors import FeelLimitExceeded

MAX_PATTERN = 1_000
MAX_PROGRAM = 5_000
MAX_GROUP_DEPTH = 30

_QUANTIFIER = re.compile(r"([*+?]|\{(\d{1,4})(,(\d{0,4}))?\})(\??)", re.ASCII)
_SPACE_OUTSIDE_CLASS = re.compile(r"[ \t\n\r]+|(\[(?:\\.|[^\]\\])*\])", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}
_PUNCTUATION = frozenset("\\|.-^?*+{}()[]$")

Instruction = tuple[Any, ...]
Emit = Callable[[list[Instruction]], None]


class _Malformed(ValueError):
    """The text is not a pattern: the function's result is null."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A program and what running it needs to know."""

    program: tuple[Instruction, ...]
    groups: int
    has_references: bool
    fold_case: bool


@lru_cache(512)
def compile_pattern(text: str, flags: str) -> Pattern | None:
    """The program of a pattern, or null when the pattern or its flags are malformed.

    Raises FeelLimitExceeded on a pattern too long or too deep.
    """
    if len(text) > MAX_PATTERN:
        raise FeelLimitExceeded(
            f"Expected a pattern of at most {MAX_PATTERN} characters but it has {len(text)}. "
            "Shorten it."
        )
    if not set(flags) <= set("smixq"):
        return None
    if "x" in flags and "q" not in flags:
        text = _SPACE_OUTSIDE_CLASS.sub(lambda found: found[1] or "", text)
    try:
        return _PatternParser(text, flags).parse()
    except _Malformed:
        return None


class _PatternParser:
    """Reads a pattern from left to right and emits instructions."""

    def __init__(self, text: str, flags: str) -> None:
        self.text = text
        self.flags = flags
        self.at = 0
        self.depth = 0
        self.groups = 0
        self.closed: set[int] = set()
        self.references = False

    def parse(self) -> Pattern:
        program: list[Instruction] = [("save", 0)]
        if "q" in self.flags:
            for char in self.text:
                program.append(self._literal(char))
        else:
            program += self._alternatives()
        if "q" not in self.flags and self.at < len(self.text):
            raise _Malformed
        program += [("save", 1), ("match",)]
        return Pattern(tuple(program), self.groups, self.references, "i" in self.flags)

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _next(self) -> str:
        char = self._peek()
        if not char:
            raise _Malformed
        self.at += 1
        return char

    def _alternatives(self) -> list[Instruction]:
        branches = [self._branch()]
        while self._peek() == "|":
            self.at += 1
            branches.append(self._branch())
        program = branches.pop()
        for branch in reversed(branches):
            skip = len(branch) + 2
            program = [("split", 1, skip), *branch, ("jump", len(program) + 1), *program]
        return _checked(program)

    def _branch(self) -> list[Instruction]:
        program: list[Instruction] = []
        while self._peek() not in ("", "|", ")"):
            program += self._quantified(self._atom())
            _checked(program)
        return program

    def _quantified(self, atom: list[Instruction]) -> list[Instruction]:
        found = _QUANTIFIER.match(self.text, self.at)
        if found is None:
            return atom
        self.at = found.end()
        sign, low, comma, high, lazy = found.groups()
        if sign in ("*", "+", "?"):
            least, most = (1 if sign == "+" else 0), (1 if sign == "?" else None)
        else:
            least = int(low)
            most = least if not comma else int(high) if high else None
        if most is not None and most < least:
            raise _Malformed
        return _checked(_repeated(atom, least, most, bool(lazy)))

    def _atom(self) -> list[Instruction]:
        char = self._next()
        if char == "(":
            return self._group()
        if char == "[":
            return [("set", self._class())]
        if char == "\\":
            return [self._escape()]
        if char == ".":
            everything = "s" in self.flags
            return [("set", CharacterSet(set() if everything else {"\n", "\r"}, negated=True))]
        if char in "^$":
            kind = "start" if char == "^" else "end"
            return [(kind + "_of_line" if "m" in self.flags else kind,)]
        if char in "*+?{}])":
            raise _Malformed
        return [self._literal(char)]

    def _literal(self, char: str) -> Instruction:
        accepted = CharacterSet(fold_case="i" in self.flags)
        accepted.add(char)
        return ("set", accepted)

    def _group(self) -> list[Instruction]:
        self.depth += 1
        if self.depth > MAX_GROUP_DEPTH:
            raise FeelLimitExceeded(
                f"Expected groups at most {MAX_GROUP_DEPTH} deep in a pattern but there are more. "
                "Simplify it."
            )
        captures = self.text[self.at : self.at + 2] != "?:"
        self.at += 0 if captures else 2
        number = self.groups = self.groups + captures
        inner = self._alternatives()
        if self._next() != ")":
            raise _Malformed
        self.depth -= 1
        self.closed.add(number)
        return [("save", 2 * number), *inner, ("save", 2 * number + 1)] if captures else inner

    def _escape(self) -> Instruction:
        char = self._peek()
        if char.isdecimal() and char.isascii():
            return self._reference()
        accepted = CharacterSet(fold_case="i" in self.flags)
        self._escape_into(accepted)
        return ("set", accepted)

    def _reference(self) -> Instruction:
        number = int(self._next())
        while self._peek() and self._peek() in "0123456789":
            longer = number * 10 + int(self._peek())
            if longer not in self.closed:
                break
            number = longer
            self.at += 1
        if number not in self.closed:
            raise _Malformed
        self.references = True
        return ("reference", number)

    def _escape_into(self, accepted: CharacterSet) -> str | None:
        """Take in what an escape stands for; the character, when it is a single one."""
        char = self._next()
        if char in _ESCAPED or char in _PUNCTUATION:
            literal = _ESCAPED.get(char, char)
            accepted.add(literal)
            return literal
        if char in "pP":
            found = re.compile(r"\{(\w+)\}", re.ASCII).match(self.text, self.at)
            belongs = category_of(found[1], char == "P") if found else None
            self.at = found.end() if found else self.at
        else:
            belongs = class_of(char)
        if belongs is None:
            raise _Malformed
        accepted.classes.append(belongs)
        return None

    def _class(self) -> CharacterSet:
        accepted = CharacterSet(fold_case="i" in self.flags)
        if self._peek() == "^":
            self.at += 1
            accepted.negated = True
        empty = True
        while empty or self._peek() != "]":
            if not empty and self.text.startswith("-[", self.at):
                self.at += 2
                accepted.without = self._class()
                if self._peek() != "]":
                    raise _Malformed
                break
            self._class_part(accepted)
            empty = False
        self.at += 1
        return accepted

    def _class_part(self, accepted: CharacterSet) -> None:
        low = self._class_character(accepted)
        follows = self.text[self.at + 1 : self.at + 2]
        if low is None or self._peek() != "-" or follows in ("]", "[", ""):
            return
        self.at += 1
        high = self._class_character(accepted)
        if high is None or high < low:
            raise _Malformed
        accepted.ranges.append((low, high))

    def _class_character(self, accepted: CharacterSet) -> str | None:
        char = self._next()
        if char == "\\":
            return self._escape_into(accepted)
        if char in "[]":
            raise _Malformed
        accepted.add(char)
        return char


def _too_many() -> FeelLimitExceeded:
    return FeelLimitExceeded(
        f"Expected a pattern of at most {MAX_PROGRAM} steps but its repetitions make more. "
        "Simplify it."
    )


def _checked(program: list[Instruction]) -> list[Instruction]:
    if len(program) > MAX_PROGRAM:
        raise _too_many()
    return program


def _repeated(
    atom: list[Instruction], least: int, most: int | None, lazy: bool
) -> list[Instruction]:
    """``atom`` from ``least`` to ``most`` times; jumps are relative to their own place."""
    optional = 0 if most is None else most - least
    if len(atom) * (least + optional + 1) > MAX_PROGRAM:
        raise _too_many()
    program = atom * least
    size = len(atom)
    if most is None:
        split = ("split", size + 2, 1) if lazy else ("split", 1, size + 2)
        return [*program, split, *atom, ("jump", -size - 1)]
    for left in range(optional, 0, -1):
        past = left * (size + 1)
        program += [("split", past, 1) if lazy else ("split", 1, past), *atom]
    return program
