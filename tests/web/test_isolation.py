"""A dossier exists for its own operator and the Agency alone: every address is tried.

The addresses come from the application's own map: a new page or route is tried as soon as it
exists. Whoever adds an address that names something of a dossier says here what it names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from sqlalchemy import select
from stage import INSTRUCTOR, OPERATOR, OWNER, PARTNER, PRESIDENT, STRANGER, Stage
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from api.openings import OF_DOSSIER, SUBJECTS, what_of
from web.access import is_agency
from workflow.domain import campaign, college_invitation
from workflow.domain.college import CollegeSession
from workflow.domain.document import Document
from workflow.domain.proof import Proof
from workflow.domain.support_question import SupportQuestion
from workflow.engine import acts, human_tasks
from workflow.engine.runtime import Runtime
from workflow.engine.waiting import HumanTask

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

SERVICE = "Brise Confidentielle"
ABSENT = "2022-987"
OPEN_TO_ALL = {
    "campaign_id": "parameters and requirements of a campaign are the same for everybody",
    "deployment_id": "diagrams are the same for everybody",
    "filename": "what pages are made of",
    "key": "forms are the same for everybody",
    "name": "diagrams are the same for everybody",
    "kind": "texts of a campaign's mails, for the Agency",
    "language": "texts of a campaign's mails, for the Agency",
    "version": "diagrams are the same for everybody",
    "sha256": "a catalogue about to be imported, for the process owner",
    "token": "a secret that its holder was sent",
    "token_id": "a token of one's own, or anybody's for the administrator",
    "person_id": "accounts, for the administrator",
    "identity_id": "how an account is known elsewhere, for the administrator",
    "mandate_id": "a mandate of one's own company: see test_mandates",
    "session_id": "a session of the college: see test_partner_sessions",
    "invitation_id": "an invitation to the college, or to open an account",
    "change": "a change of a campaign is the same for everybody of the Agency",
    "code": "printed on a document, for whoever holds it",
    "template_id": "texts of the house, for the Agency",
    "message_id": "mails that failed, for the administrator",
    "notification_id": "a message to one's own roles",
    "process_id": "diagrams are the same for everybody",
    "draft_id": "a candidature in preparation: see test_candidatures",
    "search_id": "a search of one's own, or shared within the Agency: see test_searches",
    "absence_id": "absences of the Agency's people: see test_hand_over_pages",
    "bulk_act_id": "acts on many dossiers, for whoever of the Agency prepared them",
}
"""Arguments of addresses that name nothing of a dossier, each with the reason."""
OF_OPERATOR = frozenset({"question_id", "instance_id"})
"""Arguments that name an exchange of an operator with the support."""
CONFIDENTIAL = (*SUBJECTS, *sorted(OF_OPERATOR))


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """The deployed procedure."""
    return Stage.set_up(runtime)


@pytest.fixture
def dossier_id(stage: Stage, signed_in: SignedIn) -> int:
    """A dossier of Messageries Alizé, in the queue; its operator has asked the support."""
    operator = signed_in(OPERATOR)
    operator.open("/aide/nouvelle")
    operator.post("/aide/nouvelle", subject=SERVICE, text=f"Une question sur {SERVICE}.")
    return stage.submitted(SERVICE)


def values(stage: Stage, dossier_id: int | None) -> dict[str, Any]:
    """What addresses name: something of that dossier, or nothing that exists."""
    if dossier_id is None:
        nothing = dict.fromkeys(CONFIDENTIAL, 987_654)
        return {**nothing, "number": ABSENT, "task_id": "0" * 32, "upload_id": "0" * 32}
    with stage.runtime.database.reading() as session:
        own = {
            "proof_id": session.scalar(select(Proof.id).where(Proof.dossier_id == dossier_id)),
            "evidence_id": None,
            "document_id": session.scalar(
                select(Document.id).where(Document.dossier_id == dossier_id)
            ),
            "upload_id": None,
            "question_id": session.scalar(select(SupportQuestion.id)),
            "instance_id": session.scalar(select(SupportQuestion.instance_id)),
            "task_id": session.scalar(
                select(HumanTask.id).where(
                    HumanTask.dossier_id == dossier_id, HumanTask.closed_at.is_(None)
                )
            ),
        }
    return {"number": stage.number(dossier_id), **own}


def addressed(app: Flask, found: Mapping[str, Any]) -> list[tuple[Rule, str, str]]:
    """Every address that names the dossier or something of it, with each of its methods."""
    # Listed before any is asked: a request must not find itself within this context.
    return list(_addressed(app, found))


def _addressed(app: Flask, found: Mapping[str, Any]) -> Iterator[tuple[Rule, str, str]]:
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            named = any(each in rule.arguments for each in CONFIDENTIAL)
            if not (named or OF_DOSSIER in rule.rule) or rule.rule.startswith("/seances/"):
                continue
            given = {name: found.get(name, _any(rule, name)) for name in rule.arguments}
            if any(given[name] is None for name in given):
                continue
            address = rule.build(given)
            assert address is not None, rule.rule
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method, address[1]


def _any(rule: Rule, name: str) -> Any:
    number = "Integer" in type(rule._converters[name]).__name__
    return 1 if number else "x"


def asked(browser: Browser, method: str, address: str) -> TestResponse:
    """The answer to a request with the person's own token, as their browser would send it."""
    if method == "GET":
        return browser.client.get(address)
    if address.startswith("/api/"):
        headers = {"X-CSRFToken": browser.token}
        return browser.client.open(address, method=method, json={}, headers=headers)
    return browser.client.open(address, method=method, data={"csrf_token": browser.token})


