"""What several resources answer with. Instants are ISO 8601 with their offset, in UTC."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema
from marshmallow import fields as f

from workflow.domain.person import ROLES


def instant(*, nullable: bool = False, **metadata: Any) -> f.DateTime:
    """An instant."""
    return f.DateTime(required=True, allow_none=nullable, format="iso", metadata=metadata)


def day(*, nullable: bool = False, **metadata: Any) -> f.Date:
    """A day of Paris."""
    return f.Date(required=True, allow_none=nullable, metadata=metadata)


def plain_text(*, nullable: bool = False, **metadata: Any) -> f.String:
    """A text."""
    return f.String(required=True, allow_none=nullable, metadata=metadata)


def whole_number(*, nullable: bool = False, **metadata: Any) -> f.Integer:
    """A whole number."""
    return f.Integer(required=True, allow_none=nullable, metadata=metadata)


def yes_or_no(*, nullable: bool = False, **metadata: Any) -> f.Boolean:
    """Yes or no."""
    return f.Boolean(required=True, allow_none=nullable, metadata=metadata)


def texts(*, enum: Sequence[str] = (), **metadata: Any) -> f.List:
    """A list of texts, among some when they are given."""
    each = f.String(metadata={"enum": list(enum)} if enum else {})
    return f.List(each, required=True, metadata=metadata)


def copied(schema: type[Schema], row: object) -> dict[str, Any]:
    """What a schema shows of a row, read while the row's session is open."""
    names = [field.attribute or name for name, field in schema().fields.items()]
    return {name: getattr(row, name) for name in names}


class MovedBySchema(Schema):
    """The recorded change of the campaign that moved a date, and what stood before."""

    number = whole_number(description="Of the change, in its campaign.")
    basis = plain_text(description="The text on which it rests.")
    replaced = f.Dict(
        keys=f.String(),
        required=True,
        metadata={"description": "Amount, unit, counting, last day and instant before."},
    )


class DeadlineSchema(Schema):
    """A legal date, and the sum that gave it."""

    key = plain_text(description="Key of the delay in the campaign.")
    started_at = instant(nullable=True)
    last_day = day(nullable=True, description="Last day to act, in Paris.")
    fires_at = instant(nullable=True, description="Null while its clock stands.")
    computed_at = instant()
    campaign_version = whole_number(
        nullable=True,
        description="Version of the parameters; null on dates set before it was kept.",
    )
    change = f.Nested(MovedBySchema, required=True, allow_none=True)
    explanation = f.Dict(
        keys=f.String(),
        required=True,
        metadata={"description": "Rule, source, days counted and skipped, suspensions."},
    )


class DueSchema(Schema):
    """Until when."""

    due_at = instant(nullable=True)
    due_day = day(nullable=True)


class OpenTaskSchema(DueSchema):
    """A human task that is open."""

    id = plain_text()
    element = plain_text()
    process = plain_text()
    label = plain_text()
    role = plain_text(enum=list(ROLES))
    opened_at = instant()


class WaitingTaskSchema(OpenTaskSchema):
    """A human task that is open, with the sum of its date."""

    deadline = f.Nested(DeadlineSchema, required=True, allow_none=True)


class ActedSchema(Schema):
    """What an act left behind; a repetition under the same key is answered alike."""

    dossier = plain_text(nullable=True, description="Number of the dossier; null for a session.")
    revision = whole_number(description="Revision of the instance: the ETag to act on next.")


class AnswerSchema(Schema):
    """An answer to a form."""

    answer = f.Dict(
        keys=f.String(),
        required=True,
        metadata={"description": "By the keys of the form's components; unknown keys are dropped."},
    )


class AcceptingSchema(AnswerSchema):
    """An answer that may accept commitments."""

    texts_version = f.String(
        metadata={
            "description": "`texts_version` of the form that was read: the act is refused as a"
            " conflict when its texts have changed since."
        }
    )
