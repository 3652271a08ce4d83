"""The marshmallow field that reads and checks each kind of answer.

An empty text, an empty list and null mean that nothing was answered. What a field gives back, it
accepts again unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

from marshmallow import ValidationError, fields, missing
from marshmallow.validate import Email

from workflow.engine.forms import sentences
from workflow.engine.forms.component import MAX_ROWS, Component
from workflow.engine.forms.patterns import compile_pattern

_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_LONGEST_NUMBER = 28
_BOOLEANS = {"true": True, "on": True, "oui": True, "false": False, "off": False, "non": False}


def is_blank(value: Any) -> bool:
    """Whether a submitted value means that nothing was answered."""
    return (
        value is None
        or value is missing
        or (isinstance(value, str) and not value.strip())
        or (isinstance(value, (list, tuple, Mapping)) and not value)
    )


class AnswerField(fields.Field[Any]):
    """What every answer shares: its component, and that blank means absent."""

    def __init__(self, component: Component) -> None:
        super().__init__(
            required=component.required and not component.forced_options,
            error_messages={"required": sentences.missing(component)},
        )
        self.component = component

    def deserialize(
        self,
        value: Any,
        attr: str | None = None,
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        return super().deserialize(missing if is_blank(value) else value, attr, data, **kwargs)

    def missing_answer(self) -> ValidationError:
        return ValidationError(sentences.missing(self.component))


def _text_of(value: Any) -> str:
    if isinstance(value, float) and isfinite(value):
        value = Decimal(str(value))
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        value = str(_small_number(value))
    if not isinstance(value, str):
        raise ValidationError(sentences.NOT_A_TEXT)
    return value


def _small_number(value: int | Decimal) -> Decimal:
    if isinstance(value, int) and abs(value) >= 10**_LONGEST_NUMBER:
        raise ValidationError(sentences.NOT_A_NUMBER)
    amount = Decimal(value)
    if not amount.is_finite() or abs(amount.adjusted()) >= _LONGEST_NUMBER:
        raise ValidationError(sentences.NOT_A_NUMBER)
    return amount


def _checked_text(component: Component, text: str) -> str:
    if _UNWRITABLE.search(text):
        raise ValidationError(sentences.UNWRITABLE)
    if len(text) > component.max_length:
        raise ValidationError(sentences.too_long(len(text), component.max_length))
    if len(text) < component.min_length:
        raise ValidationError(sentences.too_short(len(text), component.min_length))
    return text


class TextAnswer(AnswerField, fields.String):
    """A text; a one-line text has its spaces brought to single plain ones."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = self._tidy(_text_of(value))
        _checked_text(self.component, text)
        if self.component.is_email:
            Email(error=sentences.NOT_AN_EMAIL)(text)
        if self.component.pattern is not None:
            pattern = compile_pattern(self.component.pattern, self.component.max_length)
            if not pattern.search(text):
                raise ValidationError(sentences.mismatch(self.component))
        return text

    def _tidy(self, text: str) -> str:
        if self.component.kind == "textarea":
            return text.replace("\r\n", "\n").replace("\r", "\n").strip()
        separator = "" if self.component.properties.get("value") == "compact" else " "
        return separator.join(text.split())


