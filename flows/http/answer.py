"""What a publisher's answer means: a file, its absence, a refusal, a fault. No I/O here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flows.errors import Blocked, LayoutChanged, Malformed, Unavailable
from flows.http.partial import Partial, decoded
from flows.http.patience import Effort

# NSE asks a restricted address to come back after ten minutes; others that limit say nothing.
_CAUTION = timedelta(minutes=10)
_REFUSALS = (
    b"ip restricted",
    b"<title>access denied</title>",
    b"<title>request rejected</title>",
)
_REFUSAL_BYTES = 8 * 2**10


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


@dataclass(frozen=True)
class Ask:
    """One call: what to send, the bound on what comes back, and the effort so far."""

    method: str
    url: str
    body: object
    headers: Mapping[str, str]
    max_bytes: int
    effort: Effort
    form: Mapping[str, str] | None = None
    """Fields of a form, in place of a body in JSON."""


def plain(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers with lower-case names; without cookies, which are nobody's provenance."""
    return {k.lower(): v for k, v in headers.items() if k.lower() != "set-cookie"}


def whole(ask: Ask, url: str, part: Partial, now: datetime) -> Reply:
    """The answer whose body has come to its end.

    Raises:
        Blocked: It is a page that refuses.
        Malformed: It cannot be decoded, or is too large decoded.
    """
    encoding = part.headers.get("content-encoding", "identity").strip().lower()
    try:
        body = decoded(bytes(part.wire), encoding, ask.max_bytes)
    except ValueError as error:
        raise Malformed(
            expected=f"a body of at most {ask.max_bytes} bytes, encoded as {encoding}",
            got=f"{len(part.wire)} bytes on the wire, {error}",
            where=ask.url,
        ) from error
    words = body.lower() if len(body) <= _REFUSAL_BYTES else b""
    for refusal in _REFUSALS:
        if refusal in words:
            raise _refused(ask, f"a page that says {refusal.decode()!r}", None, now + _CAUTION)
    return Reply(url, 200, part.headers, body, now, ask.effort.sent)


def bodiless(  # noqa: PLR0917 - the parts of one answer
    ask: Ask,
    url: str,
    status: int,
    reason: str,
    headers: Mapping[str, str],
    asked_s: float | None,
    now: datetime,
) -> Reply:
    """The answer that is one without a body; `asked_s` is the wait the publisher asks for.

    Raises:
        Blocked: It refuses, or limits us for longer than our patience.
        Unavailable: It fails.
        LayoutChanged: It does not know the question.
        Malformed: It is no answer to the question.
    """
    conditional = "If-None-Match" in ask.headers or "If-Modified-Since" in ask.headers
    if status in {404, 410} or (status == 304 and conditional):
        return Reply(url, status, headers, None, now, ask.effort.sent)
    got = f"status {status} {reason} after {ask.effort}"
    if "retry-after" in headers:
        got += f", Retry-After: {headers['retry-after']}"
    asked = now + timedelta(seconds=asked_s) if asked_s else None
    if status in {401, 403, 451}:
        raise _refused(ask, got, status, asked)
    if status == 429 or (status == 503 and asked_s and not ask.effort.affords(asked_s)):
        raise _refused(ask, got, status, asked or now + _CAUTION)
    if status >= 500:
        raise Unavailable(expected="the file", got=got, where=ask.url, status=status)
    if 400 <= status < 500:
        raise LayoutChanged(expected="the file, or 404", got=got, where=ask.url)
    raise Malformed(expected="status 200", got=got, where=ask.url)


def gave_up(ask: Ask, expected: str, got: str) -> Unavailable:
    """The error of a call that retries did not help."""
    return Unavailable(expected=expected, got=f"{got} (after {ask.effort})", where=ask.url)


def silence(ask: Ask, cause: BaseException, now: datetime) -> Blocked:
    """The error of a call to a host that lets connections or requests go unanswered."""
    return Blocked(
        expected="an answer",
        got=f"silence: {cause} (after {ask.effort})",
        where=ask.url,
        retry_at=now + _CAUTION,
        is_silence=True,
    )


def _refused(ask: Ask, got: str, status: int | None, retry_at: datetime | None) -> Blocked:
    return Blocked(expected="the file", got=got, where=ask.url, status=status, retry_at=retry_at)
