"""The proof file on its pages: scans, additions, versions, and what a crash leaves."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fake_clamd import EICAR, listening
from fictitious_files import SAMPLES, pdf
from sqlalchemy import select
from stage import INSTRUCTOR, OPERATOR, Stage

from web.compose import carriers
from workflow import outbox
from workflow.clock import SystemClock
from workflow.domain import submission
from workflow.domain.evidence import Evidence
from workflow.domain.proof import Proof
from workflow.domain.stored_content import StoredContent
from workflow.engine import file_sweep, scanning
from workflow.engine.runtime import Runtime
from workflow.outbox import OutboxMessage

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

PLACE = "file.DER-TLS-02.1"
NOW = SystemClock().now()


@pytest.fixture
def stage(runtime: Runtime, app: object) -> Stage:
    """The procedure in force, with the demo's people."""
    return Stage.set_up(runtime)


@pytest.fixture
def scanned(runtime: Runtime, tmp_path: Path) -> Iterator[Runtime]:
    """A deployment with an antivirus that listens."""
    with listening(tmp_path / "clamd.ctl") as setting:
        runtime.settings = replace(runtime.settings, clamav=setting)
        yield runtime


def deliver(runtime: Runtime) -> None:
    outbox.deliver(runtime.database, carriers(runtime), SystemClock())


def give(browser: Browser, number: str, content: bytes, name: str, place: str = PLACE) -> str:
    browser.open(f"/dossiers/{number}/preuves")
    return browser.post(f"/dossiers/{number}/preuves", **{place: [(io.BytesIO(content), name)]})


def proofs(runtime: Runtime) -> list[Proof]:
    with runtime.database.reading() as session:
        return list(session.scalars(select(Proof).order_by(Proof.id)))


def state_of(runtime: Runtime) -> str:
    with runtime.database.reading() as session:
        return session.scalars(select(StoredContent)).one().scan_state


def ask(stage: Stage, dossier_id: int) -> None:
    stage.do(dossier_id, "instruct_dossier", INSTRUCTOR, outcome="solicit", questions=["Et là ?"])


def test_without_an_antivirus_each_file_says_so(stage: Stage, signed_in: SignedIn) -> None:
    number = stage.number(stage.admitted())
    assert "non analysé par un antivirus" in give(signed_in(OPERATOR), number, pdf(), "a.pdf")


def test_a_file_is_in_quarantine_until_it_is_found_clean(
    stage: Stage, signed_in: SignedIn, scanned: Runtime
) -> None:
    dossier_id = stage.admitted()
    number = stage.number(dossier_id)
    operator, instructor = signed_in(OPERATOR), signed_in(INSTRUCTOR)
    assert "en quarantaine" in give(operator, number, pdf(), "a.pdf")
    given = proofs(scanned)[0].id
    stage.do(dossier_id, "submit_proofs", OPERATOR)
    assert "en quarantaine" in instructor.open(f"/dossiers/{number}/preuves")
    instructor.open(f"/preuves/{given}")
    assert instructor.page.status_code == 409
    operator.open(f"/preuves/{given}")
    assert operator.page.status_code == 200
    operator.page.close()
    deliver(scanned)
    assert "analysé, rien trouvé" in instructor.open(f"/dossiers/{number}/preuves")
    instructor.open(f"/preuves/{given}")
    assert instructor.page.status_code == 200
    instructor.page.close()


@pytest.mark.rule(58)
def test_an_infected_file_is_blocked_told_and_counts_for_nothing(
    stage: Stage, signed_in: SignedIn, scanned: Runtime
) -> None:
    number = stage.number(stage.admitted())
    operator = signed_in(OPERATOR)
    assert "1 preuve sur 33" in give(operator, number, b"Journal " + EICAR, "a.log")
    deliver(scanned)
    page = operator.open(f"/dossiers/{number}/preuves")
    assert "0 preuve sur 33" in page
    assert "Eicar-Test-Signature" in page
    operator.open(f"/preuves/{proofs(scanned)[0].id}")
    assert operator.page.status_code == 409
    assert "fichier infecté est à remplacer" in operator.open("/notifications")
    assert "programme malveillant dans a.log" in operator.open(f"/dossiers/{number}")
    assert "programme malveillant" in give(operator, number, b"Journal " + EICAR, "b.log")
    assert len(proofs(scanned)) == 1


