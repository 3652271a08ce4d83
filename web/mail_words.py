"""Mails in words: kinds of notification, states of a copy, and why one could not leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel.speaklater import LazyString

from web.language import _, _l, language
from web.standings import role_name
from workflow.domain import notification_template
from workflow.domain.mail_delivery import DIGEST_KIND
from workflow.domain.notification_texts import TEXTS

NAMED_APART: Mapping[str, LazyString] = {
    "solicitation_admissibility": _l("sollicitation de la recevabilité"),
    "solicitation_instruction": _l("sollicitation de l'instruction"),
    "refused_blocking": _l("référencement refusé, réserves bloquantes"),
    "refused_not_lifted": _l("référencement refusé, réserves non levées"),
    "dossier_assigned": _l("dossier affecté"),
    "dossier_handed_over": _l("dossier confié"),
    "dossier_taken_back": _l("dossier passé en d'autres mains"),
    "hand_over_declined": _l("dossier décliné"),
}
"""Kinds whose subjects are those of another kind, or say nothing without the dossier's number."""

STATES: Mapping[str, tuple[LazyString, str, str]] = {
    "queued": (_l("En attente"), "ring", "mute"),
    "retrying": (_l("Nouvel essai prévu"), "pause", "wait"),
    "awaiting_digest": (_l("Attend le récapitulatif"), "ring", "mute"),
    "sent": (_l("Envoyé"), "check", "done"),
    "failed": (_l("Échec"), "cross", "alert"),
    "digested": (_l("Dans un récapitulatif"), "check", "done"),
    "opted_out": (_l("Refusé par le destinataire"), "minus", "mute"),
    "read": (_l("Lu dans l'outil avant l'envoi"), "check", "done"),
}
"""State of a copy → words, mark, tone."""

FAILURES: Mapping[str, LazyString] = {
    "unreachable": _l("Le serveur de courriel ne répond pas."),
    "authentication": _l("Le serveur de courriel refuse le compte de l'outil."),
    "security": _l("Le serveur de courriel ne parle pas comme le réglage le demande."),
    "certificate": _l("Le certificat du serveur de courriel n'est pas reconnu."),
    "temporary": _l("Le serveur de courriel demande de réessayer plus tard."),
    "dropped": _l("Le serveur de courriel a raccroché avant de répondre."),
    "refused": _l("Le serveur de courriel refuse ce message ou cette adresse."),
    "bad_address": _l("Cette adresse ne peut pas recevoir de courriel."),
    "fault": _l("L'outil n'a pas su préparer l'envoi."),
}

TOPICS: Mapping[str, LazyString] = {
    "mail": _l("Courriel"),
    "notification": _l("Copies d'une notification"),
    "document": _l("Document"),
}
"""Topic of the outbox → what it carries."""


def kind_title(kind: str) -> str:
    """A kind of notification in the reader's words: *dépôt reçu*."""
    if kind == DIGEST_KIND:
        return _("récapitulatif du jour")
    if kind in NAMED_APART:
        return str(NAMED_APART[kind])
    if kind not in TEXTS:
        return kind
    wording = notification_template.built_in(kind, language())
    wording = wording or notification_template.built_in(kind, "fr")
    assert wording is not None
    subject = wording.subject.replace("\u00a0:", ":")
    return subject.partition(": ")[2] or subject


def notified(facts: Mapping[str, Any]) -> str:
    """What was notified and to whom, as the history tells it."""
    kind, role = str(facts.get("kind", "")), role_name(str(facts.get("role", "")))
    if kind not in NAMED_APART and kind not in TEXTS:
        return _("Notifie : %(role)s.", role=role)
    return _("Notifie « %(what)s » : %(role)s.", what=kind_title(kind), role=role)


def failure_sentence(failure: str | None) -> str:
    """Why a copy did not leave, in one sentence."""
    if failure is None:
        return ""
    return str(FAILURES.get(failure, _("L'envoi n'a pas abouti.")))


def topic_name(topic: str) -> str:
    """What a topic of the outbox carries."""
    return str(TOPICS.get(topic, topic))
