"""Small files of every kind that a proof file takes: true to their type, and evidently made up."""

from __future__ import annotations

import struct
import zlib

TEXT = b"Preuve fictive\n"


def _chunk(name: bytes, body: bytes) -> bytes:
    mark = struct.pack(">I", zlib.crc32(name + body))
    return struct.pack(">I", len(body)) + name + body + mark


def png(width: int = 1, height: int = 1) -> bytes:
    """An image that says it has these dimensions; its one pixel is there."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


def mp4(size: int = 64) -> bytes:
    """A video of that many bytes: a head, then nothing to see."""
    head = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"
    return head + b"\0" * max(0, size - len(head))


def pdf(text: str = "Preuve fictive") -> bytes:
    """A document of one page without content, with a right end."""
    body = b"%PDF-1.4\n"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>",
        b"<< /Title (%s) >>" % text.encode("ascii"),
    )
    places: list[int] = []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"xref\n0 5\n0000000000 65535 f \n"
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Root 1 0 R /Info 4 0 R /Size 5 >>\n"
    return body + table + trailer + b"startxref\n%d\n%%%%EOF\n" % len(body)


SAMPLES: dict[str, tuple[str, bytes]] = {
    "capture": ("capture.png", png()),
    "video": ("essai.mp4", mp4()),
    "file": ("liste.txt", TEXT),
    "log": ("essai.log", TEXT),
    "document": ("note.pdf", pdf()),
    "test_report": ("rapport.pdf", pdf()),
}
"""For each kind of proof, a name and a content that it takes."""
