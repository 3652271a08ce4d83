"""What a page says of a draft: its revision, when and by whom it was saved, how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for

from web.answering import KEY_FIELD, LONGEST_KEY
from web.form_progress import Progress, progress_by_part, progress_of
from web.language import _, language
from web.runtime import now
from web.signed_in import actor
from web.whole_number import posted_number
from web.words import table_date, time_words
from workflow.clock import paris_date
from workflow.engine.draft import Draft
from workflow.engine.forms import Form

REVISION, OVER, PLACE = "~draft", "~over", "~place"


@dataclass(frozen=True)
class DraftPlace:
    """Where a draft is saved and where its page is; `id` is what its form carries of it."""

    save: str
    page: str
    id: str = ""


@dataclass(frozen=True)
class ShownDraft:
    """What a page says of a draft: the revision it stands on, and when and by whom it was saved.

    `others` are the texts of a newer version that differ from what is typed here: (label, text).
    `progress` counts the obligatory answers, whole and by part, where the page tells them.
    """

    place: DraftPlace
    revision: int = 0
    sentence: str = ""
    newer: int | None = None
    others: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    is_refused: bool = False
    progress: Progress | None = None
    parts: list[Progress] = field(default_factory=list[Progress])


def place_of_task(task_id: str) -> DraftPlace:
    """Where the draft of a task is kept."""
    return DraftPlace(
        url_for("drafts.save", task_id=task_id), url_for("tasks.show", task_id=task_id)
    )


def shown(task_id: str, found: Draft | None) -> tuple[ShownDraft, dict[str, Any] | None]:
    """What to say of the draft of a task, and the answer that it keeps; None without any."""
    place = place_of_task(task_id)
    return (ShownDraft(place), None) if found is None else (told(place, found), found.answer)


def told(place: DraftPlace, saved: Draft) -> ShownDraft:
    """A draft that was saved, as its page says so."""
    return ShownDraft(place, saved.revision, saved_words(saved))


def counted(form: Form, answer: Mapping[str, Any]) -> dict[str, Any]:
    """How far a form is filled, as `ShownDraft` takes it."""
    return {"progress": progress_of(form, answer), "parts": progress_by_part(form, answer)}


def saved_words(saved: Draft) -> str:
    """When a draft was saved, and by whom when it was somebody else."""
    time = time_words(saved.saved_at, language())
    if paris_date(saved.saved_at) == paris_date(now()):
        sentence = _("Brouillon enregistré à %(time)s.", time=time)
    else:
        day = table_date(saved.saved_at)
        sentence = _("Brouillon enregistré le %(day)s à %(time)s.", day=day, time=time)
    if saved.saved_by and saved.saved_by != actor().name:
        by = _("Par %(name)s.", name=saved.saved_by)
        sentence = f"{sentence} {by}"
    return sentence


def posted(place: DraftPlace) -> ShownDraft:
    """The draft as the posted page stood on it."""
    return ShownDraft(place, posted_number(REVISION) or 0)


def posted_page() -> str | None:
    """Which page posts: it keeps the key of its act as long as it is shown again."""
    key = request.form.get(KEY_FIELD, "")
    return key if 0 < len(key) <= LONGEST_KEY else None
