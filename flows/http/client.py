"""One polite session with the publishers: limits, retries, resume, conditional GET.

A `Client` lives as long as a run. To each host it makes one request at a time and at most one
a second; it waits as long as a publisher asks, within a bound, and takes a refusal for what it
is. What it returns is the publisher's answer; what it raises names the operator's next act.
"""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from flows.errors import Blocked, Malformed
from flows.http.addresses import front_page, is_loopback, redirect_target, wire_address
from flows.http.answer import Ask, Reply, bodiless, gave_up, plain, silence, whole
from flows.http.host import Host
from flows.http.partial import Partial
from flows.http.patience import BACKOFF_S, BoundedRetry, Effort, is_silence, retry_after_s

MAX_BYTES = 64 * 2**20
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK_BYTES = 2**16


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Client:
    """The HTTP side of one run; a context manager, safe to share between threads.

    Args:
        user_agent: The truthful name Riskon goes by.
        gateway: Root of the simulated exchange; `https://host/path` is asked there as
            `<gateway>/host/path`. Loopback only.
        rates: Requests a second by host, where `default_rate` does not fit.
        timeout: Seconds to connect, and seconds without a byte.
        parts: Folder for unfinished downloads, so that the next process resumes them; without
            it they are resumed within the call only.
        retries: Further requests after failures of one send; as many resumptions of one body.
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
        parts: Path | None = None,
        retries: int = 4,
        total_timeout_s: float = 300.0,
        exempt_loopback: bool = True,
        clock: Callable[[], datetime] = _utc_now,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        if gateway is not None and not is_loopback(gateway):
            raise ValueError(f"gateway must be an address on loopback, not {gateway!r}")
        self._user_agent = user_agent
        self._gateway = gateway.rstrip("/") if gateway else None
        self._rates = dict(rates or {})
        self._default_rate = default_rate
        self._timeout = timeout
        self._parts = parts
        self._retries = retries
        self._total_timeout_s = total_timeout_s
        self._exempt_loopback = exempt_loopback
        self.clock = clock
        self._pause = pause
        self._hosts: dict[str, Host] = {}
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
        max_bytes: int = MAX_BYTES,
    ) -> Reply:
        """Fetch one file.

        Args:
            url: The publisher's address.
            referer: Page that links to it, where the publisher wants to hear that.
            warm: Page of the same host that hands out the cookies an API asks for: visited
                once a run before the first call, after the site's front page, and both once
                more after a 401 or 403. It is also the referer unless another is given.
            etag: Of the copy we hold; with it the answer may be 304.
            last_modified: Likewise.
            max_bytes: Largest body taken, on the wire and decoded alike.

        Raises:
            Blocked: 401, 403, 451, a refusal in words, a wait beyond our patience, or no
                answer at all; further calls to a host that is to be left alone until some time
                raise at once until then.
            Unavailable: Failing or cutting after all retries.
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
        max_bytes: int = MAX_BYTES,
    ) -> Reply:
        """Ask an interface that takes its question as JSON; otherwise like `get`."""
        return self._call("POST", url, body, {}, referer, warm, max_bytes)

    def post_form(
        self,
        url: str,
        fields: Mapping[str, str],
        *,
        referer: str | None = None,
        warm: str | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> Reply:
        """Send a page's form as a browser would; otherwise like `get`."""
        return self._call("POST", url, None, {}, referer, warm, max_bytes, fields)

    def _call(  # noqa: PLR0917 - one private hub of three public methods
        self,
        method: str,
        url: str,
        body: object,
        headers: dict[str, str],
        referer: str | None,
        warm: str | None,
        max_bytes: int,
        form: Mapping[str, str] | None = None,
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
            effort = Effort(self._pause, self._total_timeout_s)
            ask = Ask(method, url, body, headers, max_bytes, effort, form)
            try:
                return self._fetch(host, ask) if warm is None else self._guarded(host, ask, warm)
            except Blocked as refusal:
                host.refusal = refusal
                raise

    def _host(self, url: str) -> Host:
        name = urlsplit(url).hostname
        if name is None or urlsplit(url).scheme not in {"http", "https"}:
            raise ValueError(f"not an http or https address: {url!r}")
        with self._hosts_lock:
            if name not in self._hosts:
                direct = is_loopback(wire_address(url, self._gateway))
                spared = self._exempt_loopback and direct
                rate = None if spared else self._rates.get(name, self._default_rate)
                self._hosts[name] = Host(name, rate, self._user_agent, direct=direct)
            return self._hosts[name]

    def _guarded(self, host: Host, ask: Ask, page: str) -> Reply:
        """Fetch from an API behind cookies, once more with fresh ones if these are refused."""
        self._warm(host, ask, page)
        try:
            return self._fetch(host, ask)
        except Blocked as refusal:
            if refusal.status not in {401, 403} or refusal.retry_at is not None:
                raise
        # The cookies may just have aged; a second refusal is one.
        host.session.cookies.clear()
        host.warmed.clear()
        self._warm(host, ask, page)
        return self._fetch(host, ask)

    def _warm(self, host: Host, ask: Ask, page: str) -> None:
        """Visit the front page and the page, for their cookies, unless this was done before.

        Their refusal is not the API's: that one decides. What limits us, limits the API too.
        """
        sent = ask.effort.sent
        for address in (front_page(page), page):
            if address in host.warmed:
                continue
            visit = Ask("GET", address, None, {}, ask.max_bytes, ask.effort)
            # A page that leads to another host is not followed, and may have left its cookies.
            with suppress(Malformed):
                url, answer = self._open(host, visit, {})
                with closing(answer):
                    status = answer.status_code
                    if status == 429 or (status >= 400 and "Retry-After" in answer.headers):
                        self._bodiless(host, visit, url, answer)
            host.warmed.add(address)
        ask.effort.sent = sent

    def _fetch(self, host: Host, ask: Ask) -> Reply:
        """Transfer the body, resuming it after cuts where its version is certain, else anew."""
        with closing(Partial(self._parts if ask.method == "GET" else None, ask.url)) as part:
            cut = ""
            for transfer in range(1 + self._retries):
                if transfer:
                    wait_s = BACKOFF_S * 2 ** (transfer - 1)
                    if not ask.effort.affords(wait_s):
                        break
                    ask.effort.wait(wait_s)
                resume = part.range_headers() if ask.method == "GET" else {}
                url, answer = self._open(host, ask, resume)
                with closing(answer):
                    status, headers = answer.status_code, plain(answer.headers)
                    if resume and (status == 416 or (status == 206 and not part.goes_on(headers))):
                        cut = f"status {status} with another version of a file begun before"
                        part.discard()
                        continue
                    if status != 200 and not (resume and status == 206):
                        if status == 304:
                            part.discard()
                        return self._bodiless(host, ask, url, answer)
                    if status == 200:
                        part.begin(headers)
                    try:
                        self._read(answer, ask, part)
                    except HTTPError as error:
                        cut = f"{len(part.wire)} bytes, then {type(error).__name__}: {error}"
                        continue
                if part.total is not None and len(part.wire) != part.total:
                    cut = f"{len(part.wire)} bytes of {part.total}"
                    continue
                part.delete()
                return whole(ask, url, part, self.clock())
            raise gave_up(ask, "the whole file", cut)

    def _open(
        self, host: Host, ask: Ask, resume: Mapping[str, str]
    ) -> tuple[str, requests.Response]:
        """Send until there is an answer that is no redirect; with the publisher's final URL."""
        url = ask.url
        for _ in range(1 + self._retries):
            answer = self._send(host, ask, url, resume)
            if answer.status_code not in _REDIRECTS:
                return url, answer
            answer.close()
            location = answer.headers.get("Location", "")
            target = redirect_target(url, location, self._gateway)
            if target is None or ask.method != "GET":
                raise Malformed(
                    expected=f"the file at {host.name}",
                    got=f"status {answer.status_code} that leads to {location or 'nowhere'}",
                    where=ask.url,
                )
            url = target
        raise Malformed(expected="a file", got="redirects without end", where=ask.url)

    def _send(self, host: Host, ask: Ask, url: str, resume: Mapping[str, str]) -> requests.Response:
        """Send one request, repeated as far as patience allows, until its headers are there."""
        host.adapter.max_retries = BoundedRetry.of_call(
            ask.effort, host.permit, self._retries, has_answered=host.has_answered
        )
        ask.effort.sent += 1
        try:
            answer = host.session.request(
                ask.method,
                wire_address(url, self._gateway),
                json=ask.body,
                data=ask.form,
                headers={**ask.headers, **resume},
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            )
        except (requests.ConnectionError, requests.Timeout) as error:
            cause = error.args[0] if error.args else error
            if isinstance(cause, MaxRetryError) and cause.reason is not None:
                cause = cause.reason
            if is_silence(cause):
                raise silence(ask, cause, self.clock()) from error
            gone = gave_up(ask, "an answer", f"{type(cause).__name__}: {cause}")
            gone.is_unreachable = not host.has_answered and isinstance(cause, NewConnectionError)
            raise gone from error
        host.has_answered = True
        return answer

    def _read(self, answer: requests.Response, ask: Ask, part: Partial) -> None:
        """Move the body into the part as it comes on the wire, within size and time."""
        while True:
            found = ""
            if part.total is not None and part.total > ask.max_bytes:
                found = f"{part.total} bytes announced"
            elif len(part.wire) > ask.max_bytes:
                found = f"{len(part.wire)} bytes and more"
            if found:
                part.discard()
                expected = f"at most {ask.max_bytes} bytes"
                raise Malformed(expected=expected, got=found, where=ask.url)
            if ask.effort.is_late():
                raise gave_up(ask, "the whole file", f"{len(part.wire)} bytes by then")
            # One read of the socket: a dripping server comes back to the bounds above each time.
            chunk = answer.raw.read1(_CHUNK_BYTES, decode_content=False)
            if not chunk:
                return
            part.add(chunk)

    def _bodiless(self, host: Host, ask: Ask, url: str, answer: requests.Response) -> Reply:
        asked_s = retry_after_s(host.adapter.max_retries, answer.raw)
        headers = plain(answer.headers)
        return bodiless(ask, url, answer.status_code, answer.reason, headers, asked_s, self.clock())
