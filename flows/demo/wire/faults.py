"""What a publisher can do to us, on request."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock


class FaultKind(StrEnum):
    """Kinds of misbehaviour, named after what the client meets."""

    # The answer itself.
    FORBIDDEN = "forbidden"
    TOO_MANY = "too_many"
    UNAVAILABLE = "unavailable"
    # The wire.
    STALL = "stall"
    TRUNCATED = "truncated"
    OVERSIZED = "oversized"
    GZIP_BOMB = "gzip_bomb"
    # A body that is something else.
    HTML = "html"
    EMPTY = "empty"
    ZIP_BOMB = "zip_bomb"
    ANOTHER_DAY = "another_day"
    # A body that is nearly right.
    SHORT = "short"
    WRONG_DATE = "wrong_date"
    MIXED_DATES = "mixed_dates"
    RENAMED_COLUMN = "renamed_column"
    MISSING_COLUMN = "missing_column"
    EXTRA_COLUMN = "extra_column"
    DUPLICATE_ROWS = "duplicate_rows"
    CONFLICTING_DUPLICATES = "conflicting_duplicates"
    NEGATIVE = "negative"
    NOT_UTF8 = "not_utf8"
    BOM = "bom"


REFUSALS = {FaultKind.FORBIDDEN: 403, FaultKind.TOO_MANY: 429, FaultKind.UNAVAILABLE: 503}


@dataclass
class Fault:
    """One kind of misbehaviour on the paths that match.

    Args:
        path: regular expression, searched in `/<publisher host>/<publisher path>`.
        kind: what happens.
        times: how often it happens before the publisher recovers; None is for ever.
        retry_after: seconds in the Retry-After header of `too_many` and `unavailable`.
        seconds: how long `stall` sends nothing.
        size: bytes of `oversized`, and of `gzip_bomb` and `zip_bomb` once inflated; without it
            2 GiB, for `zip_bomb` 64 MiB.
    """

    path: str
    kind: FaultKind
    times: int | None = None
    retry_after: int = 1
    seconds: float = 30.0
    size: int | None = None
    met: int = field(default=0, init=False)
    _counting: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.kind = FaultKind(self.kind)
        re.compile(self.path)

    def strikes(self, path: str) -> bool:
        """Whether this request meets the fault; counts it if so."""
        if not re.search(self.path, path):
            return False
        with self._counting:
            if self.times is not None and self.met >= self.times:
                return False
            self.met += 1
            return True


def first_striking(faults: Sequence[Fault], path: str) -> Fault | None:
    """The first fault in the list that this request meets."""
    return next((fault for fault in tuple(faults) if fault.strikes(path)), None)