def test_a_file_too_big_for_the_antivirus_is_not_stuck(
    stage: Stage, signed_in: SignedIn, scanned: Runtime
) -> None:
    number = stage.number(stage.admitted())
    operator = signed_in(OPERATOR)
    give(operator, number, b"journal\n" * 200_000, "a.log")
    deliver(scanned)
    assert "trop gros pour être analysé" in operator.open(f"/dossiers/{number}/preuves")
    assert state_of(scanned) == "too_big"


def test_while_the_antivirus_is_down_a_file_waits_and_an_incident_tells(
    stage: Stage, signed_in: SignedIn, runtime: Runtime, tmp_path: Path
) -> None:
    runtime.settings = replace(runtime.settings, clamav=f"unix:{tmp_path / 'nobody'}")
    number = stage.number(stage.admitted())
    operator = signed_in(OPERATOR)
    give(operator, number, pdf(), "a.pdf")
    deliver(runtime)
    assert "analyse en attente" in operator.open(f"/dossiers/{number}/preuves")
    with runtime.database.transaction() as session:
        waiting = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "scan")).one()
        assert waiting.delivered_at is None
        assert "antivirus" in (waiting.last_error or "")
        waiting.attempts, waiting.due_at = len(outbox.PAUSES), outbox.AT_ONCE
    deliver(runtime)
    with runtime.database.reading() as session:
        assert len(outbox.incidents(session, kind="scan")) == 1
    with listening(tmp_path / "nobody"):
        with runtime.database.transaction() as session:
            outbox.retry(session, waiting.id)
        deliver(runtime)
    assert state_of(runtime) == "clean"


def test_what_was_never_scanned_is_scanned_once_there_is_an_antivirus(
    stage: Stage, signed_in: SignedIn, runtime: Runtime, tmp_path: Path
) -> None:
    give(signed_in(OPERATOR), stage.number(stage.admitted()), pdf(), "a.pdf")
    with listening(tmp_path / "clamd.ctl") as setting:
        runtime.settings = replace(runtime.settings, clamav=setting)
        assert scanning.scan_all(runtime) == 1
        deliver(runtime)
    assert state_of(runtime) == "clean"


