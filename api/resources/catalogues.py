"""Requirement catalogues of campaigns: read, preview a file, import it."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import Schema, validate
from marshmallow import fields as f

from api.access import EVERYONE, actor, allowed
from api.context import runtime
from api.parsing import Part, spooled_limit
from api.schemas import plain_text, texts, whole_number, yes_or_no
from workflow.domain import catalogue_file
from workflow.domain.catalogue_changes import as_rows
from workflow.domain.catalogue_columns import LONGEST_VERSION
from workflow.domain.requirement import PROOF_KINDS, TYPES
from workflow.engine import catalogues
from workflow.errors import InvalidInput

part = Part("api-catalogues", "Requirements of a campaign, version by version.")
MEGABYTES = catalogue_file.LARGEST_FILE // 1024 // 1024
MULTIPART = "multipart/form-data"
_FILE = {"type": "string", "format": "binary"}
_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        MULTIPART: {
            "schema": {"type": "object", "properties": {"file": _FILE}, "required": ["file"]}
        },
        "application/octet-stream": {"schema": _FILE},
    },
}


class RequirementSchema(Schema):
    """One requirement; a recommendation is never judged."""

    code = plain_text()
    statement = plain_text()
    type = plain_text(enum=list(TYPES))
    profile = plain_text()
    verification_scenario = plain_text()
    proofs = texts(enum=PROOF_KINDS)
    proof_texts = texts(description="What the catalogue says of each proof.")


class CatalogueSchema(Schema):
    """The catalogue that new deposits are pinned to."""

    campaign = plain_text()
    id = whole_number(description="Of this version.")
    version = plain_text()
    derived = yes_or_no(description="Ours, for want of the published one.")
    requirements = f.List(f.Nested(RequirementSchema), required=True)


class ColumnChangeSchema(Schema):
    """One column, before and after."""

    column = plain_text()
    before = plain_text()
    after = plain_text()


class RequirementChangeSchema(Schema):
    """What changes in one requirement."""

    code = plain_text()
    columns = f.List(f.Nested(ColumnChangeSchema), required=True)


class PreviewSchema(Schema):
    """What importing a file would change; the file is kept under its SHA-256."""

    file = plain_text(description="SHA-256: what to import.")
    replaces = whole_number(description="Id of the version in force.")
    added = texts()
    removed = texts()
    changed = f.List(f.Nested(RequirementChangeSchema), required=True)
    unchanged = whole_number()
    scope_changes = yes_or_no()
    level_changes = yes_or_no()
    corrected = texts(description="Open dossiers that the import would correct.")
    kept = texts(description="Open dossiers that keep their version.")
    unread_columns = texts()


class ImportSchema(Schema):
    """A previewed file to put in force."""

    file = f.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}\Z"))
    replaces = f.Integer(required=True, validate=validate.Range(1, 2**31 - 1))
    version = f.String(
        validate=validate.Length(1, LONGEST_VERSION),
        metadata={"description": "Its name, when the file gives none."},
    )


class ImportedSchema(Schema):
    """What an import did."""

    id = f.Integer(required=True, attribute="catalogue_version_id")
    version = plain_text()
    changed = yes_or_no()
    corrected = texts()


@part.get("/campaigns/<campaign_id>/requirements")
@allowed(*EVERYONE)
@part.response(200, CatalogueSchema)
def get_requirements(campaign_id: str) -> dict[str, Any]:
    """Read the requirements in force for new deposits"""
    with runtime().database.reading() as session:
        found = catalogues.current(session, campaign_id)
        rows = [{"proof_texts": [], **row} for row in as_rows(found.requirements)]
        return {
            "campaign": found.campaign.id,
            "id": found.version.id,
            "version": found.version.version,
            "derived": found.version.derived,
            "requirements": rows,
        }


@part.post("/campaigns/<campaign_id>/requirements/preview")
@allowed("process_owner")
@part.doc(requestBody=_BODY)
@part.response(200, PreviewSchema)
def preview_requirements(campaign_id: str) -> dict[str, Any]:
    """Say what a file would change

    As multipart/form-data with a part `file`, or as the raw body: XLSX, or CSV in UTF-8. Refused
    with every fault by line and column. Nothing is changed.
    """
    content = _content()
    found = catalogues.preview(runtime(), campaign_id, content)
    changes = found.changes
    return {
        "file": catalogues.hold(runtime(), content),
        "replaces": found.replaces,
        "added": [row["code"] for row in changes.added],
        "removed": [row["code"] for row in changes.removed],
        "changed": changes.changed,
        "unchanged": changes.unchanged,
        "scope_changes": changes.changes_scope,
        "level_changes": changes.changes_level,
        "corrected": found.corrected,
        "kept": found.kept,
        "unread_columns": found.unread,
    }


@part.post("/campaigns/<campaign_id>/requirements/import")
@allowed("process_owner")
@part.arguments(ImportSchema)
@part.response(200, ImportedSchema)
def import_requirements(body: dict[str, Any], campaign_id: str) -> Any:
    """Put a previewed file in force

    Open dossiers follow a corrective version only. Refused when the version in force is no
    longer the one that the preview was compared with.
    """
    return catalogues.import_catalogue(
        runtime(),
        campaign_id,
        catalogues.held(runtime(), body["file"]),
        actor(),
        version=body.get("version"),
        replaces=body["replaces"],
    )


def _content() -> bytes:
    largest = spooled_limit(MEGABYTES + 1)
    if request.mimetype != MULTIPART:
        return request.stream.read(largest)
    file = request.files.get("file")
    if file is None:
        raise InvalidInput("Expected a part named file but found none. Add the file.")
    return file.stream.read(largest)
