"""A second DSR beside the first, from data alone: nothing below the data names a corridor."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import stage as stages
from flask import Flask
from sqlalchemy import select
from stage import INSTRUCTOR, LEGAL, OFFICER, OPERATOR, PRESIDENT, SIGNATORY, Stage

from workflow.clock import PARIS, VirtualClock
from workflow.domain import agenda, campaign, instruction_queue
from workflow.domain.attestation import Attestation
from workflow.domain.convention import Convention
from workflow.domain.dossier import Dossier
from workflow.domain.listing import Listing
from workflow.domain.notification import Notification
from workflow.domain.person import SYSTEM
from workflow.engine import campaigns, human_tasks, messages
from workflow.engine.runtime import Runtime
from workflow.errors import InvalidAnswer
from workflow.scenarios import defaults
from workflow.settings import PROJECT

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

FICTITIOUS = "dsr-agenda-fictif-2022"
CODE = sorted(
    path
    for folder in ("workflow", "api", "web")
    for path in (PROJECT / folder).rglob("*")
    if path.suffix in {".py", ".html", ".js", ".mjs", ".css", ".po", ".typ"}
    and "built" not in path.parts
)


@pytest.fixture
def two(app: Flask, runtime: Runtime) -> Stage:
    """Both procedures in force; the stage acts in the fictitious one when told its DSR."""
    path = runtime.settings.bpmn_folder / "campaigns" / f"{FICTITIOUS}.yaml"
    first = Stage.set_up(runtime)
    campaigns.deploy(runtime, *campaigns.read(path), SYSTEM)
    return first


def fictitious(two: Stage, **given: Any) -> int:
    """A candidature to the fictitious DSR; its id."""
    with two.runtime.database.reading() as session:
        answer = defaults.deposit("Agenda Alizé", campaign.active(session, FICTITIOUS))
    answer |= {"company_name": "Alizé SAS", "siret": stages.SIRET, **given}
    done = human_tasks.start(two.runtime, "dossier", "deposit_dossier", answer, two.who(OPERATOR))
    assert done.dossier_id is not None
    return done.dossier_id


def instructed(two: Stage, dossier_id: int) -> int:
    """The same dossier, ready for its college."""
    for element, email in (
        ("check_admissibility", OFFICER),
        ("sign_convention", LEGAL),
        ("countersign_convention", SIGNATORY),
        ("submit_proofs", OPERATOR),
        ("instruct_dossier", INSTRUCTOR),
    ):
        two.do(dossier_id, element, email)
    return dossier_id


def test_nothing_below_the_data_names_the_corridor() -> None:
    found = {path.relative_to(PROJECT).as_posix() for path in CODE if names_corridor(path)}
    assert found == set()


def names_corridor(path: Path) -> bool:
    """Whether a file of the code names the first DSR, its corridor or its profile."""
    text = path.read_text(encoding="utf-8")
    # The demo's command says which of the project's campaigns it serves.
    text = text.replace('"dsr-ope-mss-2022"', "") if path.name == "serve.py" else text
    return re.search(r"(?i)mss(?![a-z])|bal[_ ]app|mssant", text) is not None


def test_a_deposit_goes_to_the_campaign_of_its_dsr(two: Stage) -> None:
    ours, theirs = two.deposit(), fictitious(two)
    with two.runtime.database.reading() as session:
        assert session.get_one(Dossier, ours).campaign_id == stages.CAMPAIGN
        assert session.get_one(Dossier, theirs).campaign_id == FICTITIOUS


def test_a_profile_of_the_other_dsr_is_refused(two: Stage) -> None:
    with pytest.raises(InvalidAnswer) as refusal:
        fictitious(two, profiles=["general", "bal_app"])
    assert "profiles" in refusal.value.faults


def test_each_dsr_has_its_own_queue_and_its_own_college(two: Stage) -> None:
    ours, theirs = two.instructed(), instructed(two, fictitious(two))
    waiting = two.submitted("Alizé bis")
    with two.runtime.database.reading() as session:
        assert agenda_of(session, stages.CAMPAIGN) == {ours}
        assert agenda_of(session, FICTITIOUS) == {theirs}
        queued = instruction_queue.ordered(session, stages.CAMPAIGN)
        assert [entry.dossier_id for entry in queued] == [waiting]
        assert instruction_queue.ordered(session, FICTITIOUS) == []


def agenda_of(session: Any, campaign_id: str) -> set[int]:
    """The dossiers that a campaign's next session may decide."""
    return {each.id for each in agenda.ready(session, campaign_id)}