def test_the_same_file_twice_is_stored_once(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    number = stage.number(stage.admitted())
    for place in (PLACE, "file.DER-TLS-03.1"):
        give(signed_in(OPERATOR), number, pdf(), "a.pdf", place)
    assert len(proofs(runtime)) == 2
    assert len(list(runtime.files.entries())) == 1


def test_a_part_of_a_video_is_sent_to_those_who_ask_for_it(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    number = stage.number(stage.admitted())
    operator = signed_in(OPERATOR)
    give(operator, number, SAMPLES["log"][1], "tracé d’essai.log")
    address = f"/preuves/{proofs(runtime)[0].id}"
    operator.open(address, headers={"Range": "bytes=7-13"})
    assert (operator.page.status_code, operator.page.data) == (206, b"fictive")
    operator.page.close()
    sent_as = operator.page.headers["Content-Disposition"]
    assert sent_as.startswith("attachment;")
    assert "filename*=UTF-8''trac%C3%A9%20d%E2%80%99essai.log" in sent_as


@pytest.mark.rule(56)
def test_after_the_deposit_files_are_added_only_in_answer_to_a_question(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    dossier_id = stage.submitted()
    number = stage.number(dossier_id)
    operator, instructor = signed_in(OPERATOR), signed_in(INSTRUCTOR)
    address = f"/dossiers/{number}/preuves"
    assert "il se lit, il ne se change plus" in operator.open(address)
    give(operator, number, pdf(), "ajout.pdf")
    assert operator.page.status_code == 409
    ask(stage, dossier_id)
    assert "vous pouvez ajouter des fichiers" in operator.open(address)
    assert "pas encore remis" in give(operator, number, pdf(), "ajout.pdf")
    added = proofs(runtime)[-1]
    assert added.solicitation_id is not None
    assert "ajout.pdf" not in instructor.open(address)
    instructor.open(f"/preuves/{added.id}")
    assert instructor.page.status_code == 404
    assert "Retirer…" in operator.open(address)
    answering = operator.open(f"/taches/{stage.task_id(dossier_id, 'answer_solicitation')}")
    assert "Joindre des fichiers à cette réponse" in answering
    assert "ajout.pdf" in answering
    stage.do(dossier_id, "answer_solicitation", OPERATOR)
    assert "ajout.pdf" in instructor.open(address)
    page = instructor.open(f"/taches/{stage.task_id(dossier_id, 'instruct_dossier')}")
    assert "Fichiers joints à la réponse" in page
    assert "nouveau depuis la version précédente" in page
    page = instructor.open(f"{address}/versions")
    assert "Version 2" in page
    assert "1 preuve ajoutée</strong>, 0 remplacée, 0 retirée, 32 identiques" in page
    assert "32 preuves identiques" in page
    give(operator, number, pdf("tard"), "tard.pdf")
    assert operator.page.status_code == 409


def test_what_is_handed_in_is_not_taken_away(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    dossier_id = stage.submitted()
    ask(stage, dossier_id)
    number = stage.number(dossier_id)
    operator = signed_in(OPERATOR)
    address = f"/dossiers/{number}/preuves/{proofs(runtime)[0].id}/retirer"
    for sent in (operator.open, operator.post):
        sent(address)
        assert operator.page.status_code == 409


@pytest.mark.rule(71)
def test_a_new_attempt_takes_verdicts_over_where_every_file_is_the_same(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    reservation = {"requirement": "DER-TLS-02", "nature": "major", "text": "Refuser TLS 1.1."}
    first = stage.decided("blocking", [reservation])
    again = stage.deposit(previous=stage.number(first))
    operator = signed_in(OPERATOR)
    give(operator, stage.number(again), pdf(), "nouveau.pdf")
    stage.do(again, "submit_proofs", OPERATOR)
    instructor = signed_in(INSTRUCTOR)
    page = instructor.open(f"/dossiers/{stage.number(again)}/preuves/versions")
    assert f"la dernière version du dossier {stage.number(first)}" in page
    assert "0 preuve ajoutée</strong>, 1 remplacée" in page
    page = instructor.open(f"/taches/{stage.task_id(again, 'instruct_dossier')}")
    assert page.count(f"reporté du dossier {stage.number(first)} : à confirmer") == 23
    assert "0 sur 24</strong> exigences jugées" in page
    review = f"/dossiers/{stage.number(again)}/revue/DER-TLS-01"
    page = instructor.open(review)
    assert "reporté du dossier" in page
    assert "0 sur 24</strong> exigences jugées" in page
    page = instructor.post(review, verdict="conform", comment="", more={"~next": "yes"})
    assert "1 sur 24</strong> exigences jugées" in page  # confirmed one by one
    page = instructor.open(f"/taches/{stage.task_id(again, 'instruct_dossier')}")
    assert page.count('value="conform" checked') == 23  # the others stay as they were filled in
    with runtime.database.reading() as session:
        last = submission.latest(session, again)
        assert last is not None
        assert last.reason == "reapplication"


def test_evidence_of_a_correction_is_judged_as_a_proof_is(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    reservation = {"requirement": "DER-TLS-02", "nature": "minor", "text": "Refuser TLS 1.1."}
    dossier_id = stage.decided("non_blocking", [reservation])
    address = f"/dossiers/{stage.number(dossier_id)}/reserves"
    operator = signed_in(OPERATOR)
    operator.open(address)
    wrong: Any = {"file.1": [(io.BytesIO(b"MZ\0\0"), "essai.txt")]}
    assert "essai.txt" in operator.post(address, **wrong)
    assert operator.page.status_code == 422
    right: Any = {"file.1": [(io.BytesIO(pdf()), "preuve.pdf")]}
    assert "non analysé par un antivirus" in operator.post(address, **right)
    with runtime.database.reading() as session:
        assert session.scalars(select(Evidence)).one().media_type == "application/pdf"


def test_a_process_killed_between_file_and_row_leaves_a_file_that_the_sweep_tells(
    stage: Stage, signed_in: SignedIn, runtime: Runtime, tmp_path: Path
) -> None:
    dossier_id = stage.admitted()
    told = [runtime.database.url, tmp_path / "proofs", dossier_id, runtime.clock.now().isoformat()]
    script = Path(__file__).with_name("killed_in_between.py")
    folders = os.pathsep.join([str(script.parent.parent), *sys.path])
    died = subprocess.run(
        [sys.executable, str(script), *map(str, told)],
        env={**os.environ, "PYTHONPATH": folders},
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    assert proofs(runtime) == []
    young = file_sweep.check(runtime, NOW, read=None)
    assert (young.files, young.orphans, young.is_sound) == (1, (), True)
    later = file_sweep.check(runtime, NOW + timedelta(days=2), read=None)
    assert len(later.orphans) == 1
    give(signed_in(OPERATOR), stage.number(dossier_id), pdf(), "a.pdf")
    assert file_sweep.delete_orphans(runtime, later) == 0, "it is named again"
    stage.runtime.files.put(b"nobody names it")
    later = file_sweep.check(runtime, NOW + timedelta(days=2), read=None)
    assert file_sweep.delete_orphans(runtime, later) == 1
    assert [each.key for each in runtime.files.entries()] == [proofs(runtime)[0].sha256]
    assert [path.name for path in runtime.files.scratch.glob("*")] == []


def test_a_lost_or_altered_file_becomes_an_incident_until_it_is_back(
    stage: Stage, signed_in: SignedIn, runtime: Runtime, tmp_path: Path
) -> None:
    number = stage.number(stage.admitted())
    give(signed_in(OPERATOR), number, pdf(), "a.pdf")
    kept = proofs(runtime)[0]
    file = tmp_path / "proofs" / kept.sha256[:2] / kept.sha256
    file.unlink()
    for _time in range(2):
        assert file_sweep.check(runtime, NOW, read=None).missing == (kept.sha256,)
    file.write_bytes(pdf()[:-1] + b"x")
    assert file_sweep.check(runtime, NOW, read=0).is_sound
    assert file_sweep.check(runtime, NOW, read=None).wrong == (kept.sha256,)
    with runtime.database.transaction() as session:
        incident = outbox.incidents(session, kind=file_sweep.INCIDENT)
        assert len(incident) == 1
        outbox.retry(session, incident[0].id)
    file.write_bytes(pdf())
    deliver(runtime)
    with runtime.database.reading() as session:
        assert outbox.incidents(session, kind=file_sweep.INCIDENT) == []


def test_all_of_several_files_are_taken_or_none(
    stage: Stage, signed_in: SignedIn, runtime: Runtime
) -> None:
    number = stage.number(stage.admitted())
    operator = signed_in(OPERATOR)
    operator.open(f"/dossiers/{number}/preuves")
    several: Any = {PLACE: [(io.BytesIO(pdf()), "a.pdf"), (io.BytesIO(b""), "vide.pdf")]}
    assert "Ce fichier est vide" in operator.post(f"/dossiers/{number}/preuves", **several)
    assert proofs(runtime) == []
    assert list(runtime.files.entries()) == []
