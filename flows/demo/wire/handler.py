"""HTTP of the simulated exchange: conditional requests, ranges, keep-alive, faults on the wire."""

from __future__ import annotations

import hashlib
import re
import socket
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from socketserver import StreamRequestHandler
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from flows.demo.sites.answers import CSV, Answer, Request, page
from flows.demo.wire.bombs import endless_rows, gzip_zeros, largest_member, zip_zeros
from flows.demo.wire.faults import REFUSALS, Fault, FaultKind, first_striking
from flows.demo.wire.spoil import spoil

if TYPE_CHECKING:
    from flows.demo.exchange import Exchange

HEADERS_LOGGED = (
    "user-agent",
    "accept",
    "referer",
    "cookie",
    "content-type",
    "x-requested-with",
    "if-none-match",
    "if-modified-since",
    "range",
    "if-range",
)
METHODS = {"GET", "HEAD", "POST"}
REQUEST_WORDS = 3
LONGEST_LINE = 65536
GIGANTIC = 2 << 30
ZIPPED = 64 << 20
ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True)
class RequestRecord:
    """One request as it was met. `at` is monotonic seconds; `path` holds the query."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    at: float
    fault: FaultKind | None = None


class Server(ThreadingHTTPServer):
    """A threaded server that ends its open connections when it is closed."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], exchange: Exchange) -> None:
        super().__init__(address, Handler)
        self.exchange = exchange
        self.closing = Event()
        self._open: set[socket.socket] = set()
        self._opening = Lock()

    def opened(self, connection: socket.socket) -> None:
        """Remember a connection; one that arrives while closing is ended at once."""
        with self._opening:
            self._open.add(connection)
            if self.closing.is_set():
                _end(connection)

    def closed(self, connection: socket.socket) -> None:
        """Forget a connection."""
        with self._opening:
            self._open.discard(connection)

    def close(self) -> None:
        """Stop serving, end every connection, wait for their threads."""
        self.closing.set()
        self.shutdown()
        with self._opening:
            for connection in self._open:
                _end(connection)
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error here: faults provoke it."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _end(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # The other side was quicker.
        return


