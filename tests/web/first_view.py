"""What a browser that has never been here receives to show a page, compressed."""

from __future__ import annotations

import gzip
import re
from urllib.parse import urljoin

from every_page import Visit
from flask.testing import FlaskClient

MOST_BYTES = 200_000
EDITOR = "/diagram."
"""The drawing of diagrams: loaded once the page can be read, and not counted."""
LINKED = re.compile(r'<(?:script|link|img)\b[^>]*?\b(?:src|href)="(/static/[^"]+)"')
FONTS = re.compile(r"url\(([^)]+\.woff2)\)")


class FirstViews:
    """The bytes of first views; what several pages share is asked for once."""

    def __init__(self, people: dict[str, FlaskClient]) -> None:
        self.people = people
        self.known: dict[str, tuple[int, str]] = {}

    def bytes_of(self, visit: Visit) -> int:
        """Bytes of a page and of all it needs, the drawing of diagrams left out."""
        client = self.people[visit.email]
        total, page = _received(client, visit.address)
        needed = {each for each in LINKED.findall(page) if EDITOR not in each}
        for sheet in [each for each in needed if ".css" in each]:
            needed |= {urljoin(sheet, font) for font in FONTS.findall(self._of(client, sheet)[1])}
        return total + sum(self._of(client, each)[0] for each in needed)

    def _of(self, client: FlaskClient, address: str) -> tuple[int, str]:
        if address not in self.known:
            self.known[address] = _received(client, address)
        return self.known[address]


def _received(client: FlaskClient, address: str) -> tuple[int, str]:
    """Bytes on their way, and the text they carry."""
    with client.get(address, headers={"Accept-Encoding": "gzip"}) as answer:
        sent = answer.data
    plain = gzip.decompress(sent) if answer.content_encoding == "gzip" else sent
    return len(sent), plain.decode(errors="replace")
