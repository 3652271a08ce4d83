"""Decision tables of DMN: rules whose cells are FEEL, a hit policy, one answer (DMN 8).

The text of every cell is compiled when the table is made; what is wrong with it is in
``faults()``, all of it at once. A table with faults decides nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from workflow.errors import InvalidInput
from workflow.feel.decision_xml import read_table
from workflow.feel.errors import DecisionConflict, FeelLimitExceeded, FeelSyntaxError
from workflow.feel.evaluation import Expression, Functions, UnaryTest, compiled_expression
from workflow.feel.evaluation import compiled_test as compiled_cell
from workflow.feel.hit_policies import HIT_POLICIES

AGGREGATIONS = frozenset({"SUM", "COUNT", "MIN", "MAX"})


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """An output: its name, its allowed values in order of priority, its value without a hit."""

    name: str
    allowed: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: one test for each input, one expression for each output; empty means any, or null."""

    tests: Sequence[str]
    outputs: Sequence[str]


@dataclass(frozen=True, slots=True)
class TableFault:
    """Something wrong with a table: where (as an author counts, from 1) and what."""

    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a table answered.

    ``outputs`` maps each output's name to its value (a list of values when the hit policy gives
    several), ``rules`` are the numbers of the rules that matched, from 1, and ``value`` is the
    result as the standard shapes it: a value, a context, or a list of those.
    """

    outputs: dict[str, Any]
    rules: list[int] = field(default_factory=list[int])
    value: Any = None


class DecisionTable:
    """A decision table, ready to decide."""

    def __init__(
        self,
        name: str,
        inputs: Sequence[str],
        outputs: Sequence[OutputColumn | str],
        rules: Sequence[Rule],
        *,
        hit_policy: str = "UNIQUE",
        aggregation: str | None = None,
        names: frozenset[str] = frozenset(),
    ) -> None:
        self.name = name
        self.outputs = [OutputColumn(o) if isinstance(o, str) else o for o in outputs]
        self.hit_policy = hit_policy
        self.aggregation = aggregation
        self._names = names
        self._faults: list[TableFault] = []
        self._check_shape(inputs, rules)
        self._inputs = self._row("input", inputs)
        self._tests = [
            [self._test(text, f"rule {n}, input {i}") for i, text in enumerate(rule.tests, 1)]
            for n, rule in enumerate(rules, 1)
        ]
        self._results = [
            self._row(f"rule {n}, output", rule.outputs) for n, rule in enumerate(rules, 1)
        ]
        self._allowed = self._row(
            "allowed values of output", [f"[{o.allowed}]" for o in self.outputs]
        )
        self._defaults = self._row("default of output", [o.default for o in self.outputs])

    @classmethod
    def from_xml(
        cls, decision: etree._Element, names: frozenset[str] = frozenset()
    ) -> DecisionTable:
        """The table of a ``<decision>`` element of any DMN 1.1 to 1.5.

        Raises InvalidInput when the element holds no decision table.
        """
        written = read_table(decision)
        return cls(
            written.name,
            written.inputs,
            [OutputColumn(*column) for column in written.outputs],
            [Rule(*row) for row in written.rules],
            hit_policy=written.hit_policy,
            aggregation=written.aggregation,
            names=names,
        )

    def faults(self) -> list[TableFault]:
        """Everything wrong with the table, in the order of its parts; empty when it is sound."""
        return list(self._faults)

    def decide(
        self,
        context: Mapping[str, Any],
        *,
        now: dt.datetime | None = None,
        functions: Functions | None = None,
    ) -> Decision:
        """The answer in this context.

        Raises DecisionConflict when several rules match and the hit policy allows one answer,
        InvalidInput when the table has faults, FeelLimitExceeded as evaluation does.
        """
        if self._faults:
            first = self._faults[0]
            raise InvalidInput(
                f"Expected decision table {self.name} to be sound but {first.place} is not: "
                f"{first.message} Correct the table."
            )
        known = {"now": now, "functions": functions}
        values = _values(self._inputs, context, known)
        hits = [
            n
            for n, tests in enumerate(self._tests)
            if all(
                test is None or test.evaluate(context, value=value, **known) is True
                for test, value in zip(tests, values, strict=True)
            )
        ]
        return self._answer(hits, context, known)

    def _answer(self, hits: list[int], context: Mapping[str, Any], known: Any) -> Decision:
        numbers = [n + 1 for n in hits]
        policy = HIT_POLICIES[self.hit_policy, self.aggregation]
        rows = [_values(self._results[n], context, known) for n in hits]
        if not hits and any(column.default for column in self.outputs):
            rows = [_values(self._defaults, context, known)]
        allowed = _values(self._allowed, context, known) if policy.ranks else []
        try:
            answer = policy.answer(rows, allowed)
        except DecisionConflict as conflict:
            raise DecisionConflict(
                f"Expected one answer of decision table {self.name} but rules "
                f"{', '.join(map(str, numbers))} {conflict}. Make the rules exclude one another.",
                numbers,
            ) from None
        names = [column.name for column in self.outputs]
        return Decision(policy.outputs(names, answer), numbers, policy.value(names, answer))

    def _check_shape(self, inputs: Sequence[str], rules: Sequence[Rule]) -> None:
        if (self.hit_policy, self.aggregation) not in HIT_POLICIES:
            found = f"{self.hit_policy} {self.aggregation or ''}".strip()
            self._fault("hit policy", f"Expected a hit policy of DMN but read {found}. Choose one.")
        if not self.outputs:
            self._fault("table", "Expected an output but there is none. Add one.")
        if self.aggregation and len(self.outputs) > 1:
            self._fault("hit policy", "Expected one output to aggregate but there are more.")
        for number, rule in enumerate(rules, 1):
            if len(rule.tests) != len(inputs) or len(rule.outputs) != len(self.outputs):
                self._fault(
                    f"rule {number}",
                    f"Expected {len(inputs)} tests and {len(self.outputs)} results but there are "
                    f"{len(rule.tests)} and {len(rule.outputs)}. Complete the row.",
                )

    def _fault(self, place: str, message: str) -> None:
        self._faults.append(TableFault(place, message))

    def _row(self, place: str, texts: Sequence[str]) -> list[Expression | None]:
        """Compiled cells; an empty one is null."""
        return [
            self._expression(text if text.strip() else "null", f"{place} {i}")
            for i, text in enumerate(texts, 1)
        ]

    def _expression(self, text: str, place: str) -> Expression | None:
        try:
            return compiled_expression(text, self._names)
        except (FeelSyntaxError, FeelLimitExceeded) as fault:
            self._fault(place, str(fault))
            return None

    def _test(self, text: str, place: str) -> UnaryTest | None:
        if text.strip() in ("", "-"):
            return None
        try:
            return compiled_cell(text, self._names)
        except (FeelSyntaxError, FeelLimitExceeded) as fault:
            self._fault(place, str(fault))
            return None


def _values(cells: list[Expression | None], context: Mapping[str, Any], known: Any) -> list[Any]:
    return [None if cell is None else cell.evaluate(context, **known) for cell in cells]
