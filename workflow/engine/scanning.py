"""The door of the antivirus: what it says of a content is kept, and told where it matters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow import outbox
from workflow.domain import stored_content
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.evidence import Evidence
from workflow.domain.notification import notify
from workflow.domain.person import SYSTEM
from workflow.domain.proof import Proof
from workflow.domain.stored_content import INFECTED, NOT_SCANNED, StoredContent
from workflow.engine import acts
from workflow.engine.clamd import Clamd, ScannerUnreachable, ScanResult
from workflow.engine.runtime import Runtime
from workflow.errors import NotFound

MOST_AT_ONCE = 1_000
_SAME_FILE = 100


class ScanCarrier(outbox.Carrier):
    """Has one content scanned after its commit; while the scanner is down it stays pending."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime

    def __call__(self, payload: Mapping[str, Any]) -> None:
        """Scan; raises Unreachable while nobody answers, DeliveryFailed on a lost file."""
        sha256 = str(payload["sha256"])
        if not self.runtime.settings.clamav:
            # The scanner was taken away since: the file says so, and waits for nothing.
            settle(self.runtime, sha256, ScanResult(NOT_SCANNED))
            return
        try:
            with self.runtime.files.open(sha256) as file:
                result = Clamd.at(self.runtime.settings.clamav).scan(file)
        except ScannerUnreachable as failure:
            raise outbox.Unreachable(str(failure)) from failure
        except (NotFound, OSError) as lost:
            raise outbox.DeliveryFailed(str(lost), failure="missing_file") from lost
        settle(self.runtime, sha256, result)


def settle(runtime: Runtime, sha256: str, result: ScanResult) -> None:
    """Keep a result; on a threat, tell the history and the people of each dossier concerned."""
    if result.state == INFECTED:
        with runtime.database.reading() as session:
            named = _named_by(session, sha256)
        for dossier_id, file_name in named.items():
            acts.perform(
                runtime,
                SYSTEM,
                dossier_id,
                lambda call, name=file_name: _tell(call, name, result),
                even_held=True,
            )
    with runtime.database.transaction() as session:
        content = session.get(StoredContent, sha256)
        if content is not None:
            content.scan_state = result.state
            content.threat = result.threat
            content.scanned_at = None if result.state == NOT_SCANNED else runtime.clock.now()


def scan_all(runtime: Runtime) -> int:
    """Have everything scanned that never was; returns how many contents wait for it now."""
    query = select(StoredContent).where(StoredContent.scan_state == NOT_SCANNED)
    count = 0
    while True:
        with runtime.database.transaction() as session:
            found = session.scalars(query.limit(MOST_AT_ONCE)).all()
            for content in found:
                stored_content.ask_for_scan(session, content, runtime.clock.now())
        count += len(found)
        if len(found) < MOST_AT_ONCE:
            return count


def _tell(call: Call, file_name: str, result: ScanResult) -> None:
    facts = {"file_name": file_name, "threat": result.threat or ""}
    call.record(AuditKind.CONTENT_SCANNED, {**facts, "state": result.state})
    notify(call, "operator", "file_infected", **facts)


def _named_by(session: Session, sha256: str) -> dict[int, str]:
    """The dossiers in which a content stands, each with one of the names it bears there."""
    found: dict[int, str] = {}
    for table in (Proof, Evidence):
        rows = session.execute(
            select(table.dossier_id, table.file_name)
            .where(table.content_key == sha256)
            .order_by(table.id)
            .limit(_SAME_FILE)
        )
        found |= {dossier_id: name for dossier_id, name in rows if dossier_id not in found}
    return found
