"""Probes for those who run Jalon: is it alive, is it ready, how is it doing."""

from __future__ import annotations

from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from api import metrics
from api.access import allowed, guard, public
from api.context import runtime
from api.problems import explain
from workflow.engine.diagrams import Deployment
from workflow.settings import PROJECT

part = Blueprint("api-probes", "api")
guard(part)
explain(part)
COUNTER = "jalon_request_counter"
MIGRATIONS = PROJECT / "migrations"


@part.get("/healthz")
@public
def tell_alive() -> Any:
    """The process answers."""
    return jsonify(status="ok")


@part.get("/readyz")
@public
def tell_ready() -> Any:
    """Whether dossiers can be run here, and what is missing if not (503)."""
    checks = _checks()
    ready = all(checks.values())
    body = {"status": "ok" if ready else "not_ready", "checks": checks}
    return jsonify(body), 200 if ready else 503


@part.get("/metrics")
@allowed("administrator", "support")
def tell_metrics() -> Response:
    """The numbers that Prometheus reads, with a token of an administrator or of the support."""
    counter: metrics.RequestCounter = current_app.extensions[COUNTER]
    with runtime().database.reading() as session:
        page = metrics.exposition(session, counter, runtime().clock.now())
    return Response(page, content_type=metrics.CONTENT_TYPE)


def _checks() -> dict[str, bool]:
    found = {"database": False, "migrations": False, "diagrams": False}
    try:
        with runtime().database.reading() as session:
            session.execute(text("SELECT 1"))
            found["database"] = True
            found["migrations"] = _is_migrated(session)
            found["diagrams"] = session.scalar(select(func.max(Deployment.id))) is not None
    except SQLAlchemyError as failure:
        current_app.logger.warning("Not ready: %s", failure)
    return found


def _is_migrated(session: Session) -> bool:
    if not (MIGRATIONS / "env.py").is_file():
        return True
    wanted = set(ScriptDirectory(str(MIGRATIONS)).get_heads())
    return set(MigrationContext.configure(session.connection()).get_current_heads()) == wanted