class LinesAnswer(AnswerField):
    """A list of texts, also typed as one text with a line for each; blank lines are dropped."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        if isinstance(value, str):
            value = value.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        lines = listed(value)
        faults: dict[int, Any] = {}
        kept: list[str] = []
        for index, line in enumerate(lines):
            if is_blank(line):
                continue
            try:
                kept.append(_checked_text(self.component, " ".join(_text_of(line).split())))
            except ValidationError as fault:
                faults[index] = fault.messages
        if faults:
            raise ValidationError(faults)
        if not kept and self.component.required:
            raise self.missing_answer()
        return kept or missing  # type: ignore[return-value]


def listed(value: Any) -> Sequence[Any]:
    """The value as a list of a bearable length, or a fault."""
    if not isinstance(value, (list, tuple)):
        raise ValidationError(sentences.NOT_A_LIST)
    if len(value) > MAX_ROWS:
        raise ValidationError(sentences.too_many(len(value), MAX_ROWS))
    return value


class NumberAnswer(AnswerField, fields.Decimal):
    """A number, exact; a comma is read as the decimal mark."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        amount = self._amount(value)
        component = self.component
        if component.minimum is not None and amount < component.minimum:
            raise ValidationError(sentences.too_small(component.minimum))
        if component.maximum is not None and amount > component.maximum:
            raise ValidationError(sentences.too_big(component.maximum))
        exponent = amount.normalize().as_tuple().exponent
        digits = component.decimal_digits
        if digits is not None and isinstance(exponent, int) and -exponent > digits:
            raise ValidationError(sentences.too_many_decimals(digits))
        return amount

    def _amount(self, value: Any) -> Decimal:
        if isinstance(value, float):
            value = str(value)
        if isinstance(value, str):
            value = self._typed(value)
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            raise ValidationError(sentences.NOT_A_NUMBER)
        return _small_number(value)

    @staticmethod
    def _typed(text: str) -> Decimal:
        plain = "".join(text.split()).replace(",", ".")
        if len(plain) > _LONGEST_NUMBER:
            raise ValidationError(sentences.NOT_A_NUMBER)
        try:
            return Decimal(plain)
        except InvalidOperation as fault:
            raise ValidationError(sentences.NOT_A_NUMBER) from fault


class DateAnswer(AnswerField, fields.Date):
    """A day, written ``YYYY-MM-DD``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if not isinstance(value, str) or not _ISO_DATE.match(value.strip()):
            raise ValidationError(sentences.NOT_A_DATE)
        try:
            return date.fromisoformat(value.strip())
        except ValueError as fault:
            raise ValidationError(sentences.NOT_A_DATE) from fault


class BooleanAnswer(AnswerField, fields.Boolean):
    """Yes or no, never by default."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if isinstance(value, str):
            value = _BOOLEANS.get(value.strip().lower())
        if not isinstance(value, bool):
            raise ValidationError(sentences.NOT_YES_OR_NO)
        return value


class AgreementAnswer(BooleanAnswer):
    """A checkbox: unticked is false, and refused when it must be ticked."""

    def __init__(self, component: Component) -> None:
        super().__init__(component)
        if not component.required:
            self.load_default = False

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        ticked = super()._deserialize(value, attr, data, **kwargs)
        if self.component.required and not ticked:
            raise self.missing_answer()
        return ticked


class ChoiceAnswer(AnswerField, fields.String):
    """One of the options."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return _option(self.component, value)


class ChoicesAnswer(AnswerField):
    """Some of the options, in the order of the form; forced ones are always among them."""

    def __init__(self, component: Component) -> None:
        super().__init__(component)
        if component.forced_options:
            self.load_default = lambda: self._ordered(set())

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        values = [value] if isinstance(value, str) else listed(value)
        chosen = {_option(self.component, each) for each in values if not is_blank(each)}
        ordered = self._ordered(chosen)
        if not ordered and self.component.required:
            raise self.missing_answer()
        return ordered or missing  # type: ignore[return-value]

    def _ordered(self, chosen: set[str]) -> list[str]:
        chosen = chosen | set(self.component.forced_options)
        if self.component.options_expression and not self.component.options:
            return sorted(chosen)
        return [option.value for option in self.component.options if option.value in chosen]


LONGEST_OPTION = 200


def _option(component: Component, value: Any) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if component.options_expression and not component.options and text:
        return text[:LONGEST_OPTION]  # Nothing was offered: whoever takes the answer knows.
    if text not in {option.value for option in component.options}:
        labels = [option.label for option in component.options]
        raise ValidationError(sentences.not_an_option(text or "…", labels))
    return text
