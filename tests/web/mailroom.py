"""A running procedure whose mails go to a real mail server, on two clocks that a test moves."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

sys.path.append(str(Path(__file__).parent.with_name("workflow") / "engine"))

from play import DEFAULT, Play
from post_office import PostOffice

from web.compose import carriers, rounds
from workflow import outbox
from workflow.clock import PARIS, VirtualClock
from workflow.db import Database
from workflow.domain import mail_delivery, mail_preference
from workflow.domain.mail_delivery import MailDelivery
from workflow.domain.person import Person, PersonRole
from workflow.outbox import OutboxMessage
from workflow.scenarios import Procedure
from workflow.worker import Worker

CONTACT = "contact@alize.example"
CHIEF = "direction@alize.example"
INSTRUCTOR = "instruction@ans.example"
KEY = "a key for tests only"


class Mailroom(Play):
    """The procedure, its people's addresses, and a worker that sends to a post office."""

    def __init__(self, database: Database, procedure: Procedure, folder: Path) -> None:
        super().__init__(database, procedure, folder / "files")
        self.post = PostOffice()
        self.system = VirtualClock(datetime(2026, 1, 5, 9, tzinfo=PARIS))
        self.send_with()

    def send_with(self, **settings: object) -> None:
        """Go to the post office by these settings."""
        known = {"secret_key": KEY, "base_url": "https://jalon.example", **settings}
        self.runtime.settings = self.post.settings(self.runtime.settings, **known)
        self._worker = Worker(
            self.runtime,
            carriers(self.runtime, self.system),
            rounds(self.runtime, self.system),
            self.system,
        )

    def add(self, address: str, role: str, dossier: str = DEFAULT, language: str = "fr") -> Person:
        """Someone with an account."""
        operator_id = None
        if role in ("operator", "legal_representative"):
            operator_id = self.actor(role, dossier).operator_id
        with self.database.transaction() as session:
            person = Person(
                email=address,
                name="Personne fictive",
                operator_id=operator_id,
                locale=language,
                is_active=True,
                created_at=self.clock.now(),
                granted=[PersonRole(role=role)],
            )
            session.add(person)
            session.flush()
            return person

    def choose(self, person: Person, rhythm: str, *declined: str) -> None:
        with self.database.transaction() as session:
            mail_preference.choose(
                session,
                person.id,
                person.email,
                person.roles,
                rhythm=rhythm,
                declined=declined,
                at=self.system.now(),
            )

    def sweep(self, after: timedelta = timedelta(0)) -> None:
        """Let the machine's time pass, then have the worker go through once."""
        self.system.move_to(self.system.now() + after)
        self._worker.sweep()

    def copies(self, address: str) -> list[MailDelivery]:
        """The log of one address, oldest first."""
        with self.database.reading() as session:
            return list(
                session.scalars(
                    select(MailDelivery)
                    .where(MailDelivery.address == address)
                    .order_by(MailDelivery.id)
                )
            )

    def states(self) -> dict[str, int]:
        """How many copies are in each state."""
        counted: dict[str, int] = {}
        with self.database.reading() as session:
            for state in session.scalars(select(MailDelivery.state)):
                counted[state] = counted.get(state, 0) + 1
        return counted

    def incidents(self) -> list[OutboxMessage]:
        with self.database.reading() as session:
            return outbox.incidents(session, kind=mail_delivery.TOPIC)
