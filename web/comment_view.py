"""The threads of internal notes as any page of the Agency may show them, once a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from flask import Flask, g

from web.language import _
from web.runtime import now, runtime
from web.signed_in import signed_in
from workflow.domain import internal_note, note_mention, note_thread
from workflow.domain.dossier import Dossier
from workflow.domain.note_mention import Colleague
from workflow.domain.note_thread import NoteThread, WrittenNote
from workflow.domain.person import Actor


@dataclass(frozen=True)
class Comments:
    """The threads of a dossier, and who may be called to them, as one person reads them."""

    dossier: Dossier
    threads: list[NoteThread]
    reader: Actor

    @cached_property
    def colleagues(self) -> list[Colleague]:
        """The people of the Agency; read when a page offers them."""
        with runtime().database.reading() as session:
            return note_mention.colleagues(session, self.dossier)

    def about(self, anchor: str = "") -> list[NoteThread]:
        """The threads that hang on a requirement or a reservation, or on the whole dossier."""
        return [each for each in self.threads if each.first.note.anchor == anchor]

    @property
    def open_by_anchor(self) -> Mapping[str, int]:
        """How many threads are not settled, by what they hang on."""
        counts: dict[str, int] = {}
        for each in self.threads:
            if not each.is_settled:
                anchor = each.first.note.anchor
                counts[anchor] = counts.get(anchor, 0) + 1
        return counts

    @property
    def anchors(self) -> list[str]:
        """What threads hang on, the whole dossier left out."""
        return sorted({each.first.note.anchor for each in self.threads} - {""})

    def thread_of(self, note_id: int) -> NoteThread | None:
        """The thread that a note is part of."""
        return next((t for t in self.threads if any(n.note.id == note_id for n in t.notes)), None)

    def mentioned_in(self, note_id: int) -> list[int]:
        """Whom a note mentions."""
        return next(
            (n.mentioned for t in self.threads for n in t.notes if n.note.id == note_id), []
        )

    @property
    def callable(self) -> list[Colleague]:
        """Those whom the list offers: neither the reader nor anybody kept off the dossier."""
        own = self.reader.person_id
        return [each for each in self.colleagues if each.id != own and not each.is_kept_off]

    def is_own(self, written: WrittenNote) -> bool:
        """Whether the reader wrote it, and it stands."""
        note = written.note
        own = note.by is not None and note.by == self.reader.person_id
        return own and note.withdrawn_at is None

    def is_editable(self, written: WrittenNote) -> bool:
        """Whether the reader may still word it again."""
        return written.note.is_editable(self.reader.person_id, now())

    @property
    def reads_withdrawn(self) -> bool:
        """Whether the reader sees the words of a withdrawn note: auditors do."""
        return "auditor" in self.reader.roles


def init_comments(app: Flask) -> None:
    """Give templates `comments_about(dossier)`."""
    app.jinja_env.globals["comments_about"] = comments_about
    app.jinja_env.filters["anchor_words"] = anchor_words


def comments_about(dossier: Dossier) -> Comments | None:
    """The threads of a dossier, read once a request in one statement; None outside the Agency."""
    person = signed_in()
    if person is None or person.actor.operator_id is not None or not person.actor.is_agency:
        return None
    known: dict[int, Comments] = g.setdefault("comments", {})
    if dossier.id not in known:
        with runtime().database.reading() as session:
            known[dossier.id] = Comments(
                dossier, note_thread.threads(session, dossier.id, person.actor), person.actor
            )
    return known[dossier.id]


def anchor_words(anchor: str) -> str:
    """What a thread hangs on: *exigence DER-TLS-02*, *réserve 1*; the whole dossier otherwise."""
    kind, _colon, name = anchor.partition(":")
    if kind == internal_note.REQUIREMENT:
        return _("exigence %(code)s", code=name)
    if kind == internal_note.RESERVATION:
        return _("réserve %(number)s", number=name)
    return _("tout le dossier")
