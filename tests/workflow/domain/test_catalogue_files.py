"""Catalogues as files: what is read, and what is refused with its line and column."""

from __future__ import annotations

import contextlib
import csv
import io
import zipfile
from typing import Any

import pytest
from catalogue_books import HEADINGS, ROWS, book
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow.domain import catalogue_changes, catalogue_columns, catalogue_file, requirement
from workflow.domain.catalogue_columns import Reading
from workflow.domain.catalogue_file import CatalogueFault, InvalidCatalogue
from workflow.domain.catalogue_headings import column_of, kind_of
from workflow.domain.requirement import PROOF_KINDS, TYPES
from workflow.errors import InvalidInput, LimitExceeded
from workflow.settings import PROJECT

PROFILES = ("general", "bal_app")
CSV = "id,statement,type,profile,proof_1\nA-1,Le service DOIT.,mandatory,general,log\n"


def read(content: bytes | str) -> Reading:
    raw = content.encode() if isinstance(content, str) else content
    return catalogue_columns.read(catalogue_file.tables(raw), PROFILES)


def faults(content: bytes | str) -> list[CatalogueFault]:
    with pytest.raises(InvalidCatalogue) as refused:
        read(content)
    return refused.value.faults


def places(content: bytes | str) -> list[tuple[str, int | None, str | None]]:
    return [(fault.code, fault.line, fault.column) for fault in faults(content)]


@pytest.mark.rule(8, 34)
def test_a_published_catalogue_is_read_with_its_own_columns() -> None:
    first, second, third = read(book()).rows.requirements
    assert first == {
        "code": "REM/01",
        "statement": "Le service DOIT accepter TLS 1.2.",
        "type": "mandatory",
        "profile": "general",
        "verification_scenario": "Tester.",
        "proofs": ["capture", "log"],
        "proof_texts": ["P1, Capture d'écran du test", "P2, Journal du serveur"],
        "position": 1,
    }
    assert (second["type"], second["profile"], second["proofs"]) == (
        "conditional",
        "bal_app",
        ["video"],
    )
    assert (third["type"], third["proofs"]) == ("recommendation", [])


def test_our_own_derived_catalogue_is_read_as_the_campaign_reads_it() -> None:
    content = (PROJECT / "bpmn" / "campaigns" / "rem-ope-mss-derived.csv").read_bytes()
    lines = content.decode("utf-8-sig").splitlines()
    deployed, none = requirement.read(list(csv.DictReader(lines)), list(PROFILES))
    assert none == []
    assert read(content).rows == deployed
    assert deployed.derived


@pytest.mark.parametrize(
    ("heading", "holds"),
    [
        ("N° exigence", "code"),
        ("  nº   EXIGENCE ", "code"),
        ("Numéro d'exigence", "code"),
        ("ENONCE", "statement"),
        ("énoncé de l’exigence", "statement"),
        ("exigence\nconditionnelle", "type"),
        ("PROFIL", "profile"),
        ("Scenario de verification", "verification_scenario"),
        ("n° Preuve 12", "proof_number"),
        ("PREUVE 3", "proof"),
        ("proof_2", "proof_kind"),
        ("proof_2_text", "proof_text"),
    ],
)
def test_a_heading_is_known_whatever_its_accents_case_and_spaces(heading: str, holds: str) -> None:
    found = column_of(0, heading)
    assert found is not None
    assert found.holds == holds


def test_headings_may_stand_below_a_title_and_in_any_order() -> None:
    order = [3, 1, 0, 2, 4, 5, 6, 7, 8]
    rows = [[row[i] for i in order] for row in ROWS]
    shuffled = book(rows, [HEADINGS[i] for i in order], above=[["REM fictif"], [], ["Version 1"]])
    assert read(shuffled).rows == read(book()).rows


def test_columns_that_say_nothing_of_a_requirement_are_named_as_left_aside() -> None:
    rows = [[*row, "remarque"] for row in ROWS]
    assert read(book(rows, [*HEADINGS, "Commentaire"])).unread == ("Commentaire",)


