"""Lists that are filtered, sorted, counted and kept; unread marks; the team's load."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from stage import AUDITOR, INSTRUCTOR, OFFICER, OPERATOR, Stage

from workflow.engine.runtime import Runtime

if TYPE_CHECKING:
    from tests.web.conftest import Browser

    SignedIn = Callable[[str], Browser]


@pytest.fixture
def stage(app: Flask, runtime: Runtime) -> Stage:
    """A dossier to take, one with its operator, one at its admissibility."""
    stage = Stage.set_up(runtime)
    stage.submitted("Alizé Libre")
    stage.solicited("Alizé Attente")
    stage.deposit("Zéphyr Dépôt")
    return stage


def rows(page: str) -> list[str]:
    """The services of a list, in its order."""
    table = page.split("<tbody>")[1].split("</tbody>")[0]
    return re.findall(r'<a href="/dossiers/[^"]+">([^<]+) 1\.0</a>', table)


def test_the_queue_is_filtered_sorted_and_counted_without_losing_its_ranks(
    stage: Stage, signed_in: SignedIn
) -> None:
    instructor = signed_in(INSTRUCTOR)
    page = instructor.open("/file?vue=tout&q=&etat=operateur&pris=")
    assert instructor.page.request.full_path == "/file?etat=operateur"
    assert rows(page) == ["Alizé Attente"]
    assert "<strong>2</strong>" in page, "its rank is that of the whole queue"
    assert ">Chez l’opérateur (1)</option>" in page
    assert ">Par personne (0)</option>" in page, "counted with the other filters as they are"
    chip = re.search(r'class="chip" href="([^"]+)"', page)
    assert chip is not None
    assert rows(instructor.open(chip[1])) == ["Alizé Libre", "Alizé Attente"]
    page = instructor.open("/file?tri=-service")
    assert rows(page) == ["Alizé Libre", "Alizé Attente"]
    assert re.search(r'aria-sort="descending"><a href="/file\?tri=service">Service', page)
    assert rows(instructor.open("/file?tri=service")) == ["Alizé Attente", "Alizé Libre"]
    page = instructor.open("/file?conflit=oui")
    assert "Aucun dossier de la file ne répond à ces filtres." in page
    assert "Effacer les filtres" in page


def test_the_dossiers_are_filtered_by_phase_and_sorted_by_service(
    stage: Stage, signed_in: SignedIn
) -> None:
    officer = signed_in(OFFICER)
    assert rows(officer.open("/dossiers?phase=recevabilite")) == ["Zéphyr Dépôt"]
    assert ">Instruction (2)</option>" in officer.text
    assert rows(officer.open("/dossiers?tri=service&phase=instruction")) == [
        "Alizé Attente",
        "Alizé Libre",
    ]
    assert rows(officer.open("/dossiers?echeance=2&tri=echeance")) == ["Alizé Attente"]
    operator = signed_in(OPERATOR)
    assert len(rows(operator.open("/dossiers?tri=-service"))) == 3
    assert "Mes recherches" not in operator.text
    for asked in ("instructeur=1", "lu=oui", "operateur=99"):
        assert len(rows(operator.open(f"/dossiers?{asked}"))) == 3, (
            "what the Agency keeps to itself"
        )


def test_a_search_is_kept_shared_opened_first_and_deleted(
    stage: Stage, signed_in: SignedIn
) -> None:
    instructor, auditor = signed_in(INSTRUCTOR), signed_in(AUDITOR)
    page = instructor.open("/file?etat=operateur")
    link = re.search(r'href="(/recherches/nouvelle[^"]+)"', page)
    assert link is not None
    address = link[1]
    instructor.open(address)
    fields = {"list": "queue", "etat": "operateur"}
    assert "La recherche n’est pas gardée" in instructor.post("/recherches/nouvelle", **fields)
    page = instructor.post(
        "/recherches/nouvelle", name="En attente", shared="yes", default="yes", **fields
    )
    assert "Recherche gardée : « En attente »." in page
    assert rows(instructor.open("/file")) == ["Alizé Attente"], "it opens first"
    assert len(rows(instructor.open("/file?vue=tout"))) == 2
    page = auditor.open("/recherches")
    assert "En attente" in page
    number = re.search(r'href="/recherches/(\d+)"', page)
    assert number is not None
    auditor.open(f"/recherches/{number[1]}/supprimer")
    assert auditor.page.status_code == 403, "nobody is asked to confirm what is not theirs"
    auditor.open("/recherches")
    auditor.post(f"/recherches/{number[1]}/supprimer")
    assert auditor.page.status_code == 403
    assert "Claire Danjou la partage" in auditor.open(f"/recherches/{number[1]}")
    auditor.post(f"/recherches/{number[1]}", name="Volée", default="yes")
    assert rows(auditor.open("/file")) == ["Alizé Attente"], "a colleague opens it first too"
    assert "Volée" not in auditor.open("/recherches")
    instructor.open(f"/recherches/{number[1]}/supprimer")
    assert "Recherche supprimée : En attente." in instructor.post(
        f"/recherches/{number[1]}/supprimer"
    )
    assert len(rows(auditor.open("/file"))) == 2
    for path in ("/recherches", "/equipe", "/equipe.csv"):
        operator = signed_in(OPERATOR)
        operator.open(path)
        assert operator.page.status_code == 403


def test_what_is_new_is_marked_until_it_is_opened(stage: Stage, signed_in: SignedIn) -> None:
    instructor = signed_in(INSTRUCTOR)
    assert "3 dossiers non lus" in instructor.open("/accueil").replace("</b><span>", " ")
    first = stage.number(1)
    assert rows(instructor.open("/dossiers?lu=non&tri=depot"))[0] == "Alizé Libre"
    instructor.open(f"/dossiers/{first}")
    assert rows(instructor.open("/dossiers?lu=non&tri=depot")) == ["Alizé Attente", "Zéphyr Dépôt"]
    stage.do(1, "instruct_dossier", INSTRUCTOR, outcome="solicit", questions=["Un journal ?"])
    assert "Alizé Libre" not in rows(instructor.open("/dossiers?lu=non")), "one's own act"
    stage.do(1, "answer_solicitation", OPERATOR)
    assert rows(instructor.open("/file?lu=non")) == ["Alizé Libre", "Alizé Attente"]
    page = instructor.post("/dossiers/tout-lu", to="/dossiers?lu=non")
    assert "Tous les dossiers en cours sont marqués comme lus." in page
    assert "Aucun dossier ne répond à cette recherche." in page


def test_the_team_page_says_who_has_what(stage: Stage, signed_in: SignedIn) -> None:
    instructor = signed_in(INSTRUCTOR)
    instructor.open("/file")
    instructor.post("/file/suivant")
    page = signed_in(AUDITOR).open("/equipe")
    line = page.split("Claire Danjou")[1].split("</tr>")[0]
    figures = re.findall(r'<a href="(/file[^"]+)">(\d+)</a>', line)
    assert [count for _address, count in figures] == ["2", "1", "0", "0"]
    taken, away = (instructor.open(address) for address, _count in figures[:2])
    assert (len(rows(taken)), rows(away)) == (2, ["Alizé Attente"])
    table = signed_in(AUDITOR).client.get("/equipe.csv").text
    assert "Claire Danjou;2;1;0;0" in table
    assert "pris par vous" in instructor.open("/accueil")
    assert "Vos dossiers, chez d’autres pour l’instant" in instructor.text
