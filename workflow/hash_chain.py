"""A chain of hashes over entries: any later alteration shows.

Each entry's link covers the previous link and the entry's own fields. The payload is not in
the link: the fields hold a *commitment*, a salted hash of it, so personal data can be erased
(payload and salt together) without breaking the chain.

A chain cannot see that its last entries are missing, nor that a payload was erased without
right: whoever keeps it anchors the heads elsewhere and records erasures as entries.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from workflow.errors import InvalidInput

GENESIS = "0" * 64
SHORTEST_SALT = 16


@dataclass(frozen=True, slots=True)
class ChainEntry:
    """One entry as stored.

    `fields` is all that the link covers, with at least `sequence` (int) and `commitment`
    (str). `payload` and `salt` are None once erased.
    """

    fields: Mapping[str, str | int]
    link: str
    payload: bytes | None = None
    salt: bytes | None = None


def canonical(value: object) -> bytes:
    """The one JSON text of `value`, in UTF-8: sorted keys, no spaces.

    Instants are written in UTC with microseconds, dates as ISO, decimals as text. Raises
    InvalidInput on what has no single text: naive instants, NaN, keys that are not text, bytes.
    """
    try:
        text = json.dumps(
            _plain(value),
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
            allow_nan=False,
        )
        return text.encode()
    except ValueError as fault:
        raise InvalidInput(
            f"Expected numbers and text that JSON can carry but found otherwise ({fault})."
            " Remove infinite numbers and broken characters."
        ) from fault


def commitment(payload: bytes, salt: bytes) -> str:
    """SHA-256, in hex, of the salt in hex, a colon, and the payload.

    The colon keeps the frontier: no byte can move from salt to payload unnoticed. Raises
    InvalidInput when the salt is under 16 bytes, since an erased payload could be guessed.
    """
    if len(salt) < SHORTEST_SALT:
        raise InvalidInput(
            f"Expected a salt of at least {SHORTEST_SALT} bytes but found {len(salt)}."
            " Draw a longer one at random."
        )
    return hashlib.sha256(salt.hex().encode() + b":" + payload).hexdigest()


def link(previous: str, entry_fields: Mapping[str, str | int]) -> str:
    """SHA-256, in hex, of the canonical JSON of the previous link and the entry's fields.

    `previous` is GENESIS for the first entry. Raises InvalidInput when the fields lack their
    `sequence` or `commitment`.
    """
    if not _is_numbered(entry_fields):
        raise InvalidInput(
            "Expected an entry with a sequence (whole number) and a commitment (text) but found"
            f" the fields {', '.join(sorted(entry_fields)) or 'none'}. Add what is missing."
        )
    return _link(previous, entry_fields)


def first_break(
    entries: Iterable[ChainEntry], *, previous: str = GENESIS, first_sequence: int = 1
) -> int | None:
    """The index of the first entry that was altered, moved or removed, or None.

    To verify from a trusted point on, give its link as `previous` and the next sequence.
    """
    for index, entry in enumerate(entries):
        if not _follows(entry, previous, first_sequence + index):
            return index
        previous = entry.link
    return None


def _follows(entry: ChainEntry, previous: str, sequence: int) -> bool:
    return (
        _is_numbered(entry.fields)
        and entry.fields["sequence"] == sequence
        and entry.link == _link(previous, entry.fields)
        and _keeps_commitment(entry)
    )


def _keeps_commitment(entry: ChainEntry) -> bool:
    if entry.payload is None:
        # An erasure takes payload and salt together; a payload alone was taken away.
        return entry.salt is None
    if entry.salt is None or len(entry.salt) < SHORTEST_SALT:
        return False
    return commitment(entry.payload, entry.salt) == entry.fields["commitment"]


def _is_numbered(fields: Mapping[str, str | int]) -> bool:
    return type(fields.get("sequence")) is int and isinstance(fields.get("commitment"), str)


def _link(previous: str, fields: Mapping[str, str | int]) -> str:
    return hashlib.sha256(canonical({"previous": previous, "entry": fields})).hexdigest()


def _plain(value: object) -> object:
    """`value` in the types JSON knows; raises InvalidInput on others."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Decimal) and value.is_finite():
        return str(value)
    if isinstance(value, datetime) and value.utcoffset() is not None:
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    raise InvalidInput(
        f"Expected a value that has one canonical text but found {value!r}."
        " Give instants their time zone, keys as text, and write other things as text."
    )
