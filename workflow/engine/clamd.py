"""The antivirus, ClamAV's daemon, over its socket: one file in, one verdict out.

The kept client (clamav-client) loses the daemon's answer when a file is beyond its limit, since
the daemon then stops listening while the file is still being sent.
"""

from __future__ import annotations

import re
import select
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from workflow.domain.stored_content import CLEAN, INFECTED, LONGEST_THREAT, TOO_BIG
from workflow.settings import InvalidSetting

PIECE = 128 * 1024
PATIENCE_SECONDS = 300
"""How long the daemon may think about one file."""
_CONNECT_SECONDS = 10
_LONGEST_ANSWER = 4_096


class ScannerUnreachable(OSError):
    """The daemon does not answer, or not in its protocol; nothing is known of the file."""


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What the scanner says of a content: `clean`, `infected` by `threat`, or `too_big`."""

    state: str
    threat: str | None = None


@dataclass(frozen=True, slots=True)
class Clamd:
    """A daemon at an address: ``unix:/path`` or ``tcp:host:port``."""

    family: socket.AddressFamily
    address: str | tuple[str, int]

    @classmethod
    def at(cls, setting: str) -> Clamd:
        """The daemon that a setting names; raises InvalidSetting."""
        kind, _colon, rest = setting.partition(":")
        if kind == "unix" and rest:
            return cls(socket.AF_UNIX, rest.removeprefix("//"))
        host, _colon, port = rest.removeprefix("//").rpartition(":")
        if kind == "tcp" and host and port.isascii() and port.isdecimal() and int(port) < 65536:
            return cls(socket.AF_INET, (host, int(port)))
        raise InvalidSetting(
            f"Expected unix:/path or tcp:host:port in JALON_CLAMAV but found {setting!r}."
            " Correct it."
        )

    def scan(self, file: BinaryIO) -> ScanResult:
        """What it says of a file, read piece by piece; raises ScannerUnreachable."""
        with self._connected() as connection:
            try:
                self._send(connection, file)
                answer = _answer_of(connection)
            except (BrokenPipeError, ConnectionResetError):
                answer = ""
        if not answer:
            # It hung up while the file was on its way, but lives: it takes no more than that.
            self.ping()
            return ScanResult(TOO_BIG)
        return _result_of(answer)

    def ping(self, patience: float = PATIENCE_SECONDS) -> None:
        """Raise ScannerUnreachable unless the daemon lives; `patience` is in seconds."""
        with self._connected(patience) as connection:
            connection.sendall(b"zPING\0")
            answer = _answer_of(connection)
        if answer != "PONG":
            raise ScannerUnreachable(f"Expected PONG of the antivirus but found {answer[:80]!r}.")

    @contextmanager
    def _connected(self, patience: float = PATIENCE_SECONDS) -> Iterator[socket.socket]:
        try:
            with socket.socket(self.family, socket.SOCK_STREAM) as connection:
                connection.settimeout(min(_CONNECT_SECONDS, patience))
                connection.connect(self.address)
                connection.settimeout(patience)
                yield connection
        except OSError as failure:
            raise ScannerUnreachable(f"The antivirus does not answer: {failure}.") from failure

    def _send(self, connection: socket.socket, file: BinaryIO) -> None:
        connection.sendall(b"zINSTREAM\0")
        while piece := file.read(PIECE):
            if select.select([connection], [], [], 0)[0]:
                return  # It has answered already: it wants no more.
            connection.sendall(struct.pack("!L", len(piece)) + piece)
        connection.sendall(struct.pack("!L", 0))


def _answer_of(connection: socket.socket) -> str:
    received = b""
    while not received.endswith(b"\0") and len(received) < _LONGEST_ANSWER:
        piece = connection.recv(_LONGEST_ANSWER)
        if not piece:
            break
        received += piece
    return received.rstrip(b"\0\n").decode("utf-8", "replace")


def _result_of(answer: str) -> ScanResult:
    if "size limit exceeded" in answer:
        return ScanResult(TOO_BIG)
    if answer == "stream: OK":
        return ScanResult(CLEAN)
    found = re.fullmatch(r"stream: (.+) FOUND", answer)
    if found:
        return ScanResult(INFECTED, found[1][:LONGEST_THREAT])
    raise ScannerUnreachable(f"Expected a verdict of the antivirus but found {answer[:200]!r}.")
