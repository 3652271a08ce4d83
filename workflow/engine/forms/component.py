"""One element of a form: a question, a list of rows, a group or a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from workflow.feel import evaluate

AnswerType = Literal[
    "text", "lines", "number", "date", "choice", "choices", "boolean", "agreement", "rows", "none"
]

KINDS = frozenset(
    {
        "textfield",
        "textarea",
        "number",
        "select",
        "radio",
        "checkbox",
        "checklist",
        "datetime",
        "dynamiclist",
        "group",
        "text",
    }
)
KINDS_WITH_OPTIONS = frozenset({"select", "radio", "checklist"})
KINDS_WITHOUT_ANSWER = frozenset({"group", "text"})
KINDS_WITH_CHILDREN = frozenset({"group", "dynamiclist"})

DEFAULT_MAX_LENGTH = 20_000
MAX_ROWS = 1_000


@dataclass(frozen=True)
class Option:
    """One possible answer of a select, a radio or a checklist."""

    value: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Component:
    """One element of a form, with everything a page needs to draw it.

    ``kind`` is form-js's type. ``key`` names the answer; a group or a text, which has no answer,
    carries its form-js id there, so that ``Form.visible`` can name it too. ``path`` is its place
    in the file. ``hide_expression`` is FEEL without its leading ``=``; so is
    ``options_expression``, for options that a campaign gives (``Form.offered``). Lengths count
    characters; ``max_length`` of a list of lines holds for each line.
    """

    kind: str
    key: str
    path: str = ""
    label: str = ""
    description: str = ""
    required: bool = False
    options: tuple[Option, ...] = ()
    options_expression: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict[str, str])
    children: tuple[Component, ...] = ()
    hide_expression: str | None = None
    min_length: int = 0
    max_length: int = DEFAULT_MAX_LENGTH
    pattern: str | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    decimal_digits: int | None = None
    is_email: bool = False
    readonly: bool = False
    default: Any = None
    text: str = ""

    @property
    def answer_type(self) -> AnswerType:
        """What the answer becomes: decides the field that reads it and how a page shows it."""
        match self.kind, self.properties.get("value"):
            case "textarea", "lines":
                return "lines"
            case (("radio" | "select"), "boolean"):
                return "boolean"
            case (("textfield" | "textarea"), _):
                return "text"
            case (("radio" | "select"), _):
                return "choice"
            case _:
                return _ANSWER_TYPES[self.kind]

    @property
    def has_computed_options(self) -> bool:
        """Whether its options, or some below, come from a campaign."""
        below = any(child.has_computed_options for child in self.children)
        return below or self.options_expression is not None

    def offered(self, constants: Mapping[str, Any]) -> Component:
        """The same with the options that its expression gives, here and below."""
        children = tuple(child.offered(constants) for child in self.children)
        if self.options_expression is None:
            return replace(self, children=children)
        found = evaluate(self.options_expression, constants)
        entries = found if isinstance(found, list) else []
        options = tuple(
            Option(str(entry["value"]), str(entry["label"]))
            for entry in entries
            if isinstance(entry, Mapping) and {"value", "label"} <= set(entry)
        )
        return replace(self, children=children, options=options)

    @property
    def is_variable(self) -> bool:
        """Whether the answer stays as a variable of the process."""
        return self.properties.get("variable") == "true"

    @property
    def is_confidential(self) -> bool:
        """Whether the history keeps only the fingerprint of the answer."""
        return self.properties.get("history") == "fingerprint"

    @property
    def forced_options(self) -> tuple[str, ...]:
        """Options of a checklist that are always part of the answer, ticked or not."""
        return tuple(self.properties.get("forced", "").split())

    def shown(self, value: Any) -> str | list[str]:
        """The answer as an HTML control carries it, whether typed, read back or never given."""
        match value:
            case None:
                return [] if self.answer_type == "choices" else ""
            case bool():
                return "true" if value else "false"
            case date():
                return value.isoformat()
            case list() | tuple():
                texts = [str(entry) for entry in value]
                return "\n".join(texts) if self.answer_type == "lines" else texts
            case _:
                return [str(value)] if self.answer_type == "choices" else str(value)


_ANSWER_TYPES: Mapping[str, AnswerType] = {
    "number": "number",
    "datetime": "date",
    "checkbox": "agreement",
    "checklist": "choices",
    "dynamiclist": "rows",
    "group": "none",
    "text": "none",
}


def questions(components: Iterable[Component]) -> Iterator[Component]:
    """The components that take an answer in this scope: groups are opened, rows are not."""
    for component in components:
        if component.kind == "group":
            yield from questions(component.children)
        elif component.kind not in KINDS_WITHOUT_ANSWER:
            yield component
