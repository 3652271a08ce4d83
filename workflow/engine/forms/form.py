"""A form: its questions, which of them are asked, and the one validation of every answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError

from workflow.engine.forms import sentences
from workflow.engine.forms.component import Component, questions
from workflow.engine.forms.part import FormFault, InvalidForm
from workflow.engine.forms.reading import MAX_FILE_BYTES, read_components
from workflow.engine.forms.schema import schema_for
from workflow.engine.forms.visibility import visible_keys
from workflow.errors import InvalidAnswer, NotFound

MAX_ANSWER_CHARACTERS = 1_000_000
_MARKS_OF_A_VALUE = 4


@dataclass(frozen=True)
class Form:
    """What one human task may be answered; ``key`` is its file's name and the diagram's form key.

    Titles, labels and descriptions are French plain text.
    """

    key: str
    title: str
    description: str
    components: tuple[Component, ...]

    @classmethod
    def read(cls, key: str, content: bytes, file: str | None = None) -> Form:
        """A form from its form-js JSON; raises InvalidForm with every fault."""
        title, description, components = read_components(file or f"{key}.json", content)
        return cls(key, title or key, description, components)

    @property
    def keys(self) -> frozenset[str]:
        """The keys an answer may have."""
        return frozenset(question.key for question in questions(self.components))

    @property
    def variables(self) -> frozenset[str]:
        """The keys whose answers stay as variables of the process."""
        return frozenset(q.key for q in questions(self.components) if q.is_variable)

    @property
    def has_computed_options(self) -> bool:
        """Whether some options come from a campaign: see `offered`."""
        return any(component.has_computed_options for component in self.components)

    def offered(self, constants: Mapping[str, Any]) -> Form:
        """The form with the options that FEEL finds in `constants`, those of a campaign."""
        if not self.has_computed_options:
            return self
        offered = tuple(component.offered(constants) for component in self.components)
        return replace(self, components=offered)

    def told(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """A validated answer as the history keeps it: confidential texts by their SHA-256."""
        confidential = {q.key for q in questions(self.components) if q.is_confidential}
        return {
            key: {"sha256": hashlib.sha256(str(value).encode()).hexdigest()}
            if key in confidential
            else value
            for key, value in answer.items()
        }

    def visible(self, answer: Mapping[str, Any]) -> frozenset[str]:
        """Keys of the components this answer shows; in a row: ``decisions.0.reasons``.

        Raises InvalidAnswer when the answer is too large to be looked at.
        """
        require_bearable(answer)
        return visible_keys(self.components, answer)

    def marshmallow_schema(self, answer: Mapping[str, Any]) -> Schema:
        """The schema for this answer: conditions decide which questions it holds."""
        return schema_for(self.components, self.visible(answer))

    def validate(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """The typed answer, without blanks, hidden questions and unknown keys.

        Dates become ``datetime.date``, numbers ``Decimal``, yes or no ``bool``. Raises
        InvalidAnswer with a French summary, and French sentences by key (``decisions.0.reasons``).
        """
        schema = self.marshmallow_schema(answer)
        try:
            validated: Any = schema.load(dict(answer))
        except ValidationError as refusal:
            faults = dict(_flat(refusal.messages, ""))
            count = sum(map(len, faults.values()))
            raise InvalidAnswer(sentences.not_saved(count), faults) from refusal
        return validated


class Forms:
    """Every form of a deployment, by key."""

    def __init__(self, forms: Mapping[str, Form]) -> None:
        self._forms = dict(sorted(forms.items()))

    @classmethod
    def load(cls, folder: Path | str) -> Forms:
        """The forms of a folder's ``*.json`` files; raises InvalidForm with every fault of all."""
        forms: dict[str, Form] = {}
        faults: list[FormFault] = []
        for path in sorted(Path(folder).glob("*.json")):
            try:
                forms[path.stem] = Form.read(path.stem, _content(path), path.name)
            except InvalidForm as refusal:
                faults.extend(refusal.faults)
        if faults:
            raise InvalidForm(faults)
        return cls(forms)

    def get(self, key: str) -> Form:
        """The form of that key; NotFound when there is none."""
        form = self._forms.get(key)
        if form is None:
            raise NotFound(
                f"Expected a form named “{key}” but there is none. Add forms/{key}.json, or name "
                "another form in the diagram."
            )
        return form

    @property
    def keys(self) -> frozenset[str]:
        """The key of every form."""
        return frozenset(self._forms)

    def __iter__(self) -> Iterator[Form]:
        return iter(self._forms.values())

    def __len__(self) -> int:
        return len(self._forms)

    def __contains__(self, key: object) -> bool:
        return key in self._forms


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_FILE_BYTES + 1)


def require_bearable(answer: Mapping[str, Any]) -> None:
    """Refuse, before anything reads it, what is not named answers or is about over 1 MB of JSON."""
    if not isinstance(answer, Mapping):
        raise InvalidAnswer(sentences.NOT_AN_ANSWER)
    size = 0
    pending: list[Any] = [answer]
    while pending:
        value = pending.pop()
        size += _MARKS_OF_A_VALUE
        if isinstance(value, str):
            size += len(value)
        elif isinstance(value, Mapping):
            pending.extend(value.keys())
            pending.extend(value.values())
        elif isinstance(value, (list, tuple)):
            pending.extend(value)
        if size + len(pending) > MAX_ANSWER_CHARACTERS:
            raise InvalidAnswer(sentences.NOT_SAVED_TOO_LARGE)


def _flat(messages: Any, path: str) -> Iterator[tuple[str, list[str]]]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from _flat(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path, [str(sentence) for sentence in messages]
