"""Two languages: every page of the demo in English and in French, and what has no English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from every_page import MINOR, READ_BY_ALL, VISITOR, Site, Visit, addresses, furnished_site, post
from lxml import etree
from spoken_pages import Said, other_language, plain, texts_of, translations
from sqlalchemy import select, update
from stage import INSTRUCTOR, LEGAL, OPERATOR, OWNER, PRESIDENT, QUESTION

import workflow
from web.procedure_words import CATALOGUE, catalogue, texts_of_form, texts_of_process
from web.refusal_words import REFUSALS, english_refusal
from workflow.documents import dossier_sheet, receipts
from workflow.documents.export_words import READ_ME
from workflow.documents.tongue import IN_ENGLISH
from workflow.domain import letter
from workflow.domain.document import Document
from workflow.domain.dossier import Dossier
from workflow.domain.notification import Notification
from workflow.domain.notification_texts import TEXTS
from workflow.domain.notification_texts_en import TEXTS_EN
from workflow.domain.person import Person
from workflow.domain.phrase import Phrase
from workflow.engine.forms import Forms
from workflow.engine.source_file import SourceFile
from workflow.engine.spiff import read_processes
from workflow.outbox import OutboxMessage
from workflow.settings import PROJECT

pytestmark = pytest.mark.xdist_group("two languages")
COMPANY_SIDE = (OPERATOR, LEGAL, VISITOR)
MOST_ADDRESSES = 3
"""How many pages of one kind are read in English; in French, where sentences begin, one."""
TELLING = (OPERATOR, INSTRUCTOR, OWNER, PRESIDENT)
"""Who reads the further pages of a kind."""
TYPED = (
    MINOR["text"],
    QUESTION,
    *(f"Alizé {name}" for name in ("Dépôt", "Répondu", "Sollicité", "Collège", "File", "Question")),
    "Alizé",
    "Quel est votre SIRET ?",
    "Le contrat est-il signé ?",
    "Vérifier le contrat.",
    "Pouvoir du 2 novembre",
    "Vidéo refusée",
    "Décompte en cours",
    "L’envoi d’une vidéo échoue.",
    "Décision du 2 novembre",
    "Coquille.",
    "Contrôle fait sur pièces.",
    "Voici la précision demandée.",
    "Correction apportée.",
    "Au vu des preuves examinées.",
)
"""What people write in the demo."""
GLOSSARY = {
    "sollicitation": "solicitation",
    "convention": "convention",
    "recevab": "admissib|eligib",
    "réserve": "reservation",
    "préconisation": "recommendation",
    "attestation": "attestation",
    "exigence": "requirement|statement",
    "dossier": "dossier|file",
    "séance": "session",
    "désist": "withdraw",
    "déprioris": "deprioriti",
    "référencement": "list",
}
"""Words of the DSR and the one English word for each (DOMAIN 4)."""
ACTS = frozenset(
    {"tasks.show", "dossiers.documents", "dossiers.deposit", "dossiers.reapply", "guide.words"}
)
"""Pages that show the French words of what somebody signs or accepts, and the glossary."""
TOLD_OTHERWISE = frozenset(
    {
        "attestation.py",
        "business_days.py",
        "catalogue_columns.py",
        "catalogue_file.py",
        "catalogue_headings.py",
        "catalogue_table.py",
        "convention_signature.py",
        "convention_text.py",
        "date_phrases.py",
        "hand_over_texts.py",
        "minutes.py",
        "notification.py",
        "notification_texts.py",
        "notification_texts_en.py",
        "phrases.py",
    }
)
"""Modules of `workflow` whose French is an act, or has its English beside it."""
LOOKS_FRENCH = re.compile(
    r"[éèêàçùôîœ«»’]|\b(?:des|une|du|les|est|pour|dans|par|avec|vous|votre|sont|pas|le|la|il)\b",
    re.IGNORECASE,
)
LOOKS_ENGLISH = re.compile(r"\b(?:Expected|the|of|is|are|and)\b")


@dataclass
class Walk:
    """What every page says in one language: each text with the first page that says it."""

    texts: dict[Said, str] = field(default_factory=dict[Said, str])
    visits: list[Visit] = field(default_factory=list[Visit])

    def read(self, page: str, visit: Visit) -> None:
        """Keep what a page says."""
        self.visits.append(visit)
        for said in texts_of(page):
            self.texts.setdefault(said, f"{visit.endpoint} {visit.address} ({visit.email})")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo with people at work."""
    with furnished_site(tmp_path_factory.mktemp("site")) as furnished:
        yield furnished


