"""From a form-js file to components: what is not understood is refused, with its place.

What is understood is told in ``forms/README.md``. Attributes that only place or colour a field in
the form editor (``layout``, ``appearance``, ``id`` …) are let through unread.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

import orjson

from workflow.engine.forms.component import (
    DEFAULT_MAX_LENGTH,
    KINDS,
    KINDS_WITH_CHILDREN,
    KINDS_WITH_OPTIONS,
    KINDS_WITHOUT_ANSWER,
    Component,
    Option,
    questions,
)
from workflow.engine.forms.part import FormFault, InvalidForm, Part
from workflow.engine.forms.patterns import UnsafePattern, compile_pattern
from workflow.errors import InvalidInput, LimitExceeded
from workflow.feel import free_names

MAX_FILE_BYTES = 500_000
MAX_DEPTH = 6
LONGEST_TEXT = 100_000
MOST_DECIMALS = 10
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}\Z", re.ASCII)
_FEEL_WORDS = frozenset(
    {
        "and",
        "between",
        "else",
        "every",
        "external",
        "false",
        "for",
        "function",
        "if",
        "in",
        "instance",
        "not",
        "null",
        "of",
        "or",
        "return",
        "satisfies",
        "some",
        "then",
        "true",
    }
)
_KINDS_OF_VALUE = {
    "lines": {"textarea"},
    "boolean": {"radio", "select"},
    "compact": {"textfield"},
}
COMPUTED_OPTIONS = "valuesExpression"


def read_components(file: str, content: bytes) -> tuple[str, str, tuple[Component, ...]]:
    """Title, description and components of a form file; raises InvalidForm with every fault."""
    document = _document(file, content)
    title, description = document.text("title"), document.text("description")
    components = _components(document, 1)
    _require_different_keys(document, components)
    if not document.faults:
        _require_known_names(document, components, frozenset())
    if document.faults:
        raise InvalidForm(document.faults)
    return title, description, components


def _document(file: str, content: bytes) -> Part:
    if len(content) > MAX_FILE_BYTES:
        message = "Expected at most 500 kB but the file is larger. Split the form."
        raise InvalidForm([FormFault(file, "", message)])
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as fault:
        message = f"Expected JSON but it cannot be read: {fault}. Correct the file."
        raise InvalidForm([FormFault(file, "", message)]) from fault
    if not isinstance(document, dict):
        message = "Expected a form-js object but found another value. Export the form again."
        raise InvalidForm([FormFault(file, "", message)])
    return Part(file, "", document, [])


def _components(parent: Part, depth: int) -> tuple[Component, ...]:
    if depth > MAX_DEPTH:
        parent.refuse(f"Expected at most {MAX_DEPTH} levels but found more. Flatten the form.")
        return ()
    read = [_component(part, depth) for part in parent.parts("components")]
    return tuple(component for component in read if component is not None)


def _component(part: Part, depth: int) -> Component | None:
    kind = part.get("type")
    if not isinstance(kind, str) or kind not in KINDS:
        known = ", ".join(sorted(KINDS))
        part.refuse(f"Expected one of {known} but found “{kind}”. Replace the component.", "type")
        return None
    _require_known_shape(part, kind)
    validate = part.part("validate")
    component = Component(
        kind=kind,
        key=_key(part, kind),
        path=part.path,
        label=part.text("dateLabel" if kind == "datetime" else "label"),
        description=part.text("description"),
        text=part.text("text"),
        required=validate.flag("required"),
        options=_options(part) if kind in KINDS_WITH_OPTIONS else (),
        options_expression=_options_expression(part),
        properties=_properties(part, kind),
        children=_components(part, depth + 1) if kind in KINDS_WITH_CHILDREN else (),
        hide_expression=_condition(part.part("conditional")),
        min_length=validate.count("minLength", 0, LONGEST_TEXT),
        max_length=validate.count("maxLength", DEFAULT_MAX_LENGTH, LONGEST_TEXT),
        pattern=validate.text("pattern") or None,
        minimum=validate.number("min"),
        maximum=validate.number("max"),
        decimal_digits=_decimal_digits(part),
        is_email=validate.get("validationType") == "email",
        readonly=part.flag("readonly"),
        default=part.get("defaultValue"),
    )
    _require_sensible(part, component)
    return component


def _require_known_shape(part: Part, kind: str) -> None:
    if kind == "datetime" and part.get("subtype") != "date":
        part.refuse("Expected the subtype “date” but found another. Ask for a day only.", "subtype")
    if kind == "group" and part.get("path"):
        part.refuse("Expected no path on a group but found one. Remove it.", "path")
    if part.get("valuesKey") is not None:
        part.refuse(
            "Expected listed options but found a key. List them, or write FEEL.", "valuesKey"
        )


def _key(part: Part, kind: str) -> str:
    if kind in KINDS_WITHOUT_ANSWER:
        return part.text("id") or part.path
    name = "path" if kind == "dynamiclist" else "key"
    key = part.text(name)
    if not _NAME.match(key) or key in _FEEL_WORDS:
        part.refuse(
            f"Expected a FEEL name (letters, digits, _) but found “{key}”. Rename it.", name
        )
    return key


def _options(part: Part) -> tuple[Option, ...]:
    if part.get(COMPUTED_OPTIONS) is not None:
        return ()
    entries = part.parts("values")
    options = tuple(Option(entry.text("value"), entry.text("label")) for entry in entries)
    values = [option.value for option in options]
    if not values or "" in values or len(set(values)) < len(values):
        part.refuse("Expected different, non-empty values but found others. List them.", "values")
    return options


def _options_expression(part: Part) -> str | None:
    """FEEL that gives the options from the campaign: `=campaign.profile_options`."""
    written = part.get(COMPUTED_OPTIONS)
    if written is None:
        return None
    expression = _feel(part, COMPUTED_OPTIONS, written)
    if expression is not None and not set(free_names(expression)) <= {"campaign"}:
        part.refuse(
            "Expected options that the campaign gives but found other names. Read campaign.… only.",
            COMPUTED_OPTIONS,
        )
    return expression


def _properties(part: Part, kind: str) -> Mapping[str, str]:
    properties = part.part("properties")
    texts = {name: properties.text(name) for name in properties.entries}
    value = texts.get("value")
    if value is not None and kind not in _KINDS_OF_VALUE.get(value, ()):
        properties.refuse(f"Expected a value that {kind} can give but found “{value}”.", "value")
    return texts


def _condition(conditional: Part) -> str | None:
    hide = conditional.get("hide")
    if hide is None or hide == "":
        return None
    return _feel(conditional, "hide", hide)


def _feel(part: Part, name: str, written: object) -> str | None:
    if not isinstance(written, str) or not written.startswith("="):
        part.refuse("Expected FEEL after “=” but found something else. Add the “=”.", name)
        return None
    expression = written[1:].strip()
    try:
        free_names(expression)
    except (InvalidInput, LimitExceeded) as fault:
        part.refuse(f"Expected FEEL but it cannot be read: {fault}", name)
        return None
    return expression


def _decimal_digits(part: Part) -> int | None:
    if part.get("decimalDigits") is None:
        return None
    return part.count("decimalDigits", 0, MOST_DECIMALS)


def _require_sensible(part: Part, component: Component) -> None:
    """What each attribute says alone may still not hold together."""
    if component.min_length > component.max_length:
        part.refuse("Expected minLength under maxLength but it is over. Swap them.", "validate")
    if _above(component.minimum, component.maximum):
        part.refuse("Expected min under max but it is over. Swap them.", "validate")
    values = {option.value for option in component.options}
    if component.answer_type == "boolean" and values != {"true", "false"}:
        part.refuse("Expected the values “true” and “false” but found others.", "values")
    if component.options_expression is None and not set(component.forced_options) <= values:
        part.refuse("Expected forced options among the values but they are not.", "properties")
    if component.pattern is not None:
        try:
            compile_pattern(component.pattern, component.max_length)
        except UnsafePattern as fault:
            part.refuse(f"Expected a safe pattern but {fault}. Simplify it.", "validate.pattern")
    if component.kind == "dynamiclist":
        _require_different_keys(part, component.children)
        if any(question.is_variable for question in questions(component.children)):
            part.refuse("Expected no variable in a row but found one. Keep the facts in tables.")


def _above(least: Decimal | None, most: Decimal | None) -> bool:
    return least is not None and most is not None and least > most


def _require_different_keys(part: Part, components: tuple[Component, ...]) -> None:
    """Keys of one scope, those of groups and texts included, name one component each."""
    taken: set[str] = set()
    for key in _keys(components):
        if key in taken:
            part.refuse(f"Expected each key once but “{key}” comes again. Rename one.")
        taken.add(key)


def _keys(components: tuple[Component, ...]) -> list[str]:
    keys: list[str] = []
    for component in components:
        keys.append(component.key)
        if component.kind == "group":
            keys.extend(_keys(component.children))
    return keys


def _require_known_names(
    document: Part, components: tuple[Component, ...], known: frozenset[str]
) -> None:
    """Conditions look up the page, so that they cannot chase each other."""
    for component in components:
        own = {component.key} if component.answer_type not in {"none", "rows"} else set[str]()
        for name in sorted(free_names(component.hide_expression or "null") - known - own):
            document.refuse(
                f"Expected the key of a question above but “{name}” is none. Move or rename it.",
                f"{component.path}.conditional.hide",
            )
        _require_known_names(document, component.children, known)
        known |= {question.key for question in questions([component])}