class Handler(StreamRequestHandler):
    """One connection of one client.

    Reads requests itself: the standard handler parses headers as mail, at half the speed.
    """

    disable_nagle_algorithm = True
    server: Server

    def handle(self) -> None:
        """Answer requests until one side has had enough."""
        self.server.opened(self.connection)
        self.close_connection = False
        try:
            while not self.close_connection and self._read_request():
                self._respond()
        finally:
            self.server.closed(self.connection)

    def _read_request(self) -> bool:
        """Take the next request line and headers; False where none comes."""
        words = self.rfile.readline(LONGEST_LINE).decode("latin-1").split()
        if len(words) != REQUEST_WORDS:
            return False
        self.command, self.path, version = words
        self.asked: dict[str, str] = {}
        while line := self.rfile.readline(LONGEST_LINE).strip():
            name, _, value = line.decode("latin-1").partition(":")
            self.asked[name.strip().lower()] = value.strip()
        wish = self.asked.get("connection", "").lower()
        self.close_connection = wish == "close" or version != "HTTP/1.1"
        return True

    def _respond(self) -> None:
        path, _, query = self.path.partition("?")
        headers = self.asked
        body = self.rfile.read(int(headers.get("content-length", "0")))
        request = Request(self.command, path, query, headers, body)
        if self.command not in METHODS:
            self._send(page(501, "Not Implemented"), {}, headers, None)
            return
        exchange = self.server.exchange
        fault = first_striking(exchange.faults, self.path)
        if fault and fault.kind is FaultKind.STALL:
            self._log(0, headers, fault)
            self.server.closing.wait(fault.seconds)
            self.close_connection = True
            return
        answer, extra = self._faulty(fault, request) if fault else (self._true(request), {})
        if isinstance(answer, Answer):
            self._send(answer, extra, headers, fault)
        else:
            self._stream(answer, extra, headers, fault)

    def _true(self, request: Request) -> Answer:
        exchange = self.server.exchange
        return exchange.publishers.answer(request, exchange.now)

    def _faulty(
        self, fault: Fault, request: Request
    ) -> tuple[Answer | Iterable[bytes], dict[str, str]]:
        """The answer under this fault, and headers to add."""
        kind = fault.kind
        if kind in REFUSALS:
            status = REFUSALS[kind]
            wait = {} if kind is FaultKind.FORBIDDEN else {"Retry-After": str(fault.retry_after)}
            return page(status, HTTPStatus(status).phrase), wait
        if kind is FaultKind.OVERSIZED:
            return endless_rows(fault.size or GIGANTIC), {"Content-Type": CSV}
        if kind is FaultKind.GZIP_BOMB:
            coding = {"Content-Type": CSV, "Content-Encoding": "gzip"}
            return gzip_zeros(fault.size or GIGANTIC), coding
        try:
            return self._spoiled(fault, request), {}
        except ValueError as error:
            # A fault that cannot be acted out is a mistake in a test: it must not pass unseen.
            return page(501, f"Fault {kind} does not apply: {error}"), {}

    def _spoiled(self, fault: Fault, request: Request) -> Answer:
        """An answer of status 200 whose body is not what was asked for."""
        exchange, kind = self.server.exchange, fault.kind
        if kind is FaultKind.HTML:
            return page(200, "Access Denied")
        if kind is FaultKind.EMPTY:
            return Answer(200, b"", CSV)
        if kind is FaultKind.ZIP_BOMB:
            name = largest_member(self._true(request).body)
            return Answer(200, zip_zeros(fault.size or ZIPPED, name), "application/zip")
        if kind is FaultKind.ANOTHER_DAY:
            return exchange.publishers.another_day(request, exchange.now)
        answer = self._true(request)
        if kind is FaultKind.TRUNCATED or answer.status != HTTPStatus.OK:
            return answer
        return Answer(200, spoil(kind, answer.body), answer.content_type, answer.modified)

    def _send(
        self,
        answer: Answer,
        extra: dict[str, str],
        asked: Mapping[str, str],
        fault: Fault | None,
    ) -> None:
        status, body = answer.status, answer.body
        lines = {"Content-Type": answer.content_type, **extra}
        if answer.cookie:
            lines["Set-Cookie"] = answer.cookie
        if answer.modified is not None:
            etag, modified = _etag(body), _http_date(answer.modified)
            lines |= {"ETag": etag, "Last-Modified": modified, "Accept-Ranges": "bytes"}
            if _unchanged(asked, etag, answer.modified):
                status, body = 304, b""
            elif "range" in asked and asked.get("if-range", etag) in {etag, modified}:
                status, body, part = _ranged(asked["range"], body)
                lines |= {"Content-Range": part} if part else {}
        else:
            lines["Cache-Control"] = "no-store"
        if status != HTTPStatus.NOT_MODIFIED:
            lines["Content-Length"] = str(len(body))
        if fault and fault.kind is FaultKind.TRUNCATED:
            body = body[: len(body) // 2]
            self.close_connection = True
        if self.command == "HEAD":
            body = b""
        self._log(status, asked, fault)
        # One write, so that a small file is one packet.
        self.wfile.write(_head(status, lines) + body)

    def _stream(
        self,
        parts: Iterable[bytes],
        extra: dict[str, str],
        asked: Mapping[str, str],
        fault: Fault | None,
    ) -> None:
        """A body whose length is not said in advance."""
        self._log(200, asked, fault)
        self.wfile.write(_head(200, {**extra, "Transfer-Encoding": "chunked"}))
        if self.command == "HEAD":
            return
        for part in parts:
            if self.server.closing.is_set():
                self.close_connection = True
                return
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def _log(self, status: int, headers: Mapping[str, str], fault: Fault | None) -> None:
        kept = {name: headers[name] for name in HEADERS_LOGGED if name in headers}
        self.server.exchange.log.append(
            RequestRecord(
                self.command,
                self.path,
                status,
                kept,
                time.monotonic(),
                fault.kind if fault else None,
            )
        )


def _head(status: int, lines: Mapping[str, str]) -> bytes:
    fields = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{fields}\r\n".encode("latin-1")


@lru_cache(maxsize=4096)
def _etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:24]}"'


@lru_cache(maxsize=4096)
def _http_date(instant: datetime) -> str:
    return format_datetime(instant.astimezone(UTC), usegmt=True)


def _unchanged(asked: Mapping[str, str], etag: str, modified: datetime) -> bool:
    """Whether a conditional request is answered 304; an ETag outranks a date (RFC 9110, 13.2.2)."""
    if "if-none-match" in asked:
        known = {tag.strip().removeprefix("W/") for tag in asked["if-none-match"].split(",")}
        return etag in known or "*" in known
    if "if-modified-since" in asked:
        try:
            return modified <= parsedate_to_datetime(asked["if-modified-since"])
        except ValueError:
            return False
    return False


def _ranged(wanted: str, body: bytes) -> tuple[int, bytes, str | None]:
    """Status, bytes and Content-Range of one range; several ranges get the whole."""
    found = ONE_RANGE.fullmatch(wanted.strip())
    if found is None or found.groups() == ("", ""):
        return 200, body, None
    size = len(body)
    if found[1]:
        first = int(found[1])
        last = min(int(found[2]), size - 1) if found[2] else size - 1
    else:
        first, last = max(size - int(found[2]), 0), size - 1
    if first > last:
        return 416, b"", f"bytes */{size}"
    return 206, body[first : last + 1], f"bytes {first}-{last}/{size}"
