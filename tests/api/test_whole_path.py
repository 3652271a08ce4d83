"""One dossier from its deposit to the register, by programs of several people."""

from __future__ import annotations

from io import BytesIO

from api_world import CAMPAIGN, CHECK, Json, World
from fictitious_files import SAMPLES

ACCEPTED = {"third_party_disclaimer": True, "fictitious_data": True, "no_security_risk": True}


def first_answer(component: Json) -> object:
    match component["answer_type"]:
        case "choice":
            return component["options"][0]["value"]
        case "boolean":
            return "true"
        case "choices":
            return [component["options"][0]["value"]]
        case "agreement":
            return True
        case "number":
            return 1
        case "date":
            return "2022-10-03"
        case _:
            return "Réponse fictive"


def any_answer(components: list[Json]) -> Json:
    answer: Json = {}
    for component in components:
        if component["answer_type"] == "none":
            answer |= any_answer(component["components"])
        elif component["answer_type"] != "rows":
            answer[component["key"]] = first_answer(component)
    return answer


def admit_and_sign(world: World, number: str) -> None:
    done = world.complete("admissibility_officer", number, "check_admissibility", CHECK)
    assert done.status_code == 200, done.text
    signed = world.complete("representative.alize", number, "sign_convention", {"accepted": True})
    assert signed.status_code == 200, signed.text
    both = world.complete("signatory", number, "countersign_convention", {"accepted": True})
    assert both.status_code == 200, both.text


def hand_in_proofs(world: World, number: str) -> None:
    operator = world.as_("operator.alize")
    missing = operator.get(f"/dossiers/{number}/proof-file").get_json()["missing"]
    assert missing
    for place, wanted in enumerate(missing):
        where = f"requirement={wanted['requirement']}&position={wanted['position']}"
        name, content = SAMPLES[wanted["kind"]]
        if place % 2:
            path = f"/dossiers/{number}/proofs?{where}&file_name={name}"
            given = operator.post(path, data=content, content_type="text/plain")
        else:
            path = f"/dossiers/{number}/proofs?{where}"
            given = operator.post(path, data={"file": (BytesIO(content), name)})
        assert given.status_code == 201, given.text
    form = operator.get("/forms/ssi_questionnaire").get_json()
    path = f"/dossiers/{number}/ssi-answers"
    answered = operator.call("PUT", path, json={"answer": any_answer(form["components"])})
    assert answered.status_code == 204, answered.text
    submitted = world.complete("operator.alize", number, "submit_proofs", ACCEPTED)
    assert submitted.status_code == 200, submitted.text


def instruct(world: World, number: str) -> None:
    components = world.as_("instructor").get("/forms/instruct_dossier").get_json()["components"]
    assert {"outcome", "verdicts"} <= {component["key"] for component in components}
    expected = requirements(world, number)
    verdicts = [{"requirement": code, "verdict": "conform"} for code in expected]
    answer = {"outcome": "complete", "verdicts": verdicts}
    done = world.complete("instructor", number, "instruct_dossier", answer)
    assert done.status_code == 200, done.text


def requirements(world: World, number: str) -> list[str]:
    from workflow.domain import dossier, requirement

    with world.runtime.database.reading() as session:
        found = dossier.find_by_number(session, number)
        assert found is not None
        return [row.code for row in requirement.applicable(session, found)]


def test_a_service_is_carried_from_its_deposit_to_the_register(
    world_on_each_database: World,
) -> None:
    world = world_on_each_database
    number = world.deposit()
    admit_and_sign(world, number)
    hand_in_proofs(world, number)
    instruct(world, number)
    president = world.as_("college_president")
    opened = president.post(f"/campaigns/{CAMPAIGN}/convocation").get_json()
    decision = {"dossier": number, "outcome": "award", "reasons": "Preuves conformes."}
    answer = {"attendance": ["A. Fictif", "B. Fictif", "C. Fictif"], "decisions": [decision]}
    held = president.post(f"/tasks/{opened['task']}/completion", {"answer": answer})
    assert held.status_code == 200, held.text
    state = world.as_("operator.alize").get(f"/dossiers/{number}").get_json()
    assert state["end"] == "listed"
    listed = world.nobody().get("/register").get_json()["items"]
    assert [item["service_name"] for item in listed] == ["Service fictif alize"]
    checked = world.nobody().get(f"/register/{listed[0]['number'].lower()}")
    assert checked.get_json()["status"] == "active"
    sessions = president.get(f"/campaigns/{CAMPAIGN}/college-sessions").get_json()["items"]
    held_session = next(item for item in sessions if item["held_at"])
    path = f"/campaigns/{CAMPAIGN}/college-sessions/{held_session['number']}"
    assert president.get(path).get_json()["decisions"][0]["dossier"] == number


