"""A process that stores a file, names it in a transaction, and is killed before it commits.

Arguments: address of the database, folder of the store, number of the dossier's row, instant.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from fictitious_files import pdf

from workflow.clock import VirtualClock
from workflow.db import Database
from workflow.domain import person
from workflow.domain.call import Call
from workflow.domain.file_store import FolderStore
from workflow.engine import acts, reception
from workflow.engine.forms import Forms
from workflow.engine.reception import ProofPlace
from workflow.engine.runtime import Runtime
from workflow.settings import PROJECT, Settings


def main(url: str, folder: str, dossier_id: int, at: datetime) -> None:
    runtime = Runtime(
        Database(url),
        VirtualClock(at),
        Forms.load(PROJECT / "forms"),
        FolderStore(Path(folder)),
        Settings(),
    )
    with runtime.database.reading() as session:
        found = person.find_by_email(session, "operateur@alize.example")
        assert found is not None
        actor = person.actor_of(session, found)

    def attach_and_die(call: Call) -> None:
        reception.attach_all(runtime, call, received)
        call.session.flush()
        os.kill(os.getpid(), signal.SIGKILL)

    place = ProofPlace("DER-TLS-02", 1)
    with reception.spooled(runtime, [(place, "a.pdf", [pdf()])]) as offered:
        received = reception.receive(runtime, actor, dossier_id, offered)
        acts.perform(runtime, actor, dossier_id, attach_and_die)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), datetime.fromisoformat(sys.argv[4]))
