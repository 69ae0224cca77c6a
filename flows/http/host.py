"""One host as one run knows it: session and cookies, limit, what it answered last."""

import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial

import requests
from requests.adapters import HTTPAdapter
from requests_ratelimiter import LimiterAdapter

from flows.errors import Blocked


class _Session(requests.Session):
    """Leaves redirects alone: requests reads their bodies, without a bound, to prepare the next."""

    def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002 - its signature
        return None


class Host:
    """One host's session (its cookies stay with it), its limit, and its last refusal."""

    def __init__(self, name: str, rate: float | None, user_agent: str, *, direct: bool) -> None:
        self.name = name
        self.lock = threading.Lock()
        self.warmed: set[str] = set()
        self.has_answered = False
        self.refusal: Blocked | None = None
        self.session = _Session()
        self.session.headers.update({"User-Agent": user_agent, "Accept-Encoding": "gzip"})
        if direct:
            # A proxy of the environment cannot reach this machine's own servers.
            self.session.trust_env = False
        self.adapter: HTTPAdapter = HTTPAdapter()
        self.permit: Callable[[], object] = lambda: None
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
        refusal = self.refusal
        if refusal is not None and refusal.retry_at is not None and now < refusal.retry_at:
            raise Blocked(
                expected="the file",
                got=f"no request made: {self.name} is left alone after {refusal.got}",
                where=url,
                retry_at=refusal.retry_at,
                is_silence=refusal.is_silence,
            )