@pytest.fixture(scope="module")
def walks(site: Site) -> Mapping[str, Walk]:
    """Every page in both languages, each role reading some of them, and refusals of answers."""
    _choose(site, "en")
    english, french = Walk(), Walk()
    for turn, pages in enumerate(_pages(site)):
        _read(site, english, turn, pages)
    _choose(site, "fr")
    for _kind, visits in groupby(english.visits, lambda visit: visit.endpoint):
        visit = next(visits)
        french.read(site.people[visit.email].get(visit.address).text, visit)
    for language, walk in (("en", english), ("fr", french)):
        _choose(site, language)
        for visit in site.others:
            walk.read(site.people[visit.email].get(visit.address).text, visit)
        for address, email in (("/deposer", OPERATOR), ("/connexion", VISITOR)):
            page = post(site.people[email], address, siret="1", email="x")
            walk.read(page.text, Visit(address, email, "refused"))
    return {"en": english, "fr": french}


def _choose(site: Site, language: str) -> None:
    with site.stage.runtime.database.transaction() as session:
        session.execute(update(Person).values(locale=language))
    for client in site.people.values():
        client.set_cookie("language", language)


def _pages(site: Site) -> Iterator[tuple[str, list[str]]]:
    """Each kind of page with some of its addresses."""
    for endpoint, group in groupby(addresses(site.app, site.stage), itemgetter(0)):
        most = None if endpoint in READ_BY_ALL else MOST_ADDRESSES
        yield endpoint, [address for _endpoint, address in islice(group, most)]


def _read(site: Site, walk: Walk, turn: int, pages: tuple[str, list[str]]) -> None:
    """Read one kind of page: at first as one of each side, then as whoever could."""
    endpoint, found = pages
    # Another role begins each time, so that each reads something.
    people = list(site.people)
    readers = people[turn % len(people) :] + people[: turn % len(people)]
    for address in found:
        sides, allowed = set[bool](), list[str]()
        for email in readers:
            if (email in COMPANY_SIDE) in sides:
                continue
            answer = site.people[email].get(address)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                walk.read(answer.text, Visit(address, email, endpoint))
                sides.add(email in COMPANY_SIDE)
                allowed.append(email)
            answer.close()
        readers = [*allowed[:1], *(each for each in TELLING if each not in allowed)]


def _sentences() -> dict[str, str]:
    """Every French text of ours that has an English: pages, forms, diagrams."""
    own = {**catalogue(PROJECT / "bpmn" / CATALOGUE), **catalogue(PROJECT / "forms" / CATALOGUE)}
    return {**translations(), **own}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_page_speaks_the_other_language(walks: Mapping[str, Walk], language: str) -> None:
    walk = walks[language]
    assert len(walk.visits) > 100
    assert len({visit.email for visit in walk.visits}) > 12
    leaks = {
        f"{walk.texts[said]} <{said.tag}> {said.text[:200]}"
        for said in other_language(walk.texts, language, _sentences(), TYPED)
    }
    assert not leaks, "\n".join(sorted(leaks))


def test_nothing_is_marked_french_that_has_an_english(walks: Mapping[str, Walk]) -> None:
    known = {plain(french) for french, english in _sentences().items() if french != english}
    lazy = {
        f"{where} {said.text}"
        for said, where in walks["en"].texts.items()
        if said.language == "fr" and said.text in known - {"Français"}
        if where.split()[0] not in ACTS
    }
    assert not lazy, "\n".join(sorted(lazy))


def test_notifications_are_told_in_english_too(site: Site) -> None:
    with site.stage.runtime.database.reading() as session:
        told = session.scalars(select(Notification)).all()
        texts = {f"{each.kind}: {each.subject_en}\n{each.body_en}" for each in told}
    assert len({each.kind for each in told}) > 10
    assert not [each for each in texts if each.endswith("None")]
    assert not _leaks(texts)


@pytest.mark.parametrize(("language", "said"), [("en", "Hello."), ("fr", "Bonjour.")])
def test_a_letter_to_one_person_is_in_their_language(site: Site, language: str, said: str) -> None:
    hello = Phrase("Bonjour.", "Hello.")
    with site.stage.runtime.database.transaction() as session:
        person = session.scalars(select(Person).limit(1)).one()
        person.locale = language
        letter.send(session, person, hello, hello, site.stage.runtime.clock.now())
        session.flush()
        last = select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(1)
        payload = session.scalars(last).one().payload
    assert (payload["subject"], payload["body"], payload["language"]) == (said, said, language)


def test_copies_that_are_only_read_are_written_in_english(site: Site) -> None:
    with site.stage.runtime.database.reading() as session:
        sheets = [
            dossier_sheet.sheet_of(session, each, "General", [], [], IN_ENGLISH)
            for each in session.scalars(select(Dossier))
        ]
        sheets += [
            receipts.KINDS[each.kind](each.facts | {"profiles": "General"}, IN_ENGLISH)
            for each in session.scalars(select(Document))
            if each.kind in receipts.KINDS
        ]
    assert len(sheets) > 20
    texts = {text for each in sheets for text in _strings([each.title, each.subtitle, each.blocks])}
    assert not _leaks([*texts, *READ_ME["en"]])


