"""`jalon feel`: evaluate an expression as a diagram would."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from decimal import Context, Decimal
from typing import Any

import click

from workflow import feel as language
from workflow.errors import InvalidInput

LONGEST_NUMBER = 40
"""Digits that are written out; beyond, a number has an exponent."""


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("expression", required=False)
@click.option("--context", "context_json", default="{}", help="JSON object of known names.")
@click.option("--unary", "unary_test", help="A unary test, applied to --input.")
@click.option("--input", "input_json", default="null", help="JSON value that --unary tests.")
def feel(
    expression: str | None, context_json: str, unary_test: str | None, input_json: str
) -> None:
    """Evaluate a FEEL EXPRESSION, or a unary test, and print its value as JSON."""
    context = _json(context_json, "--context")
    if not isinstance(context, dict):
        raise InvalidInput("Expected a JSON object in --context. Write it in braces.")
    if (expression is None) == (unary_test is None):
        raise click.UsageError("Give either an expression or --unary.")
    if unary_test is not None:
        value: Any = language.unary_test(unary_test, _json(input_json, "--input"), context)
    else:
        value = language.evaluate(expression or "", context)
    # A lone surrogate of the input has no UTF-8: it is written as JSON escapes it.
    click.echo(_json_text(value).encode("utf-8", "backslashreplace").decode())


def _json(text: str, option: str) -> Any:
    try:
        return json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except (ValueError, RecursionError) as fault:
        raise InvalidInput(f"Expected JSON in {option} but found {fault}. Correct it.") from fault


def _json_text(value: Any) -> str:
    """JSON with every digit of the numbers; dates as ISO text, all else as FEEL writes it."""
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, dict):
        pairs = [f"{_text(str(key))}: {_json_text(item)}" for key, item in value.items()]
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_json_text(item) for item in value) + "]"
    if value is None or isinstance(value, bool | str):
        return _text(value)
    if isinstance(value, datetime | date) or (isinstance(value, time) and not value.tzinfo):
        return _text(value.isoformat())
    return _text(language.evaluate("string(value)", {"value": value}) or str(value))


def _number(value: Decimal) -> str:
    short = value.normalize(Context(prec=len(value.as_tuple().digits)))
    return format(short, "f") if abs(short.adjusted()) <= LONGEST_NUMBER else str(short)


def _text(value: str | bool | None) -> str:
    return json.dumps(value, ensure_ascii=False)
