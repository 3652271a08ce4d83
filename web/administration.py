"""« Administration »: one place for accounts, organisations, ways in, and how Jalon is doing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from api import people_door
from web import account_door
from web.health_checks import all_checks, worst
from web.identity_provider import issuer_of, provider_name
from web.invitations import renewed_page
from web.language import _
from web.runtime import now, runtime, system_now
from web.signed_in import actor, requires_role
from web.standings import role_name
from web.whole_number import asked_number
from workflow.domain.account_invitation import WAITING, Invitation
from workflow.domain.api_token import ApiToken
from workflow.domain.dossier import Dossier
from workflow.domain.identity import ExternalIdentity
from workflow.domain.operator import Operator
from workflow.domain.person import Person
from workflow.domain.person_administration import ADMINISTRATOR
from workflow.outbox import OutboxMessage

PER_PAGE = 100
MOST_PEOPLE = 12
"""Of a company, in the list of organisations; the rest are counted."""

part = Blueprint("administration", __name__)


@part.get("/administration")
@requires_role(ADMINISTRATOR)
def index() -> Any:
    """Everything an administrator looks after, each with what it says now."""
    with runtime().database.reading() as session:
        counts = _counts(session)
        health = all_checks(runtime(), session, system_now(), now())
    return render_template(
        "administration/index.html", counts=counts, worst=worst(health), provider=provider_name()
    )


@part.get("/administration/organisations")
@requires_role(ADMINISTRATOR)
def organisations() -> Any:
    """The operators, by name, with their people and dossiers; all, or those that are sought."""
    after, words = asked_number("apres") or 0, request.args.get("q", "").strip()[:100]
    with runtime().database.reading() as session:
        found = session.scalars(
            select(Operator)
            .where(*_named(words))
            .order_by(func.lower(Operator.company_name), Operator.id)
            .offset(after)
            .limit(PER_PAGE + 1)
        ).all()
        shown = found[:PER_PAGE]
        ids = [each.id for each in shown]
        people: dict[int, list[Person]] = {each: [] for each in ids}
        members = select(Person).where(Person.operator_id.in_(ids)).order_by(Person.name)
        for person in session.scalars(members):
            people[person.operator_id or 0].append(person)
        counted = select(Dossier.operator_id, func.count(), func.count(Dossier.ended_at)).group_by(
            Dossier.operator_id
        )
        dossiers = {
            row[0]: (row[1], row[1] - row[2])
            for row in session.execute(counted.where(Dossier.operator_id.in_(ids)))
        }
        return render_template(
            "administration/organisations.html",
            operators=shown,
            people=people,
            dossiers=dossiers,
            most=MOST_PEOPLE,
            words=words,
            next_after=after + PER_PAGE if len(found) > PER_PAGE else None,
        )


@part.get("/administration/invitations")
@requires_role(ADMINISTRATOR)
def invitations() -> Any:
    """What was sent and not taken yet: still open, or past its seven days."""
    with runtime().database.reading() as session:
        rows = session.execute(
            select(Invitation, Person.name, Operator.company_name)
            .outerjoin(Person, Person.id == Invitation.invited_by)
            .outerjoin(Operator, Operator.id == Invitation.operator_id)
            .where(*WAITING)
            .order_by(Invitation.id.desc())
            .limit(PER_PAGE)
        ).all()
    return render_template(
        "administration/invitations.html", rows=rows, at=system_now(), role_name=role_name
    )


@part.post("/administration/invitations/<int(max=2147483647):invitation_id>/renvoyer")
@requires_role(ADMINISTRATOR)
def renew(invitation_id: int) -> Any:
    """Send an invitation again; its old link ends."""
    return renewed_page(invitation_id, (_("Invitations"), url_for(".invitations")))


@part.post("/administration/invitations/<int(max=2147483647):invitation_id>/retirer")
@requires_role(ADMINISTRATOR)
def withdraw(invitation_id: int) -> Any:
    """Let an invitation's link open nothing any more."""
    found = account_door.withdraw_invitation(runtime(), actor(), invitation_id, system_now())
    flash(_("Invitation retirée : %(email)s.", email=found.email), "done")
    return redirect(url_for(".invitations"), 303)


