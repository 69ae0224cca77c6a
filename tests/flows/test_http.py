"""The HTTP client against a real server on loopback that misbehaves on request."""

import gzip
import json
import pickle
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from flows.errors import (
    Blocked,
    CheckFailed,
    LayoutChanged,
    Locked,
    Malformed,
    RiskonError,
    Unavailable,
)
from flows.http import Client, Reply

USER_AGENT = "Mozilla/5.0 (compatible; Riskon/0.1.0; +https://example.org/riskon)"
NOW = datetime(2026, 2, 13, 14, 0, tzinfo=UTC)
TEN_MINUTES = timedelta(minutes=10)
SIX_MB = random.Random(1).randbytes(6_000_000)
OTHER_SIX_MB = random.Random(2).randbytes(6_000_000)


class Exchange(ThreadingHTTPServer):
    """Answers each path by the function registered for it, and remembers what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages: dict[str, Callable[[Handler], None]] = {"/": plain(403, b"<html/>")}
        self.asked: list[tuple[str, dict[str, str], float]] = []
        self.released = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what these tests are about."""
        error = sys.exception()
        if not isinstance(error, ConnectionError):
            super().handle_error(request, client_address)

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.asked]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the client's TCP stack
    server: Exchange

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.path, headers, time.monotonic()))
        self.server.pages[self.path](self)

    do_POST = do_GET  # noqa: N815 - the base class's name

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass

    def answer(
        self, status: int, body: bytes = b"", *, length: int | None = None, **headers: str
    ) -> None:
        """Send a whole answer; `length` announces another than the body's."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if status != 304:
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        if length is not None and length != len(body):
            self.cut()

    def cut(self) -> None:
        self.wfile.flush()
        self.close_connection = True

    def ranged(self, body: bytes, etag: str, *, stop: int | None = None) -> None:
        """Serve a body as a static server does, honouring If-Range; cut after `stop` bytes."""
        start = 0
        if (span := self.headers.get("Range")) and self.headers.get("If-Range") == etag:
            start = int(span.removeprefix("bytes=").removesuffix("-"))
        headers: dict[str, Any] = {"ETag": etag, "Accept_Ranges": "bytes"}
        if start:
            headers["Content_Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        rest = body[start:]
        self.answer(
            206 if start else 200,
            rest if stop is None else rest[:stop],
            length=len(rest),
            **headers,
        )


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    server = Exchange()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def client(pauses: list[float], tmp_path: Path) -> Iterator[Client]:
    with new_client(pauses, parts=tmp_path / "parts") as made:
        yield made


def new_client(pauses: list[float], **settings: Any) -> Client:
    """A client whose waits are noted instead of slept."""
    defaults: dict[str, Any] = {
        "timeout": (2, 5),
        "clock": lambda: NOW,
        "pause": pauses.append,
    }
    return Client(USER_AGENT, **(defaults | settings))


def in_turn(*pages: Callable[[Handler], None]) -> Callable[[Handler], None]:
    """One page per request, the last for ever."""
    left = list(pages)

    def page(handler: Handler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return page


def plain(status: int, body: bytes = b"", **headers: Any) -> Callable[[Handler], None]:
    return lambda handler: handler.answer(status, body, **headers)


def body_of(reply: Reply) -> bytes:
    assert reply.status == 200
    assert reply.body is not None
    return reply.body


# What comes back


def test_reply_holds_the_answer_and_its_provenance(exchange: Exchange, client: Client) -> None:
    exchange.pages["/a.csv"] = plain(
        200, b"a,b\n1,2\n", ETag='"v1"', Set_Cookie="id=secret", Content_Type="text/csv"
    )
    reply = client.get(f"{exchange.url}/a.csv")
    assert body_of(reply) == b"a,b\n1,2\n"
    assert (reply.url, reply.attempts) == (f"{exchange.url}/a.csv", 1)
    assert reply.fetched_at == NOW
    assert reply.headers["etag"] == '"v1"'
    assert reply.headers["content-type"] == "text/csv"
    assert "set-cookie" not in reply.headers
    sent = exchange.asked[0][1]
    assert sent["user-agent"] == USER_AGENT
    assert not {"referer", "x-requested-with", "range", "cookie"} & sent.keys()


def test_conditional_get_is_304_without_a_body(exchange: Exchange, client: Client) -> None:
    def page(handler: Handler) -> None:
        same = (
            handler.headers.get("If-None-Match") == '"v1"'
            and handler.headers.get("If-Modified-Since") == "Fri, 13 Feb 2026 13:00:00 GMT"
        )
        handler.answer(304 if same else 200, b"" if same else b"x", ETag='"v1"')

    exchange.pages["/a"] = page
    assert client.get(f"{exchange.url}/a").status == 200
    reply = client.get(
        f"{exchange.url}/a", etag='"v1"', last_modified="Fri, 13 Feb 2026 13:00:00 GMT"
    )
    assert (reply.status, reply.body) == (304, None)


def test_304_that_nobody_asked_for_is_no_answer(exchange: Exchange, client: Client) -> None:
    exchange.pages["/a"] = plain(304)
    with pytest.raises(Malformed, match="304"):
        client.get(f"{exchange.url}/a")


@pytest.mark.parametrize("status", [404, 410])
def test_absence_is_an_answer(exchange: Exchange, client: Client, status: int) -> None:
    exchange.pages["/a"] = plain(status, b"<html>not here</html>")
    reply = client.get(f"{exchange.url}/a")
    assert (reply.status, reply.body, reply.attempts) == (status, None, 1)


def test_gzip_is_decoded_to_what_the_publisher_encoded(exchange: Exchange, client: Client) -> None:
    text = b"Index Name,Close\n" * 200_000
    wire = gzip.compress(text[:1_000_000]) + gzip.compress(text[1_000_000:])
    exchange.pages["/a"] = plain(200, wire, Content_Encoding="gzip")
    assert body_of(client.get(f"{exchange.url}/a")) == text


def test_json_question_is_posted_and_asked_again_after_a_fault(
    exchange: Exchange, client: Client, pauses: list[float]
) -> None:
    def echo(handler: Handler) -> None:
        asked = handler.rfile.read(int(handler.headers["Content-Length"]))
        handler.answer(200, asked, Content_Type=handler.headers["Content-Type"])

    def fail(handler: Handler) -> None:
        handler.rfile.read(int(handler.headers["Content-Length"]))
        handler.answer(502)

    exchange.pages["/api"] = in_turn(fail, echo)
    reply = client.post_json(f"{exchange.url}/api", {"name": "NIFTY 50"}, referer="http://x/page")
    assert json.loads(body_of(reply)) == {"name": "NIFTY 50"}
    assert reply.headers["content-type"] == "application/json"
    assert exchange.asked[-1][1]["referer"] == "http://x/page"
    assert (reply.attempts, pauses) == (2, [2.0])


# Resume


def test_cut_download_is_resumed(exchange: Exchange, client: Client, tmp_path: Path) -> None:
    exchange.pages["/big"] = in_turn(
        lambda handler: handler.ranged(SIX_MB, '"v1"', stop=2_000_000),
        lambda handler: handler.ranged(SIX_MB, '"v1"', stop=1_500_000),
        lambda handler: handler.ranged(SIX_MB, '"v1"'),
    )
    reply = client.get(f"{exchange.url}/big")
    assert md5(body_of(reply)).digest() == md5(SIX_MB).digest()
    assert [headers.get("range") for _, headers, _ in exchange.asked] == [
        None,
        "bytes=2000000-",
        "bytes=3500000-",
    ]
    assert reply.attempts == 3
    assert reply.headers["content-length"] == "6000000"
    assert list((tmp_path / "parts").iterdir()) == []


def test_last_modified_is_a_validator_once_it_is_old(exchange: Exchange, client: Client) -> None:
    old = "Fri, 13 Feb 2026 13:00:00 GMT"

    def page(handler: Handler) -> None:
        if handler.headers.get("If-Range") == old and handler.headers["Range"] == "bytes=4-":
            handler.answer(206, b"5678", Last_Modified=old, Content_Range="bytes 4-7/8")
        else:
            handler.answer(200, b"1234", length=8, Last_Modified=old)

    exchange.pages["/a"] = page
    assert body_of(client.get(f"{exchange.url}/a")) == b"12345678"


@pytest.mark.parametrize(
    "validator",
    [
        {"ETag": 'W/"v1"', "Last_Modified": "Fri, 13 Feb 2026 13:00:00 GMT"},
        {"Last_Modified": format_datetime(datetime.now(UTC) + timedelta(hours=5), usegmt=True)},
        {"ETag": '"v1"', "Accept_Ranges": "none"},
        {"Last_Modified": "yesterday"},
        {"Last_Modified": "Fri, 13 Feb 99999 13:00:00 GMT"},
        {},
    ],
    ids=["weak", "young", "no ranges", "no date", "impossible date", "none"],
)
def test_without_a_strong_validator_the_file_is_fetched_anew(
    exchange: Exchange, client: Client, validator: dict[str, Any]
) -> None:
    exchange.pages["/a"] = in_turn(
        lambda handler: handler.answer(200, b"1234", length=8, **validator),
        lambda handler: handler.answer(200, b"abcdefgh", **validator),
    )
    assert body_of(client.get(f"{exchange.url}/a")) == b"abcdefgh"
    assert all("range" not in headers for _, headers, _ in exchange.asked)


def test_instant_does_not_validate_a_range_of_an_encoded_body(
    exchange: Exchange, client: Client
) -> None:
    wire = gzip.compress(b"text")
    headers: dict[str, Any] = {
        "Last_Modified": "Fri, 13 Feb 2026 13:00:00 GMT",
        "Content_Encoding": "gzip",
    }
    exchange.pages["/a"] = in_turn(
        lambda handler: handler.answer(200, wire[:8], length=len(wire), **headers),
        lambda handler: handler.answer(200, wire, **headers),
    )
    assert body_of(client.get(f"{exchange.url}/a")) == b"text"
    assert "range" not in exchange.asked[1][1]


def test_changed_file_is_not_joined_to_the_old_one(exchange: Exchange, client: Client) -> None:
    exchange.pages["/big"] = in_turn(
        lambda handler: handler.ranged(SIX_MB, '"v1"', stop=2_000_000),
        lambda handler: handler.ranged(OTHER_SIX_MB, '"v2"'),
    )
    reply = client.get(f"{exchange.url}/big")
    assert exchange.asked[1][1]["if-range"] == '"v1"'
    assert md5(body_of(reply)).digest() == md5(OTHER_SIX_MB).digest()
    assert reply.headers["etag"] == '"v2"'


@pytest.mark.parametrize(
    "headers",
    [
        {"ETag": '"v2"', "Content_Range": "bytes 4-7/8"},
        {"Content_Range": "bytes 4-7/8"},
        {"ETag": '"v1"', "Content_Range": "bytes 3-7/8"},
        {"ETag": '"v1"', "Content_Range": "bytes 4-8/9"},
        {"ETag": '"v1"', "Content_Range": "bytes 4-7/8", "Content_Encoding": "gzip"},
        {"ETag": '"v1"'},
    ],
    ids=["etag", "no etag", "offset", "total", "coding", "no range"],
)
def test_wrong_range_of_a_careless_server_is_refused(
    exchange: Exchange, client: Client, headers: dict[str, Any]
) -> None:
    exchange.pages["/a"] = in_turn(
        lambda handler: handler.answer(200, b"1234", length=8, ETag='"v1"'),
        lambda handler: handler.answer(206, b"XXXX", **headers),
        lambda handler: handler.answer(200, b"12345678", ETag='"v1"'),
    )
    assert body_of(client.get(f"{exchange.url}/a")) == b"12345678"
    assert [h.get("range") for _, h, _ in exchange.asked] == [None, "bytes=4-", None]


def test_range_shorter_than_asked_is_gone_on_with(exchange: Exchange, client: Client) -> None:
    exchange.pages["/a"] = in_turn(
        lambda handler: handler.answer(200, b"12", length=8, ETag='"v1"'),
        lambda handler: handler.answer(206, b"345", ETag='"v1"', Content_Range="bytes 2-4/8"),
        lambda handler: handler.answer(206, b"678", ETag='"v1"', Content_Range="bytes 5-7/8"),
    )
    assert body_of(client.get(f"{exchange.url}/a")) == b"12345678"


def test_range_that_cannot_be_served_starts_anew(exchange: Exchange, client: Client) -> None:
    exchange.pages["/a"] = in_turn(
        lambda handler: handler.answer(200, b"1234", length=8, ETag='"v1"'),
        plain(416),
        plain(200, b"ab"),
    )
    assert body_of(client.get(f"{exchange.url}/a")) == b"ab"


def test_killed_process_is_resumed_by_the_next(
    exchange: Exchange, client: Client, tmp_path: Path
) -> None:
    def stuck(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("ETag", '"v1"')
        handler.send_header("Content-Length", str(len(SIX_MB)))
        handler.end_headers()
        handler.wfile.write(SIX_MB[:2_500_000])
        exchange.released.wait(20)
        handler.cut()

    exchange.pages["/big"] = in_turn(stuck, lambda handler: handler.ranged(SIX_MB, '"v1"'))
    program = (
        "import sys; from pathlib import Path; from flows.http import Client\n"
        "Client('test', parts=Path(sys.argv[2])).get(sys.argv[1])\n"
    )
    parts = tmp_path / "parts"
    with subprocess.Popen(
        [sys.executable, "-c", program, f"{exchange.url}/big", str(parts)],
        cwd=Path(__file__).parents[2],
    ) as process:
        deadline = time.monotonic() + 15
        while sum(part.stat().st_size for part in parts.glob("*.part")) < 2_500_000:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    exchange.released.set()

    reply = client.get(f"{exchange.url}/big")
    assert md5(body_of(reply)).digest() == md5(SIX_MB).digest()
    assert exchange.asked[-1][1]["range"] == "bytes=2500000-"
    assert list(parts.iterdir()) == []


def test_part_left_by_a_failed_night_is_kept_for_the_next(
    exchange: Exchange, pauses: list[float], tmp_path: Path
) -> None:
    exchange.pages["/a"] = in_turn(
        lambda handler: handler.ranged(b"12345678", '"v1"', stop=4),
        plain(503),
    )
    with new_client(pauses, parts=tmp_path) as first, pytest.raises(Unavailable):
        first.get(f"{exchange.url}/a")
    exchange.pages["/a"] = lambda handler: handler.ranged(b"12345678", '"v1"')
    with new_client(pauses, parts=tmp_path) as second:
        assert body_of(second.get(f"{exchange.url}/a")) == b"12345678"
    assert exchange.asked[-1][1]["range"] == "bytes=4-"


def test_part_is_dropped_once_the_copy_we_hold_is_current(
    exchange: Exchange, client: Client, tmp_path: Path
) -> None:
    exchange.pages["/a"] = in_turn(
        lambda handler: handler.ranged(b"12345678", '"v2"', stop=4), plain(304)
    )
    assert client.get(f"{exchange.url}/a", etag='"v1"').status == 304
    assert list((tmp_path / "parts").iterdir()) == []


def test_damaged_facts_of_a_part_begin_anew(
    exchange: Exchange, client: Client, tmp_path: Path
) -> None:
    exchange.pages["/a"] = in_turn(
        lambda handler: handler.ranged(b"12345678", '"v1"', stop=4), plain(503)
    )
    with pytest.raises(Unavailable):
        client.get(f"{exchange.url}/a")
    [facts] = (tmp_path / "parts").glob("*.json")
    facts.write_bytes(b"")
    exchange.pages["/a"] = lambda handler: handler.ranged(b"12345678", '"v1"')
    assert body_of(client.get(f"{exchange.url}/a")) == b"12345678"
    assert "range" not in exchange.asked[-1][1]


# Retry and patience


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_honoured(
    exchange: Exchange, client: Client, pauses: list[float], status: int, form: str
) -> None:
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    asked = "60" if form == "seconds" else in_a_minute
    exchange.pages["/a"] = in_turn(plain(status, Retry_After=asked), plain(200, b"x"))
    reply = client.get(f"{exchange.url}/a")
    assert (body_of(reply), reply.attempts) == (b"x", 2)
    assert pauses == [pytest.approx(60, abs=3)]


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_beyond_patience_is_blocked_until_then(
    exchange: Exchange, pauses: list[float], status: int
) -> None:
    now = NOW
    exchange.pages["/a"] = in_turn(plain(status, Retry_After="600"), plain(200, b"x"))
    with new_client(pauses, clock=lambda: now) as client:
        with pytest.raises(Blocked, match=r"not before 2026-02-13 14:10:00 UTC") as refusal:
            client.get(f"{exchange.url}/a")
        assert refusal.value.status == status
        assert refusal.value.retry_at == NOW + TEN_MINUTES
        assert pauses == []

        now = NOW + timedelta(minutes=9)
        with pytest.raises(Blocked, match="no request made"):
            client.get(f"{exchange.url}/a")
        assert len(exchange.asked) == 1

        now = NOW + TEN_MINUTES
        assert body_of(client.get(f"{exchange.url}/a")) == b"x"


def test_waits_add_up_to_the_bound(exchange: Exchange, client: Client, pauses: list[float]) -> None:
    exchange.pages["/a"] = plain(429, Retry_After="50")
    with pytest.raises(Blocked, match="429"):
        client.get(f"{exchange.url}/a")
    assert pauses == [50, 50]
    assert len(exchange.asked) == 3


@pytest.mark.parametrize("retry_after", ["soon", "-1", "Mon, 01 Jan 99999 00:00:00 GMT"])
def test_limit_without_a_time_is_left_alone_for_ten_minutes(
    exchange: Exchange, client: Client, retry_after: str
) -> None:
    exchange.pages["/a"] = plain(429, Retry_After=retry_after)
    with pytest.raises(Blocked) as refusal:
        client.get(f"{exchange.url}/a")
    assert refusal.value.retry_at == NOW + TEN_MINUTES


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_failing_server_is_retried_then_unavailable(
    exchange: Exchange, client: Client, pauses: list[float], status: int
) -> None:
    exchange.pages["/a"] = plain(status)
    with pytest.raises(Unavailable, match=f"status {status} .* after 5 requests"):
        client.get(f"{exchange.url}/a")
    assert pauses == [2, 4, 8, 16]
    assert len(exchange.asked) == 5


def test_nobody_there_is_unavailable(client: Client, exchange: Exchange) -> None:
    unused = Exchange()
    unused.server_close()
    with pytest.raises(Unavailable, match="ConnectionError"):
        client.get(f"{unused.url}/a")


def silent(handler: Handler) -> None:
    handler.server.released.wait(5)
    handler.cut()


def test_host_that_never_answers_is_asked_twice_then_left_alone(
    exchange: Exchange, pauses: list[float]
) -> None:
    now = NOW
    exchange.pages["/a"] = silent

    def refused(client: Client, words: str) -> Blocked:
        with pytest.raises(Blocked, match=words) as refusal:
            client.get(f"{exchange.url}/a")
        assert (refusal.value.status, refusal.value.is_silence) == (None, True)
        assert "dropping this address" in str(refusal.value)
        return refusal.value

    with new_client(pauses, timeout=(2, 0.1), clock=lambda: now) as client:
        first = refused(client, r"silence: .*Read timed out.*2 requests")
        assert first.retry_at == NOW + TEN_MINUTES
        now += TEN_MINUTES / 2
        assert refused(client, r"no request made: .*silence").retry_at == NOW + TEN_MINUTES
        assert (len(exchange.asked), pauses) == (2, [2])
        now = NOW + TEN_MINUTES
        refused(client, r"silence: .*2 requests")
    assert (len(exchange.asked), pauses) == (4, [2, 2])


def test_connection_that_is_never_accepted_is_silence(pauses: list[float]) -> None:
    with socket.socket() as crowded:
        crowded.bind(("127.0.0.1", 0))
        crowded.listen(0)
        url = f"http://127.0.0.1:{crowded.getsockname()[1]}/a"
        # Linux drops the handshakes that no longer fit the queue, as a packet filter would.
        waiting = [socket.socket() for _ in range(4)]
        for caller in waiting:
            caller.setblocking(False)
            caller.connect_ex(crowded.getsockname())
        try:
            with (
                new_client(pauses, timeout=(0.1, 5)) as client,
                pytest.raises(Blocked, match=r"silence: .*timed out.*connect timeout=0\.1"),
            ):
                client.get(url)
        finally:
            for caller in waiting:
                caller.close()
    assert pauses == [2]


def test_host_that_falls_silent_is_left_alone_ever_longer(
    exchange: Exchange, pauses: list[float]
) -> None:
    exchange.pages |= {"/a": plain(200, b"x"), "/b": in_turn(silent, silent, plain(200, b"y"))}
    with new_client(pauses, timeout=(2, 0.1)) as client:
        client.get(f"{exchange.url}/a")
        assert body_of(client.get(f"{exchange.url}/b")) == b"y"
        assert pauses == [15, 60]
        exchange.pages["/b"] = silent
        with pytest.raises(Blocked, match=r"silence: .*3 requests, 75 s"):
            client.get(f"{exchange.url}/b")
    assert pauses == [15, 60, 15, 60]


def test_silence_after_a_failure_is_no_dropped_address(
    exchange: Exchange, pauses: list[float]
) -> None:
    exchange.pages["/a"] = in_turn(plain(503), silent, plain(200, b"x"))
    with new_client(pauses, timeout=(2, 0.1)) as client:
        assert body_of(client.get(f"{exchange.url}/a")) == b"x"
    assert pauses == [2, 15]


def test_stall_within_the_body_is_resumed(exchange: Exchange, pauses: list[float]) -> None:
    def stall(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("ETag", '"v1"')
        handler.send_header("Content-Length", "8")
        handler.end_headers()
        handler.wfile.write(b"1234")
        exchange.released.wait(5)
        handler.cut()

    exchange.pages["/a"] = in_turn(stall, lambda handler: handler.ranged(b"12345678", '"v1"'))
    with new_client(pauses, timeout=(2, 0.2)) as client:
        assert body_of(client.get(f"{exchange.url}/a")) == b"12345678"
    assert exchange.asked[-1][1]["range"] == "bytes=4-"


def test_body_of_an_error_is_not_waited_for(exchange: Exchange, client: Client) -> None:
    def stall(handler: Handler) -> None:
        handler.send_response(503)
        handler.send_header("Content-Length", "1000000000")
        handler.end_headers()
        exchange.released.wait(5)
        handler.cut()

    exchange.pages["/a"] = in_turn(stall, plain(200, b"x"))
    started = time.monotonic()
    assert body_of(client.get(f"{exchange.url}/a")) == b"x"
    assert time.monotonic() - started < 2


def test_drip_ends_at_the_total_bound(exchange: Exchange, pauses: list[float]) -> None:
    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b"x")
            exchange.released.wait(0.02)

    exchange.pages["/a"] = drip
    started = time.monotonic()
    with (
        new_client(pauses, total_timeout_s=0.2) as client,
        pytest.raises(Unavailable, match="bytes by then"),
    ):
        client.get(f"{exchange.url}/a")
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("coding", ["length", "chunked"])
def test_body_that_is_always_truncated_is_unavailable(
    exchange: Exchange, client: Client, pauses: list[float], coding: str
) -> None:
    def page(handler: Handler) -> None:
        if coding == "length":
            handler.answer(200, b"1234", length=8)
        else:
            handler.send_response(200)
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            handler.wfile.write(b"4\r\n1234\r\n8\r\n567")
            handler.cut()

    exchange.pages["/a"] = page
    with pytest.raises(Unavailable, match="IncompleteRead"):
        client.get(f"{exchange.url}/a")
    assert pauses == [2, 4, 8, 16]


def test_whole_chunked_body_is_taken(exchange: Exchange, client: Client) -> None:
    def page(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"4\r\n1234\r\n3\r\n567\r\n0\r\n\r\n")

    exchange.pages["/a"] = page
    assert body_of(client.get(f"{exchange.url}/a")) == b"1234567"


# Refusal


@pytest.mark.parametrize("status", [401, 403, 451])
def test_refusal_is_taken_at_once(exchange: Exchange, client: Client, status: int) -> None:
    exchange.pages["/a"] = plain(status, b"<html>Access Denied</html>")
    with pytest.raises(Blocked, match=f"status {status}") as refusal:
        client.get(f"{exchange.url}/a")
    assert (refusal.value.status, refusal.value.retry_at) == (status, None)
    assert len(exchange.asked) == 1


def test_refusal_in_words_is_recognised(exchange: Exchange, client: Client) -> None:
    exchange.pages["/a"] = plain(200, b"<html>IP Restricted, try after 10 minutes</html>")
    with pytest.raises(Blocked, match="ip restricted") as refusal:
        client.get(f"{exchange.url}/a")
    assert refusal.value.retry_at == NOW + TEN_MINUTES


def test_unknown_question_is_a_changed_layout(exchange: Exchange, client: Client) -> None:
    exchange.pages["/a"] = plain(400)
    with pytest.raises(LayoutChanged, match="status 400"):
        client.get(f"{exchange.url}/a")


def guarded(handler: Handler) -> None:
    """An API that answers whoever brings the page's cookie, referer and marker."""
    welcome = (
        handler.headers.get("Cookie", "").startswith("visit=")
        and handler.headers.get("Referer") == f"{handler.server.url}/page"
        and handler.headers.get("X-Requested-With") == "XMLHttpRequest"
    )
    handler.answer(200 if welcome else 403, b"[]")