def _leaks(texts: Iterable[str]) -> list[str]:
    told = [Said(plain(text), "en", "") for text in texts]
    return [said.text for said in other_language(told, "en", _sentences(), TYPED)]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _strings(each)
    elif isinstance(value, dict):
        yield from _strings([each for key, each in value.items() if key != "kind"])


def test_every_text_of_the_forms_has_its_english_and_nothing_else_does() -> None:
    forms = Forms.load(PROJECT / "forms")
    said = {text for form in forms for text in texts_of_form(form)}
    _assert_complete(said, set(catalogue(PROJECT / "forms" / CATALOGUE)))


def test_every_text_of_the_diagrams_has_its_english_and_nothing_else_does() -> None:
    said = {
        text
        for path in (PROJECT / "bpmn").glob("*.bpmn")
        for process in read_processes(SourceFile(path.name, path.read_bytes()))
        for text in texts_of_process(process)
    }
    tables = {
        etree.parse(path).getroot().get("name", "") for path in (PROJECT / "bpmn").glob("*.dmn")
    }
    _assert_complete(said | tables, set(catalogue(PROJECT / "bpmn" / CATALOGUE)))


def _assert_complete(said: set[str], known: set[str]) -> None:
    missing = [f'\nmsgid "{each}"\nmsgstr ""\n' for each in sorted(said - known)]
    assert not missing, "to be translated:\n" + "".join(missing)
    assert sorted(known - said) == []


def test_every_refusal_of_an_answer_has_its_english() -> None:
    with REFUSALS.open("rb") as file:
        known = {str(each.id) for each in read_po(file) if each.id}
    said = set(_refusals(french_only=True))
    written = set(_refusals(french_only=False))
    _assert_complete(said | (known & written), known)


def test_a_refusal_is_said_in_english_with_what_fills_it() -> None:
    words = {"Oui": "Yes", "Nom du service": "Name of the service"}
    for french, english in (
        ("Dossier 2022-001\u00a0: une réserve majeure est bloquante.", "Dossier 2022-001: a major"),
        ("Le choix «\u00a0x\u00a0» n’existe pas. Choisissez parmi\u00a0: Oui, B.", "Yes, B."),
        ("La réponse à «\u00a0Nom du service\u00a0» manque. Indiquez-la.", "“Name of the service”"),
    ):
        assert english in (english_refusal(french, words.get) or "")
    assert english_refusal("Cette phrase n’est à personne.", words.get) is None


def test_one_word_of_the_dsr_has_one_english_word() -> None:
    with REFUSALS.open("rb") as file:
        refusals = {str(each.id): str(each.string) for each in read_po(file) if each.id}
    told = {
        text: TEXTS_EN[kind][rank]
        for kind, texts in TEXTS.items()
        for rank, text in enumerate(texts)
        if kind in TEXTS_EN
    }
    other = [
        f"{french} => {english}"
        for french, english in {**_sentences(), **refusals, **told}.items()
        for word, needed in GLOSSARY.items()
        if re.search(word, french.lower()) and not re.search(f"{needed}|{word}", english.lower())
    ]
    assert not other, "\n".join(other)


def _refusals(*, french_only: bool) -> Iterator[str]:
    """The sentences of `workflow` that people read when something is refused, `{0}`… for places."""
    folder = Path(workflow.__file__).parent
    paths = [*folder.glob("domain/*.py"), *folder.glob("engine/**/*.py")]
    for path in [*paths, folder / "documents" / "inspection.py"]:
        if path.name in TOLD_OTHERWISE or "diagram_checks" in path.parts:
            continue
        for sentence in map(_shape, _literals(ast.parse(path.read_text(encoding="utf-8")))):
            is_french = LOOKS_FRENCH.search(sentence) and not LOOKS_ENGLISH.search(sentence)
            if " " in sentence.strip() and (is_french or not french_only):
                yield sentence


def _literals(tree: ast.AST) -> Iterator[ast.Constant | ast.JoinedStr]:
    pending = [tree]
    while pending:
        node = pending.pop()
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_bilingual = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Phrase"
        if is_docstring or is_bilingual:
            continue
        if isinstance(node, (ast.Constant, ast.JoinedStr)):
            yield node
        else:
            pending.extend(ast.iter_child_nodes(node))


def _shape(node: ast.Constant | ast.JoinedStr) -> str:
    """A text as it is written, with `{0}`, `{1}`… where it is filled in."""
    parts: list[Any] = [node] if isinstance(node, ast.Constant) else node.values
    text, places = "", 0
    for part in parts:
        if isinstance(part, ast.Constant):
            text += part.value if isinstance(part.value, str) else ""
        elif isinstance(part.value, ast.Name) and part.value.id in ("_FIXED", "_NARROW"):
            text += " "
        else:
            text, places = f"{text}{{{places}}}", places + 1
    return re.sub("[\u00a0\u202f]", " ", text)
