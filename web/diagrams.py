"""The deployed procedure: its files, their versions, their drawings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_login import login_required
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from web.campaign_view import NothingInForce
from web.language import _
from web.procedure_words import drawn_in_words, in_words
from web.process_text import process_text
from web.runtime import runtime
from workflow.engine import diagrams as deployed
from workflow.engine.diagram_checks.reading import ParsedFile, read
from workflow.engine.diagrams import DiagramVersion
from workflow.engine.source_file import SourceFile
from workflow.engine.spiff import read_processes
from workflow.errors import NotFound

MOST_VERSIONS = 200

part = Blueprint("diagrams", __name__)


@part.get("/schemas")
@login_required
def index() -> Any:
    """The files in force, with the title of what they draw."""
    with runtime().database.reading() as session:
        try:
            deployment_id = deployed.latest(session)
        except NotFound as none:
            raise NothingInForce(str(none)) from none
        known = deployed.load(session, runtime(), deployment_id)
        titles: dict[str, str] = {}
        for process_id in sorted(known.process_ids):
            process = known.process(process_id)
            titles[process.file] = in_words(process.name)
        member = deployed.DeploymentMember
        deployment = (
            DiagramVersion.id == member.diagram_version_id,
            member.deployment_id == deployment_id,
        )
        files = session.execute(_facts().where(*deployment).order_by(DiagramVersion.name)).all()
        tables = session.execute(
            select(DiagramVersion.name, DiagramVersion.content).where(
                *deployment, DiagramVersion.name.endswith(".dmn")
            )
        )
        titles |= {each.name: _table_title(each.name, each.content) for each in tables}
    return render_template("diagrams/index.html", files=files, titles=titles)


@part.get("/schemas/<name>")
@login_required
def show(name: str) -> Any:
    """One file, drawn, with its versions."""
    with runtime().database.reading() as session:
        versions = session.execute(
            _facts()
            .where(DiagramVersion.name == name)
            .order_by(DiagramVersion.version.desc())
            .limit(MOST_VERSIONS)
        ).all()
        if not versions:
            raise NotFound(f"Expected a deployed file {name!r} but there is none. Check its name.")
        wanted = request.args.get("version", "")
        shown = next((v for v in versions if str(v.version) == wanted), versions[0])
        content = _content(session, name, shown.version) or b""
    drawn = [] if _is_table(name) else read_processes(SourceFile(name, content))
    return render_template(
        "diagrams/show.html",
        shown=shown,
        versions=versions,
        title=in_words(drawn[0].name) if drawn else _table_title(name, content),
        texts=[(process, process_text(process)) for process in drawn],
    )


@part.get("/schemas/<name>/<int:version>")
@login_required
def source(name: str, version: int) -> Response:
    """A file as it was deployed; it never changes, so browsers may keep it.

    With `?langue=`, to be drawn: its names in the reader's language.
    """
    with runtime().database.reading() as session:
        content = _content(session, name, version)
    if content is None:
        raise NotFound(f"Expected version {version} of {name!r} but there is none. Check both.")
    if "langue" in request.args:
        content = drawn_in_words(SourceFile(name, content))
    response = Response(content, mimetype="application/xml")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.cache_control.private = True
    response.cache_control.max_age = 3600
    return response


def _facts() -> Select[str, int, str, datetime, str]:
    return select(
        DiagramVersion.name,
        DiagramVersion.version,
        DiagramVersion.sha256,
        DiagramVersion.deployed_at,
        DiagramVersion.deployed_by,
    )


def _content(session: Session, name: str, version: int) -> bytes | None:
    return session.scalar(
        select(DiagramVersion.content).where(
            DiagramVersion.name == name, DiagramVersion.version == version
        )
    )


def _is_table(name: str) -> bool:
    return not name.endswith(".bpmn")


def _table_title(name: str, content: bytes) -> str:
    """What a decision table is called in its file; the file's name when it has none."""
    parsed = read(SourceFile(name, content))
    title = parsed.root.get("name", "") if isinstance(parsed, ParsedFile) else ""
    return _("%(name)s : table de décision", name=in_words(title)) if title else name
