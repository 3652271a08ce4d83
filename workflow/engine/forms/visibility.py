"""Which parts of a form a given answer makes visible, read once from top to bottom.

A condition sees the typed answers to the questions above it (and to its own), never the answer to
a hidden one: what a person cannot see must not decide what they are asked. In a row, the row's own
answers come before the form's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import ValidationError, missing

from workflow.engine.forms.component import MAX_ROWS, Component, questions
from workflow.engine.forms.fields import is_blank
from workflow.engine.forms.schema import field_for
from workflow.feel import evaluate


def visible_keys(components: Iterable[Component], answer: Mapping[str, Any]) -> frozenset[str]:
    """Keys of the visible components; those of a row are written ``decisions.0.reasons``."""
    visible: set[str] = set()
    _Scope(answer, {}, "", visible).look(components)
    return frozenset(visible)


class _Scope:
    """The form, or one of its rows: its answer, what its conditions see, and its place."""

    def __init__(
        self, answer: Mapping[str, Any], outer: Mapping[str, Any], prefix: str, visible: set[str]
    ) -> None:
        self.answer = answer
        self.seen = dict(outer)
        self.own: dict[str, Any] = {}
        self.prefix = prefix
        self.visible = visible
        self.is_answered = False

    def look(self, components: Iterable[Component]) -> None:
        for component in components:
            given = self.answer.get(component.key)
            if self._is_hidden(component, given):
                self.seen.update(dict.fromkeys(q.key for q in questions([component])))
                continue
            self.visible.add(self.prefix + component.key)
            if component.kind == "group":
                self.look(component.children)
            elif component.answer_type != "none":
                self.seen[component.key] = self.own[component.key] = self._typed(component, given)
                self.is_answered = self.is_answered or not is_blank(given)

    def _is_hidden(self, component: Component, given: Any) -> bool:
        if component.hide_expression is None:
            return False
        context = self.seen
        if component.answer_type not in {"none", "rows"}:
            context = {**context, component.key: _read(component, given)}
        return evaluate(component.hide_expression, context) is True

    def _typed(self, component: Component, given: Any) -> Any:
        if component.answer_type == "rows":
            return self._rows(component, given)
        return _read(component, given)

    def _rows(self, component: Component, given: Any) -> list[dict[str, Any]] | None:
        if not isinstance(given, (list, tuple)) or not 0 < len(given) <= MAX_ROWS:
            return None
        rows: list[dict[str, Any]] = []
        for index, row in enumerate(given):
            prefix = f"{self.prefix}{component.key}.{index}."
            answer = row if isinstance(row, Mapping) else {}
            scope = _Scope(answer, self.seen, prefix, self.visible)
            scope.look(component.children)
            if scope.is_answered:
                rows.append(scope.own)
        return rows


def _read(component: Component, given: Any) -> Any:
    """The typed answer to one question, None when there is none or it cannot be read."""
    try:
        answer = field_for(component, frozenset()).deserialize(given)
    except ValidationError:
        return None
    return None if answer is missing else answer
