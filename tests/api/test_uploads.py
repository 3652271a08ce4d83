"""A large file comes piece by piece, goes on where it stopped, and is attached once."""

from __future__ import annotations

import base64
import fcntl
import hashlib
from typing import Any

import pytest
from api_world import World
from fictitious_files import mp4, pdf
from sqlalchemy import select
from test_whole_path import admit_and_sign, hand_in_proofs
from werkzeug.test import TestResponse

from workflow.domain.submission import Submission
from workflow.engine import file_sweep, uploads

VIDEO = mp4(300_000)
SPOKEN = {"Tus-Resumable": "1.0.0"}


def place_of(world: World, number: str, kind: str) -> dict[str, Any]:
    found = world.as_("operator.alize").get(f"/dossiers/{number}/proof-file").get_json()
    return next(each for each in found["missing"] if each["kind"] == kind)


def metadata(**told: object) -> str:
    def coded(value: object) -> str:
        return base64.b64encode(str(value).encode()).decode()

    return ",".join(f"{name} {coded(value)}" for name, value in told.items())


def begin(
    world: World, number: str, name: str, length: int, kind: str = "video", who: str = "alize"
) -> TestResponse:
    wanted = place_of(world, number, kind)
    told = metadata(
        dossier=number,
        requirement=wanted["requirement"],
        position=wanted["position"],
        filename=name,
    )
    headers = {**SPOKEN, "Upload-Length": str(length), "Upload-Metadata": told}
    return world.as_(f"operator.{who}").call("POST", "/uploads", headers=headers)


def send(world: World, address: str, offset: int, piece: bytes, **more: str) -> TestResponse:
    headers = {**SPOKEN, "Upload-Offset": str(offset), **more}
    return world.as_("operator.alize").call(
        "PATCH",
        address,
        data=piece,
        content_type="application/offset+octet-stream",
        headers=headers,
    )


def offset_of(world: World, address: str) -> TestResponse:
    return world.as_("operator.alize").call("HEAD", address, headers=SPOKEN)


def proofs_of(world: World, number: str) -> list[dict[str, Any]]:
    return world.as_("operator.alize").get(f"/dossiers/{number}/proofs").get_json()["items"]


@pytest.fixture
def number(world: World) -> str:
    """A dossier whose proofs are awaited."""
    found = world.deposit()
    admit_and_sign(world, found)
    return found


@pytest.fixture
def address(world: World, number: str) -> str:
    """An upload of the video that has begun."""
    begun = begin(world, number, "essai.mp4", len(VIDEO))
    assert begun.status_code == 201, begun.text
    return begun.headers["Location"]


def parts_left(world: World) -> list[str]:
    return [path.name for path in world.runtime.files.scratch.glob(f"*{uploads.SUFFIX}")]


def code_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_a_cut_upload_goes_on_where_it_stopped(world: World, number: str, address: str) -> None:
    assert send(world, address, 0, VIDEO[:100_000]).headers["Upload-Offset"] == "100000"
    asked = offset_of(world, address)
    assert (asked.status_code, asked.headers["Upload-Offset"]) == (200, "100000")
    assert asked.headers["Upload-Length"] == str(len(VIDEO))
    assert asked.headers["Cache-Control"] == "no-store"
    assert proofs_of(world, number) == []
    ended = send(world, address, 100_000, VIDEO[100_000:])
    assert (ended.status_code, ended.headers["Upload-Offset"]) == (204, str(len(VIDEO)))
    kept = proofs_of(world, number)
    assert [each["sha256"] for each in kept] == [hashlib.sha256(VIDEO).hexdigest()]
    assert (kept[0]["file_name"], kept[0]["media_type"]) == ("essai.mp4", "video/mp4")
    assert kept[0]["scan"] == "not_scanned"
    assert parts_left(world) == []


