"""One polite session with the publishers: limits, retries, resume, conditional GET.

A `Client` lives as long as a run. To each host it makes one request at a time and at most one
a second; it waits as long as a publisher asks, within a bound, and takes a refusal for what it
is. What it returns is the publisher's answer; what it raises names the operator's next act.
"""

import json
import os
import re
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests_ratelimiter import LimiterAdapter
from urllib3.exceptions import HTTPError, InvalidHeader, MaxRetryError, ResponseError
from urllib3.response import BaseHTTPResponse
from urllib3.util.retry import Retry

from flows.errors import Blocked, LayoutChanged, Malformed, Unavailable

MAX_BYTES = 64 * 2**20
_RETRIED = frozenset({429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK_BYTES = 2**16
# NSE asks a restricted address to come back after ten minutes; others that limit say nothing.
_CAUTION = timedelta(minutes=10)
_REFUSALS = (b"ip restricted", b"<title>access denied</title>")
_REFUSAL_BYTES = 8 * 2**10


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Reply:
    """A publisher's answer: 200 with its bytes, or 304, 404, 410 with none.

    `url` is the publisher's own, whatever the gateway and after redirects within its host;
    `headers` have lower-case names, without cookies, and are those of the whole file even where
    it came in pieces; `body` is what the publisher encoded for the wire, decoded; `fetched_at`
    is the UTC instant at which the answer was complete; `attempts` counts the requests made for
    it, retries and resumptions included, warming excluded.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes | None
    fetched_at: datetime
    attempts: int


class Client:
    """The HTTP side of one run; a context manager, safe to share between threads.

    Args:
        user_agent: The truthful name Riskon goes by.
        gateway: Root of the simulated exchange; `https://host/path` is asked there as
            `<gateway>/host/path`. Loopback only.
        rates: Requests a second by host, where `default_rate` does not fit.
        timeout: Seconds to connect, and seconds without a byte.
        max_bytes: Largest body taken, on the wire and decoded alike.
        parts: Folder for unfinished downloads, so that the next process resumes them; without
            it they are resumed within the call only.
        retries: Further requests after failures of one send; as many resumptions of one body.
        backoff_s: First wait between retries; each further one doubles.
        patience_s: Most that one call may spend waiting between its requests.
        total_timeout_s: Bound on one call, however slowly its bytes drip.
        exempt_loopback: Whether hosts on this machine are spared the rate limit.
        clock: Says now, as aware UTC.
        pause: Waits between retries, in seconds.

    Raises:
        ValueError: The gateway is not on loopback.
    """

    def __init__(
        self,
        user_agent: str,
        gateway: str | None = None,
        *,
        rates: Mapping[str, float] | None = None,
        default_rate: float = 1.0,
        timeout: tuple[float, float] = (10, 30),
        max_bytes: int = MAX_BYTES,
        parts: Path | None = None,
        retries: int = 4,
        backoff_s: float = 2.0,
        patience_s: float = 120.0,
        total_timeout_s: float = 300.0,
        exempt_loopback: bool = True,
        clock: Callable[[], datetime] = _utc_now,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        if gateway is not None and not _is_loopback(gateway):
            raise ValueError(f"gateway must be an address on loopback, not {gateway!r}")
        self._user_agent = user_agent
        self._gateway = gateway.rstrip("/") if gateway else None
        self._rates = dict(rates or {})
        self._default_rate = default_rate
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._parts = parts
        self._retries = retries
        self._backoff_s = backoff_s
        self._patience_s = patience_s
        self._total_timeout_s = total_timeout_s
        self._exempt_loopback = exempt_loopback
        self.clock = clock
        self._pause = pause
        self._hosts: dict[str, _Host] = {}
        self._hosts_lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection and the limiters' threads."""
        for host in self._hosts.values():
            host.session.close()

    def get(
        self,
        url: str,
        *,
        referer: str | None = None,
        warm: str | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
        max_bytes: int | None = None,
    ) -> Reply:
        """Fetch one file.

        Args:
            url: The publisher's address.
            referer: Page that links to it, where the publisher wants to hear that.
            warm: Page of the same host that hands out the cookies an API asks for: visited
                once a run before the first call, and once more after a 401 or 403. It is also
                the referer unless another is given.
            etag: Of the copy we hold; with it the answer may be 304.
            last_modified: Likewise.
            max_bytes: Instead of the client's.

        Raises:
            Blocked: 401, 403, 451, a refusal in words, or a wait beyond our patience; further
                calls to a host that set a time raise at once until then.
            Unavailable: Failing, stalling or cutting after all retries.
            LayoutChanged: Any other 4xx: the address or interface is not what we know.
            Malformed: Too large, undecodable, or a redirect to another host.
        """
        headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        conditions = {name: value for name, value in headers.items() if value is not None}
        return self._call("GET", url, None, conditions, referer, warm, max_bytes)

    def post_json(
        self,
        url: str,
        body: object,
        *,
        referer: str | None = None,
        warm: str | None = None,
        max_bytes: int | None = None,
    ) -> Reply:
        """Ask an interface that takes its question as JSON; otherwise like `get`."""
        return self._call("POST", url, body, {}, referer, warm, max_bytes)

    def _call(  # noqa: PLR0917 - one private hub of two public methods
        self,
        method: str,
        url: str,
        body: object,
        headers: dict[str, str],
        referer: str | None,
        warm: str | None,
        max_bytes: int | None,
    ) -> Reply:
        if warm is not None and urlsplit(warm).netloc != urlsplit(url).netloc:
            raise ValueError(f"{warm} cannot warm {url}: cookies stay with their host")
        page = referer or warm
        if page:
            headers |= {"Referer": page}
        if warm:
            headers |= {"X-Requested-With": "XMLHttpRequest"}
        host = self._host(url)
        with host.lock:
            host.refuse_until_allowed(url, self.clock())
            effort = _Effort(self._pause, self._patience_s, self._total_timeout_s)
            ask = _Ask(method, url, body, headers, max_bytes or self._max_bytes, effort)
            if warm is None:
                return self._fetch(host, ask)
            if warm not in host.warmed:
                self._warm(host, warm, effort)
            try:
                return self._fetch(host, ask)
            except Blocked as refusal:
                if refusal.status not in {401, 403} or refusal.retry_at is not None:
                    raise
            # The cookies may just have aged: once more with fresh ones, then it is a refusal.
            host.session.cookies.clear()
            self._warm(host, warm, effort)
            return self._fetch(host, ask)

    def _host(self, url: str) -> "_Host":
        name = urlsplit(url).hostname
        if name is None or urlsplit(url).scheme not in {"http", "https"}:
            raise ValueError(f"not an http or https address: {url!r}")
        with self._hosts_lock:
            if name not in self._hosts:
                wire = self._wire(url)
                spared = self._exempt_loopback and _is_loopback(wire)
                rate = None if spared else self._rates.get(name, self._default_rate)
                host = _Host(name, rate, self._user_agent, direct=_is_loopback(wire))
                self._hosts[name] = host
            return self._hosts[name]

    def _wire(self, url: str) -> str:
        """The address asked, which is the publisher's but for the gateway."""
        parts = urlsplit(url)
        if self._gateway is None:
            return url
        query = f"?{parts.query}" if parts.query else ""
        return f"{self._gateway}/{parts.netloc}{parts.path or '/'}{query}"

    def _warm(self, host: "_Host", page: str, effort: "_Effort") -> None:
        """Visit a page for its cookies. Its own refusal is not the API's: that one decides."""
        ask = _Ask("GET", page, None, {}, self._max_bytes, effort)
        sent = effort.sent
        with closing(self._open(host, ask, {})[1]):
            host.warmed.add(page)
        effort.sent = sent

    def _fetch(self, host: "_Host", ask: "_Ask") -> Reply:
        """Transfer the body, resuming it after cuts where its version is certain, else anew."""
        part = _Part(self._parts if ask.method == "GET" else None, ask.url)
        with closing(part):
            cut = ""
            for transfer in range(1 + self._retries):
                if transfer:
                    self._rest(ask, transfer, cut)
                resume = part.range_headers() if ask.method == "GET" else {}
                url, answer = self._open(host, ask, resume)
                with closing(answer):
                    status = answer.status_code
                    if resume and (status == 416 or (status == 206 and not part.goes_on(answer))):
                        cut = f"status {status} with another version of a file begun before"
                        part.discard()
                        continue
                    if status != 200 and not (resume and status == 206):
                        if status == 304:
                            part.discard()
                        return self._bodiless(host, ask, url, answer)
                    if status == 200:
                        part.begin(answer)
                    try:
                        self._read(answer, ask, part)
                    except HTTPError as error:
                        cut = f"{len(part.wire)} bytes, then {type(error).__name__}: {error}"
                        continue
                if part.total is not None and len(part.wire) != part.total:
                    cut = f"{len(part.wire)} bytes of {part.total}"
                    continue
                return self._complete(host, ask, url, part)
            raise _gave_up(ask, "the whole file", cut)

    def _rest(self, ask: "_Ask", transfer: int, cut: str) -> None:
        wait_s = self._backoff_s * 2 ** (transfer - 1)
        if not ask.effort.affords(wait_s):
            raise _gave_up(ask, "the whole file", cut)
        ask.effort.wait(wait_s)

    def _open(
        self, host: "_Host", ask: "_Ask", resume: Mapping[str, str]
    ) -> tuple[str, requests.Response]:
        """Send until there is an answer that is no redirect; with the publisher's final URL."""
        url = ask.url
        for _ in range(1 + self._retries):
            host.adapter.max_retries = _Retry(
                effort=ask.effort,
                permit=host.permit,
                total=self._retries,
                redirect=False,
                status_forcelist=_RETRIED,
                # A POST here asks a question, so that asking again is safe.
                allowed_methods={"GET", "POST"},
                backoff_factor=self._backoff_s,
                raise_on_status=False,
                # Long enough to be told honestly; patience decides what is waited for.
                retry_after_max=30 * 86_400,
            )
            ask.effort.sent += 1
            try:
                answer = host.session.request(
                    ask.method,
                    self._wire(url),
                    json=ask.body,
                    headers={**ask.headers, **resume},
                    timeout=self._timeout,
                    allow_redirects=False,
                    stream=True,
                )
            except (requests.ConnectionError, requests.Timeout) as error:
                raise _gave_up(ask, "an answer", f"{type(error).__name__}: {error}") from error
            if answer.status_code not in _REDIRECTS:
                return url, answer
            answer.close()
            url = self._redirected(ask, url, answer)
        raise Malformed(expected="a file", got="redirects without end", where=ask.url)

    def _redirected(self, ask: "_Ask", url: str, answer: requests.Response) -> str:
        """Where a redirect leads, if it stays with the host and loses no encryption."""
        location = answer.headers.get("Location", "")
        target = urljoin(self._wire(url), location)
        if self._gateway and target.startswith(self._gateway + "/"):
            target = f"{urlsplit(url).scheme}://{target[len(self._gateway) + 1 :]}"
        here, there = urlsplit(url), urlsplit(target)
        secure = there.scheme == here.scheme or (here.scheme, there.scheme) == ("http", "https")
        # Another port is another server, but for the two that go with the schemes.
        same_port = there.port == here.port or {here.port, there.port} <= {None, 80, 443}
        same = there.hostname == here.hostname and same_port and secure
        if not location or not same or ask.method != "GET":
            raise Malformed(
                expected=f"the file at {here.hostname}",
                got=f"status {answer.status_code} that leads to {location or 'nowhere'}",
                where=ask.url,
            )
        return target

    def _read(self, answer: requests.Response, ask: "_Ask", part: "_Part") -> None:
        """Move the body into the part as it comes on the wire, within size and time."""
        while True:
            if part.total is not None and part.total > ask.max_bytes:
                self._oversized(ask, part, f"{part.total} bytes announced")
            if len(part.wire) > ask.max_bytes:
                self._oversized(ask, part, f"{len(part.wire)} bytes and more")
            if ask.effort.is_late():
                raise _gave_up(ask, "the whole file", f"{len(part.wire)} bytes by then")
            # One read of the socket: a dripping server comes back to the bounds above each time.
            chunk = answer.raw.read1(_CHUNK_BYTES, decode_content=False)
            if not chunk:
                return
            part.add(chunk)

    def _oversized(self, ask: "_Ask", part: "_Part", got: str) -> NoReturn:
        part.discard()
        raise Malformed(expected=f"at most {ask.max_bytes} bytes", got=got, where=ask.url)

    def _complete(self, host: "_Host", ask: "_Ask", url: str, part: "_Part") -> Reply:
        wire, headers = bytes(part.wire), part.headers
        part.discard()
        encoding = headers.get("content-encoding", "identity").strip().lower()
        try:
            body = _decoded(wire, encoding, ask.max_bytes)
        except ValueError as error:
            raise Malformed(
                expected=f"a body of at most {ask.max_bytes} bytes, encoded as {encoding}",
                got=f"{len(wire)} bytes on the wire, {error}",
                where=ask.url,
            ) from error
        words = body[:_REFUSAL_BYTES].lower() if len(body) <= _REFUSAL_BYTES else b""
        for refusal in _REFUSALS:
            if refusal in words:
                self._refuse(host, ask, f"a page that says {refusal.decode()!r}", None, _CAUTION)
        return Reply(url, 200, headers, body, self.clock(), ask.effort.sent)

    def _bodiless(self, host: "_Host", ask: "_Ask", url: str, answer: requests.Response) -> Reply:
        """Return what is an answer without a body; raise what is none."""
        status = answer.status_code
        conditional = "If-None-Match" in ask.headers or "If-Modified-Since" in ask.headers
        if status in {404, 410} or (status == 304 and conditional):
            return Reply(url, status, _plain(answer), None, self.clock(), ask.effort.sent)
        got = f"status {status} {answer.reason} after {ask.effort}"
        retry_after = answer.headers.get("Retry-After")
        asked_s = _retry_after_s(host.adapter.max_retries, answer.raw)
        if retry_after is not None:
            got += f", Retry-After: {retry_after}"
        if status in {401, 403, 451}:
            wait = timedelta(seconds=asked_s) if asked_s else None
            self._refuse(host, ask, got, status, wait)
        if status == 429 or (status == 503 and asked_s and not ask.effort.affords(asked_s)):
            wait = timedelta(seconds=asked_s) if asked_s else _CAUTION
            self._refuse(host, ask, got, status, wait)
        if status >= 500:
            raise Unavailable(expected="the file", got=got, where=ask.url)
        if 400 <= status < 500:
            raise LayoutChanged(expected="the file, or 404", got=got, where=ask.url)
        raise Malformed(expected="status 200", got=got, where=ask.url)

    def _refuse(
        self, host: "_Host", ask: "_Ask", got: str, status: int | None, wait: timedelta | None
    ) -> NoReturn:
        host.refused_until = self.clock() + wait if wait else None
        host.refusal = got
        raise Blocked(
            expected="the file",
            got=got,
            where=ask.url,
            status=status,
            retry_at=host.refused_until,
        )


@dataclass
class _Effort:
    """What one call has spent on the publisher, and may still spend."""

    pause: Callable[[float], None]
    patience_s: float
    total_timeout_s: float
    sent: int = 0
    waited_s: float = 0.0
    started_s: float = field(default_factory=time.monotonic)

    def is_late(self) -> bool:
        return time.monotonic() - self.started_s > self.total_timeout_s

    def affords(self, wait_s: float) -> bool:
        return self.waited_s + wait_s <= self.patience_s and not self.is_late()

    def wait(self, wait_s: float) -> None:
        self.waited_s += wait_s
        self.pause(wait_s)

    def __str__(self) -> str:
        took_s = time.monotonic() - self.started_s
        requests_ = f"{self.sent} request{'s' if self.sent != 1 else ''}"
        return f"{requests_}, {self.waited_s:.0f} s of waiting between them, {took_s:.0f} s in all"


@dataclass(frozen=True)
class _Ask:
    """One call: what to send, the bound on what comes back, and the effort so far."""

    method: str
    url: str
    body: object
    headers: Mapping[str, str]
    max_bytes: int
    effort: _Effort


class _Host:
    """One host's session (its cookies stay with it), its limit, and its last refusal."""

    def __init__(self, name: str, rate: float | None, user_agent: str, *, direct: bool) -> None:
        self.name = name
        self.lock = threading.Lock()
        self.warmed: set[str] = set()
        self.refusal = ""
        self.refused_until: datetime | None = None
        self.session = requests.Session()
        self.session.headers.update({"User-Agent": user_agent, "Accept-Encoding": "gzip"})
        if direct:
            # A proxy of the environment cannot reach this machine's own servers.
            self.session.trust_env = False
        self.adapter: HTTPAdapter = HTTPAdapter()
        self.permit: Callable[[], object] = _always
        if rate is not None:
            # A burst of 1/rate spaces requests evenly instead of sending a second's worth at once.
            limiter = LimiterAdapter(
                per_second=rate, burst=1 / rate, per_host=False, bucket_name=name
            )
            self.adapter = limiter
            self.permit = partial(limiter.limiter.try_acquire, name, blocking=True, timeout=-1)
        self.session.mount("http://", self.adapter)
        self.session.mount("https://", self.adapter)

    def refuse_until_allowed(self, url: str, now: datetime) -> None:
        """Spare a host that told us when to come back.

        Raises:
            Blocked: It is not yet that time.
        """
        if self.refused_until is not None and now < self.refused_until:
            raise Blocked(
                expected="the file",
                got=f"no request made: {self.name} refused before ({self.refusal})",
                where=url,
                retry_at=self.refused_until,
            )


def _always() -> None:
    """No limit."""


class _Retry(Retry):
    """urllib3's Retry, bounded by one call's effort, its repeats under the host's limit too."""

    def __init__(self, *, effort: _Effort, permit: Callable[[], object], **settings: Any) -> None:
        super().__init__(**settings)
        self.effort = effort
        self.permit = permit

    def new(self, **changes: Any) -> Self:
        return super().new(effort=self.effort, permit=self.permit, **changes)

    def get_backoff_time(self) -> float:
        # urllib3 repeats at once the first time; a host in trouble is left alone that time too.
        return float(self.backoff_factor * 2 ** (len(self.history) - 1))

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: Any = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        if response is not None:
            # urllib3 would read the error's body first, however long or slow it is.
            response.close()
        further = super().increment(method, url, response, error, _pool, _stacktrace)
        if not self.effort.affords(further.wait_s(response)):
            raise MaxRetryError(_pool, str(url), error or ResponseError("out of patience"))
        self.effort.sent += 1
        return further

    def wait_s(self, response: BaseHTTPResponse | None) -> float:
        """Seconds before the next request: what the publisher asks, else the backoff."""
        return _retry_after_s(self, response) or self.get_backoff_time()

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        self.effort.wait(self.wait_s(response))
        self.permit()


class _Part:
    """The bytes of one version of a file so far, on disk where they are to outlive the process.

    The bytes are those of the wire, because ranges count them. Resumption needs a strong
    validator: without one the end of one version could follow the beginning of another.
    """

    def __init__(self, folder: Path | None, url: str) -> None:
        stem = sha256(url.encode()).hexdigest()
        self._url = url
        self._data = folder / f"{stem}.part" if folder else None
        self._facts = folder / f"{stem}.json" if folder else None
        self._file: Any = None
        self.wire = bytearray()
        self.headers: dict[str, str] = {}
        if self._data and self._facts and self._data.exists() and self._facts.exists():
            try:
                self.headers = json.loads(self._facts.read_bytes())["headers"]
            except ValueError:
                self.discard()  # a power cut can empty the facts: then begin anew
            else:
                self.wire += self._data.read_bytes()

    @property
    def total(self) -> int | None:
        """Length of the whole file on the wire, if announced."""
        length = self.headers.get("content-length", "")
        return int(length) if length.isdecimal() else None

    @property
    def validator(self) -> str | None:
        """What proves a later range to be of this version (RFC 9110, 13.1.5 and 8.8.2.2)."""
        etag = self.headers.get("etag")
        if etag is not None:
            return None if etag.startswith("W/") else etag
        if self.headers.get("content-encoding", "identity") != "identity":
            return None  # the same instant stands for every encoding of the file
        modified, served = self.headers.get("last-modified"), self.headers.get("date")
        if modified is None or served is None:
            return None
        age = parsedate_to_datetime(served) - parsedate_to_datetime(modified)
        return modified if age >= timedelta(minutes=1) else None

    def range_headers(self) -> dict[str, str]:
        """Headers that ask for the rest; none where it has to be the whole."""
        if not self.wire or not self.validator or self.headers.get("accept-ranges") == "none":
            return {}
        return {"Range": f"bytes={len(self.wire)}-", "If-Range": self.validator}

    def begin(self, answer: requests.Response) -> None:
        """Start anew with the version that a 200 brings."""
        self.discard()
        self.headers = _plain(answer)
        if self._data and self._facts and self.validator:
            self._data.parent.mkdir(parents=True, exist_ok=True)
            # Facts before bytes: a part never stands beside the facts of another version.
            new = self._facts.with_suffix(".new")
            new.write_text(json.dumps({"url": self._url, "headers": self.headers}))
            os.replace(new, self._facts)
            self._file = self._data.open("wb", buffering=0)

    def goes_on(self, answer: requests.Response) -> bool:
        """Whether a 206 holds the next bytes of this very version; then it is ready for them."""
        came = _plain(answer)
        span = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", came.get("content-range", ""))
        name = "etag" if "etag" in self.headers else "last-modified"
        if (
            span is None
            or int(span[1]) != len(self.wire)
            or (span[2] != "*" and self.total not in {None, int(span[2])})
            or came.get(name) != self.headers[name]
            or came.get("content-encoding") != self.headers.get("content-encoding")
        ):
            return False
        if span[2] != "*":
            self.headers["content-length"] = span[2]
        if self._data and self._file is None:
            self._file = self._data.open("ab", buffering=0)
        return True

    def add(self, chunk: bytes) -> None:
        self.wire += chunk
        if self._file is not None:
            self._file.write(chunk)

    def discard(self) -> None:
        """Forget the bytes, on disk too."""
        self.close()
        self.wire, self.headers = bytearray(), {}
        for path in (self._data, self._facts):
            if path:
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Keep what there is for the next process."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _plain(answer: requests.Response) -> dict[str, str]:
    """Headers with lower-case names; without cookies, which are nobody's provenance."""
    return {k.lower(): v for k, v in answer.headers.items() if k.lower() != "set-cookie"}


def _gave_up(ask: _Ask, expected: str, got: str) -> Unavailable:
    return Unavailable(expected=expected, got=f"{got} (after {ask.effort})", where=ask.url)


def _retry_after_s(retry: Retry, response: BaseHTTPResponse | None) -> float | None:
    """Seconds a publisher asks us to wait; null if it does not, or not in a form with meaning."""
    if response is None:
        return None
    try:
        return retry.get_retry_after(response)
    except InvalidHeader:
        return None  # then the backoff stands, as if nothing had been asked


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _decoded(wire: bytes, encoding: str, max_bytes: int) -> bytes:
    """Undo the content coding, stopping at the bound rather than after it.

    Raises:
        ValueError: Unknown coding, damaged or truncated stream, or more than `max_bytes`.
    """
    if encoding == "identity":
        return wire
    if encoding not in {"gzip", "x-gzip"}:
        raise ValueError(f"in coding {encoding!r}, which was not asked for")
    body = bytearray()
    for piece in _members(wire, max_bytes + 1):
        body += piece
        if len(body) > max_bytes:
            raise ValueError(f"which inflate to more than {max_bytes}")
    return bytes(body)


def _members(wire: bytes, piece_bytes: int) -> Iterator[bytes]:
    """Inflate each member of a gzip stream in bounded pieces."""
    rest = wire
    while rest:
        member = zlib.decompressobj(16 + zlib.MAX_WBITS)
        while not member.eof:
            try:
                piece = member.decompress(rest, min(piece_bytes, 2**20))
            except zlib.error as error:
                raise ValueError(f"no gzip stream: {error}") from error
            if not piece and not member.eof and not member.unconsumed_tail:
                raise ValueError("a gzip stream without its end")
            yield piece
            rest = member.unconsumed_tail
        rest = member.unused_data
