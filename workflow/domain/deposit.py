"""The deposit of a dossier, first or again (DSR 4.2, DOMAIN A6, A17). [règles 44 45 50]"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.clock import PARIS
from workflow.domain import campaign as campaigns
from workflow.domain import commitment, convention, dossier_word, operator, receipt, siret
from workflow.domain import dossier as dossiers
from workflow.domain.audit_kinds import AuditKind
from workflow.domain.call import Call
from workflow.domain.campaign_parameters import FORCED_PROFILE
from workflow.domain.counter import next_value
from workflow.domain.dossier import COMMITMENTS, Dossier
from workflow.domain.notification import notify
from workflow.domain.operator import Operator
from workflow.domain.person import Person, is_email
from workflow.errors import Conflict, InvalidAnswer, NotFound

PHONE_CHARACTERS = frozenset("0123456789+ .-()/\u00a0\u202f")
NEVER_REAPPLIED = frozenset({"listed", "excluded"})
REOPENABLE = frozenset({"abandoned", "rejected_no_answer"})
"""Ends that come by themselves when no answer does: an error or force majeure may undo them."""
_FACTS = (
    "company_name",
    "siret",
    "legal_representative_name",
    "legal_representative_email",
    "legal_representative_phone",
    "contact_name",
    "service_name",
)
_PRESENTED_AGAIN = ("service_version", "planned_proof_on", "publication_authorised")
_COPIED = (
    *_FACTS,
    "dsr",
    "profiles",
    "in_trust_space",
    "component_source",
    "contract_v2_operator_on",
    "contract_v2_agency_on",
)


class CompanyHasAccount(Conflict):
    """A newcomer deposits for a company that others of its people act for already."""

    def __init__(self) -> None:
        super().__init__(
            "Expected a company without an account here but this SIRET has one."
            " Ask that company for an invitation."
        )


def deposit(call: Call, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Receive a candidature, whatever the date: the diagram says whether it is in time.

    With `previous` (number or id) it is a new attempt, which copies the facts of the last one;
    with `reopens` (an id, which no form has) the Agency reopens that dossier (DOMAIN A18).
    Raises InvalidAnswer with French sentences by field; Conflict and NotFound on `previous`.
    """
    reopened = answer.get("reopens") is not None
    previous = _reopened(call, answer) if reopened else _previous(call, answer)
    facts = _first_facts(call, answer) if previous is None else _same_facts(previous)
    facts |= _presented_before(previous) if reopened and previous else _presented(answer)
    dossier = Dossier(
        **facts,
        number=_number(call),
        campaign_id=call.campaign.id,
        campaign_version_id=call.campaign.version_id,
        catalogue_version_id=call.campaign.catalogue_version_id,
        operator_id=_operator(call, facts).id if previous is None else previous.operator_id,
        attempt=1 if previous is None else previous.attempt + 1,
        previous_dossier_id=None if previous is None else previous.id,
        deposited_at=call.effective_at,
        deposited_by=call.actor.person_id,
    )
    call.session.add(dossier)
    call.session.flush()  # The rest of the turn speaks of it by its id.
    call.dossier_id = dossier.id
    call.kept.add(dossier)
    dossier_word.learn(call.session, dossier)
    call.record(AuditKind.DOSSIER_DEPOSITED, _recorded(dossier, previous))
    if reopened and previous is not None:
        commitment.carry_over(call, previous.id)
    if not reopened:
        _acknowledge(call, dossier, previous)
    return {
        "deposited_at": call.effective_at,
        "attempt": dossier.attempt,
        "previous_end": None if previous is None else previous.end,
        "reopened": reopened,
        "planned_proof_on": dossier.planned_proof_on,
        "convention_in_force": previous is not None and convention.carry_over(call, previous.id),
    }


def campaign_meant(session: Session, answer: Mapping[str, Any], at: datetime) -> str:
    """The id of the campaign that a deposit belongs to: its previous dossier's, or its DSR's.

    Of several campaigns of one DSR, the one that is open; the last deployed when none is, or
    when nothing is named. Raises NotFound when no campaign is deployed.
    """
    previous = dossiers.named(session, answer.get("previous"))
    if previous is not None:
        return previous.campaign_id
    known = [each for each in campaigns.all_active(session) if each.dsr == answer.get("dsr")]
    running = [each for each in known if each.opens_at <= at < each.closes_at.instant]
    newest = max(running or known, key=lambda each: each.version_id or 0, default=None)
    return newest.id if newest is not None else campaigns.latest(session).id


def declare_out_of_time(call: Call) -> None:
    """Tell the operator that the deposit came outside the campaign's dates (DOMAIN A5)."""
    call.record(
        AuditKind.DOSSIER_RECEIVED_OUT_OF_TIME, {"deposited_at": dossiers.of(call).deposited_at}
    )
    notify(
        call,
        "operator",
        "out_of_time",
        at=dossiers.of(call).deposited_at,
        opens=call.campaign.opens_at.astimezone(PARIS).date(),
        closes=call.campaign.closes_at.instant,
        basis=call.campaign.closes_at.basis,
    )


def _previous(call: Call, answer: Mapping[str, Any]) -> Dossier | None:
    named = answer.get("previous")
    if named in (None, ""):
        return None
    found = dossiers.named(call.session, named)
    if found is None or found.operator_id != call.actor.operator_id:
        raise NotFound(
            f"Expected a previous dossier of yours but {named!r} is none. Check its number."
        )
    _require_over(found)
    _require_last_attempt(call, found)
    return found