def test_who_did_not_hear_the_end_is_told_that_it_is_over(
    world: World, number: str, address: str
) -> None:
    send(world, address, 0, VIDEO)
    assert offset_of(world, address).headers["Upload-Offset"] == str(len(VIDEO))
    assert code_of(send(world, address, 0, VIDEO)) == (409, "conflict")
    assert len(proofs_of(world, number)) == 1


def test_what_a_crash_left_whole_is_finished_when_it_is_asked_for(
    world: World, number: str, address: str
) -> None:
    part = world.runtime.files.scratch / f"{address.rpartition('/')[2]}{uploads.SUFFIX}"
    part.write_bytes(VIDEO)  # All of it came; then the process died.
    world.runtime.files.put(VIDEO)  # It may have died after storing the file, too.
    assert offset_of(world, address).headers["Upload-Offset"] == str(len(VIDEO))
    assert len(proofs_of(world, number)) == 1
    assert parts_left(world) == []


def test_bytes_for_another_offset_are_refused_and_change_nothing(
    world: World, address: str
) -> None:
    send(world, address, 0, VIDEO[:1000])
    for offset in (0, 999, 1001):
        assert code_of(send(world, address, offset, b"x")) == (409, "conflict")
    assert offset_of(world, address).headers["Upload-Offset"] == "1000"


def test_two_tabs_do_not_write_to_one_upload_at_once(world: World, address: str) -> None:
    part = world.runtime.files.scratch / f"{address.rpartition('/')[2]}{uploads.SUFFIX}"
    with part.open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert code_of(send(world, address, 0, b"x")) == (423, "locked")
        assert offset_of(world, address).status_code == 423
    assert send(world, address, 0, b"x").status_code == 204


def test_more_than_was_announced_is_refused(world: World, number: str) -> None:
    address = begin(world, number, "essai.mp4", 10).headers["Location"]
    assert code_of(send(world, address, 0, b"x" * 11)) == (413, "limit_exceeded")


def test_a_piece_that_was_altered_on_the_way_is_not_kept(world: World, address: str) -> None:
    wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    refused = send(world, address, 0, VIDEO[:1000], **{"Upload-Checksum": f"sha256 {wrong}"})
    assert code_of(refused) == (460, "checksum_differs")
    assert offset_of(world, address).headers["Upload-Offset"] == "0"
    right = base64.b64encode(hashlib.sha256(VIDEO[:1000]).digest()).decode()
    kept = send(world, address, 0, VIDEO[:1000], **{"Upload-Checksum": f"sha256 {right}"})
    assert kept.status_code == 204


def test_an_upload_is_forgotten_when_its_sender_gives_it_up(world: World, address: str) -> None:
    send(world, address, 0, VIDEO[:1000])
    gone = world.as_("operator.alize").call("DELETE", address, headers=SPOKEN)
    assert gone.status_code == 204
    assert offset_of(world, address).status_code == 404
    assert parts_left(world) == []


def test_nobody_else_sees_or_touches_an_upload(world: World, number: str, address: str) -> None:
    for method in ("HEAD", "DELETE"):
        stranger = world.as_("operator.bise").call(method, address, headers=SPOKEN)
        assert stranger.status_code == 404
    assert begin(world, number, "essai.mp4", 10, who="bise").status_code == 404
    instructor = world.as_("instructor").call("HEAD", address, headers=SPOKEN)
    assert instructor.status_code == 403


