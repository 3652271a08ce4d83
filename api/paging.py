"""Pages of lists: at most a hundred items, and a cursor to go on, both in the body."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar

import orjson
from marshmallow import Schema, validate
from marshmallow import fields as f

from workflow.errors import InvalidInput

MOST_ITEMS = 100
LARGEST_ID = 2**62
Item = TypeVar("Item")


class InvalidCursor(InvalidInput):
    """A cursor that this list did not give."""

    code = "invalid_cursor"


class PageQuery(Schema):
    """How much of a list, and from where."""

    limit = f.Integer(
        load_default=50,
        validate=validate.Range(1, MOST_ITEMS),
        metadata={"description": "Items in one page."},
    )
    cursor = f.String(
        validate=validate.Length(1, 300),
        metadata={"description": "`next` of the page before."},
    )


@cache
def page_of(item: type[Schema]) -> type[Schema]:
    """The schema of a page of such items."""
    fields: dict[str, Any] = {
        "items": f.List(f.Nested(item), required=True),
        "next": f.String(
            required=True,
            allow_none=True,
            metadata={"description": "Cursor of the next page; null after the last."},
        ),
    }
    name = item.__name__.removesuffix("Schema")
    return type(f"{name}PageSchema", (Schema,), {"__doc__": f"A page of {name}.", **fields})


def page(
    rows: Sequence[Item], limit: int, key: Callable[[Item], Sequence[Any]]
) -> tuple[Sequence[Item], str | None]:
    """The rows of a page, of which one more than `limit` was read, and the next cursor."""
    if len(rows) <= limit:
        return rows, None
    kept = rows[:limit]
    return kept, cursor_for(key(kept[-1]))


def cursor_for(key: Sequence[Any]) -> str:
    """An opaque cursor after the row with this sort key."""
    return base64.urlsafe_b64encode(orjson.dumps(list(key))).decode().rstrip("=")


def position(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """The sort key in a cursor: `int`, `str`, `date` or `datetime`; raises InvalidCursor."""
    if cursor is None:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        key = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(key, list) or len(key) != len(kinds):
            raise ValueError(cursor)
        return tuple(_typed(value, kind) for value, kind in zip(key, kinds, strict=True))
    except (ValueError, TypeError, binascii.Error) as fault:
        raise InvalidCursor(
            "Expected a cursor that this list gave but found another text."
            " Begin again without a cursor."
        ) from fault


def _typed(value: Any, kind: type) -> Any:
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(value)
        return moment
    if kind is date:
        return date.fromisoformat(value)
    if type(value) is not kind or (kind is int and abs(value) > LARGEST_ID):
        raise ValueError(value)
    if isinstance(value, str) and "\0" in value:
        raise ValueError(value)
    return value
