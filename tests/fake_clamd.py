"""A small ClamAV daemon: it speaks the real one's protocol over a socket, and knows one threat."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The antivirus makers' own harmless test string, which every scanner reports."""
LARGEST = 1024 * 1024


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        command = b""
        while not command.endswith(b"\0"):
            command += self.rfile.read(1)
        if command == b"zPING\0":
            self.wfile.write(b"PONG\0")
        elif command == b"zINSTREAM\0":
            self.wfile.write(self._verdict())

    def _verdict(self) -> bytes:
        content = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
            if len(content) > LARGEST:
                return b"INSTREAM size limit exceeded. ERROR\0"
        return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"


class _Daemon(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextmanager
def listening(path: Path) -> Iterator[str]:
    """A daemon at that path; gives the setting that names it."""
    with _Daemon(str(path), _Conversation) as daemon:
        thread = threading.Thread(target=daemon.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"unix:{path}"
        daemon.shutdown()
        thread.join()
    path.unlink()
