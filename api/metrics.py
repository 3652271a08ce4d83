"""Numbers for those who watch: requests, timers due, outbox, open tasks, in Prometheus's text.

They tell nothing of any one dossier. Requests are counted per process: each node is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from threading import Lock

from flask import Flask, Response, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.engine.waiting import HumanTask, Timer
from workflow.outbox import OutboxMessage

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Labels = tuple[tuple[str, str], ...]
Samples = Mapping[Labels, int]


class RequestCounter:
    """Counts answers by route and status, never by address."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[Labels] = Counter()

    def watch(self, app: Flask) -> None:
        """Count every answer of an application."""

        @app.after_request
        def count(response: Response) -> Response:
            route = request.url_rule.rule if request.url_rule else "unmatched"
            labels = (
                ("method", request.method if request.url_rule else "any"),
                ("route", route),
                ("status", str(response.status_code)),
            )
            with self._lock:
                self._counts[labels] += 1
            return response

    def samples(self) -> Samples:
        """What was counted since the process began."""
        with self._lock:
            return dict(self._counts)


def exposition(session: Session, requests: RequestCounter, now: datetime) -> str:
    """The page that Prometheus reads."""
    lines = [
        *_metric("jalon_requests_total", "counter", "Answers sent.", requests.samples()),
        *_metric("jalon_timers_due", "gauge", "Timers due and not fired.", _timers(session, now)),
        *_metric("jalon_outbox_messages", "gauge", "Effects not carried out.", _outbox(session)),
        *_metric("jalon_open_tasks", "gauge", "Open human tasks.", _open_tasks(session)),
    ]
    return "\n".join(lines) + "\n"


def _timers(session: Session, now: datetime) -> Samples:
    due = select(func.count()).select_from(Timer).where(Timer.due_at <= now)
    failed = due.where(Timer.failure.is_not(None))
    counted = {"all": session.scalar(due) or 0, "failed": session.scalar(failed) or 0}
    return {
        (("state", "waiting"),): counted["all"] - counted["failed"],
        (("state", "failed"),): counted["failed"],
    }


def _outbox(session: Session) -> Samples:
    counts: dict[bool, int] = {False: 0, True: 0}
    for incident, count in session.execute(
        select(OutboxMessage.incident, func.count())
        .where(OutboxMessage.delivered_at.is_(None))
        .group_by(OutboxMessage.incident)
    ):
        counts[bool(incident)] = count
    return {(("state", "waiting"),): counts[False], (("state", "incident"),): counts[True]}


def _open_tasks(session: Session) -> Samples:
    rows = session.execute(
        select(HumanTask.role, func.count())
        .where(HumanTask.closed_at.is_(None))
        .group_by(HumanTask.role)
        .order_by(HumanTask.role)
    )
    return {(("role", role),): count for role, count in rows}


def _metric(name: str, kind: str, meaning: str, samples: Samples) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} {kind}"
    for labels, value in sorted(samples.items()):
        written = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels)
        yield f"{name}{{{written}}} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
