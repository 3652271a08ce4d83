"""What someone was told: the copies kept in the tool are the ones that count (DSR 4.2, 4.5)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import login_required
from sqlalchemy import select

from api import mail_door
from web.language import _, language
from web.older_entries import asked_before
from web.procedure_words import french
from web.runtime import runtime
from web.signed_in import actor
from web.standings import role_name
from web.whole_number import posted_numbers
from workflow.domain import notification
from workflow.domain.dossier import Dossier
from workflow.domain.notification import Notification

PER_PAGE = 30
MOST_COUNTED = 100

part = Blueprint("notifications", __name__)


@part.app_template_filter("subject_words")
def subject_words(told: Notification) -> str:
    """The subject of a message in the reader's language; French when it was told in no other."""
    if language() == "en" and told.subject_en is not None:
        return told.subject_en
    return french(told.subject)


@part.get("/notifications")
@login_required
def index() -> Any:
    """The messages to one's roles, newest first."""
    before = asked_before()
    with runtime().database.reading() as session:
        found = notification.inbox_of(session, actor(), before=before, limit=PER_PAGE + 1)
        messages = found[:PER_PAGE]
        ids = sorted({message.dossier_id for message in messages})
        rows = session.execute(select(Dossier.id, Dossier.number).where(Dossier.id.in_(ids)))
        return render_template(
            "notifications/index.html",
            messages=messages,
            numbers={row.id: row.number for row in rows},
            unread=notification.count_unread(session, actor(), limit=MOST_COUNTED),
            role_name=role_name,
            most=MOST_COUNTED,
            before=before,
            more=url_for(".index", avant=messages[-1].id) if len(found) > PER_PAGE else None,
        )


@part.post("/notifications/<int:notification_id>/lue")
@login_required
def read(notification_id: int) -> Any:
    """Keep that a message was read."""
    mail_door.mark_read(runtime(), actor(), notification_id)
    flash(_("Message marqué comme lu."), "done")
    return redirect(
        url_for("notifications.index", avant=asked_before()) + f"#m{notification_id}", 303
    )


@part.post("/notifications/lues")
@login_required
def read_all() -> Any:
    """Keep that the messages of a page were read."""
    mail_door.mark_read(runtime(), actor(), *posted_numbers("message")[:PER_PAGE])
    flash(_("Messages marqués comme lus."), "done")
    return redirect(url_for("notifications.index", avant=asked_before()), 303)
