"""The requirements of a campaign on their page: read, previewed, put in force."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from sqlalchemy import select
from stage import AUDITOR, CAMPAIGN, INSTRUCTOR, OPERATOR, OWNER, Stage

from workflow.domain.dossier import Dossier
from workflow.domain.instruction import Verdict
from workflow.engine import catalogues
from workflow.engine.runtime import Runtime
from workflow.errors import InvalidAnswer

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]

PAGE = f"/campagnes/{CAMPAIGN}/exigences"
RECOMMENDATION = "DER-CFG-03"


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    return Stage.set_up(runtime)


def exported(runtime: Runtime) -> str:
    with runtime.database.reading() as session:
        return catalogues.exported(catalogues.current(session, CAMPAIGN))


def upload(owner: Browser, content: str | bytes, name: str = "exigences.csv") -> str:
    owner.open(PAGE)
    raw = content.encode() if isinstance(content, str) else content
    return owner.post(f"{PAGE}/apercu", file=(io.BytesIO(raw), name))


def held(owner: Browser) -> dict[str, str]:
    found = owner.page.request.path.rsplit("/", 1)[1]
    replaces = owner.page.text.partition('name="replaces" value="')[2].partition('"')[0]
    return {"sha256": found, "replaces": replaces}


def test_the_agency_reads_the_requirements_and_an_operator_does_not(
    stage: Stage, signed_in: SignedIn
) -> None:
    for email in (AUDITOR, INSTRUCTOR):
        page = signed_in(email).open(PAGE)
        assert "DER-TLS-01" in page
        assert "Catalogue dérivé" in page
        assert "Importer une autre version" not in page
    assert "Importer une autre version" in signed_in(OWNER).open("/exigences")
    operator = signed_in(OPERATOR)
    operator.open(PAGE)
    assert operator.page.status_code == 403


def test_only_the_process_owner_previews_and_imports(stage: Stage, signed_in: SignedIn) -> None:
    auditor = signed_in(AUDITOR)
    auditor.open("/compte")
    for address in ("apercu", "importer"):
        auditor.post(f"{PAGE}/{address}", sha256="0" * 64, replaces="1")
        assert auditor.page.status_code == 403


def test_a_file_is_shown_with_its_differences_and_applied_once_confirmed(
    stage: Stage, runtime: Runtime, signed_in: SignedIn
) -> None:
    dossier_id = stage.deposit()
    owner = signed_in(OWNER)
    changed = exported(runtime).replace("émettre un message en SMTP", "envoyer en SMTP")
    page = upload(owner, changed)
    assert "Version corrective" in page
    assert "Elle s’appliquera aussi à 1 dossier ouvert." in page
    assert "envoyer en SMTP" in page
    assert changed != exported(runtime) == exported(runtime), "nothing is applied yet"
    page = owner.post(f"{PAGE}/importer", version="1.1", **held(owner))
    assert "Version 1.1 des exigences en vigueur." in page
    assert "1 dossier ouvert corrigé." in page
    assert exported(runtime) == changed
    with runtime.database.reading() as session:
        version = catalogues.current(session, CAMPAIGN).version.id
        assert session.get_one(Dossier, dossier_id).catalogue_version_id == version
    assert "Met en vigueur la version 1.1 des exigences." in owner.open("/historique")


def test_a_wider_scope_is_announced_as_for_new_deposits(
    stage: Stage, runtime: Runtime, signed_in: SignedIn
) -> None:
    stage.deposit()
    lines = exported(runtime).splitlines()
    page = upload(signed_in(OWNER), "\n".join([*lines, lines[1].replace("API-01", "API-99")]))
    assert "Pour les nouveaux dépôts seulement" in page
    assert "1 dossier ouvert garde sa version." in page
    assert "DER-API-99" in page


@pytest.mark.rule(8)
def test_an_operator_reads_what_the_catalogue_says_of_each_proof(
    stage: Stage, runtime: Runtime, signed_in: SignedIn
) -> None:
    content = exported(runtime).replace(",video,,log,", ",video,Film de la réception,log,", 1)
    catalogues.import_catalogue(runtime, CAMPAIGN, content.encode(), stage.who(OWNER))
    number = stage.number(stage.admitted())
    page = signed_in(OPERATOR).open(f"/dossiers/{number}/preuves")
    assert "Film de la réception" in page


def test_what_is_exported_has_nothing_to_import(stage: Stage, signed_in: SignedIn) -> None:
    owner = signed_in(OWNER)
    owner.open(f"{PAGE}.csv")
    assert "Il n’y a rien à importer" in upload(owner, owner.page.data)


def test_a_confirmation_that_another_import_overtook_is_refused(
    stage: Stage, runtime: Runtime, signed_in: SignedIn
) -> None:
    owner, other = signed_in(OWNER), signed_in(OWNER)
    first, *others = exported(runtime).splitlines()
    upload(owner, "\n".join([first, *others[:-1]]))
    upload(other, "\n".join([first, *others[:-2]]))
    other.post(f"{PAGE}/importer", **held(other))
    owner.post(f"{PAGE}/importer", **held(owner))
    assert owner.page.status_code == 409
    assert exported(runtime).splitlines() == [first, *others[:-2]]


@pytest.mark.parametrize(
    ("content", "status", "sentence"),
    [
        (b"", 422, "Le fichier est vide."),
        (b"PK\x03\x04 no archive", 422, "Le classeur ne peut pas être lu."),
        ("é".encode("latin-1"), 422, "Enregistrez-le en « CSV UTF-8 » ou en .xlsx."),
        (b"a;b\n1;2\n", 422, "Aucune ligne d’en-tête n’a été trouvée."),
        (b"\n" * 10_001, 413, "Le fichier est trop volumineux pour un catalogue."),
    ],
)
def test_a_bad_file_is_refused_with_its_sentence(
    stage: Stage,
    runtime: Runtime,
    signed_in: SignedIn,
    content: bytes,
    status: int,
    sentence: str,
) -> None:
    before = exported(runtime)
    owner = signed_in(OWNER)
    assert sentence in upload(owner, content)
    assert owner.page.status_code == status
    assert exported(runtime) == before


def test_faults_are_listed_by_line_and_column(
    stage: Stage, runtime: Runtime, signed_in: SignedIn
) -> None:
    broken = exported(runtime).replace("mandatory", "obligé", 1).replace(",video,", ",vidoe,", 1)
    owner = signed_in(OWNER)
    page = upload(owner, broken)
    assert "2 défauts à corriger. Rien n’a été changé." in page
    assert "« obligé » n’est pas reconnu." in page
    assert "« vidoe » n’est pas une nature de preuve." in page
    assert owner.page.text.count('data-k="Ligne">2<') == 2


def test_no_file_chosen_is_said(stage: Stage, signed_in: SignedIn) -> None:
    owner = signed_in(OWNER)
    owner.open(PAGE)
    assert "Aucun fichier n’est choisi." in owner.post(f"{PAGE}/apercu")


@pytest.mark.rule(32, 39)
def test_a_recommendation_is_shown_to_the_instructor_and_cannot_be_judged(
    stage: Stage, runtime: Runtime, signed_in: SignedIn
) -> None:
    dossier_id = stage.submitted()
    instructor = signed_in(INSTRUCTOR)
    address = f"/taches/{stage.task_id(dossier_id, 'instruct_dossier')}"
    page = instructor.open(address)
    listed = page.partition("Préconisations, jamais jugées")[2]
    assert RECOMMENDATION in listed
    assert f'value="{RECOMMENDATION}"' not in instructor.page.text
    with runtime.database.reading() as session:
        assert session.scalars(select(Verdict)).all() == []


@pytest.mark.rule(39)
def test_the_college_cannot_make_a_reservation_of_a_recommendation(stage: Stage) -> None:
    wish = {"requirement": RECOMMENDATION, "nature": "minor", "text": "Offrir une BAL de test."}
    with pytest.raises(InvalidAnswer) as refused:
        stage.decided("non_blocking", [wish])
    assert f"« {RECOMMENDATION} » ne peut faire" in str(refused.value.faults).replace("\\xa0", " ")
