"""The texts that a form asks to accept, and their acceptance kept in the words shown. [règle 78]"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflow.domain import commitment
from workflow.domain.call import Call
from workflow.engine.forms import Form
from workflow.engine.forms.component import questions
from workflow.hash_chain import canonical


def texts_of(form: Form) -> dict[str, str]:
    """The commitments that a form asks to accept, by key, in the words it shows."""
    labels = {question.key: question.label for question in questions(form.components)}
    return {key: labels[key] for key in commitment.KEYS if key in labels}


def version_of(form: Form) -> str:
    """The fingerprint of all these texts; empty when the form has none."""
    texts = texts_of(form)
    return commitment.fingerprint(canonical(texts).decode()) if texts else ""


def require_shown(form: Form, texts_version: str | None) -> None:
    """Refuse to accept other texts than those shown; None: whoever sends it vouches for it."""
    commitment.require_shown(version_of(form), texts_version)


def facts_of(form: Form, answer: Mapping[str, Any]) -> dict[str, Any]:
    """What a turn's entry says of the texts accepted: the fingerprint of each, by key."""
    accepted = commitment.accepted(texts_of(form), answer)
    marks = {key: commitment.fingerprint(text) for key, text in accepted.items()}
    return {"commitments": marks} if marks else {}


def keep(call: Call, form: Form, answer: Mapping[str, Any]) -> None:
    """Keep the texts that an answer accepts, on the call's dossier; of no dossier, none."""
    accepted = commitment.accepted(texts_of(form), answer)
    if accepted and call.dossier_id is not None:
        commitment.keep(call, form.key, version_of(form), accepted)
