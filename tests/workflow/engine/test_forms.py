"""What a person may answer, and what they are told when an answer cannot be kept."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow.domain.campaign import parse
from workflow.engine.campaigns import read
from workflow.engine.forms import Component, Form, Forms, InvalidForm, questions
from workflow.errors import InvalidAnswer, NotFound

FOLDER = Path(__file__).parents[3] / "forms"
CAMPAIGN, _CATALOGUE = read(FOLDER.parent / "bpmn" / "campaigns" / "dsr-ope-mss-2022.yaml")
LOADED = Forms.load(FOLDER)
FORMS = Forms({form.key: form.offered(parse(CAMPAIGN).feel_constants()) for form in LOADED})

KEYS = {
    "deposit_dossier": "company_name siret legal_representative_name legal_representative_email "
    "legal_representative_phone contact_name service_name service_version dsr planned_proof_on "
    "publication_authorised profiles commitment_functionality commitment_sincere_proofs "
    "commitment_process commitment_no_health_data commitment_no_security_risk previous",
    "reapply": "previous service_version planned_proof_on publication_authorised "
    "commitment_functionality commitment_sincere_proofs commitment_process "
    "commitment_no_health_data commitment_no_security_risk",
    "check_admissibility": "outcome in_trust_space component_source contract_v2_operator_on "
    "contract_v2_agency_on questions comment",
    "answer_admissibility_solicitation": "answers answer",
    "answer_solicitation": "answers answer",
    "withdraw_solicitation": "reason",
    "sign_convention": "accepted",
    "countersign_convention": "accepted",
    "submit_proofs": "third_party_disclaimer fictitious_data no_security_risk",
    "instruct_dossier": "outcome verdicts questions comment",
    "correct_reservations": "corrections",
    "verify_corrections": "outcome comment",
    "confirm_lifting": "comment",
    "hold_session": "attendance partners decisions",
    "withdraw": "reason",
    "exclude": "reason",
    "ask_support": "subject text",
    "ask_support_again": "text",
    "answer_support": "outcome text",
    "propose_correction": "fact new_text new_email new_phone new_date new_permission reason",
    "agree_correction": "outcome reason",
    "withdraw_correction": "reason",
}
MANDATORY_AT_DEPOSIT = [
    "legal_representative_name",
    "contact_name",
    "legal_representative_email",
    "legal_representative_phone",
    "company_name",
    "siret",
    "service_name",
    "service_version",
    "dsr",
    "planned_proof_on",
    "publication_authorised",
]
COMMITMENTS = [key for key in KEYS["deposit_dossier"].split() if key.startswith("commitment_")]
DEPOSIT: dict[str, Any] = {
    "company_name": "Exemple SAS",
    "siret": "732 829 320 00074",
    "legal_representative_name": "Camille Exemple",
    "legal_representative_email": "camille@exemple.fr",
    "legal_representative_phone": "01 99 00 12 34",
    "contact_name": "Dominique Exemple",
    "service_name": "Messagerie d’exemple",
    "service_version": "4.2",
    "dsr": "DSR-OPE-MSS",
    "planned_proof_on": "2022-12-01",
    "publication_authorised": "non",
    "profiles": ["bal_app"],
    **dict.fromkeys(COMMITMENTS, True),
}
FIELD = {"type": "textfield", "key": "a"}


def faults(key: str, answer: dict[str, Any]) -> dict[str, list[str]]:
    with pytest.raises(InvalidAnswer) as refusal:
        FORMS.get(key).validate(answer)
    return refusal.value.faults


def faults_or_none(form: Form, answer: dict[str, Any]) -> dict[str, list[str]]:
    try:
        form.validate(answer)
    except InvalidAnswer as refusal:
        return refusal.faults
    return {}


def sentences_of(faults: dict[str, list[str]]) -> list[str]:
    return [sentence for sentences in faults.values() for sentence in sentences]


def a_form(*components: dict[str, Any]) -> Form:
    return Form.read("asked", json.dumps({"components": components}).encode())


# The forms of the procedure


def test_every_form_of_the_procedure_is_there_with_the_keys_its_diagrams_use():
    assert FORMS.keys == {*KEYS, "ssi_questionnaire"}
    assert {key: set(keys.split()) for key, keys in KEYS.items()} == {
        form.key: set(form.keys) for form in FORMS if form.key != "ssi_questionnaire"
    }


def test_only_the_conclusions_that_route_a_dossier_stay_as_variables():
    assert {form.key: set(form.variables) for form in FORMS if form.variables} == {
        "check_admissibility": {"outcome"},
        "instruct_dossier": {"outcome"},
        "verify_corrections": {"outcome"},
    }


def test_the_questionnaire_on_security_has_eight_questions_and_says_it_is_derived():
    form = FORMS.get("ssi_questionnaire")
    numbered = [question for question in form.components if question.label[:1].isdigit()]
    assert len(numbered) == 8
    assert "Questionnaire dérivé" in form.components[0].text


def test_a_form_that_is_not_there_is_not_found():
    with pytest.raises(NotFound, match="no_such_form"):
        FORMS.get("no_such_form")


def test_the_french_of_the_forms_follows_french_typography():
    for path in FOLDER.glob("*.json"):
        for text in re.findall(r'"(?:label|text|description|title|missing)": "(.*)"', _read(path)):
            assert not re.search(r"'| [;?!:»]|« ", text), f"{path.name}: {text}"


def test_no_form_tells_a_delay_that_a_campaign_sets():
    for path in FOLDER.glob("*.json"):
        assert not re.search(r"\d+\s(heures|jours|semaines)", _read(path)), path.name


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


# Depositing a dossier (DSR 4.2 and 4.8)


def test_a_complete_deposit_is_kept_as_typed_facts():
    answer = FORMS.get("deposit_dossier").validate(DEPOSIT)
    assert answer["siret"] == "73282932000074"
    assert answer["planned_proof_on"] == date(2022, 12, 1)
    assert answer["publication_authorised"] is False
    assert answer["profiles"] == ["general", "bal_app"]
    assert "previous" not in answer


@pytest.mark.rule(47, 48, 49)
@pytest.mark.parametrize("key", MANDATORY_AT_DEPOSIT)
@pytest.mark.parametrize("blank", ["", "  ", None])
def test_a_deposit_without_a_mandatory_item_is_refused(key: str, blank: str | None):
    assert list(faults("deposit_dossier", {**DEPOSIT, key: blank})) == [key]


@pytest.mark.rule(47, 48, 49)
@pytest.mark.parametrize("key", MANDATORY_AT_DEPOSIT)
def test_a_deposit_that_never_mentions_a_mandatory_item_is_refused(key: str):
    answer = {name: value for name, value in DEPOSIT.items() if name != key}
    assert list(faults("deposit_dossier", answer)) == [key]


@pytest.mark.rule(41, 78)
@pytest.mark.parametrize("key", COMMITMENTS)
@pytest.mark.parametrize("given", [None, False, "false", "non"])
def test_an_operator_takes_each_of_the_five_commitments(key: str, given: object):
    assert list(faults("deposit_dossier", {**DEPOSIT, key: given})) == [key]


@pytest.mark.rule(35)
@pytest.mark.parametrize("profiles", [None, [], "general", ["bal_app"], ["bal_app", "general"]])
def test_the_general_profile_is_always_chosen(profiles: object):
    answer = FORMS.get("deposit_dossier").validate({**DEPOSIT, "profiles": profiles})
    assert answer["profiles"][0] == "general"


def test_an_operator_cannot_choose_a_profile_that_does_not_exist():
    sentence = faults("deposit_dossier", {**DEPOSIT, "profiles": ["gold"]})["profiles"][0]
    assert sentence.startswith("Le choix «\u00a0gold\u00a0» n’existe pas. Choisissez parmi")


@pytest.mark.rule(48)
@pytest.mark.parametrize(
    "siret", ["7328293200007", "732829320000741", "7328293200007A", "\u0967" * 14]
)
def test_a_siret_has_fourteen_digits(siret: str):
    assert "14\u00a0chiffres" in faults("deposit_dossier", {**DEPOSIT, "siret": siret})["siret"][0]


@pytest.mark.parametrize("email", ["camille", "camille@", "@exemple.fr", "a@b.fr, c@d.fr"])
def test_an_address_that_receives_nothing_is_refused(email: str):
    answer = {**DEPOSIT, "legal_representative_email": email}
    assert list(faults("deposit_dossier", answer)) == ["legal_representative_email"]


def test_a_version_number_typed_as_a_number_is_read_as_text():
    answer = FORMS.get("deposit_dossier").validate({**DEPOSIT, "service_version": 4.2})
    assert answer["service_version"] == "4.2"


def test_the_previous_dossier_is_kept_when_there_is_one():
    answer = FORMS.get("deposit_dossier").validate({**DEPOSIT, "previous": "2022-001"})
    assert answer["previous"] == "2022-001"


def test_a_person_reads_how_many_points_are_to_be_corrected():
    with pytest.raises(
        InvalidAnswer, match=r"^La réponse n’est pas enregistrée\u00a0: 2\u00a0points"
    ):
        FORMS.get("deposit_dossier").validate({**DEPOSIT, "siret": "", "dsr": ""})
    with pytest.raises(InvalidAnswer, match="1\u00a0point à corriger"):
        FORMS.get("deposit_dossier").validate({**DEPOSIT, "siret": ""})


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.key)
def test_every_fault_of_an_empty_answer_says_in_french_what_to_do(form: Form):
    for sentence in sentences_of(faults_or_none(form, {})):
        assert re.fullmatch(r"[^.]+\. [^.]+\.", sentence), sentence
        assert not re.search("veuillez|invalide|required|missing", sentence, re.IGNORECASE)


# Conditions


def test_a_question_that_is_hidden_is_neither_required_nor_kept():
    solicited = {"outcome": "solicit", "questions": "SIRET ?", "in_trust_space": "peut-être"}
    admitted = {"outcome": "admissible", "in_trust_space": True, "component_source": "self"}
    form = FORMS.get("check_admissibility")
    assert form.validate(solicited) == {"outcome": "solicit", "questions": ["SIRET ?"]}
    assert form.validate({**admitted, "questions": ["SIRET ?"]}) == admitted


def test_a_solicitation_without_a_question_is_refused():
    for questions_asked in ([], "", " \n ", None, ["", "  "]):
        answer = {"outcome": "solicit", "questions": questions_asked}
        assert list(faults("instruct_dossier", answer)) == ["questions"]


def test_insufficient_corrections_need_a_reason_and_sufficient_ones_keep_none():
    assert list(faults("verify_corrections", {"outcome": "insufficient"})) == ["comment"]
    lifted = FORMS.get("verify_corrections").validate({"outcome": "lifted", "comment": "Vu."})
    assert lifted == {"outcome": "lifted"}


def test_what_is_visible_follows_the_answer_down_to_each_row():
    decisions = [{"outcome": "award"}, {"outcome": "blocking", "reservations": [{"text": "x"}]}]
    visible = FORMS.get("hold_session").visible({"decisions": decisions})
    assert "decisions.0.reasons" in visible
    assert "decisions.0.reservations" not in visible
    assert "decisions.1.reservations.0.nature" in visible


def test_the_answer_to_a_hidden_question_decides_nothing():
    form = a_form(
        {"type": "textfield", "key": "first"},
        {"type": "textfield", "key": "middle", "conditional": {"hide": "=first = null"}},
        {"type": "textfield", "key": "last", "conditional": {"hide": "=middle = null"}},
    )
    complete = {"first": "f", "middle": "m", "last": "l"}
    assert form.validate({"middle": "m", "last": "l"}) == {}
    assert form.validate(complete) == complete


def test_a_condition_in_a_row_sees_the_row_and_what_stands_above_its_list():
    hide = '=town = "Lyon" and place = null'
    row = [
        {"type": "textfield", "key": "place"},
        {"type": "textfield", "key": "note", "conditional": {"hide": hide}},
    ]
    form = a_form(
        {"type": "textfield", "key": "town"},
        {"type": "dynamiclist", "path": "rows", "components": row},
    )
    rows = [{"place": "Gare", "note": "n"}, {"note": "n"}]
    assert form.validate({"town": "Lyon", "rows": rows})["rows"] == rows[:1]
    assert form.validate({"town": "Nantes", "rows": rows})["rows"] == rows


def test_an_answer_hidden_in_a_row_is_not_taken_from_the_form_instead():
    row = [
        {"type": "textfield", "key": "place"},
        {"type": "textfield", "key": "town", "conditional": {"hide": "=place = null"}},
        {"type": "textfield", "key": "note", "conditional": {"hide": "=town = null"}},
    ]
    form = a_form(
        {"type": "textfield", "key": "town"},
        {"type": "dynamiclist", "path": "rows", "components": row},
    )
    assert "rows.0.note" not in form.visible({"town": "Lyon", "rows": [{"note": "n"}]})


def test_rows_left_blank_are_not_counted_by_a_condition():
    form = a_form(
        {"type": "dynamiclist", "path": "rows", "components": [FIELD]},
        {"type": "textfield", "key": "why", "conditional": {"hide": "=count(rows) = 1"}},
    )
    assert "why" not in form.visible({"rows": [{}, {"a": "x"}, {"a": " "}]})


def test_a_hidden_group_hides_what_it_holds():
    visible = FORMS.get("check_admissibility").visible({"outcome": "solicit"})
    assert visible == {"outcome", "questions", "comment"}


# Kinds of answers


def test_unknown_keys_are_dropped():
    answer = FORMS.get("withdraw").validate({"reason": "Arrêt", "~html": "x", "decision": "award"})
    assert answer == {"reason": "Arrêt"}


def test_blank_answers_are_absent():
    assert FORMS.get("confirm_lifting").validate({"comment": " \n"}) == {}


@pytest.mark.parametrize("given", ["2022-02-29", "20221201", "01/12/2022", "2022-W01-1", 5, [1]])
def test_a_day_that_does_not_exist_or_is_written_otherwise_is_refused(given: object):
    assert (
        "2022-12-01"
        in faults("deposit_dossier", {**DEPOSIT, "planned_proof_on": given})["planned_proof_on"][0]
    )


def test_a_day_already_read_is_taken_and_an_instant_is_not():
    form = a_form({"type": "datetime", "subtype": "date", "key": "day"})
    assert form.validate({"day": date(2022, 12, 1)}) == {"day": date(2022, 12, 1)}
    with pytest.raises(InvalidAnswer):
        form.validate({"day": datetime.fromisoformat("2022-12-01T10:00:00+01:00")})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (True, True),
        ("true", True),
        ("on", True),
        ("oui", True),
        (False, False),
        ("false", False),
        ("Non", False),
    ],
)
def test_yes_and_no_are_read_as_pages_and_programs_write_them(given: object, kept: bool):
    answer = FORMS.get("deposit_dossier").validate({**DEPOSIT, "publication_authorised": given})
    assert answer["publication_authorised"] is kept


@pytest.mark.parametrize("given", [1, "peut-être", ["true"], {"a": 1}])
def test_what_is_neither_yes_nor_no_is_refused(given: object):
    answer = {**DEPOSIT, "publication_authorised": given}
    assert list(faults("deposit_dossier", answer)) == ["publication_authorised"]


def test_no_radio_nor_checkbox_of_the_forms_is_answered_beforehand():
    for form in FORMS:
        for question in questions(form.components):
            assert question.default is None or question.key == "profiles"


def test_lines_come_as_a_list_or_as_a_text_and_blank_ones_are_dropped():
    form = FORMS.get("instruct_dossier")
    asked = ["Quel port ?", "Quel chiffrement ?"]
    typed = form.validate(
        {"outcome": "solicit", "questions": "Quel port ?\r\n\r\n Quel chiffrement ?"}
    )
    listed = form.validate({"outcome": "solicit", "questions": ["", *asked]})
    assert typed["questions"] == listed["questions"] == asked


def test_a_line_that_is_too_long_is_pointed_at():
    answer = {"outcome": "solicit", "questions": ["court", "", "x" * 2001]}
    assert faults("instruct_dossier", answer) == {
        "questions.2": [
            "Ce texte a 2\u202f001\u00a0caractères pour 2\u202f000 au plus. Raccourcissez-le."
        ]
    }


@pytest.mark.parametrize(
    ("given", "kept"), [(3, "3"), ("3,5", "3.5"), (0.1, "0.1"), ("1\u202f000", "1000")]
)
def test_numbers_are_exact(given: object, kept: str):
    assert a_form({"type": "number", "key": "n"}).validate({"n": given}) == {"n": Decimal(kept)}


@pytest.mark.parametrize("given", ["NaN", "Infinity", True, "1e99", 10**400, "trois", [1]])
def test_what_is_not_a_number_is_refused(given: object):
    with pytest.raises(InvalidAnswer):
        a_form({"type": "number", "key": "n"}).validate({"n": given})


def test_a_reservation_is_named_by_a_whole_number_from_one():
    for number in ("0", "1,5"):
        answer = {"corrections": [{"reservation": number, "explanation": "Corrigé"}]}
        assert list(faults("correct_reservations", answer)) == ["corrections.0.reservation"]


def test_rows_left_blank_are_dropped_and_faults_keep_the_row_they_were_typed_in():
    row = {"requirement": "DER-TLS-01", "verdict": "conform"}
    form = FORMS.get("instruct_dossier")
    answer = form.validate({"outcome": "complete", "verdicts": [{}, {"verdict": ""}, row]})
    assert answer["verdicts"] == [row]
    wrong = {"outcome": "complete", "verdicts": [{}, row, {**row, "verdict": "perfect"}]}
    assert list(faults("instruct_dossier", wrong)) == ["verdicts.2.verdict"]


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "a\x1b[31m"])
def test_a_text_that_cannot_be_stored_is_refused(text: str):
    assert "caractère" in faults("exclude", {"reason": text})["reason"][0]


@pytest.mark.parametrize("given", [{"a": 1}, ["x"], True])
def test_what_is_not_a_text_is_refused(given: object):
    assert list(faults("exclude", {"reason": given})) == ["reason"]


def test_an_answer_of_ten_megabytes_is_refused_whole():
    with pytest.raises(InvalidAnswer, match="dépasse 1\u00a0Mo"):
        FORMS.get("withdraw").validate({"unknown": "x" * 10_000_000})
    with pytest.raises(InvalidAnswer, match="dépasse 1\u00a0Mo"):
        FORMS.get("withdraw").validate({"reason": [[]] * 1_000_001})


def test_an_answer_that_holds_itself_is_refused():
    endless: dict[str, Any] = {}
    endless["reason"] = endless
    with pytest.raises(InvalidAnswer):
        FORMS.get("withdraw").validate(endless)


def test_a_text_and_a_list_have_limits_of_their_own():
    assert "20\u202f000" in faults("answer_solicitation", {"answer": "x" * 20_001})["answer"][0]
    rows = [{"requirement": "R", "verdict": "conform"}] * 1_001
    assert (
        "1\u202f000"
        in faults("instruct_dossier", {"outcome": "complete", "verdicts": rows})["verdicts"][0]
    )


def test_an_answer_is_shown_again_as_it_was_given():
    by_key = {
        question.key: question
        for question in questions(FORMS.get("check_admissibility").components)
    }
    assert by_key["in_trust_space"].shown(True) == by_key["in_trust_space"].shown("true") == "true"
    assert by_key["questions"].shown(["a", "b"]) == "a\nb"
    assert by_key["contract_v2_agency_on"].shown(date(2022, 4, 1)) == "2022-04-01"
    assert by_key["outcome"].shown(None) == ""


# Files that cannot be used

REFUSED_COMPONENTS: dict[str, tuple[str, list[Any]]] = {
    "an unknown type": ("components[0].type", [{"type": "html", "key": "a"}]),
    "no type": ("components[0].type", [{"key": "a"}]),
    "not an object": ("components[0]", [5]),
    "a key twice": ("", [FIELD, FIELD]),
    "a key twice, once in a group": ("", [FIELD, {"type": "group", "components": [FIELD]}]),
    "a key that is an operator": ("components[0].key", [{**FIELD, "key": "~html"}]),
    "a key that is an attribute": ("components[0].key", [{**FIELD, "key": "@id"}]),
    "a key that is no name": ("components[0].key", [{**FIELD, "key": "a b"}]),
    "a key that is a word of FEEL": ("components[0].key", [{**FIELD, "key": "return"}]),
    "no key": ("components[0].key", [{"type": "textfield"}]),
    "a condition that does not parse": (
        "components[0].conditional.hide",
        [{**FIELD, "conditional": {"hide": "=b = = 1"}}],
    ),
    "a condition on a question that is not there": (
        "components[0].conditional.hide",
        [{**FIELD, "conditional": {"hide": "=b = 1"}}],
    ),
    "a condition on a question that stands below": (
        "components[0].conditional.hide",
        [{**FIELD, "conditional": {"hide": "=b = 1"}}, {"type": "number", "key": "b"}],
    ),
    "a condition without its sign": (
        "components[0].conditional.hide",
        [{**FIELD, "conditional": {"hide": "b = 1"}}],
    ),
    "a computed label": ("components[0].label", [{**FIELD, "label": "=b"}]),
    "a template": ("components[0].label", [{**FIELD, "label": "Bonjour {{b}}"}]),
    "options that the answer computes": (
        "components[0].valuesExpression",
        [{"type": "radio", "key": "a", "valuesExpression": "=b"}],
    ),
    "options from a key": (
        "components[0].valuesKey",
        [{"type": "radio", "key": "a", "valuesKey": "b"}],
    ),
    "no options": ("components[0].values", [{"type": "radio", "key": "a", "values": []}]),
    "a time of day": (
        "components[0].subtype",
        [{"type": "datetime", "key": "a", "subtype": "time"}],
    ),
    "a boolean of three values": (
        "components[0].values",
        [
            {
                "type": "radio",
                "key": "a",
                "values": [{"value": "yes"}, {"value": "no"}],
                "properties": {"value": "boolean"},
            }
        ],
    ),
    "lines in one line": (
        "components[0].properties.value",
        [{**FIELD, "properties": {"value": "lines"}}],
    ),
    "lengths crossed": (
        "components[0].validate",
        [{**FIELD, "validate": {"minLength": 5, "maxLength": 2}}],
    ),
    "a length that is no number": (
        "components[0].validate.maxLength",
        [{**FIELD, "validate": {"maxLength": "5"}}],
    ),
    "a variable in a row": (
        "components[0]",
        [
            {
                "type": "dynamiclist",
                "path": "rows",
                "components": [{**FIELD, "properties": {"variable": "true"}}],
            }
        ],
    ),
}


@pytest.mark.parametrize("case", REFUSED_COMPONENTS)
def test_a_form_that_is_not_understood_is_refused_with_its_file_and_place(
    case: str, tmp_path: Path
):
    place, components = REFUSED_COMPONENTS[case]
    (tmp_path / "bad.json").write_text(json.dumps({"components": components}), encoding="utf-8")
    with pytest.raises(InvalidForm) as refusal:
        Forms.load(tmp_path)
    assert refusal.value.code == "invalid_form"
    assert ("bad.json", place) in [(fault.file, fault.path) for fault in refusal.value.faults]
    assert all(fault.message.startswith("Expected ") for fault in refusal.value.faults)


@pytest.mark.parametrize(
    "pattern",
    [
        "^(a+)+$",
        "^(a|aa)+$",
        "^(a*){5}$",
        "^(a|a?){30}$",
        "^a*a*a*$",
        "^(?=a)b$",
        r"^(a)\1$",
        "^[$",
        "^(a$",
        "a+",
        "^a++$",
        r"^\p{L}$",
        "^" + "a" * 300 + "$",
        "^a{3,1}$",
    ],
)
def test_a_pattern_that_is_slow_or_means_something_else_elsewhere_is_refused(pattern: str):
    with pytest.raises(InvalidForm, match="pattern"):
        a_form({**FIELD, "validate": {"pattern": pattern}})


def test_a_pattern_holds_for_the_whole_text():
    form = a_form({**FIELD, "validate": {"pattern": r"^[A-Z]{2}(-[0-9])?|x$", "maxLength": 50}})
    assert form.validate({"a": "AB-1"}) == {"a": "AB-1"}
    for text in ("AB-", "ab", "ABC", "zx"):
        with pytest.raises(InvalidAnswer):
            form.validate({"a": text})


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000, b'{"components": 1}']
)
def test_a_file_that_is_no_form_is_refused(content: bytes, tmp_path: Path):
    (tmp_path / "bad.json").write_bytes(content)
    with pytest.raises(InvalidForm):
        Forms.load(tmp_path)


def test_a_file_over_500_kilobytes_is_refused(tmp_path: Path):
    (tmp_path / "bad.json").write_text(json.dumps({"components": [], "x": "x" * 500_000}))
    with pytest.raises(InvalidForm, match="500 kB"):
        Forms.load(tmp_path)


def test_a_form_nested_too_deep_is_refused():
    component: dict[str, Any] = dict(FIELD)
    for _ in range(10):
        component = {"type": "group", "components": [component]}
    with pytest.raises(InvalidForm, match="levels"):
        a_form(component)


def test_every_fault_of_a_folder_is_told_at_once(tmp_path: Path):
    for name in ("one", "two"):
        components = [{"type": "html"}, {**FIELD, "key": "a b"}]
        (tmp_path / f"{name}.json").write_text(json.dumps({"components": components}))
    with pytest.raises(InvalidForm) as refusal:
        Forms.load(tmp_path)
    assert len(refusal.value.faults) == 4


# Laws

TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30).filter(
    str.strip
)
GIVEN_BY_PATTERN = {
    r"^\d{14}$": st.from_regex(r"\A[0-9]{14}\Z"),
    r"^\+?[0-9 ().-]{6,29}$": st.from_regex(r"\A\+?[0-9]{6,20}\Z"),
}


def answers_to(component: Component) -> st.SearchStrategy[Any]:
    if component.is_email:
        return st.sampled_from(["a@exemple.fr", " b.c@exemple.org "])
    if component.pattern:
        return GIVEN_BY_PATTERN[component.pattern]
    values = [option.value for option in component.options]
    match component.answer_type:
        case "text":
            return TEXTS.map(lambda text: text[: component.max_length] if text.strip() else "x")
        case "lines":
            return st.lists(TEXTS, min_size=1, max_size=3) | TEXTS.map(
                lambda text: f"\n{text}\r\n\n"
            )
        case "number":
            numbers = st.integers(1, int(min(component.maximum or 99, 99)))
            return numbers | numbers.map(str)
        case "date":
            return st.dates() | st.dates(date(1000, 1, 1)).map(date.isoformat)
        case "choice":
            return st.sampled_from(values)
        case "choices":
            return st.lists(st.sampled_from(values), min_size=1) | st.sampled_from(values)
        case "boolean":
            return st.sampled_from([True, False, "true", "non", "on"])
        case "agreement":
            return st.sampled_from([True, "on", "true"])
        case _:
            return st.lists(answers_in(component.children), min_size=1, max_size=3)


def answers_in(components: tuple[Component, ...]) -> st.SearchStrategy[dict[str, Any]]:
    asked = list(questions(components))
    return st.fixed_dictionaries(
        {each.key: answers_to(each) for each in asked if each.required},
        optional={
            each.key: answers_to(each) | st.sampled_from(["", None])
            for each in asked
            if not each.required
        },
    )


ANSWERS = min(40, settings.default.max_examples)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.key)
def test_a_valid_answer_is_valid_again_and_stays_the_same(form: Form):
    @settings(max_examples=ANSWERS)
    @given(answers_in(form.components))
    def holds(answer: dict[str, Any]) -> None:
        kept = form.validate(answer)
        assert form.validate(kept) == kept
        assert set(kept) <= form.visible(kept)

    holds()


def condition_after(earlier: str) -> st.SearchStrategy[str | None]:
    if not earlier:
        return st.none()
    tests = st.sampled_from(["= null", "!= null", '= "x"'])
    names = st.sampled_from(earlier)
    return st.none() | st.tuples(names, tests).map(lambda parts: f"={parts[0]} {parts[1]}")


@given(
    st.tuples(*(condition_after("abcd"[:index]) for index in range(4))),
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["x", "y", ""])),
)
def test_whatever_the_conditions_what_is_kept_shows_the_same_form_again(
    conditions: tuple[str | None, ...], answer: dict[str, str]
):
    form = a_form(
        *(
            {"type": "textfield", "key": key, "conditional": {"hide": hide}}
            for key, hide in zip("abcd", conditions, strict=True)
        )
    )
    kept = form.validate(answer)
    assert form.visible(kept) == form.visible(answer)
    assert form.validate(kept) == kept


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.key)
def test_whatever_is_sent_is_either_kept_or_refused_by_key(form: Form):
    @settings(max_examples=ANSWERS)
    @given(st.fixed_dictionaries({}, optional=dict.fromkeys(sorted(form.keys), ANYTHING)))
    def holds(answer: dict[str, Any]) -> None:
        refused = faults_or_none(form, answer)
        assert {key.split(".")[0] for key in refused} <= form.keys
        if not refused:
            kept = form.validate(answer)
            assert form.validate(kept) == kept

    holds()
