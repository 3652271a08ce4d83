"""Who is signed in: a session over `workflow.domain.person`, and the doors it opens to pages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Flask, g
from flask_babel.speaklater import LazyString
from flask_login import LoginManager, UserMixin, current_user, login_required
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from web.language import _, _l
from web.runtime import runtime
from workflow.domain import mandate
from workflow.domain.guided_visit import GuidedVisit, progress_in
from workflow.domain.mandate import Mandate
from workflow.domain.person import Actor, Operator, Person, actor_of
from workflow.errors import NotAllowed

ROLE_NAMES: dict[str, LazyString] = {
    "operator": _l("opérateur"),
    "legal_representative": _l("représentant légal"),
    "admissibility_officer": _l("chargé de recevabilité"),
    "instructor": _l("instructeur"),
    "signatory": _l("signataire de l'ANS"),
    "college_member": _l("membre du collège"),
    "college_president": _l("président du collège"),
    "ssi_officer": _l("chargé SSI"),
    "support": _l("support"),
    "process_owner": _l("pilote de la procédure"),
    "auditor": _l("auditeur"),
    "administrator": _l("administrateur"),
    "partner": _l("partenaire invité"),
}


@dataclass(frozen=True)
class SignedIn(UserMixin):
    """The person of this session: facts read once per request, no database row."""

    session_id: str
    email: str
    name: str
    locale: str
    actor: Actor
    company_name: str | None

    def get_id(self) -> str:
        """What the session remembers; it changes with the password and ends older sessions."""
        return self.session_id

    @property
    def capacity(self) -> str:
        """For whom the person acts, and as what: *Messageries Alizé SAS, opérateur*."""
        names = [str(name) for role, name in ROLE_NAMES.items() if role in self.actor.roles]
        if self.actor.mandate_id is not None:
            names = [_("mandataire, peut signer")]
        if self.actor.mandate_over:
            names = [_("mandat terminé")]
        house = _("ANS") if self.actor.is_agency else None
        return ", ".join(each for each in (self.company_name or house, *names) if each)


def init_signed_in(app: Flask, ask_to_sign_in: Callable[[], Any]) -> None:
    """Read the session's person at each request; templates see it as `signed_in`."""
    manager = LoginManager()
    manager.init_app(app)
    manager.user_loader(_load)
    manager.unauthorized_handler(ask_to_sign_in)
    app.jinja_env.globals["role_names"] = ROLE_NAMES

    @app.context_processor
    def give_person() -> dict[str, Any]:
        return {"signed_in": signed_in()}


def signed_in() -> SignedIn | None:
    """The person of this request, or None."""
    person = current_user._get_current_object()
    return person if isinstance(person, SignedIn) else None


def actor() -> Actor:
    """Who acts in this request; only behind `login_required` or `requires_role`."""
    return current_user.actor


def requires_role(*roles: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Only people with one of `roles` see the page; others are told why (403)."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        @login_required
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not actor().roles & frozenset(roles):
                raise NotAllowed(
                    f"Expected a person who is {' or '.join(roles)} but {actor().name} is not."
                    " Ask one of them."
                )
            return view(*args, **kwargs)

        return guarded

    return decorate


def signed_in_as(session: Session, person: Person) -> SignedIn:
    """The session's view of `person`."""
    operator = session.get(Operator, person.operator_id) if person.operator_id else None
    actor = mandate.acting(session, actor_of(session, person), runtime().clock.now())
    return _signed_in(person, operator, actor)


def _signed_in(person: Person, operator: Operator | None, actor: Actor) -> SignedIn:
    return SignedIn(
        session_id=_session_id(person),
        email=person.email,
        name=person.name,
        locale=person.locale,
        actor=actor,
        company_name=operator.company_name if operator else None,
    )


def _load(session_id: str) -> SignedIn | None:
    number, _mark, _rest = session_id.partition("-")
    if not number.isdecimal():
        return None
    with runtime().database.reading() as session:
        # Read at every request: person, roles, company, mandates, first visit in one statement.
        rows = (
            session.execute(
                select(Person, Operator, Mandate, GuidedVisit)
                .outerjoin(Operator, Operator.id == Person.operator_id)
                .outerjoin(GuidedVisit, GuidedVisit.person_id == Person.id)
                .outerjoin(
                    Mandate,
                    (Mandate.person_id == Person.id) & (Mandate.operator_id == Operator.id),
                )
                .where(Person.id == int(number))
                .order_by(Mandate.id)
                .options(joinedload(Person.granted))
            )
            .unique()
            .all()
        )
        if not rows or not rows[0].Person.is_active or _session_id(rows[0].Person) != session_id:
            return None
        person, operator, _mandate, visit = rows[0]
        g.visit_progress = progress_in(visit)
        held = [row.Mandate for row in rows if row.Mandate is not None]
        actor = mandate.acting_by(actor_of(session, person), held, runtime().clock.now())
        return _signed_in(person, operator, actor)


def _session_id(person: Person) -> str:
    text = f"{person.password_hash or ''} {person.sessions_ended}"
    mark = hashlib.sha256(text.encode()).hexdigest()[:16]
    return f"{person.id}-{mark}"
