"""SIRET numbers: fourteen digits that identify one establishment of a company. [règle 48]"""

from __future__ import annotations

import re

from workflow.domain.phrase import Phrase

LA_POSTE = "356000000"
LENGTH = 14
NOT_FOURTEEN_DIGITS, WRONG_KEY = "not_fourteen_digits", "wrong_key"
SENTENCES = {
    NOT_FOURTEEN_DIGITS: Phrase(
        "Un numéro SIRET a 14 chiffres. Recopiez-le depuis votre avis de situation Sirene.",
        "A SIRET number has 14 digits. Copy it from your Sirene notice.",
    ),
    WRONG_KEY: Phrase(
        "La clé de contrôle de ce SIRET est fausse. Vérifiez ses chiffres, surtout les derniers.",
        "The check digit of this SIRET is wrong. Check its digits, above all the last ones.",
    ),
}
"""What is wrong with a number, by the code of its fault."""


def normalised(text: str) -> str:
    """The digits alone: people type SIRET numbers with spaces."""
    return re.sub(r"\s", "", text)


def is_valid(siret: str) -> bool:
    """Whether fourteen digits carry the key of Luhn.

    The establishments of La Poste (SIREN 356000000) are numbered so that their digits add up
    to a multiple of five; only its head office also satisfies Luhn.
    """
    return fault_of(siret) is None


def fault_of(siret: str) -> str | None:
    """The code of what is wrong with a number, None when nothing is; see `is_valid`."""
    if re.fullmatch(r"[0-9]{14}", siret) is None:
        return NOT_FOURTEEN_DIGITS
    if is_of_la_poste(siret) or _luhn_sum(siret) % 10 == 0:
        return None
    return WRONG_KEY


def is_of_la_poste(siret: str) -> bool:
    """Whether fourteen digits are those of an establishment of La Poste, by its own key."""
    return siret.startswith(LA_POSTE) and sum(int(digit) for digit in siret) % 5 == 0


def _luhn_sum(digits: str) -> int:
    doubled = (int(digit) * (2 if n % 2 else 1) for n, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled)