def with_cookie(handler: Handler) -> None:
    visit = handler.server.paths().count("/page")
    handler.answer(200, b"<html/>", Set_Cookie=f"visit={visit}; Path=/")


def test_page_is_visited_once_for_the_cookies_of_the_api(
    exchange: Exchange, client: Client
) -> None:
    exchange.pages |= {"/page": with_cookie, "/api": guarded}
    for _ in range(2):
        reply = client.get(f"{exchange.url}/api", warm=f"{exchange.url}/page")
        assert (body_of(reply), reply.attempts) == (b"[]", 1)
    assert exchange.paths() == ["/", "/page", "/api", "/api"]
    assert not {"referer", "x-requested-with"} & exchange.asked[1][1].keys()


def test_front_page_is_visited_once_for_all_pages_of_its_host(
    exchange: Exchange, client: Client
) -> None:
    exchange.pages |= {"/other": plain(200), "/page": plain(200), "/api": plain(200, b"[]")}
    for page in ("/page", "/other", "/page"):
        client.get(f"{exchange.url}/api", warm=exchange.url + page)
    assert exchange.paths() == ["/", "/page", "/api", "/other", "/api", "/api"]


@pytest.mark.parametrize("path", ["/", "/page"])
@pytest.mark.parametrize("status", [302, 403])
def test_page_may_itself_refuse(exchange: Exchange, client: Client, path: str, status: int) -> None:
    exchange.pages |= {"/page": plain(404), "/api": guarded}
    exchange.pages[path] = plain(
        status, Set_Cookie="visit=0; Path=/", Location="http://localhost/elsewhere"
    )
    assert body_of(client.get(f"{exchange.url}/api", warm=f"{exchange.url}/page")) == b"[]"


