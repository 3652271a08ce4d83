"""What instructors are told when a dossier changes hands: subject and body, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "dossier_assigned": (
        "Dossier {number} : il vous est affecté",
        "{by} vous affecte le dossier du service « {service} ».{reason} Il vous attend dans la"
        " file d’instruction. Vous pouvez le décliner : il retourne alors dans la file.",
    ),
    "dossier_handed_over": (
        "Dossier {number} : il vous est confié",
        "{by} vous confie le dossier du service « {service} », brouillon compris.{reason} Vous"
        " pouvez le décliner : il revient alors entre ses mains.",
    ),
    "dossier_taken_back": (
        "Dossier {number} : il n’est plus entre vos mains",
        "Le dossier du service « {service} » n’est plus entre vos mains, par un acte de"
        " {by}.{reason}",
    ),
    "hand_over_declined": (
        "Dossier {number} : décliné",
        "{by} décline le dossier du service « {service} ».{reason}",
    ),
}
"""Kind → (subject, body), in French."""

TEXTS_EN: Mapping[str, tuple[str, str]] = {
    "dossier_assigned": (
        "Dossier {number}: assigned to you",
        "{by} assigns you the dossier of the service “{service}”.{reason} It awaits you in the"
        " instruction queue. You may decline it: it then goes back to the queue.",
    ),
    "dossier_handed_over": (
        "Dossier {number}: handed over to you",
        "{by} hands you over the dossier of the service “{service}”, its draft included.{reason}"
        " You may decline it: it then goes back to them.",
    ),
    "dossier_taken_back": (
        "Dossier {number}: no longer yours",
        "The dossier of the service “{service}” is no longer in your hands, by an act of"
        " {by}.{reason}",
    ),
    "hand_over_declined": (
        "Dossier {number}: declined",
        "{by} declines the dossier of the service “{service}”.{reason}",
    ),
}
"""Kind → (subject, body), in English."""
