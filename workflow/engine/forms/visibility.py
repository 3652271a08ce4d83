"""Which parts of a form a given answer makes visible.

Conditions see typed answers, and never the answer of a hidden question: what a person cannot see
must not decide what they are asked. In a row, the row's own answers come before the form's.
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
    components = tuple(components)
    remaining: Mapping[str, Any] = answer
    while True:
        look = _Look()
        kept = look.scope(components, remaining, {}, "")
        if not look.dropped:
            return frozenset(look.visible)
        remaining = kept


class _Look:
    """One reading of the form from top to bottom, dropping the answers of what is hidden."""

    def __init__(self) -> None:
        self.visible: set[str] = set()
        self.dropped = False

    def scope(
        self,
        components: tuple[Component, ...],
        answer: Mapping[str, Any],
        outer: Mapping[str, Any],
        prefix: str,
    ) -> dict[str, Any]:
        """Look at one scope (the form, or a row) and return its answer without hidden parts."""
        kept = {question.key: answer.get(question.key) for question in questions(components)}
        context = {**outer, **{q.key: read(q, kept[q.key]) for q in questions(components)}}
        self._components(components, kept, context, prefix)
        return {key: value for key, value in kept.items() if not is_blank(value)}

    def _components(
        self,
        components: tuple[Component, ...],
        kept: dict[str, Any],
        context: dict[str, Any],
        prefix: str,
    ) -> None:
        for component in components:
            if _is_hidden(component, context):
                self._drop(component, kept, context)
                continue
            self.visible.add(prefix + component.key)
            if component.kind == "group":
                self._components(component.children, kept, context, prefix)
            elif component.kind == "dynamiclist":
                self._rows(component, kept, context, prefix)

    def _drop(self, component: Component, kept: dict[str, Any], context: dict[str, Any]) -> None:
        for question in questions([component]):
            self.dropped = self.dropped or not is_blank(kept[question.key])
            kept[question.key] = context[question.key] = None

    def _rows(
        self, component: Component, kept: dict[str, Any], context: dict[str, Any], prefix: str
    ) -> None:
        rows = kept[component.key]
        if not _is_readable_list(rows):
            return
        kept[component.key] = [
            self.scope(component.children, row, context, f"{prefix}{component.key}.{index}.")
            if isinstance(row, Mapping)
            else row
            for index, row in enumerate(rows)
        ]
        context[component.key] = read(component, kept[component.key])


def read(component: Component, value: Any) -> Any:
    """The typed answer to one question, None when there is none or it cannot be read."""
    if component.kind == "dynamiclist":
        return _read_rows(component, value)
    try:
        answer = field_for(component, frozenset()).deserialize(value)
    except ValidationError:
        return None
    return None if answer is missing else answer


def _read_rows(component: Component, value: Any) -> list[dict[str, Any]] | None:
    if not _is_readable_list(value):
        return None
    asked = tuple(questions(component.children))
    return [
        {question.key: read(question, row.get(question.key)) for question in asked}
        for row in value
        if isinstance(row, Mapping)
        and any(not is_blank(row.get(question.key)) for question in asked)
    ]


def _is_readable_list(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and 0 < len(value) <= MAX_ROWS


def _is_hidden(component: Component, context: Mapping[str, Any]) -> bool:
    expression = component.hide_expression
    return expression is not None and evaluate(expression, context) is True
