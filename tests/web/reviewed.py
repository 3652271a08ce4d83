"""A dossier in the queue whose proofs are of every type, for the tests of their review."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

from fictitious_files import mp4, pdf, png
from stage import LEGAL, OPERATOR, SIGNATORY, Stage

from workflow.domain import proof
from workflow.domain.call import Call
from workflow.domain.stored_content import CLEAN, INFECTED, PENDING, StoredContent
from workflow.engine import acts

AT = "DER-TLS-02"
"""The requirement for which a file of every type is given."""
JOURNAL = """# essai du 2022-10-20, imap.alize.example:993
$ openssl s_client -connect imap.alize.example:993 -tls1_1
Protocol  : TLSv1.1
Cipher    : ECDHE-RSA-AES256-SHA
<script>document.title = "pris"</script>
"""
LONG = "".join(f"10:{n // 60 % 60:02}:{n % 60:02} connexion {n} acceptée\n" for n in range(3000))


def archive() -> bytes:
    """A zip of two files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        packed.writestr("traces/imap.pcap", b"octets" * 100)
        packed.writestr("lisez-moi.txt", "Traces fictives.")
    return content.getvalue()


FILES: dict[str, tuple[str, bytes, str]] = {
    "journal.log": ("text/plain", JOURNAL.encode(), CLEAN),
    "long.log": ("text/plain", LONG.encode("cp1252"), CLEAN),
    "rapport.pdf": ("application/pdf", pdf(), CLEAN),
    "capture.png": ("image/png", png(), CLEAN),
    "essai.mp4": ("video/mp4", mp4(4096), CLEAN),
    "traces.zip": ("application/zip", archive(), CLEAN),
    "note.docx": ("application/vnd.openxmlformats-officedocument", b"PK fictif", CLEAN),
    "page.html": ("text/html", b"<script>alert(1)</script>", CLEAN),
    "infecte.pdf": ("application/pdf", pdf("Infecte"), INFECTED),
    "attente.pdf": ("application/pdf", pdf("Attente"), PENDING),
}
"""Name → its type, its content, what the antivirus says."""


def reviewed(stage: Stage) -> tuple[int, dict[str, int]]:
    """A dossier to instruct, and its special files by name."""
    dossier_id = stage.admitted("Alizé Preuves")
    given = attach(stage, dossier_id)
    stage.do(dossier_id, "sign_convention", LEGAL)
    stage.do(dossier_id, "countersign_convention", SIGNATORY)
    stage.do(dossier_id, "submit_proofs", OPERATOR)
    return dossier_id, given


def attach(stage: Stage, dossier_id: int) -> dict[str, int]:
    """Give every file of `FILES` for one proof of one requirement; their ids by name."""
    given: dict[str, int] = {}

    def fill(call: Call) -> None:
        for name, (media_type, content, state) in FILES.items():
            stored = stage.runtime.files.put(content)
            attached = proof.attach(
                call,
                requirement_code=AT,
                position=1,
                file_name=name,
                media_type=media_type,
                stored=stored,
            )
            given[name] = attached.id
            call.session.add(
                StoredContent(
                    sha256=stored.sha256,
                    size=stored.size,
                    media_type=media_type,
                    stored_at=call.recorded_at,
                    scan_state=state,
                    threat="Eicar-Essai" if state == INFECTED else None,
                    scanned_at=call.recorded_at + timedelta(minutes=1),
                )
            )

    acts.perform(stage.runtime, stage.who(OPERATOR), dossier_id, fill)
    return given