def test_a_csv_file_of_a_french_spreadsheet_is_read_with_its_semicolons() -> None:
    text = "\ufeffN° exigence;Énoncé;Exigence conditionnelle;Profil;Preuve 1\r\n"
    text += 'A-1;"Le service DOIT ; toujours";non;Général;Fichier de test\r\n'
    (row,) = read(text).rows.requirements
    assert (row["statement"], row["proofs"]) == ("Le service DOIT ; toujours", ["file"])


def test_a_proof_described_in_words_has_the_kind_named_first() -> None:
    assert kind_of("Rapport de tests et journaux") == "test_report"
    assert kind_of("Fichier de log") == "file"
    assert kind_of("Extrait des traces") == "log"
    assert kind_of("Tout élément utile") == "file"


def test_every_fault_is_told_at_once_by_line_and_column() -> None:
    rows = [
        ["REM/01", "", "Peut-être", "Général"],
        ["REM/01", "Le service DOIT.", "Non", "Inconnu"],
        ["", "=1+1", "Non", "Général"],
    ]
    assert places(book(rows, HEADINGS[:4])) == [
        ("missing_text", 2, "B (Énoncé)"),
        ("unknown_type", 2, "C (Exigence conditionnelle)"),
        ("duplicate_code", 3, "A (N° exigence)"),
        ("unknown_profile", 3, "D (Profil)"),
        ("formula", 4, "B (Énoncé)"),
        ("missing_text", 4, "A (N° exigence)"),
    ]


def test_a_fault_has_its_sentence_in_french_and_in_english() -> None:
    (found,) = faults(CSV.replace("log", "vidoe"))
    assert found.element == "line 2, proof_1"
    assert "« vidoe » n'est pas une nature de preuve" in found.message
    assert found.message_en.startswith("Expected one of capture, video")


def test_the_line_of_a_fault_counts_the_lines_that_a_cell_spans() -> None:
    text = CSV + 'A-2,"une\nphrase\nlongue",mandatory,general,log\nA-2,x,mandatory,general,log\n'
    assert places(text) == [("duplicate_code", 6, "id")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"PK\x03\x04 this is no archive", "not_a_workbook"),
        (b"\xd0\xcf\x11\xe0 an old workbook", "not_a_workbook"),
        ("Énoncé;Profil".encode("cp1252"), "encoding"),
        (CSV.encode("utf-16"), "encoding"),
        (b"a,b,c\n1,2,3\n", "headings"),
        (b"id,statement\nA-1,x\n", "missing_column"),
        (b"id,statement,type,profile\n", "empty"),
        (b'id,statement,type,profile\nA-1,"x,mandatory,general\n', "not_csv"),
        (CSV.replace("profile,", "profile,id,").encode(), "duplicate_column"),
        (CSV.replace("Le service DOIT.", "=HYPERLINK(1)").encode(), "formula"),
        (CSV.replace("Le service DOIT.", "a\x00b").encode(), "control_character"),
        (CSV.replace("A-1", "A" * 41).encode(), "long_code"),
        (CSV.replace("Le service", "x" * 10_001).encode(), "long_cell"),
    ],
)
def test_a_bad_file_is_refused_with_its_sentence(content: bytes, code: str) -> None:
    found = faults(content)
    assert code in {fault.code for fault in found}
    assert all(fault.message and fault.message_en for fault in found)


def test_a_file_of_ten_megabytes_is_refused_before_it_is_read() -> None:
    with pytest.raises(LimitExceeded, match="at most 5 MB"):
        read(b"x" * 10_000_000)


def repacked(name: str, content: bytes, *, times: int = 1) -> bytes:
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book())) as source,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.infolist():
            if part.filename != name:
                target.writestr(part, source.read(part))
        for at in range(times):
            target.writestr(name if times == 1 else f"{at}{name}", content)
    return written.getvalue()


def test_a_workbook_that_unpacks_without_end_is_refused() -> None:
    bomb = repacked("xl/media/zeros.bin", b"\0" * 60_000_000)
    assert len(bomb) < catalogue_file.LARGEST_FILE
    with pytest.raises(LimitExceeded, match="unpacks"):
        read(bomb)
    with pytest.raises(LimitExceeded, match="unpacks"):
        read(repacked("part.bin", b"x", times=400))


