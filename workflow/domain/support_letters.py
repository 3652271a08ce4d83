"""Letters about questions to the support: that there is something to read, never what."""

from __future__ import annotations

from collections.abc import Mapping

from workflow.domain.notification_texts import typeset
from workflow.domain.phrase import Phrase

_LETTERS: Mapping[str, tuple[Phrase, Phrase]] = {
    "asked": (
        Phrase("Nouvelle question nº {number} au support", "New question no. {number}"),
        Phrase("« {subject} » attend votre réponse.", "“{subject}” awaits your answer."),
    ),
    "asked_again": (
        Phrase("Question nº {number} : nouveau message", "Question no. {number}: new message"),
        Phrase(
            "« {subject} » a reçu un nouveau message et attend votre réponse.",
            "“{subject}” received a new message and awaits your answer.",
        ),
    ),
    "answered": (
        Phrase(
            "Question nº {number} : réponse du support",
            "Question no. {number}: answer of the support",
        ),
        Phrase(
            "Le support a répondu à votre question « {subject} ». La réponse se lit dans l’outil.",
            "The support answered your question “{subject}”. The answer is read in the tool.",
        ),
    ),
    "redirected": (
        Phrase(
            "Question nº {number} : hors du périmètre du support",
            "Question no. {number}: outside the scope of the support",
        ),
        Phrase(
            "Votre question « {subject} » ne porte pas sur le fonctionnement de l’outil. La voie à"
            " suivre se lit dans l’outil.",
            "Your question “{subject}” is not about how the tool works. Where to turn is read in"
            " the tool.",
        ),
    ),
    "closed": (
        Phrase("Question nº {number} : close", "Question no. {number}: closed"),
        Phrase("« {subject} » est close par son auteur.", "“{subject}” is closed by its author."),
    ),
}


def about(kind: str, number: int, subject: str) -> tuple[Phrase, Phrase]:
    """The subject and the text of the letter about what was done to a question."""
    words = {"number": number, "subject": " ".join(subject.split())}
    title, body = (
        Phrase(typeset(each).format(**words), each.english.format(**words))
        for each in _LETTERS[kind]
    )
    return title, body
