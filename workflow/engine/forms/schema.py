"""The marshmallow schema of an answer, built from the components that are visible."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, missing

from workflow.engine.forms import sentences
from workflow.engine.forms.component import AnswerType, Component, questions
from workflow.engine.forms.fields import (
    AgreementAnswer,
    AnswerField,
    BooleanAnswer,
    ChoiceAnswer,
    ChoicesAnswer,
    DateAnswer,
    LinesAnswer,
    NumberAnswer,
    TextAnswer,
    is_blank,
    listed,
)

_FIELDS: Mapping[AnswerType, Callable[[Component], AnswerField]] = {
    "text": TextAnswer,
    "lines": LinesAnswer,
    "number": NumberAnswer,
    "date": DateAnswer,
    "choice": ChoiceAnswer,
    "choices": ChoicesAnswer,
    "boolean": BooleanAnswer,
    "agreement": AgreementAnswer,
}


def field_for(component: Component, visible: frozenset[str], prefix: str = "") -> AnswerField:
    """The field that reads one question; ``prefix`` is the place of its row, as ``decisions.0.``"""
    if component.answer_type == "rows":
        return RowsAnswer(component, visible, f"{prefix}{component.key}.")
    return _FIELDS[component.answer_type](component)


def schema_for(components: Iterable[Component], visible: frozenset[str]) -> Schema:
    """A schema that reads the visible questions and drops everything else."""
    fields = {
        question.key: field_for(question, visible)
        for question in questions(components)
        if question.key in visible
    }
    return Schema.from_dict(dict(fields), name="Answer")(unknown=EXCLUDE)


class RowsAnswer(AnswerField):
    """A list of rows, each a set of named answers; rows left blank are dropped."""

    def __init__(self, component: Component, visible: frozenset[str], prefix: str) -> None:
        super().__init__(component)
        self.visible = visible
        self.prefix = prefix

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        faults: dict[int, Any] = {}
        kept: list[dict[str, Any]] = []
        for index, row in enumerate(listed(value)):
            try:
                answers = self._row(row, f"{self.prefix}{index}.")
            except ValidationError as fault:
                faults[index] = fault.messages
                continue
            if answers:
                kept.append(answers)
        if faults:
            raise ValidationError(faults)
        if not kept and self.component.required:
            raise self.missing_answer()
        return kept or missing

    def _row(self, row: Any, prefix: str) -> dict[str, Any]:
        if is_blank(row):
            return {}
        if not isinstance(row, Mapping):
            raise ValidationError(sentences.NOT_A_ROW)
        asked = [
            question
            for question in questions(self.component.children)
            if prefix + question.key in self.visible
        ]
        if all(is_blank(row.get(question.key)) for question in asked):
            return {}
        return self._answers(asked, row, prefix)

    def _answers(
        self, asked: list[Component], row: Mapping[str, Any], prefix: str
    ) -> dict[str, Any]:
        faults: dict[str, Any] = {}
        answers: dict[str, Any] = {}
        for question in asked:
            field = field_for(question, self.visible, prefix)
            try:
                answer = field.deserialize(row.get(question.key))
            except ValidationError as fault:
                faults[question.key] = fault.messages
                continue
            if answer is not missing:
                answers[question.key] = answer
        if faults:
            raise ValidationError(faults)
        return answers
