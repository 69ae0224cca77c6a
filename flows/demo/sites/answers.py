"""Requests and answers of the simulated publishers, before the wire."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Protocol

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
CSV = "text/csv"


@dataclass(frozen=True)
class Request:
    """A request as the publishers see it; header names in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """An answer before the wire. `modified` is set for files, which can be asked conditionally."""

    status: int
    body: bytes
    content_type: str
    modified: datetime | None = None
    cookie: str | None = None


class Site(Protocol):
    """A part of the publishers' sites."""

    pages: tuple[str, ...]
    """Pages of the exchange's own site that hand out cookies."""

    def answer(self, request: Request, now: datetime) -> Answer | None:
        """What is answered at the instant `now`; None where the path is not of this site."""

    def another_day(self, request: Request, now: datetime) -> Answer | None:
        """The answer of the date before, as if it were the one asked for; None: as above."""


def page(status: int, title: str) -> Answer:
    """A short HTML page."""
    text = f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{title}</body></html>"
    return Answer(status, text.encode(), HTML)


class Visitors:
    """Who has been given a cookie by a page of the exchange, which its interfaces want back."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._cookies: set[str] = set()

    def welcome(self, path: str) -> Answer:
        """A page that hands out a cookie."""
        token = f"simulated-{next(self._numbers)}"
        self._cookies.add(token)
        shown = page(200, f"SIMULATED {path}")
        return Answer(200, shown.body, HTML, cookie=f"nsit={token}; Path=/; HttpOnly")

    def refused(self, request: Request, referer: str = "") -> Answer | None:
        """The refusal of a visitor without a cookie, or who does not come from a page."""
        found = re.search(r"nsit=([^;\s]+)", request.headers.get("cookie", ""))
        if found is None or found[1] not in self._cookies:
            return page(401, "Unauthorized")
        if referer and not request.headers.get("referer", "").endswith(referer.removeprefix("/")):
            return page(401, "Unauthorized")
        return None

    def forget(self) -> None:
        """Every visitor must fetch a page again before an interface answers."""
        self._cookies.clear()
