"""The history of mandates, of partners' invitations and of the access log, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from web.language import _, _n

TELLERS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "mandate:granted": lambda f: (
        _(
            "Donne à %(person)s le mandat %(number)s, avec le droit de signer.",
            person=f.get("person", ""),
            number=f.get("mandate", ""),
        )
        if f.get("may_sign")
        else _(
            "Donne à %(person)s le mandat %(number)s, sans le droit de signer.",
            person=f.get("person", ""),
            number=f.get("mandate", ""),
        )
    ),
    "mandate:revoked": lambda f: _(
        "Révoque le mandat %(number)s de %(person)s.",
        person=f.get("person", ""),
        number=f.get("mandate", ""),
    ),
    "partner:invited": lambda f: _(
        "Invite %(person)s (%(organisation)s) à la séance %(session)s.",
        person=f.get("person", ""),
        organisation=f.get("organisation", ""),
        session=f.get("session", ""),
    ),
    "partner:invitation_withdrawn": lambda f: _(
        "Retire l'invitation de %(person)s (%(organisation)s) à la séance %(session)s.",
        person=f.get("person", ""),
        organisation=f.get("organisation", ""),
        session=f.get("session", ""),
    ),
    "access:sealed": lambda f: _n(
        "Scelle %(num)s consultation du %(day)s.",
        "Scelle %(num)s consultations du %(day)s.",
        int(f.get("openings") or 0),
        day=f.get("day", ""),
    ),
}
