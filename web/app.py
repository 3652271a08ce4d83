"""The composition root of the pages: one Flask application around a runtime.

A part is a blueprint in a module of its own; it is added to `PARTS`, and to `web.navigation`
when it has an entry there.
"""

from __future__ import annotations

from datetime import timedelta
from secrets import token_hex
from typing import TYPE_CHECKING

from flask import Blueprint, Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import api
from web import (
    absences,
    accounts,
    administration,
    assignments,
    bulk,
    campaign_view,
    catalogues,
    closures,
    college,
    college_room,
    comments,
    company,
    consultations,
    corrections,
    deposits,
    desk,
    diagrams,
    documents,
    dossier_messages,
    drafts,
    evidence,
    exchanges,
    external_sign_in,
    help_pages,
    history,
    home,
    invitations,
    legal_dates,
    my_mails,
    my_tokens,
    notification_texts,
    notifications,
    outgoing,
    papers,
    parameters,
    partner_sessions,
    people,
    preferences,
    presence,
    procedure,
    proof_review,
    proofs,
    public,
    queue,
    resuming,
    searches,
    shortcuts,
    siret_check,
    solicitation_templates,
    ssi_answers,
    standing_acts,
    steering,
    submissions,
    support,
    tasks,
    team,
    verification,
)
from web import demo as demo_pages
from web.assets import init_assets
from web.comment_view import init_comments
from web.compression import init_compression
from web.error_pages import init_error_pages
from web.external_sign_in import init_external_sign_in
from web.filters import init_filters
from web.guided_visits import init_guided_visits
from web.kept import ask_to_sign_in, init_kept
from web.language import init_language
from web.navigation import init_navigation
from web.null_characters import init_null_characters
from web.page_session import PageSession
from web.procedure_words import init_procedure_words
from web.security import init_security
from web.signed_in import init_signed_in
from workflow.clock import Clock, SystemClock
from workflow.errors import InvalidInput

if TYPE_CHECKING:
    from workflow.engine.runtime import Runtime

SESSION_LIFETIME = timedelta(hours=12)
LARGEST_TEXTS = 16 * 1024 * 1024
"""Bytes of all that is typed in one form; files are counted apart."""
MOST_FIELDS = 10_000
PARTS: tuple[Blueprint, ...] = (
    public.part,
    procedure.part,
    verification.part,
    accounts.part,
    invitations.part,
    external_sign_in.part,
    preferences.part,
    home.part,
    deposits.part,
    dossier_messages.part,
    exchanges.part,
    papers.part,
    standing_acts.part,
    corrections.part,
    support.part,
    tasks.part,
    drafts.part,
    resuming.part,
    siret_check.part,
    presence.part,
    solicitation_templates.part,
    proofs.part,
    submissions.part,
    evidence.part,
    documents.part,
    queue.part,
    searches.part,
    team.part,
    desk.part,
    assignments.part,
    absences.part,
    bulk.part,
    comments.part,
    ssi_answers.part,
    legal_dates.part,
    college.part,
    college_room.part,
    steering.part,
    catalogues.part,
    parameters.part,
    history.part,
    consultations.part,
    company.part,
    partner_sessions.part,
    diagrams.part,
    notifications.part,
    my_mails.part,
    my_tokens.part,
    outgoing.part,
    notification_texts.part,
    people.part,
    administration.part,
    closures.part,
    help_pages.part,
    proof_review.part,
    shortcuts.part,
)


def create_app(runtime: Runtime, *, demo: bool, system_clock: Clock | None = None) -> Flask:
    """The pages of Jalon over `runtime`; with `demo`, the demo's accounts and clock are shown.

    `system_clock` tells the time of sessions, tokens and limits, never that of the procedure.
    Raises InvalidInput when no secret key is set outside the demo.
    """
    app = Flask("web")
    app.extensions["jalon"] = runtime
    app.extensions["jalon_system_clock"] = system_clock or SystemClock()
    _configure(app, runtime, demo)
    init_language(app)
    init_assets(app)
    init_compression(app)
    init_filters(app)
    init_comments(app)
    init_procedure_words(app)
    campaign_view.register_filters(app)
    init_navigation(app)
    init_null_characters(app)
    init_security(app)
    init_signed_in(app, ask_to_sign_in)
    init_kept(app)
    init_external_sign_in(app, runtime.settings)
    init_error_pages(app)
    # Modules may share one: the tabs of a dossier are of one part.
    for part in dict.fromkeys(PARTS):
        app.register_blueprint(part)
    init_guided_visits(app, demo=demo)
    if demo:
        app.register_blueprint(demo_pages.part)
    api.register(app)
    return app


def _configure(app: Flask, runtime: Runtime, demo: bool) -> None:
    settings = runtime.settings
    if not settings.secret_key and not demo:
        raise InvalidInput(
            "Expected a secret key to sign sessions with but JALON_SECRET_KEY is not set."
            " Set it to 32 random characters or more."
        )
    app.config.update(
        DEMO=demo,
        SECRET_KEY=settings.secret_key or token_hex(32),
        SESSION_COOKIE_NAME="jalon",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=SESSION_LIFETIME,
        MAX_CONTENT_LENGTH=settings.max_upload_megabytes * 1024 * 1024,
        # A long answer is read, and shown again, even when it is too long to be accepted.
        MAX_FORM_MEMORY_SIZE=LARGEST_TEXTS,
        MAX_FORM_PARTS=MOST_FIELDS,
        WTF_CSRF_TIME_LIMIT=int(SESSION_LIFETIME.total_seconds()),
    )
    app.session_interface = PageSession()
    if settings.secure_cookies:
        # Behind HTTPS there is a proxy, one, which says who asks.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
