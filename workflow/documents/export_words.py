"""What the export of a dossier says of itself, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

_FRENCH = """DOSSIER {number}
{service}, {company}

Contenu, tel qu'il était le {at} (heure de Paris) :

  dossier.pdf        le dossier, à lire
  documents/         les documents délivrés, tels qu'ils ont été scellés
  signatures/        ce qui prouve chaque signature de la convention
  preuves/           les preuves déposées, par exigence
  corrections/       les pièces des corrections de réserves
  historique.json    qui a fait quoi, et quand
  SHA256SUMS         l'empreinte SHA-256 de chacun de ces fichiers

Le questionnaire de maturité SSI n'y figure pas.
{withheld}
VÉRIFIER QUE RIEN N'A CHANGÉ

Aucun programme à installer. Après avoir décompressé l'archive, dans son dossier :

  Linux     sha256sum -c SHA256SUMS
  macOS     shasum -a 256 -c SHA256SUMS
  Windows   certutil -hashfile dossier.pdf SHA256
            (fichier par fichier, à comparer avec la ligne de SHA256SUMS)

Chaque ligne répond OK. Une ligne qui ne le fait pas désigne un fichier changé.

VÉRIFIER UN DOCUMENT DÉLIVRÉ

Déposez le PDF sur {address} : la page dit si c'est le document
délivré, octet pour octet, et si son cachet est intact. Un lecteur de PDF montre aussi ce cachet.
"""
_FRENCH_WITHHELD = """
Retenus par l'analyse antivirus, donc absents de l'archive :

  {names}
"""
_ENGLISH = """DOSSIER {number}
{service}, {company}

Content, as it was on {at} (Paris time):

  dossier.pdf        the dossier, to be read
  documents/         the documents issued, as they were sealed; they are French
  signatures/        what proves each signature of the convention
  preuves/           the proofs submitted, by requirement
  corrections/       the evidence of corrections of reservations
  historique.json    who did what, and when
  SHA256SUMS         the SHA-256 hash of each of these files

The SSI maturity questionnaire is not in it.
{withheld}
CHECK THAT NOTHING HAS CHANGED

There is no program to install. After unpacking the archive, in its folder:

  Linux     sha256sum -c SHA256SUMS
  macOS     shasum -a 256 -c SHA256SUMS
  Windows   certutil -hashfile dossier.pdf SHA256
            (file by file, to be compared with the line of SHA256SUMS)

Each line answers OK. One that does not names a file that was changed.

CHECK A DOCUMENT THAT WAS ISSUED

Give the PDF to {address}: the page says whether it is the document
that was issued, byte for byte, and whether its seal is intact. A PDF reader shows this seal too.
"""
_ENGLISH_WITHHELD = """
Withheld by the antivirus, hence absent from the archive:

  {names}
"""

READ_ME: Mapping[str, tuple[str, str, str]] = {
    "fr": ("LISEZ-MOI.txt", _FRENCH, _FRENCH_WITHHELD),
    "en": ("READ-ME.txt", _ENGLISH, _ENGLISH_WITHHELD),
}
"""Language → the file's name, its text, and what it says of files that are withheld."""
