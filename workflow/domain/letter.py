"""Letters to one person about something that is no notification of a dossier, in their language."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from workflow import outbox
from workflow.domain.mail_delivery import TOPIC
from workflow.domain.person import Person
from workflow.domain.phrase import Phrase


def send(
    session: Session, to: Person, subject: Phrase, body: Phrase, at: datetime, *, page: str = ""
) -> None:
    """Queue a letter to a person, in the language they chose; `page` is where they read more."""
    language = "en" if to.locale == "en" else "fr"
    mail = {
        "to": to.email,
        "subject": subject.english if language == "en" else str(subject),
        "body": body.english if language == "en" else str(body),
        "language": language,
        "page": page,
    }
    outbox.put(session, TOPIC, mail, at)
