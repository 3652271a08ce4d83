"""Dates, durations and French typography as filters, for this request's time and language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask
from markupsafe import Markup, escape

from web import words
from web.date_proof import DateProof, date_proof
from web.date_sum import DateSum, date_sum
from web.language import language
from web.runtime import now
from web.typography import typographic
from workflow.clock import PARIS


def init_filters(app: Flask) -> None:
    """Register every filter of this module, and the three of `web.words` that need no context."""
    app.jinja_env.filters.update(
        date_words=_date_words,
        instant_words=_instant_words,
        time_words=lambda instant: words.time_words(instant, language()),
        hour_words=lambda time: words.hour_words(time, language()),
        remaining_words=lambda until: words.remaining_words(until, now(), language()),
        duration_words=lambda duration: words.duration_words(_duration(duration), language()),
        size_words=lambda octets: words.size_words(octets, language()),
        table_instant=words.table_instant,
        table_date=words.table_date,
        first_upper=words.first_upper,
        machine_time=lambda instant: instant.astimezone(PARIS).isoformat(timespec="minutes"),
        machine_date=lambda day: _local_date(day).isoformat(),
        machine_moment=_machine_moment,
        typo=typo,
        explained=explained,
        proven=proven,
    )


def typo(text: str) -> Markup:
    """French text of a form or a diagram, set properly and escaped."""
    return Markup(typographic(str(escape(text)).replace("&#39;", "'")))


def explained(explanation: Mapping[str, Any]) -> DateSum:
    """The sum behind a date, ready to be shown."""
    return date_sum(explanation, now(), language())


def proven(explanation: Mapping[str, Any]) -> DateProof:
    """The facts that prove a date, ready to be shown."""
    return date_proof(explanation, now(), language())


def _date_words(day: date | datetime, **choices: bool) -> str:
    return words.date_words(day, now(), language(), **choices)


def _instant_words(instant: datetime, **choices: bool) -> str:
    return words.instant_words(instant, now(), language(), **choices)


def _duration(value: timedelta | float) -> timedelta:
    return value if isinstance(value, timedelta) else timedelta(seconds=value)


def _local_date(value: date | datetime) -> date:
    return value.astimezone(PARIS).date() if isinstance(value, datetime) else value


def _machine_moment(value: date | datetime) -> str:
    if isinstance(value, datetime):
        return value.astimezone(PARIS).isoformat(timespec="minutes")
    return value.isoformat()
