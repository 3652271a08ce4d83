"""The keys that act on the Agency's pages, listed under « ? » and on a page of their own.

A key is written on what it does (`data-key`), hence it never does what its link or button would
not; this module only names them for people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template
from flask_babel.speaklater import LazyString
from flask_login import login_required

from web.access import require_agency
from web.language import _l
from web.signed_in import actor

part = Blueprint("shortcuts", __name__)


@dataclass(frozen=True)
class Keys:
    """Some keys, one after the other or one among others, and what they do."""

    keys: tuple[str | LazyString, ...]
    words: LazyString


EVERYWHERE: tuple[Keys, ...] = (
    Keys(("?",), _l("Montrer ces raccourcis")),
    Keys(("G", "A"), _l("Aller à l'accueil")),
    Keys(("G", "F"), _l("Aller à la file d'instruction")),
    Keys(("G", "D"), _l("Aller aux dossiers")),
    Keys(("/",), _l("Chercher dans la page")),
    Keys((_l("Échap"),), _l("Fermer, ou quitter un champ")),
)
IN_THE_REVIEW: tuple[Keys, ...] = (
    Keys(("J",), _l("Exigence suivante")),
    Keys(("K",), _l("Exigence précédente")),
    Keys(("S",), _l("Suivante à juger")),
    Keys(("E",), _l("Aller à une exigence par son code")),
    Keys(("F",), _l("Pièce suivante")),
    Keys(("D",), _l("Pièce précédente")),
    Keys(("C",), _l("Conforme")),
    Keys(("N",), _l("Non conforme")),
    Keys(("P",), _l("À préciser")),
    Keys(("O",), _l("Sans objet")),
    Keys(("M",), _l("Écrire le motif")),
    Keys(("Ctrl", _l("Entrée")), _l("Enregistrer et passer à la suivante")),
    Keys(("A",), _l("Ajouter le motif aux questions à l'opérateur")),
    Keys(("Z",), _l("Annuler le dernier verdict")),
    Keys(("Q",), _l("Citer dans le motif les lignes choisies")),
    Keys(("+", "-"), _l("Agrandir, réduire l'image")),
    Keys(("0", "1"), _l("Ajuster l'image, la voir en taille réelle")),
    Keys(("L",), _l("Changer la largeur des deux côtés")),
)

IN_THE_ROOM: tuple[Keys, ...] = (
    Keys((_l("Flèche droite"),), _l("Point suivant, pour tous quand vous projetez")),
    Keys((_l("Flèche gauche"),), _l("Point précédent, pour tous quand vous projetez")),
    Keys(
        (_l("Page suivante"), _l("Page précédente")),
        _l("De même sur l'écran projeté, par la télécommande"),
    ),
)


@part.get("/raccourcis")
@login_required
def index() -> Any:
    """Every key; the dialog under « ? » shows this list."""
    require_agency(actor())
    return render_template(
        "shortcuts.html",
        everywhere=EVERYWHERE,
        in_the_review=IN_THE_REVIEW,
        in_the_room=IN_THE_ROOM,
    )
