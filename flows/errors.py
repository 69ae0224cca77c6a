"""Errors, named after what the operator does next.

    RiskonError
    ├── SourceError          one publisher file, one session
    │   ├── Blocked          wait: the publisher refuses us, or is silent
    │   ├── Unavailable      try again: it failed, or was cut off
    │   ├── LayoutChanged    look: it answers, but not in the form we know
    │   ├── AnotherDay       try later: it served another day's copy
    │   └── Malformed        look at the bytes: they are no such file at all
    ├── Locked               wait for the other writer
    ├── WrongOrigin          choose the other home: real and simulated never mix
    └── CheckFailed          look at the offending rows; readers keep the last publication

Each prints what was expected, what came, where, and what to do next. All survive pickling,
because the orchestrator carries them between processes.
"""

# ruff: noqa: N818 - they are named after what to do, not after being errors

from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import partial
from typing import Any, ClassVar, Self


@dataclass(eq=False, kw_only=True)
class RiskonError(Exception):
    """Anything Riskon stops for on purpose: expectation, finding, place, next act."""

    expected: str
    got: str
    where: str

    next_step: ClassVar[str] = "Read the facts above."

    def subject(self) -> str:
        """What the error is about, to open the message; empty where the rest says it."""
        return ""

    def advice(self) -> str:
        """The operator's next act."""
        return self.next_step

    def __str__(self) -> str:
        subject = self.subject()
        return (
            f"{subject + ': ' if subject else ''}expected {self.expected}; got {self.got}\n"
            f"  where: {self.where}\n"
            f"  next:  {self.advice()}"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # The inherited form calls the class with positional arguments, which it does not take.
        facts = {field.name: getattr(self, field.name) for field in fields(self)}
        return partial(type(self), **facts), (), self.__dict__


@dataclass(eq=False, kw_only=True)
class SourceError(RiskonError):
    """One publisher file could not be taken; `where` is its address or its path.

    The HTTP layer knows neither source nor session: whoever asked adds them with `about`.
    """

    source: str | None = None
    session: date | None = None

    day_state: ClassVar[str] = "failed"

    def about(self, source: str, session: date | None = None) -> Self:
        """Name the source, and the session where it has sessions; returns the error itself."""
        self.source, self.session = source, session
        return self

    def subject(self) -> str:
        """The source and its session, as far as they are known."""
        return ", session ".join(str(part) for part in (self.source, self.session) if part)


@dataclass(eq=False, kw_only=True)
class Blocked(SourceError):
    """The publisher refuses: 401, 403, a restricted address, a limit that outlasts us, silence.

    `status` is null where the refusal is words in an ordinary page, or silence; `retry_at` (UTC)
    is when the publisher, or our own caution, allows the next request to that host; `is_silence`
    says that it answered nothing at all, as hosts do that drop an address.
    """

    status: int | None = None
    retry_at: datetime | None = None
    is_silence: bool = False

    day_state: ClassVar[str] = "blocked"

    def advice(self) -> str:
        """Wait, and until when."""
        when = f"not before {self.retry_at:%Y-%m-%d %H:%M:%S %Z}" if self.retry_at else "later"
        if self.is_silence:
            return (
                "Open the address in a browser on this machine. If other sites do not open "
                "either, the connection is at fault. If this one alone stays silent, the publisher "
                f"is dropping this address, as NSE does with many servers: run again {when}, or "
                "fetch the file by hand and `riskon import` it. Riskon does not work around it."
            )
        return (
            f"Wait and run again {when}, or fetch the file by hand and `riskon import` it. "
            "Riskon does not work around a refusal."
        )


@dataclass(eq=False, kw_only=True)
class Unavailable(SourceError):
    """The publisher fails or cuts the connection, and retries did not help.

    `status` is null where there was no whole answer; `is_unreachable`: no connection was made, in
    this run, to its host: no network, most likely.
    """

    status: int | None = None
    is_unreachable: bool = False

    next_step: ClassVar[str] = (
        "Run again later: what came so far is resumed where the publisher allows it. If it never "
        "comes, see `riskon doctor`."
    )

    def advice(self) -> str:
        """The operator's next act."""
        if self.is_unreachable:
            return "Look at this machine's network and run again: nothing landed is lost."
        return self.next_step


@dataclass(eq=False, kw_only=True)
class LayoutChanged(SourceError):
    """The publisher answers, but its columns, format or interface are not the ones we know."""

    day_state: ClassVar[str] = "malformed"
    next_step: ClassVar[str] = (
        "Compare the landed bytes with the source's declared layout, correct the source, then "
        "`riskon rebuild`. Only this source stops."
    )


@dataclass(eq=False, kw_only=True)
class AnotherDay(SourceError):
    """The date inside the file is not the one asked for: a stale copy."""

    day_state: ClassVar[str] = "stale"
    next_step: ClassVar[str] = (
        "Run again after the publisher's usual hour; if it stays so, the day had no session."
    )


@dataclass(eq=False, kw_only=True)
class Malformed(SourceError):
    """What came is no such file: HTML, truncated, oversized, empty, not text, moved away."""

    day_state: ClassVar[str] = "malformed"
    next_step: ClassVar[str] = (
        "Open the address in a browser and look: an error page passes by itself, a moved or "
        "renamed file needs a new address in the source."
    )


@dataclass(eq=False, kw_only=True)
class Locked(RiskonError):
    """Another process writes to this home; `since` is a UTC instant."""

    pid: int
    host: str
    command: str
    since: datetime
    expected: str = "to be the only writer"
    got: str = ""

    next_step: ClassVar[str] = (
        "Wait for it to end. If no such process lives on that host, the lock is free for the "
        "next run."
    )

    def __post_init__(self) -> None:
        if not self.got:
            self.got = (
                f"process {self.pid} on {self.host}, writing since "
                f"{self.since:%Y-%m-%d %H:%M:%S %Z}: {self.command}"
            )


@dataclass(eq=False, kw_only=True)
class WrongOrigin(RiskonError):
    """A real warehouse was offered simulated data, or the reverse."""

    next_step: ClassVar[str] = (
        "Set RISKON_HOME to the home of that origin; the demo has one of its own."
    )


@dataclass(eq=False, kw_only=True)
class CheckFailed(RiskonError):
    """A severe check returned rows, so nothing was published; `where` is the table."""

    check: str
    rows: int
    expected: str = "no offending row"
    got: str = ""

    next_step: ClassVar[str] = (
        "Look at the rows in ops.check_result, correct the cause and run again; readers keep "
        "the last publication."
    )

    def __post_init__(self) -> None:
        if not self.got:
            self.got = f"{self.rows} row{'s' if self.rows != 1 else ''}"

    def subject(self) -> str:
        """The check's name."""
        return f"check {self.check}"
