"""What a simulated security is: its names, series, sessions, size and temper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flows.demo.world.companies import check_digit
from flows.demo.world.share_actions import Plan
from flows.demo.world.share_series import Spell

NAME_WIDTH = 25
"""The exchange cuts names of securities to so many characters."""
FIRST_PEER = 40_000
"""Companies numbered from here on are listed, and neither file results nor join an index."""


@dataclass(frozen=True)
class Name:
    """What it is called from a date on."""

    since: date
    symbol: str
    isin: str
    security_name: str
    company_name: str
    face_value_inr: float


@dataclass(frozen=True)
class Temper:
    """How its daily returns come about.

    Loadings on the factor returns, on one sector's and on quality's; `own` is its own daily
    deviation in calm times; a security that `follows` an index has the index's returns instead.
    """

    market: float = 0.0
    mid: float = 0.0
    small: float = 0.0
    sector: str | None = None
    quality: float = 0.0
    own: float = 0.01
    follows: str | None = None


@dataclass(frozen=True)
class Security:
    """One security through all its names.

    `price_inr` and `cap_inr` are those of the evening before its first session; `turnover` is the
    share of its value traded on a calm day, `chance` the odds of a trade in a session. `series` are
    spells out of `home_series`. A `jump` is a date and a price ratio that nothing explains, a `run`
    a date, a count of sessions and the limit hit in each. `has_issue_price`: it came by a public
    offer, so that its first session has a close before it, from which
    it moves by its `debut`.
    """

    key: str
    kind: str
    names: tuple[Name, ...]
    temper: Temper
    price_inr: float
    cap_inr: float
    company: int | None = None
    home_series: str = "EQ"
    series: tuple[Spell, ...] = ()
    listed_on: date = date(2012, 4, 2)
    delisted_on: date | None = None
    has_issue_price: bool = False
    debut: float = 0.08
    pauses: tuple[tuple[date, date], ...] = ()
    chance: float = 1.0
    turnover: float = 0.002
    lot: int = 1
    band: float = 0.20
    delivered: float = 0.5
    plans: tuple[Plan, ...] = ()
    jump: tuple[date, float] | None = None
    run: tuple[date, int, float] | None = None


def cut(name: str) -> str:
    """A company's name as the exchange's files show it."""
    return name.upper().replace("LIMITED", "LTD")[:NAME_WIDTH].rstrip()


def number_of(issuer: str, kind: str, issue: int = 1) -> str:
    """An ISIN from seven characters of country and issuer, two of the kind and the issue."""
    body = f"{issuer}{kind}{issue:02d}"
    return f"{body}{check_digit(body)}"
