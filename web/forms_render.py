"""A form of a human task as a page: read from a POST, looked at, drawn by `form.html`.

The engine's `Form` decides what is asked and what is right; this module only carries what was
typed, so that nothing typed is ever lost. Control fields begin with `~`, which no form key may:

- `~refresh`: show the form again with what was typed (conditions re-evaluated), act not;
- `~add` (path of a list) and `~remove` (path of a row): the same, with one row more or less;
- `~texts`: the fingerprint of the commitments shown: others are not accepted unread;
- `~rows`: the path of a list that is on the page, so that an emptied list stays empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from web.form_fields import Field, drawn_fields
from web.kept import is_refresh
from web.language import _
from web.procedure_words import in_words
from web.whole_number import whole_number
from workflow.engine import acceptances
from workflow.engine.forms import Component, Form
from workflow.engine.forms.component import questions

MOST_ROWS = 200
UNREAD = date(1, 1, 1)
ADD, REMOVE, ROWS, TEXTS = "~add", "~remove", "~rows", "~texts"

Answer = dict[str, Any]


@dataclass(frozen=True)
class ShownForm:
    """A form ready to be drawn: its fields, and every fault as (id of its field or "", text)."""

    form: Form
    fields: list[Field]
    faults: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    @property
    def title(self) -> str:
        """What the form is for, in the reader's language."""
        return in_words(self.form.title)

    @property
    def requires_something(self) -> bool:
        """Whether one of its questions must be answered, now or once another one is."""
        return any(_is_required(each) for each in self.form.components)

    @property
    def told(self) -> list[tuple[str, str, int]]:
        """Each sentence of the faults once: its first field, itself, how many fields it is of."""
        found: dict[str, tuple[str, int]] = {}
        for place, sentence in self.faults:
            first, alike = found.get(sentence, (place, 0))
            found[sentence] = (first, alike + 1)
        return [(place, sentence, alike) for sentence, (place, alike) in found.items()]

    @property
    def texts_version(self) -> str:
        """The fingerprint of the texts to accept that this page shows; empty without any."""
        return acceptances.version_of(self.form)


def _is_required(component: Component) -> bool:
    return component.required or any(_is_required(each) for each in component.children)


@dataclass(frozen=True)
class PostedForm:
    """What a POST brought: the answer as typed, and whether it is to be submitted or shown."""

    answer: Answer
    is_submitted: bool


def shown_form(
    form: Form,
    values: Mapping[str, Any] | None = None,
    faults: Mapping[str, list[str]] | None = None,
    *,
    options: Mapping[str, list[tuple[str, str]]] | None = None,
    offers: Mapping[str, list[tuple[str, str]]] | None = None,
    origins: Mapping[str, str] | None = None,
) -> ShownForm:
    """The form with `values` (typed or given) and `faults` by key, as `InvalidAnswer` has them.

    `options` turns a text question into a choice among (value, label), by its last key:
    `{"requirement": [("DER-TLS-01", "DER-TLS-01, …")]}`. `offers` are, likewise, texts that may be
    inserted into a question; `origins` tell by key where an answer comes from.
    """
    given = {**_defaults(form.components), **(values or {})}
    answer = _with_first_rows(form.components, given)
    visible = form.visible(_machine(answer))
    fields, linked = drawn_fields(
        form.components, answer, visible, faults or {}, options or {}, offers or {}, origins or {}
    )
    return ShownForm(form, fields, linked)


def posted_form(form: Form) -> PostedForm:
    """The answer that this request posts, after `~add` and `~remove`."""
    typed = typed_answer(form, request.form)
    shown = request.form.get(TEXTS)
    if shown is not None and shown != acceptances.version_of(form):
        # What was accepted are the words of another version: they are read and ticked anew.
        typed = {**typed, **dict.fromkeys(acceptances.texts_of(form), "")}
    edits = [name for name in (ADD, REMOVE) if request.form.get(name)]
    if ADD in edits:
        _add_row(typed, request.form[ADD])
    if REMOVE in edits:
        _remove_row(typed, request.form[REMOVE])
    return PostedForm(typed, is_submitted=not edits and not is_refresh())


