"""The form that changes a campaign's parameters: what was typed, read as changes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import orjson

from web.procedure_words import refusal_in_words
from web.whole_number import whole_number
from web.words import table_date
from workflow.clock import PARIS
from workflow.delay import Delay
from workflow.domain.campaign import Campaign
from workflow.domain.campaign_parameters import InvalidCampaign
from workflow.errors import InvalidInput

LONGEST = 12_000
_TIME = re.compile(r"^\s*(\d{1,2})\s*(?:h|:)\s*(\d{2})?\s*$", re.IGNORECASE)
Typed = Mapping[str, str]
Faults = dict[str, list[str]]


def as_typed(campaign: Campaign) -> dict[str, str]:
    """The parameters in force, as the form's fields show them."""
    closing = campaign.closes_at.instant.astimezone(PARIS)
    typed = {
        "closes_at.instant": table_date(closing),
        "closes_at.time": f"{closing:%H:%M}",
        "closes_at.basis": campaign.closes_at.basis,
        "closed_days": "\n".join(table_date(day) for day in sorted(campaign.calendar.closed_days)),
        "college.weekday": campaign.college.weekday,
        "college.time": campaign.college.time,
        "college.quorum": str(campaign.college.quorum),
    }
    for key, delay in campaign.delays.items():
        typed |= {
            f"delays.{key}.amount": str(delay.amount),
            f"delays.{key}.unit": delay.unit,
            f"delays.{key}.counting": delay.counting,
        }
    return typed


def changes_of(campaign: Campaign, typed: Typed) -> dict[str, Any]:
    """What was typed and differs from the parameters in force.

    What cannot be read is kept as typed: the domain says what is wrong with it.
    """
    own = as_typed(campaign)
    given = {name: typed.get(name, own[name]).strip() for name in own}
    given["closed_days"] = "\n".join(given["closed_days"].split())
    changes: dict[str, Any] = {}
    delays = {
        key: fields
        for key, delay in campaign.delays.items()
        if (fields := _delay_changes(key, delay, given))
    }
    delays = _with_reminders(campaign, delays)
    if delays:
        changes["delays"] = delays
    if closing := _closing_changes(own, given):
        changes["closes_at"] = closing
    if given["closed_days"] != own["closed_days"]:
        changes["closed_days"] = [_day(line) for line in given["closed_days"].splitlines()]
    college = {
        name: _college_value(name, given[f"college.{name}"])
        for name in ("weekday", "time", "quorum")
        if given[f"college.{name}"] != own[f"college.{name}"]
    }
    if college:
        changes["college"] = college
    return changes


def written(changes: Mapping[str, Any]) -> str:
    """Changes as an address carries them."""
    return orjson.dumps(changes, option=orjson.OPT_SORT_KEYS).decode()


def read(text: str) -> dict[str, Any]:
    """The changes of an address; raises InvalidInput on anything else."""
    try:
        found = orjson.loads(text) if len(text) <= LONGEST else None
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict) or not found:
        raise InvalidInput(
            "Expected the changes of a preview but found none. Fill in the form again."
        )
    return found


def by_field(refusal: InvalidCampaign) -> Faults:
    """The faults of a refusal, by the field where each is shown."""
    faults: Faults = {}
    for fault in refusal.faults:
        path, _colon, sentence = fault.partition(": ")
        faults.setdefault(path, []).append(refusal_in_words(sentence or fault))
    return faults


def _delay_changes(key: str, delay: Delay, given: Typed) -> dict[str, Any]:
    typed = {name: given[f"delays.{key}.{name}"] for name in ("amount", "unit", "counting")}
    values = {**typed, "amount": _number(typed["amount"])}
    return {name: value for name, value in values.items() if value != getattr(delay, name)}


def _with_reminders(
    campaign: Campaign, delays: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The same, where each reminder counts like the delay that it comes before."""
    aligned = dict(delays)
    for key, delay in campaign.delays.items():
        step = delays.get(delay.before, {})
        if not {"counting", "unit"} & set(step):
            continue
        unit = step.get("unit", delay.unit)
        amount = delays.get(key, {}).get("amount", delay.amount)
        if unit != delay.unit and isinstance(amount, int):
            amount = amount * 24 if unit == "hour" else -(-amount // 24)
        like = {"counting": step.get("counting", delay.counting), "unit": unit, "amount": amount}
        aligned[key] = {name: like[name] for name in like if like[name] != getattr(delay, name)}
    return {key: fields for key, fields in aligned.items() if fields}


def _closing_changes(own: Typed, given: Typed) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if any(given[f"closes_at.{name}"] != own[f"closes_at.{name}"] for name in ("instant", "time")):
        day, time = _day(given["closes_at.instant"]), _time(given["closes_at.time"])
        changes["instant"] = f"{day}T{time}"
    if given["closes_at.basis"] != own["closes_at.basis"]:
        changes["basis"] = given["closes_at.basis"]
    return changes


def _college_value(name: str, text: str) -> Any:
    if name == "quorum":
        return _number(text)
    return _time(text) if name == "time" else text


def _number(text: str) -> int | str:
    number = whole_number(text)
    return text if number is None else number


def _day(text: str) -> str:
    """A day as French people type it, or as machines do; as typed when it is neither."""
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            parsed: date = datetime.strptime(text, form).date()  # noqa: DTZ007
        except ValueError:
            continue
        return parsed.isoformat()
    return text


def _time(text: str) -> str:
    """*14 h*, *14 h 30* or *14:30* as 14:30; as typed when it is none of them."""
    found = _TIME.match(text)
    return f"{int(found[1]):02d}:{found[2] or '00'}" if found else text
