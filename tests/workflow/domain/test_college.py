"""Who decides at the college: quorum, partners, conflicts of interest, minutes (DSR 4.5)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from desk import MEMBERS, Desk, paris
from sqlalchemy.orm import Session

from workflow.domain import attestation, college, college_sessions, convention, listing
from workflow.domain.college import CollegeSession
from workflow.errors import InvalidAnswer, NotFound

PARTNERS = {"college": {"partners": ["CNDA"]}}


@pytest.fixture
def invited(session: Session, tmp_path: Path) -> Desk:
    """A desk whose college may invite the CNDA."""
    return Desk.opened(session, tmp_path / "proofs", **PARTNERS)


def hold(
    desk: Desk,
    dossier_id: int,
    members: Sequence[str] = MEMBERS,
    partners: Sequence[dict[str, str]] = (),
    **decision: Any,
) -> CollegeSession:
    session_id = college.schedule(desk.call())["session_id"]
    number = desk.dossier(dossier_id).number
    row = {"dossier": number, "outcome": "award", **decision}
    college.decide(desk.call(), session_id, members, [row], partners)
    [last, *_earlier] = college_sessions.of_campaign(desk.session, desk.campaign.id)
    return college_sessions.held(desk.session, desk.campaign.id, last.number)


def faults(desk: Desk, dossier_id: int, *args: Any, **decision: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidAnswer) as refused:
        hold(desk, dossier_id, *args, **decision)
    return refused.value.faults


@pytest.mark.rule(67)
def test_a_recused_member_does_not_count_for_that_dossier(desk: Desk) -> None:
    told = faults(desk, desk.ready(), recused=["membre  b"])
    assert "quorum de 3 membres n’est pas atteint après déport" in told["decisions"][0]


def test_a_fourth_member_makes_up_for_a_recusal(desk: Desk) -> None:
    held = hold(desk, desk.ready(), [*MEMBERS, "Membre D"], recused=["Membre B"])
    assert "Déportés, sans voix sur ce dossier : Membre B." in (held.minutes_text or "")


def test_nobody_absent_is_recused(desk: Desk) -> None:
    told = faults(desk, desk.ready(), recused=["Membre Z"])
    assert "Membre Z se déporte sans être présent" in told["decisions"][0]


def test_nobody_is_recused_and_without_conflict_at_once(desk: Desk) -> None:
    members = [*MEMBERS, "Membre D"]
    told = faults(desk, desk.ready(), members, recused=["Membre A"], no_conflict=["Membre A"])
    assert "ne peut à la fois" in told["decisions"][0]


@pytest.mark.rule(67)
def test_a_partner_is_present_without_a_vote(invited: Desk) -> None:
    dossier_id, guest = invited.ready(), [{"organisation": "CNDA", "name": "Invité fictif"}]
    assert "attendance" in faults(invited, dossier_id, MEMBERS[:2], guest)


def test_the_minutes_name_the_partners(invited: Desk) -> None:
    guest = [{"organisation": "CNDA", "name": "Invité fictif"}]
    held = hold(invited, invited.ready(), MEMBERS, guest)
    assert held.partners == guest
    assert "- Invité fictif (CNDA)" in (held.minutes_text or "")


@pytest.mark.rule(67)
@pytest.mark.parametrize(
    "guest",
    [
        {"organisation": "CNDA", "name": " "},
        {"organisation": "Inconnu", "name": "Invité fictif"},
        {"organisation": "CNDA", "name": "MEMBRE A"},
    ],
)
def test_a_partner_whom_nobody_invites_is_refused(invited: Desk, guest: dict[str, str]) -> None:
    assert list(faults(invited, invited.ready(), MEMBERS, [guest])) == ["partners"]


@pytest.mark.rule(24)
def test_each_member_declares_when_the_agency_is_the_candidate(desk: Desk) -> None:
    dossier_id = desk.ready()
    desk.dossier(dossier_id).siret = "18751275100046"
    told = faults(desk, dossier_id, no_conflict=["Membre A", "Membre B"])
    assert len(told["decisions"]) == 1
    assert "Membre C ne l’a pas fait" in told["decisions"][0]
    hold(desk, dossier_id, no_conflict=MEMBERS)
    kept = college.decision_of(desk.session, dossier_id)
    assert kept is not None
    assert kept.no_conflict == MEMBERS


def test_a_campaign_names_the_agency_whose_candidature_asks_for_declarations(
    session: Session, tmp_path: Path
) -> None:
    desk = Desk.opened(session, tmp_path, agency_sirens=["732829320"])
    assert "chaque membre présent déclare" in faults(desk, desk.ready())["decisions"][0]


def test_one_unfree_dossier_leaves_the_others_undecided(desk: Desk) -> None:
    free, bound = desk.ready(0), desk.ready(1)
    session_id = college.schedule(desk.call())["session_id"]
    rows = [
        {"dossier": desk.dossier(free).number, "outcome": "award"},
        {"dossier": desk.dossier(bound).number, "outcome": "award", "recused": ["Membre A"]},
    ]
    call = desk.call()
    with pytest.raises(InvalidAnswer):
        college.decide(call, session_id, MEMBERS, rows)
    assert call.messages == []
    assert college.decision_of(desk.session, free) is None


def test_the_minutes_keep_reasons_and_reservations(desk: Desk) -> None:
    held = hold(
        desk,
        desk.ready(),
        outcome="non_blocking",
        reasons="Trace incomplète.",
        reservations=[{"requirement": "TLS-01", "nature": "minor", "text": "Compléter."}],
    )
    text = held.minutes_text or ""
    assert "réserves non bloquantes, à corriger en 4\u00a0semaines" in text
    assert "Motifs : Trace incomplète." in text
    assert "Réserve 1, mineure, exigence TLS-01 : Compléter." in text


def test_a_session_that_is_not_held_has_no_minutes(desk: Desk) -> None:
    college.schedule(desk.call())
    with pytest.raises(NotFound):
        college_sessions.held(desk.session, desk.campaign.id, 1)


@pytest.mark.rule(67)
@pytest.mark.parametrize(
    ("closed", "sits"),
    [([], "2023-05-17T10:00"), (["2023-05-17"], "2023-05-16T10:00")],
)
def test_a_session_on_a_closed_thursday_sits_the_business_day_before(
    session: Session, tmp_path: Path, closed: list[str], sits: str
) -> None:
    desk = Desk.opened(session, tmp_path, closed_days=closed).at("2023-05-12T09:00")
    college.schedule(desk.call())
    [coming] = college_sessions.of_campaign(session, desk.campaign.id)
    assert coming.scheduled_at == paris(sits)


def test_documents_name_profiles_in_french(session: Session, tmp_path: Path) -> None:
    names = {"general": "Général", "bal_app": "BAL applicatives"}
    desk = Desk.opened(session, tmp_path, profile_names=names)
    dossier_id = desk.submitted(profiles=["bal_app"])
    desk.sign_convention(dossier_id)
    signed = convention.find(session, dossier_id)
    number = listing.award(desk.call(dossier_id)).number
    attestation.issue(desk.call(dossier_id))
    issued = attestation.find(session, dossier_id)
    assert signed is not None
    assert issued is not None
    assert "Général, BAL applicatives" in signed.text
    for words in (
        "Opérateur 0",
        "« Messagerie 0 », version",
        "1.0",
        "DSR-OPE-MSS",
        "Général, BAL applicatives",
        "03/10/2022",
        number,
    ):
        assert words in issued.text
    assert "bal_app" not in signed.text + issued.text