def _reopened(call: Call, answer: Mapping[str, Any]) -> Dossier:
    found = dossiers.get(call.session, int(answer["reopens"]))
    if found.end not in REOPENABLE:
        state = "is under way" if found.ended_at is None else f"ended as {found.end}"
        raise Conflict(
            f"Expected dossier {found.number} to have ended for want of an answer but it {state}."
            " Only such an end is reopened."
        )
    _require_last_attempt(call, found)
    return found


def _require_over(previous: Dossier) -> None:
    if previous.ended_at is None or previous.end in NEVER_REAPPLIED:
        state = "is still under way" if previous.ended_at is None else f"ended as {previous.end}"
        raise Conflict(
            f"Expected dossier {previous.number} to have ended without a listing but it {state}."
            " A dossier that is under way, listed or excluded is not presented again."
        )


def _require_last_attempt(call: Call, previous: Dossier) -> None:
    # Two attempts at once would both see none that follows: the second waits for the first.
    call.session.refresh(previous, with_for_update=True)
    again = call.session.scalars(
        select(Dossier.number).where(Dossier.previous_dossier_id == previous.id).limit(1)
    ).first()
    if again is not None:
        raise Conflict(
            f"Expected dossier {previous.number} to be the last attempt but {again} followed it."
            " Present the last attempt again."
        )


def _same_facts(previous: Dossier) -> dict[str, Any]:
    return {name: getattr(previous, name) for name in _COPIED}


def _first_facts(call: Call, answer: Mapping[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {name: str(answer.get(name) or "").strip() for name in _FACTS}
    facts["siret"] = siret.normalised(facts["siret"])
    facts["dsr"] = answer.get("dsr") or call.campaign.dsr
    chosen = {FORCED_PROFILE, *(answer.get("profiles") or ())}
    facts["profiles"] = [name for name in call.campaign.profiles if name in chosen]
    faults = {name: ["Ce champ est obligatoire."] for name in _FACTS if not facts[name]}
    wrong = siret.fault_of(facts["siret"])
    if wrong is not None:
        faults["siret"] = [siret.SENTENCES[wrong]]
    if not is_email(facts["legal_representative_email"]):
        faults["legal_representative_email"] = ["Cette adresse électronique n’est pas valable."]
    if not _is_phone(facts["legal_representative_phone"]):
        faults["legal_representative_phone"] = ["Ce numéro de téléphone n’est pas valable."]
    if facts["dsr"] != call.campaign.dsr:
        faults["dsr"] = [f"Cette campagne concerne le {call.campaign.dsr}."]
    if not chosen <= set(call.campaign.profiles):
        faults["profiles"] = ["Ce profil n’existe pas dans cette campagne."]
    _refuse(faults)
    return facts


def _presented(answer: Mapping[str, Any]) -> dict[str, Any]:
    faults = {
        name: ["Cet engagement doit être accepté (DSR\u00a04.8)."]
        for name in COMMITMENTS
        if answer.get(name) is not True
    }
    faults |= {
        name: ["Ce champ est obligatoire."]
        for name in _PRESENTED_AGAIN
        if answer.get(name) in (None, "")
    }
    _refuse(faults)
    presented = {name: answer[name] for name in _PRESENTED_AGAIN}
    return {**presented, "commitments": list(COMMITMENTS)}


def _presented_before(previous: Dossier) -> dict[str, Any]:
    return {name: getattr(previous, name) for name in (*_PRESENTED_AGAIN, "commitments")}


def _refuse(faults: dict[str, list[str]]) -> None:
    if faults:
        raise InvalidAnswer(
            f"Expected a complete candidature but {', '.join(sorted(faults))} cannot be accepted."
            " Correct these fields.",
            faults,
        )


def _is_phone(text: str) -> bool:
    digits = sum(character.isdigit() for character in text)
    return set(text) <= PHONE_CHARACTERS and 6 <= digits <= 15 and len(text) <= 40


def _operator(call: Call, facts: Mapping[str, Any]) -> Operator:
    """The depositor's own operator, or a new one when the person has none yet."""
    if call.actor.operator_id is not None:
        own = call.session.get(Operator, call.actor.operator_id)
        if own is not None:
            return own
    if operator.of_siret(call.session, facts["siret"]) is not None:
        # Typing a SIRET must not open another company's dossiers to a newcomer.
        raise CompanyHasAccount
    new = Operator(company_name=facts["company_name"], siret=facts["siret"])
    call.session.add(new)
    call.session.flush()  # Its id joins the dossier and the person.
    if call.actor.person_id is not None:
        person = call.session.get(Person, call.actor.person_id)
        if person is not None:
            person.operator_id = new.id
    return new


def _number(call: Call) -> str:
    year = call.campaign.year
    return f"{year}-{next_value(call.session, f'dossier:{year}'):03d}"


def _recorded(dossier: Dossier, previous: Dossier | None) -> dict[str, Any]:
    return {
        "number": dossier.number,
        "company_name": dossier.company_name,
        "siret": dossier.siret,
        "service_name": dossier.service_name,
        "service_version": dossier.service_version,
        "profiles": dossier.profiles,
        "attempt": dossier.attempt,
        "previous": None if previous is None else previous.number,
        "catalogue_version_id": dossier.catalogue_version_id,
    }


def _acknowledge(call: Call, dossier: Dossier, previous: Dossier | None) -> None:
    receipt.of_deposit(call, dossier)
    if previous is None:
        notify(call, "operator", "deposit_received", at=call.effective_at)
    else:
        notify(
            call,
            "operator",
            "reapplication_received",
            at=call.effective_at,
            previous=previous.number,
        )