@pytest.mark.parametrize("status", [403, 429, 503])
def test_limit_at_a_page_holds_for_the_api(exchange: Exchange, client: Client, status: int) -> None:
    exchange.pages |= {"/page": plain(status, Retry_After="600"), "/api": plain(200, b"[]")}
    for _ in range(2):
        with pytest.raises(Blocked, match="14:10:00"):
            client.get(f"{exchange.url}/api", warm=f"{exchange.url}/page")
    assert exchange.paths() == ["/", "/page"]


@pytest.mark.parametrize("status", [401, 403])
def test_aged_cookies_are_renewed_once(exchange: Exchange, client: Client, status: int) -> None:
    def api(handler: Handler) -> None:
        handler.answer(200 if handler.headers["Cookie"] == "visit=2" else status, b"[]")

    exchange.pages |= {"/page": with_cookie, "/api": api}
    reply = client.get(f"{exchange.url}/api", warm=f"{exchange.url}/page")
    assert (body_of(reply), reply.attempts) == (b"[]", 2)
    assert exchange.paths() == ["/", "/page", "/api", "/", "/page", "/api"]
    assert "cookie" not in exchange.asked[3][1]


def test_second_refusal_after_renewal_is_final(exchange: Exchange, client: Client) -> None:
    exchange.pages |= {"/page": with_cookie, "/api": plain(403)}
    with pytest.raises(Blocked):
        client.get(f"{exchange.url}/api", warm=f"{exchange.url}/page")
    assert exchange.paths() == ["/", "/page", "/api", "/", "/page", "/api"]


