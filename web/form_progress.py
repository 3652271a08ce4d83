"""How far a form is filled: the obligatory answers that are given, whole and by part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workflow.engine.forms import Form
from workflow.engine.forms.component import Component


@dataclass(frozen=True)
class Progress:
    """So many obligatory answers of `required` are `given`; `label` names a part of the form."""

    label: str
    key: str
    given: int
    required: int

    @property
    def missing(self) -> int:
        """How many are still to be given."""
        return self.required - self.given

    @property
    def percent(self) -> int:
        """For a bar, which never stands without its figures."""
        return 100 * self.given // self.required if self.required else 100


def progress_of(form: Form, answer: Mapping[str, Any]) -> Progress:
    """The obligatory answers of a whole form, counted where its conditions ask them."""
    given, required = _counted(form.components, answer, form.visible(answer))
    return Progress("", "", given, required)


def progress_by_part(form: Form, answer: Mapping[str, Any]) -> list[Progress]:
    """The same for each of its groups that asks something obligatory."""
    visible = form.visible(answer)
    found: list[Progress] = []
    for part in form.components:
        if part.kind == "group" and part.key in visible:
            given, required = _counted(part.children, answer, visible)
            if required:
                found.append(Progress(part.label, part.key, given, required))
    return found


def _counted(
    components: Iterable[Component], answer: Mapping[str, Any], visible: frozenset[str]
) -> tuple[int, int]:
    given = required = 0
    for each in components:
        if each.key not in visible:
            continue
        if each.kind == "group":
            below, asked = _counted(each.children, answer, visible)
            given, required = given + below, required + asked
        elif each.required:
            required += 1
            given += _is_given(each, answer.get(each.key))
    return given, required


def _is_given(component: Component, value: Any) -> bool:
    if component.answer_type == "agreement":
        return value is True or value in ("true", "on")
    if isinstance(value, str):
        return bool(value.strip())
    if component.answer_type == "choices":
        return bool(value or component.forced_options or component.default)
    return value not in (None, [], ())
