"""`jalon feel`: evaluate an expression as a diagram would."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import click

from workflow import feel as language
from workflow.errors import InvalidInput


@click.command()
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
    click.echo(json.dumps(_plain(value), ensure_ascii=False))


def _json(text: str, option: str) -> Any:
    try:
        return json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except (ValueError, RecursionError) as fault:
        raise InvalidInput(f"Expected JSON in {option} but found {fault}. Correct it.") from fault


def _plain(value: Any) -> Any:
    """Dates as ISO text, numbers as JSON numbers."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return language.evaluate("string(value)", {"value": value})
    return language.evaluate("string(value)", {"value": value}) or str(value)