def test_a_workbook_whose_xml_declares_entities_is_refused() -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    for name in ("xl/worksheets/sheet2.xml", "xl/sharedStrings.xml", "xl/styles.xml"):
        assert [fault.code for fault in faults(repacked(name, laughs))] == ["unsafe_workbook"]


def test_a_formula_is_neither_evaluated_nor_trusted_for_the_value_stored_with_it() -> None:
    formula = b'<c r=\'B2\'><f>CONCATENATE("Le service"," DOIT")</f><v>Le service DOIT</v></c>'
    with zipfile.ZipFile(io.BytesIO(book())) as source:
        sheet = source.read("xl/worksheets/sheet2.xml")
    start = sheet.index(b'<c r="B2"')
    end = sheet.index(b'<c r="C2"')
    changed = repacked("xl/worksheets/sheet2.xml", sheet[:start] + formula + sheet[end:])
    assert places(changed) == [("formula", 2, "B (Énoncé)")]


def test_macros_in_a_workbook_are_not_looked_at() -> None:
    assert read(repacked("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 macros")).rows == read(book()).rows


def test_a_sheet_that_lies_about_its_size_is_read_as_far_as_it_goes() -> None:
    with zipfile.ZipFile(io.BytesIO(book())) as source:
        sheet = source.read("xl/worksheets/sheet2.xml")
    lying = sheet.replace(b'<dimension ref="A1:I4"', b'<dimension ref="A1:A1"')
    assert lying != sheet
    assert read(repacked("xl/worksheets/sheet2.xml", lying)).rows == read(book()).rows
    far = sheet.replace(b"</sheetData>", b'<row r="1048576"><c r="A1048576"/></row></sheetData>')
    with pytest.raises(LimitExceeded, match="10000 lines"):
        read(repacked("xl/worksheets/sheet2.xml", far))


def test_too_many_requirements_are_refused() -> None:
    lines = [f"A-{n},Le service DOIT.,mandatory,general,log\n" for n in range(2001)]
    assert places(CSV.splitlines(keepends=True)[0] + "".join(lines)) == [("too_many", 2002, None)]


ORDINARY = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=40
).map(lambda text: "x" + text.strip())
REQUIREMENT = st.fixed_dictionaries(
    {
        "statement": ORDINARY,
        "type": st.sampled_from(TYPES),
        "profile": st.sampled_from(PROFILES),
        "verification_scenario": st.just("") | ORDINARY,
        "proofs": st.lists(st.tuples(st.sampled_from(PROOF_KINDS), st.just("") | ORDINARY)),
    }
)


def as_row(position: int, made: dict[str, Any]) -> dict[str, Any]:
    proofs = made["proofs"][:5]
    row = {**made, "code": f"A-{position}", "position": position}
    row["proofs"] = [kind for kind, _text in proofs]
    texts = [text for _kind, text in proofs]
    return {**row, "proof_texts": texts} if any(texts) else row


@pytest.mark.slow
@given(st.lists(REQUIREMENT, min_size=1, max_size=6), st.booleans())
@settings(max_examples=60)
def test_importing_what_was_exported_changes_nothing(
    made: list[dict[str, Any]], derived: bool
) -> None:
    rows = [as_row(at, each) for at, each in enumerate(made, start=1)]
    again = read(catalogue_changes.written(rows, derived=derived)).rows
    assert list(again.requirements) == rows
    assert again.derived is derived
    assert catalogue_changes.compare(rows, again.requirements).is_empty


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
@given(st.data())
@settings(max_examples=80)
def test_a_damaged_workbook_is_refused_or_read_but_never_breaks(data: st.DataObject) -> None:
    content = bytearray(SOUND)
    for at, value in data.draw(
        st.lists(
            st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), min_size=1, max_size=9
        )
    ):
        content[at] = value
    with contextlib.suppress(InvalidInput, LimitExceeded):
        assert read(bytes(content)).rows.requirements


SOUND = book()
