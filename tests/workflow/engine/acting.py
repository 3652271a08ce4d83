"""A process that acts until it is killed: `python acting.py WHAT URL FOLDER INSTANT`."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from play import CAMPAIGN, Play, instant
from sqlalchemy import update

from workflow.clock import VirtualClock
from workflow.db import Database
from workflow.domain import campaign as campaigns
from workflow.domain import correction, support_question
from workflow.domain.file_store import FolderStore
from workflow.engine import diagrams, human_tasks
from workflow.engine.runtime import Runtime
from workflow.scenarios import Procedure, acts
from workflow.settings import Settings
from workflow.worker import Worker


def say(word: str) -> None:
    """Tell whoever started this process."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def resumed(database: Database, folder: Path, at: str) -> Play:
    """The play as another process finds it: everything it knows stands in the database."""
    play = Play.__new__(Play)
    procedure = Procedure.load(Settings.from_environment({}))
    play.database, play.clock = database, VirtualClock(instant(at))
    play.runtime = Runtime(
        database, play.clock, procedure.forms, FolderStore(folder), procedure.settings
    )
    with database.reading() as session:
        deployment = diagrams.latest(session)
        campaign = campaigns.active(session, CAMPAIGN)
        found = session.execute(acts.select(acts.Dossier.id).order_by(acts.Dossier.id))
        dossiers = [row.id for row in found]
    play.runtime.specs.diagrams(deployment, lambda: procedure.diagrams)
    play.stage = acts.Stage(play.runtime, play.clock.move_to, campaign, procedure.diagrams, ())
    play.stage.dossiers.update({"default": dossiers[0]})
    return play


def solicit(play: Play) -> None:
    """Ask and answer for ever, saying each act when it is done."""
    for number in itertools.count(1):
        with play.database.reading() as session:
            task = human_tasks.open_of_dossier(session, play.stage.dossiers["default"])[0]
        outcome = {"outcome": "solicit"} if task.element_id == "instruct_dossier" else {}
        play.complete(task.element_id, task.role, given=outcome)
        say(str(number))


def sweep(play: Play) -> None:
    """Fire what is due."""
    say("ready")
    sys.stdin.readline()
    Worker(play.runtime, {}).fire_due()


def ask(play: Play) -> None:
    """Ask the support a question, then be in the middle of another act."""
    question = {"subject": "Fichier refusé", "text": "L’envoi d’une vidéo échoue."}
    operator = play.actor("operator")
    human_tasks.start(
        play.runtime, support_question.PROCESS, support_question.ASK, question, operator, aside=True
    )
    with play.database.transaction() as session:
        session.execute(update(support_question.SupportQuestion).values(subject="À moitié écrit"))
        say("asked")
        sys.stdin.readline()


def propose(play: Play) -> None:
    """Propose a correction, then be in the middle of another act."""
    human_tasks.start(
        play.runtime,
        correction.PROCESS,
        correction.PROPOSE,
        {"fact": "service_version", "new_text": "1.0.1", "reason": "Coquille."},
        play.actor("admissibility_officer"),
        about_dossier_id=play.stage.dossiers["default"],
    )
    with play.database.transaction() as session:
        session.execute(update(correction.Correction).values(new_value="9.9"))
        say("proposed")
        sys.stdin.readline()


if __name__ == "__main__":
    what, url, folder, at = sys.argv[1:]
    player = resumed(Database(url), Path(folder), at)
    {"solicit": solicit, "sweep": sweep, "ask": ask, "propose": propose}[what](player)