def test_refusal_with_a_time_is_not_answered_by_renewal(exchange: Exchange, client: Client) -> None:
    exchange.pages |= {"/page": with_cookie, "/api": plain(403, Retry_After="600")}
    with pytest.raises(Blocked, match="14:10:00"):
        client.get(f"{exchange.url}/api", warm=f"{exchange.url}/page")
    assert exchange.paths() == ["/", "/page", "/api"]


def test_cookies_are_not_fetched_from_another_host(client: Client) -> None:
    with pytest.raises(ValueError, match="cookies stay with their host"):
        client.get("http://127.0.0.1:1/api", warm="http://localhost:1/page")


# Size


@pytest.mark.parametrize("announced", [True, False])
def test_oversized_body_is_not_read_to_its_end(
    exchange: Exchange, client: Client, tmp_path: Path, announced: bool
) -> None:
    sent = 0

    def page(handler: Handler) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.send_header("ETag", '"v1"')
        if announced:
            handler.send_header("Content-Length", str(100 * 2**20))
        handler.close_connection = True
        handler.end_headers()
        while sent < 100 * 2**20:
            sent += handler.wfile.write(bytes(2**16))

    exchange.pages["/a"] = page
    found = "104857600 bytes announced" if announced else "bytes and more"
    with pytest.raises(Malformed, match=f"expected at most 1048576 bytes; got .*{found}"):
        client.get(f"{exchange.url}/a", max_bytes=2**20)
    assert sent < 50 * 2**20
    assert list((tmp_path / "parts").iterdir()) == []


