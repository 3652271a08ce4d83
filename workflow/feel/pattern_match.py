"""Running a pattern's program: leftmost, first alternative first, each state tried once.

Without back references the work is at most text times pattern; with them it is cut by the
evaluation's budget.
"""

from __future__ import annotations

from collections.abc import Iterator

from workflow.feel.limits import Run
from workflow.feel.patterns import Instruction, Pattern

_BATCH = 256
_Group = list[int]
_Branch = tuple[int, int, int]
"""An instruction and a place to go on from; or, with a slot, a group's place to restore."""


class Matcher:
    """One pattern on one text."""

    def __init__(self, pattern: Pattern, text: str, run: Run) -> None:
        self.pattern = pattern
        self.text = text
        self.run = run
        self.visited: set[int] = set()

    def search(self, start: int) -> _Group | None:
        """The places of the first match from ``start`` on, and of its groups; -1 for none."""
        self.visited = set()
        for position in range(start, len(self.text) + 1):
            found = self._match_at(position)
            if found is not None:
                return found
        return None

    def find_all(self) -> Iterator[_Group]:
        """The matches one after the other, none within another."""
        position = 0
        while (found := self.search(position)) is not None:
            yield found
            position = found[1]

    def matches_empty(self) -> bool:
        """Whether the pattern matches no text at all."""
        return Matcher(self.pattern, "", self.run).search(0) is not None

    def _match_at(self, position: int) -> _Group | None:
        groups = [-1] * (2 * self.pattern.groups + 2)
        stack: list[_Branch] = [(0, position, -1)]
        while stack:
            at, place, slot = stack.pop()
            if slot >= 0:
                groups[slot] = place
            elif self._follow(at, place, groups, stack):
                return groups
        return None

    def _follow(self, at: int, place: int, groups: _Group, stack: list[_Branch]) -> bool:
        """Run from an instruction on until a match or a dead end; other ways go on the stack."""
        steps = 0
        while self._first_time(at, place):
            steps += 1
            if steps % _BATCH == 0:
                self.run.spend(_BATCH)
            instruction = self.pattern.program[at]
            name = instruction[0]
            if name == "match":
                return True
            if name == "save":
                stack.append((0, groups[instruction[1]], instruction[1]))
                groups[instruction[1]] = place
                at += 1
            elif name == "split":
                stack.append((at + instruction[2], place, -1))
                at += instruction[1]
            elif name == "jump":
                at += instruction[1]
            else:
                length = self._step(instruction, place, groups)
                if length < 0:
                    break
                at, place = at + 1, place + length
        self.run.spend(1 + steps % _BATCH)
        return False

    def _first_time(self, at: int, place: int) -> bool:
        """Whether this state is new; with back references, states are not comparable."""
        if self.pattern.has_references:
            return True
        state = at * (len(self.text) + 1) + place
        if state in self.visited:
            return False
        self.visited.add(state)
        return True

    def _step(self, instruction: Instruction, place: int, groups: _Group) -> int:
        """How many characters an instruction takes at ``place``; -1 when it does not hold."""
        name, text = instruction[0], self.text
        if name == "set":
            return 1 if place < len(text) and instruction[1].accepts(text[place]) else -1
        if name == "reference":
            return self._repeat_of(instruction[1], place, groups)
        if name == "start":
            holds = place == 0
        elif name == "end":
            holds = place == len(text)
        elif name == "start_of_line":
            holds = place == 0 or (place < len(text) and text[place - 1] == "\n")
        else:
            holds = place == len(text) or text[place] == "\n"
        return 0 if holds else -1

    def _repeat_of(self, group: int, place: int, groups: _Group) -> int:
        start, end = groups[2 * group], groups[2 * group + 1]
        if start < 0 or end < 0:
            return 0
        wanted = self.text[start:end]
        found = self.text[place : place + len(wanted)]
        if self.pattern.fold_case:
            wanted, found = wanted.casefold(), found.casefold()
        return end - start if wanted == found else -1


def expand(replacement: str, groups: _Group, text: str, literal: bool) -> str | None:
    """The replacement with ``$1`` and its like filled in; null when it is malformed."""
    if literal:
        return replacement
    parts: list[str] = []
    at = 0
    while at < len(replacement):
        char, follows = replacement[at], replacement[at + 1 : at + 2]
        at += 1
        if char == "\\":
            if follows not in ("\\", "$"):
                return None
            parts.append(follows)
            at += 1
        elif char == "$":
            number, at = _group_number(replacement, at, len(groups) // 2)
            if number < 0:
                return None
            if number < len(groups) // 2 and groups[2 * number] >= 0:
                parts.append(text[groups[2 * number] : groups[2 * number + 1]])
        else:
            parts.append(char)
    return "".join(parts)


def _group_number(replacement: str, at: int, groups: int) -> tuple[int, int]:
    """The number after a ``$``, as long as such a group exists, and where it ends."""
    number = -1
    while at < len(replacement) and replacement[at] in "0123456789":
        longer = max(number, 0) * 10 + int(replacement[at])
        if number >= 0 and longer >= groups:
            break
        number = longer
        at += 1
    return number, at
