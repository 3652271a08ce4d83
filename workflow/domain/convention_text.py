"""The articles of the listing convention (DSR 4.1.5, 4.1.8, 4.7 to 4.10).

The Agency's own text is not public: this one is derived from the DSR, article by article, and
says where each comes from [DER].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

TITLE = "Convention de référencement"


@dataclass(frozen=True, slots=True)
class Article:
    """One article: its title and its paragraphs, in French."""

    title: str
    paragraphs: tuple[str, ...]


_ARTICLES = (
    (
        "Objet",
        "La présente convention concerne le service « {service} », version"
        " {service_version}, candidat au référencement {dsr} sous le numéro de dossier {dossier},"
        " pour les profils : {profiles}.",
        "Elle décrit les droits et devoirs à respecter dans la durée par l’opérateur et"
        " par l’Agence dans le cadre du référencement (DSR 4.1.8).",
        "Le modèle de convention de l’Agence n’étant pas public, ces articles sont dérivés du DSR.",
    ),
    (
        "Engagements de l’Opérateur",
        "L’Opérateur propose un service assurant les fonctionnalités minimales requises, fournit"
        " des preuves qui en reflètent de manière sincère et fidèle le fonctionnement, respecte"
        " l’intégralité du processus de référencement, ne diffuse aucune donnée de santé à"
        " caractère personnel dans ses jeux d’essai et transmet des preuves dénuées de tout risque"
        " pour la sécurité des systèmes d’information (DSR 4.8).",
        "Il donne en toute circonstance des informations exactes et maintient la conformité du"
        " service pendant la durée du référencement (DSR 4.1.5).",
    ),
    (
        "Contrôles",
        "L’Agence contrôle la conformité du service avant le référencement. Elle peut ensuite la"
        " contrôler à tout moment, y compris par tirage au sort (DSR 4.1.5).",
    ),
    (
        "Manquements",
        "Le non-respect des engagements peut entraîner la suspension temporaire ou l’exclusion"
        " définitive du processus d’instruction ou, lorsque le référencement est octroyé, son"
        " retrait, après que l’Opérateur a pu présenter ses observations (DSR 4.8).",
    ),
    (
        "Confidentialité",
        "L’Agence conserve comme strictement confidentielles les informations recueillies sur le"
        " service et reporte cette obligation sur tout prestataire. Elle ne communique pas sur la"
        " qualité intrinsèque du service, à l’exception des non-conformités constatées, selon les"
        " règles de contrôle et de sanction (DSR 4.7).",
    ),
    (
        "Données à caractère personnel",
        "Les données sont traitées pour l’instruction et le suivi du référencement et pour des"
        " indicateurs statistiques. Les droits d’accès, de rectification et, dans certains cas,"
        " d’effacement, de portabilité, de limitation et d’opposition s’exercent auprès du délégué"
        " à la protection des données : GIP Agence du numérique en santé, 9 rue Georges Pitard,"
        " 75015 Paris, dpo@esante.gouv.fr. Une réclamation peut être adressée à la CNIL (DSR 4.9).",
    ),
    (
        "Convention de preuve",
        "Les documents transmis et signés par voie dématérialisée ont la qualité d’originaux et"
        " font preuve entre les parties, sauf preuve contraire, de leur contenu et de l’identité"
        " des signataires (DSR 4.10, article 1366 et suivants du code civil).",
    ),
    (
        "Entrée en vigueur",
        "La convention entre en vigueur à la seconde des deux signatures et s’applique pendant la"
        " durée du référencement.",
    ),
)


def parties(facts: Mapping[str, Any]) -> str:
    """Between whom the convention is made."""
    return (
        "Entre l’Agence du numérique en santé et {company}, SIRET {siret}, représentée par"
        " {representative}.".format(**facts)
    )


def articles(facts: Mapping[str, Any]) -> list[Article]:
    """The articles, filled with a dossier's facts."""
    return [
        Article(title, tuple(text.format(**facts) for text in texts)) for title, *texts in _ARTICLES
    ]


def whole(facts: Mapping[str, Any], written: Sequence[Article], day: date) -> str:
    """The text that is signed."""
    lines = [TITLE, parties(facts)]
    for rank, article in enumerate(written, start=1):
        lines.append(f"Article {rank}. {article.title}")
        lines += article.paragraphs
    lines.append(f"Établie le {day:%d/%m/%Y}.")
    return "\n\n".join(lines) + "\n"
