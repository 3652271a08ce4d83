"""SIRET numbers: fourteen digits that identify one establishment of a company. [règle 48]"""

from __future__ import annotations

import re

LA_POSTE = "356000000"


def normalised(text: str) -> str:
    """The digits alone: people type SIRET numbers with spaces."""
    return re.sub(r"\s", "", text)


def is_valid(siret: str) -> bool:
    """Whether fourteen digits carry the key of Luhn.

    The establishments of La Poste (SIREN 356000000) are numbered so that their digits add up
    to a multiple of five; only its head office also satisfies Luhn.
    """
    if re.fullmatch(r"[0-9]{14}", siret) is None:
        return False
    if siret.startswith(LA_POSTE) and sum(int(digit) for digit in siret) % 5 == 0:
        return True
    return _luhn_sum(siret) % 10 == 0


def _luhn_sum(digits: str) -> int:
    doubled = (int(digit) * (2 if n % 2 else 1) for n, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled)
