"""What a page says of a draft: its revision, when and by whom it was saved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from web.language import _
from web.runtime import now
from web.signed_in import actor
from workflow.clock import PARIS, paris_date
from workflow.engine import drafts
from workflow.engine.drafts import Draft

REVISION, OVER = "~draft", "~over"


@dataclass(frozen=True)
class ShownDraft:
    """What a page says of a draft: the revision it stands on, and when and by whom it was saved.

    `others` are the texts of a newer version that differ from what is typed here: (label, text).
    """

    revision: int = 0
    sentence: str = ""
    newer: int | None = None
    others: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    is_refused: bool = False


def shown(session: Session, task_id: str) -> tuple[ShownDraft, dict[str, Any] | None]:
    """What to say of the draft of a task, and the answer that it keeps; None without any."""
    found = drafts.find(session, task_id)
    return (ShownDraft(), None) if found is None else (told(found), found.answer)


def told(saved: Draft) -> ShownDraft:
    """A draft that was saved, as its page says so."""
    local = saved.saved_at.astimezone(PARIS)
    if paris_date(saved.saved_at) == paris_date(now()):
        sentence = _("Brouillon enregistré à %(time)s.", time=f"{local:%H:%M}")
    else:
        sentence = _(
            "Brouillon enregistré le %(day)s à %(time)s.",
            day=f"{local:%d/%m/%Y}",
            time=f"{local:%H:%M}",
        )
    if saved.saved_by and saved.saved_by != actor().name:
        by = _("Par %(name)s.", name=saved.saved_by)
        sentence = f"{sentence} {by}"
    return ShownDraft(saved.revision, sentence)


def posted() -> ShownDraft:
    """The draft as the posted page stood on it."""
    return ShownDraft(posted_number(REVISION) or 0)


def posted_number(name: str) -> int | None:
    """A revision that the request posts; None when it carries none."""
    text = request.form.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None