def test_body_of_exactly_the_limit_is_taken(exchange: Exchange, client: Client) -> None:
    exchange.pages["/a"] = plain(200, bytes(1000))
    assert len(body_of(client.get(f"{exchange.url}/a", max_bytes=1000))) == 1000
    exchange.pages["/b"] = plain(200, gzip.compress(bytes(1000)), Content_Encoding="gzip")
    assert len(body_of(client.get(f"{exchange.url}/b", max_bytes=1000))) == 1000
    with pytest.raises(Malformed, match="inflate to more than 999"):
        client.get(f"{exchange.url}/b", max_bytes=999)


def test_gzip_bomb_is_stopped_at_the_limit(exchange: Exchange, client: Client) -> None:
    bomb = gzip.compress(bytes(200 * 2**20), compresslevel=1)
    assert len(bomb) < 2**20
    exchange.pages["/a"] = plain(200, bomb, Content_Encoding="gzip")
    with pytest.raises(Malformed, match="inflate to more than 1048576"):
        client.get(f"{exchange.url}/a", max_bytes=2**20)


@pytest.mark.parametrize(
    ("wire", "coding", "found"),
    [
        (gzip.compress(b"text" * 1000)[:-9], "gzip", "without its end"),
        (b"plain text", "gzip", "no gzip stream"),
        (b"\x0b\x02\x80text\x03", "br", "which was not asked for"),
    ],
)
def test_undecodable_body_is_malformed(
    exchange: Exchange, client: Client, wire: bytes, coding: str, found: str
) -> None:
    exchange.pages["/a"] = plain(200, wire, Content_Encoding=coding)
    with pytest.raises(Malformed, match=found):
        client.get(f"{exchange.url}/a")


