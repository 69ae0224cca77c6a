"""Patience: what one call may spend on a publisher, and when its requests are repeated.

A host that has answered and falls silent is left alone ever longer, because NSE stalls whoever
asks much; one that never answered is asked just once more, because it may drop us for good.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from urllib3.exceptions import (
    ConnectTimeoutError,
    InvalidHeader,
    MaxRetryError,
    NewConnectionError,
    ReadTimeoutError,
    ResponseError,
)
from urllib3.response import BaseHTTPResponse
from urllib3.util.retry import Retry

BACKOFF_S = 2.0
PATIENCE_S = 120.0
_RETRIED = frozenset({429, 500, 502, 503, 504})
_AFTER_STALL_S = (15.0, 60.0, 180.0)


@dataclass
class Effort:
    """What one call has spent on the publisher, and may still spend."""

    pause: Callable[[float], None]
    total_timeout_s: float
    sent: int = 0
    waited_s: float = 0.0
    started_s: float = field(default_factory=time.monotonic)

    def is_late(self) -> bool:
        """Whether the call as a whole has taken too long."""
        return time.monotonic() - self.started_s > self.total_timeout_s

    def affords(self, wait_s: float) -> bool:
        """Whether a further wait is within our patience."""
        return self.waited_s + wait_s <= PATIENCE_S and not self.is_late()

    def wait(self, wait_s: float) -> None:
        """Wait, and remember it."""
        self.waited_s += wait_s
        self.pause(wait_s)

    def __str__(self) -> str:
        took_s = time.monotonic() - self.started_s
        requests_ = f"{self.sent} request{'s' if self.sent != 1 else ''}"
        return f"{requests_}, {self.waited_s:.0f} s of waiting between them, {took_s:.0f} s in all"


class BoundedRetry(Retry):
    """urllib3's Retry, bounded by one call's effort, its repeats under the host's limit too.

    Args:
        effort: Of the call that sends.
        permit: Waits for the host's limit.
        has_answered: Whether the host has answered in this run.
        settings: Of `Retry`.
    """

    def __init__(
        self,
        *,
        effort: Effort,
        permit: Callable[[], object],
        has_answered: bool,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self.effort = effort
        self.permit = permit
        self.has_answered = has_answered

    @classmethod
    def of_call(
        cls, effort: Effort, permit: Callable[[], object], retries: int, *, has_answered: bool
    ) -> Self:
        """The rule for one request of a call."""
        return cls(
            effort=effort,
            permit=permit,
            has_answered=has_answered,
            total=retries,
            redirect=False,
            status_forcelist=_RETRIED,
            # A POST here asks a question, so that asking again is safe.
            allowed_methods={"GET", "POST"},
            backoff_factor=BACKOFF_S,
            raise_on_status=False,
            # Long enough to be told honestly; patience decides what is waited for.
            retry_after_max=30 * 86_400,
        )

    def new(self, **changes: Any) -> Self:
        """Copy, with what urllib3 does not know of."""
        return super().new(
            effort=self.effort, permit=self.permit, has_answered=self.has_answered, **changes
        )

    def get_backoff_time(self) -> float:
        """Seconds before the next request where the publisher asks for nothing."""
        silences = sum(is_silence(past.error) for past in self.history)
        if self.has_answered and is_silence(self.history[-1].error):
            return _AFTER_STALL_S[min(silences, len(_AFTER_STALL_S)) - 1]
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
        """Count a failure.

        Raises:
            MaxRetryError: It is not to be repeated.
        """
        if response is not None:
            self.has_answered = True
            # urllib3 would read the error's body first, however long or slow it is.
            response.close()
        # A host that answered before is worth patience; one that never did is asked just twice.
        is_away = is_silence(error) or isinstance(error, NewConnectionError)
        dropped = not self.has_answered and is_away and len(self.history) > 0
        further = super().increment(method, url, response, error, _pool, _stacktrace)
        if dropped or not self.effort.affords(further.wait_s(response)):
            raise MaxRetryError(_pool, str(url), error or ResponseError("out of patience"))
        self.effort.sent += 1
        return further

    def wait_s(self, response: BaseHTTPResponse | None) -> float:
        """Seconds before the next request: what the publisher asks, else the backoff."""
        return retry_after_s(self, response) or self.get_backoff_time()

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Wait as long as that takes, then for the host's limit."""
        self.effort.wait(self.wait_s(response))
        self.permit()


def is_silence(error: BaseException | None) -> bool:
    """Whether a host did not even refuse: it let a connection or a request go unanswered."""
    # urllib3 derives a connection refused, or a name not found, from its connect timeout.
    return isinstance(error, ConnectTimeoutError | ReadTimeoutError) and not isinstance(
        error, NewConnectionError
    )


def retry_after_s(retry: Retry, response: BaseHTTPResponse | None) -> float | None:
    """Seconds a publisher asks us to wait; null if it does not, or not in a form with meaning."""
    if response is None:
        return None
    try:
        return retry.get_retry_after(response)
    except (InvalidHeader, ValueError, OverflowError):
        return None  # then the backoff stands, as if nothing had been asked