def test_the_history_of_a_listed_service_holds_and_is_read_page_by_page(world: World) -> None:
    number = world.deposit()
    admit_and_sign(world, number)
    auditor = world.as_("auditor")
    first = auditor.get(f"/dossiers/{number}/history?limit=3").get_json()
    assert first["chain"]["intact"]
    assert first["chain"]["entries"] > 3
    seen, cursor = first["items"], first["next"]
    while cursor:
        following = auditor.get(f"/dossiers/{number}/history?limit=3&cursor={cursor}").get_json()
        assert following["chain"] is None
        seen += following["items"]
        cursor = following["next"]
    assert [entry["sequence"] for entry in seen] == list(range(1, first["chain"]["entries"] + 1))
    assert all(entry["facts"] is not None for entry in seen)


def test_an_operator_reads_the_questions_asked_and_answers_them(world: World) -> None:
    number = world.deposit()
    asked = {"outcome": "solicit", "questions": ["Quel est le SIRET ?"]}
    done = world.complete("admissibility_officer", number, "check_admissibility", asked)
    assert done.status_code == 200, done.text
    operator = world.as_("operator.alize")
    solicited = operator.get(f"/dossiers/{number}/solicitations").get_json()["items"][0]
    assert solicited["questions"] == ["Quel est le SIRET ?"]
    mine = operator.get("/tasks").get_json()["items"]
    assert [(task["dossier"], task["element"]) for task in mine] == [
        (number, "answer_admissibility_solicitation")
    ]
    task = operator.get(f"/tasks/{mine[0]['id']}").get_json()
    assert task["deadline"]["explanation"]["source"] == "DSR 4.2"
    path = f"/tasks/{mine[0]['id']}/completion"
    assert operator.post(path, {"answer": {"answer": "Le voici."}}).status_code == 200
    solicited = operator.get(f"/dossiers/{number}/solicitations").get_json()["items"][0]
    assert solicited["answer"] == "Le voici."


def test_an_answer_after_its_deadline_is_refused_as_out_of_time(world: World) -> None:
    number = world.deposit()
    asked = {"outcome": "solicit", "questions": ["Quel est le SIRET ?"]}
    world.complete("admissibility_officer", number, "check_admissibility", asked)
    operator = world.as_("operator.alize")
    task = operator.get("/tasks").get_json()["items"][0]
    world.move_to("2022-10-25T09:00")
    late = operator.post(f"/tasks/{task['id']}/completion", {"answer": {"answer": "Tard."}})
    assert (late.status_code, late.get_json()["code"]) == (409, "out_of_time")
    state = operator.get(f"/dossiers/{number}").get_json()
    assert state["end"] == "rejected_no_answer"


def test_an_operator_withdraws_its_dossier_by_a_message(world: World) -> None:
    number = world.deposit()
    operator = world.as_("operator.alize")
    sendable = operator.get(f"/dossiers/{number}/messages").get_json()["items"]
    assert [item["message"] for item in sendable] == ["withdraw"]
    body = {"message": "withdraw", "answer": {"reason": "Service abandonné."}}
    assert operator.post(f"/dossiers/{number}/messages", body).status_code == 200
    again = operator.post(f"/dossiers/{number}/messages", body)
    assert (again.status_code, again.get_json()["code"]) == (409, "conflict")


def test_a_dossier_that_was_withdrawn_is_presented_again(world: World) -> None:
    number = world.deposit()
    operator = world.as_("operator.alize")
    operator.post(f"/dossiers/{number}/messages", {"message": "withdraw"})
    answer = world.deposit_answer()
    kept = {k: v for k, v in answer.items() if k.startswith("commitment_")}
    again = {
        **kept,
        "previous": number,
        "service_version": "2.0",
        "planned_proof_on": "2022-11-30",
        "publication_authorised": "true",
    }
    done = operator.post("/dossiers", {"form": "reapply", "answer": again})
    assert done.status_code == 201, done.text
    state = operator.get(done.headers["Location"]).get_json()
    assert (state["attempt"], state["previous"]) == (2, number)