def plain(answer: TestResponse, found: Mapping[str, Any]) -> str:
    """What an answer says, without what was asked for and the page's own tokens."""
    text = answer.get_data(as_text=True)
    for name in ("number", "task_id"):
        text = text.replace(str(found[name]), "?")
    text = re.sub(r'(name="(csrf_token|~key)" value=)"[^"]*"', r"\1", text)
    text = re.sub(r'"/[^"]*"', "address", text)
    return re.sub(r"\b(dossier|proof|evidence|document|question) \d+", r"\1 ?", text)


def invited_elsewhere(stage: Stage) -> None:
    """The partner is invited to a session of another campaign's college."""
    with stage.runtime.database.transaction() as session:
        own = session.scalars(select(CollegeSession)).first()
        assert own is not None
        other = CollegeSession(
            campaign_id="dsr-autre-2022",
            number=1,
            instance_id=own.instance_id,
            scheduled_at=own.scheduled_at,
            attendance=[],
        )
        session.add(other)
        session.flush()
        college_invitation.invite(
            session,
            stage.who(PRESIDENT),
            campaign.active(session, stage.campaign.id),
            other.id,
            person_id=stage.who(PARTNER).person_id,
            organisation="CNDA",
            at=stage.runtime.clock.now(),
        )


def test_every_address_says_what_it_names(app: Flask) -> None:
    """A new argument is given a row of a dossier in `SUBJECTS`, or a reason in `OPEN_TO_ALL`."""
    unknown = {
        (rule.rule, name)
        for rule in app.url_map.iter_rules()
        if OF_DOSSIER not in rule.rule and "/verifier/" not in rule.rule
        for name in rule.arguments
        if name not in CONFIDENTIAL and name not in OPEN_TO_ALL
    }
    known = {("/api/v1/register/<number>", "number")}
    numbered = ("/college", "/modifications/")  # Sessions and changes, not dossiers.
    sessions = {
        (rule, name)
        for rule, name in unknown
        if name == "number" and any(each in rule for each in numbered)
    }
    assert unknown - known - sessions == set()