@part.get("/administration/jetons")
@requires_role(ADMINISTRATOR)
def tokens() -> Any:
    """The tokens of everybody that live, the longest unused first."""
    after = asked_number("apres") or 0
    with runtime().database.reading() as session:
        rows = session.execute(
            select(ApiToken, Person)
            .join(Person, Person.id == ApiToken.person_id)
            .where(ApiToken.revoked_at.is_(None), ApiToken.id > after)
            .order_by(ApiToken.id)
            .limit(PER_PAGE + 1)
        ).all()
        shown = rows[:PER_PAGE]
        return render_template(
            "administration/tokens.html",
            rows=shown,
            role_name=role_name,
            next_after=shown[-1][0].id if len(rows) > PER_PAGE else None,
        )


@part.route(
    "/administration/jetons/<int(max=2147483647):token_id>/revoquer", methods=["GET", "POST"]
)
@requires_role(ADMINISTRATOR)
def revoke_token(token_id: int) -> Any:
    """End somebody's token, after a confirmation."""
    if request.method == "GET":
        with runtime().database.reading() as session:
            token, owner = people_door.live_token(session, token_id)
            return render_template("administration/revoke_token.html", token=token, owner=owner)
    owner = people_door.revoke_token(runtime(), actor(), token_id, system_now())
    flash(_("Jeton révoqué. Il n'agit plus pour %(name)s.", name=owner.name), "done")
    return redirect(url_for(".tokens"), 303)


@part.get("/administration/connexion")
@requires_role(ADMINISTRATOR)
def ways_in() -> Any:
    """How people enter: by a password, by the identity provider."""
    settings = runtime().settings
    with runtime().database.reading() as session:
        active = Person.is_active.is_(True)
        linked = (
            select(func.count())
            .select_from(ExternalIdentity)
            .join(Person, Person.id == ExternalIdentity.person_id)
            .where(active, ExternalIdentity.issuer == issuer_of(settings))
        )
        counts = session.execute(
            select(
                func.count().label("people"),
                func.count(Person.password_hash).label("passwords"),
                linked.scalar_subquery().label("linked"),
            ).where(active)
        ).one()
    return render_template(
        "administration/ways_in.html",
        counts=counts,
        issuer=issuer_of(settings),
        back=settings.base_url.rstrip("/") + "/connexion/fournisseur/retour",
        settings=settings,
    )


@part.get("/administration/sante")
@requires_role(ADMINISTRATOR)
def health() -> Any:
    """What runs, what does not, and what to do about it."""
    with runtime().database.reading() as session:
        found = all_checks(runtime(), session, system_now(), now())
    return render_template("administration/health.html", checks=found, worst=worst(found))


def _counts(session: Session) -> Any:
    given_up = (OutboxMessage.incident.is_(True), OutboxMessage.delivered_at.is_(None))

    def count(table: Any, *conditions: Any) -> Any:
        return select(func.count()).select_from(table).where(*conditions).scalar_subquery()

    return session.execute(
        select(
            count(Person, Person.is_active.is_(True)).label("people"),
            count(Operator).label("organisations"),
            count(Invitation, *WAITING).label("invitations"),
            count(ApiToken, ApiToken.revoked_at.is_(None)).label("tokens"),
            count(OutboxMessage, *given_up).label("incidents"),
        )
    ).one()


def _named(words: str) -> list[ColumnElement[bool]]:
    """Operators whose name has these words, or whose SIRET begins with these figures."""
    if not words:
        return []
    figures = "".join(words.split())
    named = Operator.company_name.icontains(words, autoescape=True)
    return [named | Operator.siret.startswith(figures) if figures.isdecimal() else named]
