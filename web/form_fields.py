"""The fields of a form as `form.html` draws them: names, values as text, faults in place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from web.language import _
from web.procedure_words import in_words, refusal_in_words
from workflow.engine.forms import Component, Option
from workflow.engine.forms import sentences as form_sentences
from workflow.engine.forms.component import questions

Faults = Mapping[str, list[str]]


@dataclass(frozen=True)
class Row:
    """One row of a list; `path` is what `~remove` takes."""

    path: str
    number: int
    fields: list[Field]


@dataclass(frozen=True)
class Field:
    """One element of a form. `is_shown` false: its values travel as `carried` hidden fields.

    `offers` are texts that the page can insert into it.
    """

    component: Component
    kind: str
    name: str
    id: str
    is_shown: bool = True
    is_driver: bool = False
    values: tuple[str, ...] = ()
    faults: list[str] = field(default_factory=list[str])
    options: tuple[Option, ...] = ()
    offers: tuple[Option, ...] = ()
    children: list[Field] = field(default_factory=list["Field"])
    rows: list[Row] = field(default_factory=list[Row])
    carried: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    origin: str = ""
    """Where an answer that nobody typed comes from."""

    @property
    def value(self) -> str:
        """The one text of a field that has one."""
        return self.values[0] if self.values else ""

    @property
    def has_hint(self) -> bool:
        """Whether something helps to answer; of a date, the page says how it is written."""
        return bool(self.component.description) or self.kind == "datetime"

    @property
    def described_by(self) -> str:
        """The ids of the hint and of the error, for `aria-describedby`."""
        ids = [f"{self.id}-hint"] if self.has_hint else []
        ids += [f"{self.id}-origin"] if self.origin else []
        return " ".join([*ids, f"{self.id}-error"] if self.faults else ids)

    @property
    def row_label(self) -> str:
        """What one row of the list is called; a form may say it in the property `row`."""
        return in_words(self.component.properties.get("row", self.component.label))


def drawn_fields(
    components: tuple[Component, ...],
    answer: Mapping[str, Any],
    visible: frozenset[str],
    faults: Faults,
    options: Mapping[str, list[tuple[str, str]]],
    offers: Mapping[str, list[tuple[str, str]]],
    origins: Mapping[str, str],
) -> tuple[list[Field], list[tuple[str, str]]]:
    """The fields of a form, and every fault with the id of its field ("" when it has none)."""
    drawing = _Drawing(visible, faults, options, offers, origins, _drivers(components))
    fields = drawing.scope(components, answer, "")
    return fields, [*drawing.linked, *drawing.left_over()]


class _Drawing:
    """One passage over a form, from top to bottom; faults are linked in the order of fields."""

    def __init__(
        self,
        visible: frozenset[str],
        faults: Faults,
        options: Mapping[str, list[tuple[str, str]]],
        offers: Mapping[str, list[tuple[str, str]]],
        origins: Mapping[str, str],
        drivers: frozenset[str],
    ) -> None:
        self.visible = visible
        self.faults = faults
        self.options = options
        self.offers = offers
        self.origins = origins
        self.drivers = drivers
        self.linked: list[tuple[str, str]] = []
        self.placed: set[str] = set()

    def scope(
        self, components: Iterable[Component], answer: Mapping[str, Any], prefix: str
    ) -> list[Field]:
        return [self._field(component, answer, prefix) for component in components]

    def left_over(self) -> list[tuple[str, str]]:
        return [
            ("", sentence)
            for path, sentences in self.faults.items()
            if path not in self.placed
            for sentence in sentences
        ]

    def _field(self, component: Component, answer: Mapping[str, Any], prefix: str) -> Field:
        name = prefix + component.key
        field_id = "f-" + name.replace(".", "-")
        if name not in self.visible:
            carried = list(_carried(component, answer, prefix))
            return Field(component, component.kind, name, field_id, is_shown=False, carried=carried)
        match component.kind:
            case "group":
                children = self.scope(component.children, answer, prefix)
                return Field(component, "group", name, field_id, children=children)
            case "text":
                return Field(component, "text", name, field_id)
            case "dynamiclist":
                faults = self._faults_of(component, name, field_id)
                rows = self._rows(component, answer, name)
                return Field(component, "dynamiclist", name, field_id, faults=faults, rows=rows)
            case _:
                return self._question(component, answer.get(component.key), name, field_id)

    def _question(self, component: Component, value: Any, name: str, field_id: str) -> Field:
        offered = self.options.get(component.key)
        kind = "select" if offered is not None and component.kind == "textfield" else component.kind
        options = component.options
        if offered is not None:
            options = tuple(Option(each, label) for each, label in offered)
        return Field(
            component,
            kind,
            name,
            field_id,
            is_driver=component.key in self.drivers,
            values=_texts(component, value),
            faults=self._faults_of(component, name, field_id),
            options=options,
            offers=tuple(Option(each, text) for each, text in self.offers.get(component.key, [])),
            origin=self.origins.get(name, ""),
        )

    def _rows(self, component: Component, answer: Mapping[str, Any], name: str) -> list[Row]:
        return [
            Row(
                f"{name}.{index}",
                index + 1,
                self.scope(component.children, row, f"{name}.{index}."),
            )
            for index, row in enumerate(answer.get(component.key, ()))
        ]

    def _faults_of(self, component: Component, name: str, field_id: str) -> list[str]:
        own = re.compile(rf"{re.escape(name)}(\.\d+)?\Z")
        found: list[str] = []
        for path, sentences in self.faults.items():
            if own.match(path) and path not in self.placed:
                self.placed.add(path)
                found += [_said(component, sentence) for sentence in sentences]
        self.linked += [(field_id, sentence) for sentence in found]
        return found


def _said(component: Component, sentence: str) -> str:
    if component.kind == "datetime" and sentence == refusal_in_words(form_sentences.NOT_A_DATE):
        return _(
            "Cette date n'existe pas ou est mal écrite. Indiquez le jour, le mois et l'année,"
            " par exemple 01/12/2022."
        )
    return sentence


def _texts(component: Component, value: Any) -> tuple[str, ...]:
    if component.kind == "datetime":
        return (_french_date(value),)
    shown = component.shown(value)
    texts = [shown] if isinstance(shown, str) else shown
    return tuple(dict.fromkeys([*texts, *component.forced_options]))


def _french_date(value: Any) -> str:
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value.strip())
        except ValueError:
            return value
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else ""


def _carried(
    component: Component, answer: Mapping[str, Any], prefix: str
) -> Iterator[tuple[str, str]]:
    for question in questions([component]):
        value, name = answer.get(question.key), prefix + question.key
        if question.kind == "dynamiclist":
            for index, row in enumerate(value if isinstance(value, list) else []):
                for child in question.children:
                    yield from _carried(child, row, f"{name}.{index}.")
        else:
            yield from ((name, text) for text in _texts(question, value) if text)


def _drivers(components: tuple[Component, ...]) -> frozenset[str]:
    """The keys that conditions name: when their answer changes, questions come or go."""
    expressions = " ".join(_conditions(components))
    words = set(re.findall(r"[A-Za-z_]\w*", expressions))
    return frozenset(words & set(_keys(components)))


def _conditions(components: Iterable[Component]) -> Iterator[str]:
    for component in components:
        if component.hide_expression:
            yield component.hide_expression
        yield from _conditions(component.children)


def _keys(components: Iterable[Component]) -> Iterator[str]:
    for component in components:
        yield component.key
        yield from _keys(component.children)
