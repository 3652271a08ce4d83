"""What the signatures of a PDF are worth, judged in a process of its own.

A PDF from outside may be a bomb: pyHanko reads it in a child process with little memory and
little time, which is killed when it takes more. Of what pyHanko finds, only its bottom line is
believed: a file changed after its signature may still be "intact", "valid" and "trusted".

    python -m workflow.documents.inspection <question as JSON>  < file.pdf  > answer as JSON
"""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from workflow.documents.seal import Seal
from workflow.domain.document import InvalidDocument
from workflow.errors import InvalidInput

LARGEST_PDF = 20 * 1024 * 1024
MOST_OBJECTS = 20_000
MOST_SIGNATURES = 20
SECONDS = 15
MEMORY = 1024 * 1024 * 1024
AUTHORITIES = (".pem", ".crt", ".cer", ".der")
MOST_AUTHORITIES = 500


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature of a PDF; `is_sound` is pyHanko's bottom line, `is_whole` covers all bytes."""

    name: str
    subject: str
    issuer: str
    serial: str
    sha256: str
    is_ours: bool
    is_sound: bool
    is_trusted: bool
    is_unchanged: bool
    is_whole: bool


@dataclass(frozen=True)
class Trust:
    """Whom to believe: our own seal's certificate, and the authorities of a folder."""

    seal: bytes | None
    folder: str

    @classmethod
    def of(cls, seal: Seal | None, folder: str) -> Trust:
        """The trust of a deployment."""
        return cls(None if seal is None else seal.certificate.dump(), folder)


def inspect(pdf: bytes, trust: Trust, system_now: datetime) -> list[Signed]:
    """The signatures of a PDF, in order; raises InvalidDocument on what is no readable PDF."""
    require_pdf(pdf)
    if trust.folder and not Path(trust.folder).is_dir():
        raise InvalidInput(
            f"Expected a folder of authorities at {trust.folder} but there is none."
            " Correct JALON_TRUST_FOLDER."
        )
    question = json.dumps(
        {
            "seal": None if trust.seal is None else base64.b64encode(trust.seal).decode(),
            "folder": trust.folder,
            "now": system_now.isoformat(),
        }
    )
    command = [sys.executable, "-I", "-m", "workflow.documents.inspection", question]
    try:
        done = subprocess.run(command, input=pdf, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as late:
        raise _unreadable("it takes too long to read") from late
    if done.returncode != 0:
        raise _unreadable("it cannot be read")
    return [Signed(**row) for row in json.loads(done.stdout)]


def require_pdf(pdf: bytes) -> None:
    """Refuse, before anything is parsed, what cannot be an ordinary PDF."""
    if not pdf:
        raise _refused("Expected a PDF but found an empty file.", "Ce fichier est vide.")
    if len(pdf) > LARGEST_PDF:
        megabytes = LARGEST_PDF // 1024 // 1024
        raise _refused(
            f"Expected a PDF of at most {megabytes} MB but found a larger one.",
            f"Ce fichier dépasse {megabytes} Mo.",
        )
    if b"%PDF-" not in pdf[:1024]:
        raise _refused("Expected a PDF but found another kind of file.", "Ce n’est pas un PDF.")
    if pdf.count(b" obj") > MOST_OBJECTS:
        raise _unreadable(f"it has more than {MOST_OBJECTS} objects")


def judge(pdf: bytes, trust: Trust, now: datetime) -> list[Signed]:
    """The same in this process: for the child, and for PDFs of our own making."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    reader = PdfFileReader(io.BytesIO(pdf))
    if reader.encrypted:
        raise ValueError("encrypted")
    return [_judged(found, trust, now) for found in reader.embedded_signatures[:MOST_SIGNATURES]]


def _judged(found: Any, trust: Trust, now: datetime) -> Signed:
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    certificate = found.signer_cert
    is_ours = trust.seal is not None and certificate.dump() == trust.seal
    roots, lists = ([certificate], []) if is_ours else _authorities(trust.folder)
    context = ValidationContext(
        trust_roots=roots,
        crls=lists,
        moment=now,
        allow_fetching=False,
        revocation_mode="soft-fail",
    )
    usage = KeyUsageConstraints(key_usage=None) if is_ours else None
    try:
        status = validate_pdf_signature(found, context, key_usage_settings=usage)
    except (SignatureValidationError, SigningError, ValueError):
        return _described(certificate, is_ours=is_ours)
    return _described(
        certificate,
        is_ours=is_ours,
        is_sound=bool(status.bottom_line),
        is_trusted=bool(status.trusted),
        is_unchanged=bool(status.intact and status.docmdp_ok),
        is_whole=status.coverage is SignatureCoverageLevel.ENTIRE_FILE,
    )


def _described(
    certificate: Any,
    *,
    is_ours: bool,
    is_sound: bool = False,
    is_trusted: bool = False,
    is_unchanged: bool = False,
    is_whole: bool = False,
) -> Signed:
    named = certificate.subject.native
    name = str(named.get("common_name") or "")
    given, family = named.get("given_name"), named.get("surname")
    if given and family:
        # A qualified certificate names the person in fields of their own.
        name = f"{given} {family}"
    return Signed(
        name=name[:300],
        subject=str(certificate.subject.human_friendly)[:300],
        issuer=str(certificate.issuer.human_friendly)[:300],
        serial=format(certificate.serial_number, "x")[:64],
        sha256=certificate.sha256.hex(),
        is_ours=is_ours,
        is_sound=is_sound,
        is_trusted=is_trusted,
        is_unchanged=is_unchanged,
        is_whole=is_whole,
    )


def _authorities(folder: str) -> tuple[list[Any], list[Any]]:
    from asn1crypto import crl, x509

    if not folder:
        return [], []
    roots: list[Any] = []
    lists: list[Any] = []
    for path in sorted(Path(folder).iterdir())[:MOST_AUTHORITIES]:
        if path.suffix == ".crl":
            lists += [crl.CertificateList.load(der) for der in _ders(path)]
        elif path.suffix in AUTHORITIES:
            roots += [x509.Certificate.load(der) for der in _ders(path)]
    return roots, lists


def _ders(path: Path) -> list[bytes]:
    from asn1crypto import pem

    content = path.read_bytes()
    if not pem.detect(content):
        return [content]
    blocks: Any = pem.unarmor(content, multiple=True)
    return [der for _name, _headers, der in blocks]


def _unreadable(found: str) -> InvalidDocument:
    return _refused(
        f"Expected a PDF that can be read but {found}.",
        "Ce PDF ne peut pas être lu : il est abîmé, chiffré ou démesuré.",
    )


def _refused(found: str, sentence: str) -> InvalidDocument:
    return InvalidDocument(f"{found} Choose another file.", {"file": [sentence]})


def _answer(question: Sequence[str]) -> None:
    import logging
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable(logging.CRITICAL)
    asked = json.loads(question[0])
    seal = None if asked["seal"] is None else base64.b64decode(asked["seal"])
    found = judge(
        sys.stdin.buffer.read(LARGEST_PDF),
        Trust(seal, asked["folder"]),
        datetime.fromisoformat(asked["now"]),
    )
    sys.stdout.write(json.dumps([asdict(each) for each in found]))


if __name__ == "__main__":
    _answer(sys.argv[1:])