@pytest.mark.parametrize(
    ("name", "content", "kind", "sentence"),
    [
        ("essai.mp4", pdf(), "video", "est un PDF. Ici sont acceptés"),
        ("essai.mp4", b"MZ" + b"\0" * 90, "video", "essai.mp4"),
        ("liste.pdf", b"du texte", "test_report", "son contenu est un texte"),
        ("rapport.pdf", pdf()[:-30], "test_report", "PDF abîmé ou incomplet"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_leaves_nothing_behind(
    world: World, number: str, name: str, content: bytes, kind: str, sentence: str
) -> None:
    address = begin(world, number, name, len(content), kind).headers["Location"]
    refused = send(world, address, 0, content)
    assert code_of(refused) == (422, "invalid_answer")
    assert sentence in refused.get_json()["errors"][0]["message"].replace("\u00a0", " ")
    assert offset_of(world, address).status_code == 404
    assert (parts_left(world), list(world.runtime.files.entries())) == ([], [])


@pytest.mark.parametrize(
    ("name", "length", "sentence"),
    [
        ("essai.mp4", 0, "Ce fichier est vide."),
        ("../essai.mp4", 10, "contient un chemin"),
        ("C:\\essai.mp4", 10, "contient un chemin"),
        ("essai\u202egpj.mp4", 10, "caractères invisibles"),
        ("e" * 300 + ".mp4", 10, "dépasse 255 caractères"),
        ("essai.mp4", 600_000_001, "dépasse 600 Mo"),
    ],
)
def test_what_would_be_refused_at_the_end_is_refused_at_once(
    world: World, number: str, name: str, length: int, sentence: str
) -> None:
    refused = begin(world, number, name, length)
    assert code_of(refused) == (422, "invalid_answer")
    assert sentence in refused.get_json()["errors"][0]["message"].replace("\u00a0", " ")
    assert parts_left(world) == []


@pytest.mark.rule(56)
def test_nothing_is_sent_once_the_proof_file_is_submitted(world: World, number: str) -> None:
    wanted = place_of(world, number, "video")
    hand_in_proofs(world, number)
    told = metadata(dossier=number, filename="essai.mp4", **wanted)
    headers = {**SPOKEN, "Upload-Length": "10", "Upload-Metadata": told}
    late = world.as_("operator.alize").call("POST", "/uploads", headers=headers)
    assert code_of(late) == (409, "conflict")


def test_another_version_of_the_protocol_is_refused_with_ours(world: World, address: str) -> None:
    refused = world.as_("operator.alize").call("HEAD", address, headers={"Tus-Resumable": "0.2"})
    assert (refused.status_code, refused.headers["Tus-Version"]) == (412, "1.0.0")
    told = world.as_("operator.alize").call("OPTIONS", "/uploads")
    assert told.headers["Tus-Extension"] == "creation,termination,expiration,checksum"


def test_bytes_are_sent_as_such(world: World, address: str) -> None:
    headers = {**SPOKEN, "Upload-Offset": "0"}
    refused = world.as_("operator.alize").call(
        "PATCH", address, data=b"x", content_type="text/plain", headers=headers
    )
    assert code_of(refused) == (415, "unsupported_media_type")


def test_what_nobody_finishes_in_a_week_is_forgotten(world: World, address: str) -> None:
    send(world, address, 0, VIDEO[:1000])
    world.move_to("2022-10-10T08:59")
    assert uploads.expire(world.runtime, world.clock.now()) == 0
    world.move_to("2022-10-10T09:01")
    assert offset_of(world, address).status_code == 404
    assert uploads.expire(world.runtime, world.clock.now()) == 1
    assert parts_left(world) == []


@pytest.mark.rule(55, 56)
def test_both_databases_keep_what_came_what_was_submitted_and_where_it_lies(
    world_on_each_database: World,
) -> None:
    world = world_on_each_database
    number = world.deposit()
    admit_and_sign(world, number)
    address = begin(world, number, "essai.mp4", len(VIDEO)).headers["Location"]
    send(world, address, 0, VIDEO[:100_000])
    assert send(world, address, 100_000, VIDEO[100_000:]).status_code == 204
    hand_in_proofs(world, number)
    kept = proofs_of(world, number)
    assert all(each["handed_in_at"] for each in kept)
    with world.runtime.database.reading() as session:
        version = session.scalars(select(Submission)).one()
    assert [mark[2] for mark in version.files] == [
        each["sha256"]
        for each in sorted(kept, key=lambda e: (e["requirement"], e["position"], e["id"]))
    ]
    report = file_sweep.check(world.runtime, world.clock.now(), read=None)
    assert report.is_sound
    assert report.files == len({each["sha256"] for each in kept})