# Limits


def test_each_host_has_its_own_limit(exchange: Exchange, pauses: list[float]) -> None:
    exchange.pages["/a"] = plain(200, b"x")
    local = f"http://localhost:{exchange.server_port}"
    rates = {"127.0.0.1": 5.0}
    with new_client(pauses, rates=rates, default_rate=4.0, exempt_loopback=False) as client:
        for _ in range(3):
            client.get(f"{exchange.url}/a")
            client.get(f"{local}/a")
    times: dict[str, list[float]] = {}
    for _, headers, at in exchange.asked:
        times.setdefault(headers["host"].split(":")[0], []).append(at)
    for name, rate in {"127.0.0.1": 5.0, "localhost": 4.0}.items():
        first, second, third = times[name]
        # The limiter spaces its permits; a request may take a moment from permit to server.
        assert second - first > 0.9 / rate
        assert third - second > 0.9 / rate
    # One limit for both would take five spaces of 0.2 s.
    assert exchange.asked[-1][2] - exchange.asked[0][2] < 0.9


def test_retries_are_under_the_limit_too(exchange: Exchange, pauses: list[float]) -> None:
    exchange.pages["/a"] = in_turn(plain(503), plain(200, b"x"))
    with new_client(pauses, default_rate=5.0, exempt_loopback=False) as client:
        client.get(f"{exchange.url}/a")
        client.get(f"{exchange.url}/a")
    first, second, third = [at for _, _, at in exchange.asked]
    assert second - first > 0.18
    assert third - second > 0.18