def test_what_the_fictitious_dsr_writes_never_names_the_other(two: Stage) -> None:
    dossier_id = instructed(two, fictitious(two))
    messages.convene(two.runtime, FICTITIOUS, two.who(PRESIDENT))
    decision = {
        "dossier": two.number(dossier_id),
        "outcome": "award",
        "reservations": [],
        "reasons": "Au vu des preuves examinées.",
    }
    human_tasks.complete(
        two.runtime,
        two.task_id(None, "hold_session"),
        {"attendance": stages.ATTENDANCE, "decisions": [decision]},
        two.who(PRESIDENT),
    )
    with two.runtime.database.reading() as session:
        convention = session.get_one(Convention, dossier_id).text
        attestation = session.get_one(Attestation, dossier_id).text
        listing = session.scalars(select(Listing)).one()
        told = session.execute(select(Notification.subject, Notification.body)).all()
    assert listing.number.startswith("AGENDA-FICTIF-2022-0001-")
    assert "DSR-AGENDA-FICTIF" in attestation
    everything = [convention, attestation, *(text for row in told for text in row)]
    assert [text for text in everything if re.search(r"(?i)mss|messagerie", text)] == []


def test_an_operator_chooses_the_dsr_and_is_offered_its_profiles(
    two: Stage, signed_in: SignedIn
) -> None:
    browser = signed_in(OPERATOR)
    page = browser.open("/deposer")
    assert "Opérateurs de messagerie MSSanté" in page
    assert "Agendas partagés (DSR fictif)" in page
    page = browser.open(f"/deposer?campagne={FICTITIOUS}")
    assert 'value="hospital"' in page
    assert 'value="bal_app"' not in page
    page = browser.open(f"/deposer?campagne={stages.CAMPAIGN}")
    assert 'value="bal_app"' in page
    assert 'value="hospital"' not in page


def test_an_unknown_campaign_is_not_found(two: Stage, signed_in: SignedIn) -> None:
    browser = signed_in(INSTRUCTOR)
    browser.open("/file?campagne=inconnue")
    assert browser.page.status_code == 404


def test_each_queue_is_shown_apart(two: Stage, signed_in: SignedIn) -> None:
    two.submitted("Alizé Santé Pro")
    browser = signed_in(INSTRUCTOR)
    assert "Alizé Santé Pro" in browser.open(f"/file?campagne={stages.CAMPAIGN}")
    assert "Alizé Santé Pro" not in browser.open(f"/file?campagne={FICTITIOUS}")


def test_the_names_of_a_campaign_are_shown_in_the_reader_s_language(
    two: Stage, signed_in: SignedIn
) -> None:
    browser = signed_in(OPERATOR)
    browser.post("/langue", language="en", next="/accueil")
    page = browser.open("/accueil")
    assert "Shared calendars (fictitious DSR)" in page
    assert "Agendas partagés" not in page


def test_the_public_check_takes_its_example_from_the_campaign(two: Stage, app: Flask) -> None:
    page = app.test_client().get(f"/verifier?campagne={FICTITIOUS}").text
    assert "AGENDA-FICTIF-2022-0001-" in page


def test_a_deposit_after_one_closing_is_in_time_for_the_other(two: Stage) -> None:
    clock = two.runtime.clock
    assert isinstance(clock, VirtualClock)
    clock.move_to(datetime(2022, 11, 23, 0, 0, tzinfo=PARIS))
    ours, theirs = two.deposit(), fictitious(two)
    with two.runtime.database.reading() as session:
        assert session.get_one(Dossier, ours).end == "out_of_time"
        assert session.get_one(Dossier, theirs).end is None