def typed_answer(form: Form, typed: MultiDict[str, str]) -> Answer:
    """The answer to `form` as it was typed: texts, lists of texts, rows; dates made ISO."""
    return _typed_scope(form.components, typed, "")


def is_fragment() -> bool:
    """Whether the browser asks for the form only, to put it in place of the one it shows."""
    return "HX-Request" in request.headers


def _typed_scope(
    components: tuple[Component, ...], typed: MultiDict[str, str], prefix: str
) -> Answer:
    answer: Answer = {}
    for question in questions(components):
        name = prefix + question.key
        match question.answer_type:
            case "rows":
                rows = _typed_rows(question, typed, name)
                if rows or name in typed.getlist(ROWS):
                    answer[question.key] = rows
            case "choices":
                answer[question.key] = typed.getlist(name)
            case "agreement":
                answer[question.key] = typed.get(name, "")
            case "date" if name in typed:
                answer[question.key] = iso_date(typed[name])
            case _ if name in typed:
                answer[question.key] = typed[name]
            case _:
                pass
    return answer


def _typed_rows(question: Component, typed: MultiDict[str, str], name: str) -> list[Answer]:
    numbered = re.compile(rf"{re.escape(name)}\.(\d{{1,4}})(\.|\Z)")
    names = [*typed, *typed.getlist(ROWS)]
    indexes = {int(found[1]) for each in names if (found := numbered.match(each))}
    return [
        _typed_scope(question.children, typed, f"{name}.{index}.")
        for index in sorted(indexes)[:MOST_ROWS]
    ]


def iso_date(text: str) -> str:
    """*01/12/2022* as 2022-12-01; anything else as it is, for the form to refuse."""
    for pattern in ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"):
        try:
            return datetime.strptime(text.strip(), pattern).date().isoformat()  # noqa: DTZ007
        except ValueError:
            continue
    return text


def posted_day(name: str, faults: dict[str, list[str]]) -> date:
    """A day of the posted form; one that cannot be read is a fault, and UNREAD stands for it."""
    try:
        return datetime.fromisoformat(iso_date(request.form.get(name, ""))).date()
    except ValueError:
        faults[name] = [_("Cette date est mal écrite. Indiquez par exemple 07/11/2022.")]
        return UNREAD


def _defaults(components: tuple[Component, ...]) -> Answer:
    return {
        question.key: question.default
        for question in questions(components)
        if question.default is not None
    }


def _with_first_rows(components: tuple[Component, ...], answer: Mapping[str, Any]) -> Answer:
    """The answer, where a list that nobody has touched begins with one row to fill."""
    filled = dict(answer)
    for question in questions(components):
        if question.kind == "dynamiclist":
            rows = answer.get(question.key)
            rows = rows if isinstance(rows, (list, tuple)) else [{}]
            filled[question.key] = [
                _with_first_rows(question.children, row) for row in rows if isinstance(row, Mapping)
            ]
    return filled


def _machine(answer: Answer) -> Answer:
    """The answer with given dates as text, as if they had been typed."""
    return {
        key: value.isoformat() if isinstance(value, date) else value
        for key, value in answer.items()
    }


def _list_at(answer: Answer, path: str) -> list[Answer] | None:
    place: Any = answer
    *steps, last = path.split(".")
    for step in steps:
        row = whole_number(step)
        if isinstance(place, list) and row is not None and row < len(place):
            place = place[row]
        elif isinstance(place, dict) and step in place:
            place = place[step]
        else:
            return None
    return place.setdefault(last, []) if isinstance(place, dict) else None


def _add_row(answer: Answer, path: str) -> None:
    rows = _list_at(answer, path)
    if isinstance(rows, list) and len(rows) < MOST_ROWS:
        rows.append({})


def _remove_row(answer: Answer, path: str) -> None:
    path, _dot, index = path.rpartition(".")
    rows = _list_at(answer, path) if path else None
    row = whole_number(index)
    if isinstance(rows, list) and row is not None and row < len(rows):
        del rows[row]