def test_every_address_of_a_dossier_is_kept_in_the_access_log(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if OF_DOSSIER in rule.rule or any(each in rule.arguments for each in SUBJECTS):
            assert what_of(rule) is not None, rule.rule


@pytest.mark.rule(76)
@pytest.mark.parametrize("email", [STRANGER, PARTNER])
def test_a_stranger_cannot_tell_a_dossier_from_one_that_does_not_exist(
    app: Flask, stage: Stage, signed_in: SignedIn, dossier_id: int, email: str
) -> None:
    if email == PARTNER:
        invited_elsewhere(stage)
    app.config["RATELIMIT_ENABLED"] = False
    browser = signed_in(email)
    browser.open("/compte")
    assert browser.token, "acts are tried with a token of one's own"
    present, absent = values(stage, dossier_id), values(stage, None)
    tried = 0
    for rule, method, address in addressed(app, present):
        given = {name: absent.get(name, _any(rule, name)) for name in rule.arguments}
        with app.test_request_context():
            built = rule.build(given)
        assert built is not None
        answer, missing = asked(browser, method, address), asked(browser, method, built[1])
        assert SERVICE not in answer.get_data(as_text=True), (method, address)
        assert answer.status_code in (403, 404, 405, 415, 422), (method, address, answer.status)
        assert answer.status_code == missing.status_code, (method, address)
        assert plain(answer, present) == plain(missing, absent), (method, address)
        tried += 1
    assert tried > 60


def test_a_stranger_is_told_not_found_on_every_page_open_to_operators(
    app: Flask, stage: Stage, signed_in: SignedIn, dossier_id: int
) -> None:
    present = values(stage, dossier_id)
    own, stranger = signed_in(OPERATOR), signed_in(STRANGER)
    seen = 0
    for _rule, method, address in addressed(app, present):
        if method != "GET":
            continue
        with asked(own, "GET", address) as read:
            is_open = read.status_code in (200, 302)
        if is_open:
            assert asked(stranger, "GET", address).status_code == 404, address
            seen += 1
    assert seen > 12


@pytest.mark.parametrize("email", [STRANGER, PARTNER])
def test_no_list_search_or_export_tells_a_stranger_of_a_dossier(
    app: Flask, stage: Stage, signed_in: SignedIn, dossier_id: int, email: str
) -> None:
    if email == PARTNER:
        invited_elsewhere(stage)
    browser, number = signed_in(email), stage.number(dossier_id)
    tried = 0
    for rule in app.url_map.iter_rules():
        if rule.arguments or "GET" not in (rule.methods or set()):
            continue
        for query in ("", "?q=Confidentielle", f"?q={number}"):
            text = browser.client.get(rule.rule + query, follow_redirects=True).get_data(True)
            # A planned deposit that its operator lets the register announce is public.
            if not rule.rule.startswith(("/registre", "/api/v1/register")):
                assert SERVICE not in text, rule.rule
                for echo in (f"q={number}", f'value="{number}"', f"<strong>{number}</strong>"):
                    text = text.replace(echo, "")
                assert number not in text, rule.rule
            tried += 1
    assert tried > 60


def test_the_doors_themselves_refuse_a_stranger(stage: Stage, dossier_id: int) -> None:
    from workflow.errors import NotFound

    stranger = stage.who(STRANGER)
    assert not is_agency(stranger)
    assert not is_agency(stage.who(PARTNER))
    with pytest.raises(NotFound):
        acts.perform(stage.runtime, stranger, dossier_id, lambda call: _visible(call, dossier_id))
    task = stage.task_id(dossier_id, "instruct_dossier")
    with stage.runtime.database.reading() as session:
        assert human_tasks.find(session, task).role == "instructor"
    assert is_agency(stage.who(INSTRUCTOR))
    assert is_agency(stage.who(OWNER))


def _visible(call: Any, dossier_id: int) -> None:
    from workflow.domain import dossier as dossiers

    dossiers.visible_to(call.session, dossier_id, call.actor)
