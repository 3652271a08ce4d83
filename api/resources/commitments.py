"""The texts that an operator accepted on a dossier, as they were shown (DSR 4.8)."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema
from marshmallow import fields as f

from api.access import EVERYONE, actor, allowed
from api.context import runtime
from api.parsing import Part
from api.readers import dossiers
from api.schemas import instant, plain_text
from workflow.domain import commitment

part = Part("api-commitments", "The commitments and declarations accepted on a dossier.")
NAMES = ("key", "text", "sha256", "form_version", "accepted_at")


class CommitmentSchema(Schema):
    """One text accepted."""

    key = plain_text()
    text = plain_text(description="As it was shown.")
    sha256 = plain_text()
    form = plain_text(description="Key of the form that showed it.")
    form_version = plain_text(description="Fingerprint of all the texts that the form showed.")
    accepted_at = instant()


class CommitmentPageSchema(Schema):
    """At most eight texts, hence one page."""

    items = f.List(f.Nested(CommitmentSchema), required=True)
    next = f.String(required=True, allow_none=True)


@part.get("/dossiers/<number>/commitments")
@allowed(*EVERYONE)
@part.response(200, CommitmentPageSchema)
def list_commitments(number: str) -> dict[str, Any]:
    """List the commitments accepted at the deposit, then the declarations on the proofs"""
    with runtime().database.reading() as session:
        dossier = dossiers.find(session, number, actor())
        items = [
            {**{name: getattr(row, name) for name in NAMES}, "form": row.form_key}
            for row in commitment.of_dossier(session, dossier.id)
        ]
        return {"items": items, "next": None}