def test_loopback_is_exempt(exchange: Exchange, client: Client) -> None:
    exchange.pages["/a"] = plain(200, b"x")
    started = time.monotonic()
    for _ in range(10):
        client.get(f"{exchange.url}/a")
    assert time.monotonic() - started < 1


def test_proxy_of_the_environment_is_not_asked_for_loopback(
    exchange: Exchange, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    exchange.pages["/a"] = plain(200, b"x")
    assert body_of(client.get(f"{exchange.url}/a")) == b"x"


def test_one_request_at_a_time_to_a_host(exchange: Exchange, client: Client) -> None:
    at_once, most = 0, 0

    def page(handler: Handler) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        time.sleep(0.02)
        at_once -= 1
        handler.answer(200, b"x")

    exchange.pages["/a"] = page
    threads = [threading.Thread(target=client.get, args=(f"{exchange.url}/a",)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(exchange.asked), most) == (5, 1)


# Redirects and the gateway


def test_redirect_within_the_host_is_followed(exchange: Exchange, client: Client) -> None:
    exchange.pages |= {"/old": plain(301, Location="/new"), "/new": plain(200, b"x")}
    reply = client.get(f"{exchange.url}/old")
    assert (body_of(reply), reply.url, reply.attempts) == (b"x", f"{exchange.url}/new", 2)


@pytest.mark.parametrize(
    "location",
    [
        "http://localhost:{port}/a",
        "http://127.0.0.1:1/a",
        "http://127.0.0.1:99999/a",
        "http://[127.0.0.1/a",
        "ftp://127.0.0.1:{port}/a",
        "",
    ],
)
def test_redirect_off_the_host_is_not_followed(
    exchange: Exchange, client: Client, location: str
) -> None:
    target = location.format(port=exchange.server_port)
    exchange.pages["/old"] = plain(302, Location=target)
    with pytest.raises(Malformed, match="status 302 that leads to") as finding:
        client.get(f"{exchange.url}/old")
    assert (target or "nowhere") in str(finding.value)
    assert exchange.paths() == ["/old"]


def test_body_of_a_redirect_is_not_waited_for(exchange: Exchange, client: Client) -> None:
    def stall(handler: Handler) -> None:
        handler.send_response(301)
        handler.send_header("Location", "/new")
        handler.send_header("Content-Length", "1000000000")
        handler.end_headers()
        exchange.released.wait(5)
        handler.cut()

    exchange.pages |= {"/old": stall, "/new": plain(200, b"x")}
    started = time.monotonic()
    assert body_of(client.get(f"{exchange.url}/old")) == b"x"
    assert time.monotonic() - started < 2


def test_redirect_without_end_is_malformed(exchange: Exchange, client: Client) -> None:
    exchange.pages["/a"] = plain(302, Location="/a")
    with pytest.raises(Malformed, match="without end"):
        client.get(f"{exchange.url}/a")


def test_gateway_stands_for_every_publisher(exchange: Exchange, pauses: list[float]) -> None:
    exchange.pages |= {
        "/www.nseindia.com/api?a=1&b=2": plain(200, b"[]"),
        "/www.nseindia.com/old": plain(301, Location="/www.nseindia.com/api?a=1&b=2"),
    }
    with new_client(pauses, gateway=exchange.url + "/") as client:
        for path in ("/api?a=1&b=2", "/old"):
            reply = client.get(f"https://www.nseindia.com{path}")
            assert (body_of(reply), reply.url) == (b"[]", "https://www.nseindia.com/api?a=1&b=2")


def test_gateway_does_not_let_a_redirect_change_the_publisher(
    exchange: Exchange, pauses: list[float]
) -> None:
    exchange.pages["/www.nseindia.com/old"] = plain(301, Location="/niftyindices.com/a")
    with new_client(pauses, gateway=exchange.url) as client, pytest.raises(Malformed):
        client.get("https://www.nseindia.com/old")


@pytest.mark.parametrize("gateway", ["http://example.org", "http://10.0.0.1:80", "127.0.0.1:80"])
def test_gateway_off_this_machine_is_refused(gateway: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        Client(USER_AGENT, gateway=gateway)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://nse/a", "https:///a", "a.csv"])
def test_only_http_addresses_are_asked(client: Client, url: str) -> None:
    with pytest.raises(ValueError, match="not an http or https address"):
        client.get(url)


# Errors


@pytest.mark.parametrize(
    "error",
    [
        Blocked(expected="e", got="g", where="w", status=403, retry_at=NOW).about(
            "nse_index_close", date(2026, 2, 13)
        ),
        Locked(where="lock", pid=7, host="box", command="riskon nightly", since=NOW),
        CheckFailed(where="core.index_bar", check="close within range", rows=2),
    ],
)
def test_error_says_all_and_survives_pickling(error: RiskonError) -> None:
    error.add_note("seen twice")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)
    for fact in (error.expected, error.got, error.where, error.advice()):
        assert fact
        assert fact in str(error)


def test_source_error_names_source_and_session() -> None:
    error = Malformed(expected="CSV", got="HTML", where="https://x/a")
    assert str(error).startswith("expected CSV; got HTML\n")
    named = error.about("nse_index_close", date(2026, 2, 13))
    assert str(named).startswith("nse_index_close, session 2026-02-13: expected CSV; got HTML\n")
