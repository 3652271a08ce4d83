"""Workbooks as an agency would hand them in, made for the tests."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import openpyxl

HEADINGS = (
    "N° exigence",
    "Énoncé",
    "Exigence conditionnelle",
    "Profil",
    "Scénario de vérification",
    "N° preuve 1",
    "Preuve 1",
    "N° preuve 2",
    "Preuve 2",
)
REM_01 = ("REM/01", "Le service DOIT accepter TLS 1.2.", "Non", "Général", "Tester.")
REM_02 = ("REM/02", "SI … ALORS le service DOIT.", "Oui", "Fournisseur de BAL APP", "Montrer.")
REM_03 = ("REM/03", "Le service PEUT offrir une BAL.", "Non", "general", "")
ROWS = (
    (*REM_01, "P1", "Capture d'écran du test", "P2", "Journal du serveur"),
    (*REM_02, "P3", "Vidéo de la connexion", "", ""),
    (*REM_03, "", "", "", ""),
)


def book(
    rows: Sequence[Sequence[Any]] = ROWS,
    headings: Sequence[Any] = HEADINGS,
    above: Sequence[Sequence[Any]] = (),
) -> bytes:
    """A workbook with a cover sheet, then the requirements."""
    made = openpyxl.Workbook()
    cover = made.active
    assert cover is not None
    cover.append(["Référentiel d'exigences fictif"])
    sheet = made.create_sheet("Exigences")
    for row in (*above, headings, *rows):
        sheet.append(list(row))
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()
