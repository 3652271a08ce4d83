"""Diagrams and decision tables: read those in force, deploy others."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from marshmallow import Schema, validate
from marshmallow import fields as f
from sqlalchemy.orm import Session

from api import diagram_context
from api.access import AGENCY, EVERYONE, actor, allowed
from api.context import runtime
from api.paging import PageQuery, page, page_of, position
from api.parsing import Part
from api.problems import PREFIX
from api.readers import records
from api.schemas import copied, instant, plain_text, texts, whole_number
from workflow.engine import diagrams
from workflow.engine.source_file import SourceFile

part = Part("api-diagrams", "The procedure as drawn, version by version.")
FILE_NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,100}\.(bpmn|dmn)\Z"
MOST_FILES = 50
XML: dict[str, Any] = {"type": "string"}


class DiagramSchema(Schema):
    """One version of one file."""

    name = plain_text()
    version = whole_number()
    sha256 = plain_text()
    size = whole_number(description="Bytes.")
    deployed_at = instant()
    deployed_by = plain_text()


class DeploymentSchema(Schema):
    """The files in force from one moment on."""

    id = whole_number()
    deployed_at = instant()
    deployed_by = plain_text()


class DiagramQuery(Schema):
    """Which version of a file."""

    version = f.Integer(
        validate=validate.Range(1, 2**31 - 1),
        metadata={"description": "The one in force by default."},
    )


class SourceFileSchema(Schema):
    """A file to deploy."""

    name = f.String(required=True, validate=validate.Regexp(FILE_NAME))
    content = f.String(required=True, metadata={"description": "Its XML, in UTF-8."})


class DeploySchema(Schema):
    """Files to put in force together with those that are already."""

    files = f.List(
        f.Nested(SourceFileSchema), required=True, validate=validate.Length(1, MOST_FILES)
    )
    replaces = f.Integer(
        validate=validate.Range(1, 2**31 - 1),
        metadata={"description": "The deployment you drew on: refused when another came since."},
    )


class DeployedSchema(Schema):
    """What a deploy did."""

    deployment = f.Integer(required=True, attribute="deployment_id")
    changed = texts(description="Files of which there is a new version.")


@part.get("/diagrams")
@allowed(*EVERYONE)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(DiagramSchema))
def list_diagrams(query: dict[str, Any]) -> dict[str, Any]:
    """List the files in force"""
    with runtime().database.reading() as session:
        return _files(session, diagrams.latest(session), query)


@part.get("/diagrams/<name>")
@allowed(*EVERYONE)
@part.arguments(DiagramQuery, location="query")
@part.response(200, XML, content_type="application/xml")
@part.alt_response(304, description="You have this version already.")
def get_diagram(query: dict[str, Any], name: str) -> Response:
    """Read a file as XML"""
    with runtime().database.reading() as session:
        if "version" in query:
            found = records.diagram_version(session, name, query["version"])
        else:
            found = diagrams.version_of(session, diagrams.latest(session), name)
        answer = Response(found.content, content_type="application/xml")
        answer.set_etag(found.sha256)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.make_conditional(request)
        return answer


@part.get("/deployments")
@allowed(*AGENCY)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(DeploymentSchema))
def list_deployments(query: dict[str, Any]) -> dict[str, Any]:
    """List what was put in force, newest first"""
    before = position(query.get("cursor"), int)
    with runtime().database.reading() as session:
        rows = records.deployments(
            session, before=before[0] if before else None, limit=query["limit"]
        )
        kept, following = page(rows, query["limit"], lambda row: [row.id])
        items = [copied(DeploymentSchema, row) for row in kept]
        return {"items": items, "next": following}


@part.get("/deployments/<int(max=2147483647):deployment_id>/diagrams")
@allowed(*AGENCY)
@part.arguments(PageQuery, location="query")
@part.response(200, page_of(DiagramSchema))
def list_deployed_diagrams(query: dict[str, Any], deployment_id: int) -> dict[str, Any]:
    """List the files of a deployment"""
    with runtime().database.reading() as session:
        return _files(session, records.deployment(session, deployment_id).id, query)


@part.post("/deployments")
@allowed("process_owner")
@part.arguments(DeploySchema)
@part.response(201, DeployedSchema)
@part.alt_response(200, schema=DeployedSchema, description="Nothing differs from what is in force.")
def deploy_diagrams(body: dict[str, Any]) -> Any:
    """Check files, then put them in force

    Refused with every fault, and then nothing has changed. Running dossiers stay on theirs.
    """
    files = [SourceFile(file["name"], file["content"].encode()) for file in body["files"]]
    with runtime().database.reading() as session:
        context = diagram_context.in_force(session, runtime())
    done = diagrams.deploy(runtime(), files, actor(), context, replaces=body.get("replaces"))
    address = {"Location": f"{PREFIX}/deployments/{done.deployment_id}/diagrams"}
    return done, 201 if done.changed else 200, address


def _files(session: Session, deployment_id: int, query: dict[str, Any]) -> dict[str, Any]:
    after = position(query.get("cursor"), str)
    rows = records.files(
        session, deployment_id, after=after[0] if after else None, limit=query["limit"]
    )
    kept, following = page(rows, query["limit"], lambda row: [row["name"]])
    return {"items": kept, "next": following}
