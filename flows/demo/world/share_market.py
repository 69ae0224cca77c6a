"""Everything that trades on the simulated exchange, session by security, before it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from flows.demo.world.companies import Company
from flows.demo.world.earnings import Earnings
from flows.demo.world.factors import Factors, Floats
from flows.demo.world.latent import latent, stream
from flows.demo.world.share_activity import UNDELIVERED, Activity, draw_activity_of
from flows.demo.world.share_others import draw_others
from flows.demo.world.share_peers import draw_peers
from flows.demo.world.share_population import draw_shares_of
from flows.demo.world.share_prices import (
    STRICT_BAND,
    Flags,
    Paths,
    draw_returns,
    sessions_traded,
    walk,
)
from flows.demo.world.share_security import Security
from flows.demo.world.share_weights import EXACT, closes_of, memberships
from flows.demo.world.story import FIRST_SHARE_SESSION, LAST_SESSION

Rows = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Sessions and securities of rows."""

TWINS = 2
"""Companies with a trade in the T0 series now and then."""
TWINS_FROM = date(2025, 1, 31)
TWIN_CHANCE = 0.25


@dataclass(frozen=True)
class ShareMarket:
    """Securities, the companies' shares first and by number, and what they did.

    `is_short` and `volatility` are by session; `series_codes` is session by security, places in
    `series_words`.
    """

    seed: int
    securities: tuple[Security, ...]
    sessions: tuple[date, ...]
    paths: Paths
    volatility: Floats
    is_short: Flags
    series_codes: NDArray[np.int16]
    series_words: tuple[str, ...]

    @cached_property
    def companies(self) -> NDArray[np.int32]:
        """By security: the company whose share it is, -1 where there is none."""
        numbers = [-1 if s.company is None else s.company for s in self.securities]
        return np.array(numbers, dtype=np.int32)

    @cached_property
    def kinds(self) -> NDArray[np.str_]:
        """By security."""
        return np.array([security.kind for security in self.securities])

    @cached_property
    def traded(self) -> tuple[Rows, Activity]:
        """Rows of what traded, by session and then as the exchange sorts, and the activity."""
        rows = self.sorted_rows(self.paths.traded)
        is_undelivered = np.isin(self.series_of(rows), UNDELIVERED)
        return rows, draw_activity_of(
            self.securities,
            self.paths,
            rows,
            (self.volatility, self.is_short, is_undelivered),
            self.seed,
        )

    @cached_property
    def twins(self) -> NDArray[np.intp]:
        """Places in the traded rows beside which a T0 row stands."""
        (t, k), _ = self.traded
        first = np.searchsorted(np.array(self.sessions), np.array(TWINS_FROM))
        drawn = stream(self.seed, "twins").random(self.paths.traded.shape[0] * TWINS)
        places = np.flatnonzero((k < TWINS) & (t >= first))
        kept: NDArray[np.intp] = places[drawn[t[places] * TWINS + k[places]] < TWIN_CHANCE]
        return kept

    @cached_property
    def before(self) -> NDArray[np.int32]:
        """Session by security: the last session with a trade before this one, -1 for none."""
        before = np.full(self.latest.shape, -1, dtype=np.int32)
        before[1:] = self.latest[:-1]
        return before

    @cached_property
    def latest(self) -> NDArray[np.int32]:
        """Session by security: the last session with a trade up to this one, -1 for none."""
        count = np.arange(len(self.sessions), dtype=np.int32)[:, None]
        where = np.where(self.paths.traded, count, np.int32(-1))
        latest: NDArray[np.int32] = np.maximum.accumulate(where, axis=0)
        return latest

    @cached_property
    def name_codes(self) -> NDArray[np.int32]:
        """Session by security: its name of the day, by its place among all names."""
        days = np.array(self.sessions, dtype="datetime64[D]")
        codes = np.empty(self.paths.traded.shape, dtype=np.int32)
        first = 0
        for k, security in enumerate(self.securities):
            since = np.array([name.since for name in security.names[1:]], dtype="datetime64[D]")
            codes[:, k] = first + np.searchsorted(since, days, side="right")
            first += len(security.names)
        return codes

    def series_of(self, rows: Rows) -> NDArray[np.str_]:
        """Series of the day, row by row."""
        return np.array(self.series_words)[self.series_codes[rows]]

    def of_name(self, column: str, rows: Rows) -> pl.Series:
        """A field of the name of the day, row by row."""
        names = [name for security in self.securities for name in security.names]
        values = pl.Series(column, [getattr(name, column) for name in names], strict=False)
        return values.gather(self.name_codes[rows])

    def dates(self, sessions: NDArray[np.integer]) -> pl.Series:
        """Dates of these sessions."""
        return pl.Series(self.sessions, dtype=pl.Date).gather(sessions)

    def sorted_rows(self, flags: Flags) -> Rows:
        """Rows that are flagged, by session, symbol and series."""
        t, k = np.nonzero(flags)
        pairs = self.name_codes[t, k].astype(np.int64) * len(self.series_words)
        pairs += self.series_codes[t, k]
        used, place = np.unique(pairs, return_inverse=True)
        symbols = [name.symbol for security in self.securities for name in security.names]
        spelled = [
            (
                symbols[pair // len(self.series_words)],
                self.series_words[pair % len(self.series_words)],
            )
            for pair in used
        ]
        rank = np.empty(len(used), dtype=np.int64)
        rank[sorted(range(len(used)), key=spelled.__getitem__)] = np.arange(len(used))
        order = np.argsort(t * len(used) + rank[place])
        return t[order], k[order]


def draw_share_market(
    companies: Sequence[Company],
    earnings: Earnings,
    published: tuple[pl.DataFrame, pl.DataFrame],
    seed: int,
) -> ShareMarket:
    """Draw the shares of these companies, and all that trades beside them.

    `published` are the index bars and the sessions of the whole story.
    """
    index_bars, sessions = published
    kept = sessions.filter(
        pl.col("session_date").is_between(FIRST_SHARE_SESSION, LAST_SESSION)
    ).sort("session_date")
    days: list[date] = kept["session_date"].to_list()
    shares = draw_shares_of(companies, earnings, seed)
    count = len(companies)
    securities = (*shares, *draw_peers(count, seed), *draw_others(count, shares, seed))
    state = latent(seed)
    first = state.sessions.index(days[0])
    factors = Factors(**{name: values[first:] for name, values in vars(state.factors).items()})
    followed = sorted({s.temper.follows for s in securities if s.temper.follows})
    names = list(dict.fromkeys([*EXACT, *followed]))
    closes = closes_of(index_bars, names, state.sessions[first - 1 :])
    moves = closes[1:] / closes[:-1] - 1.0
    codes, words = _series_codes(securities, days)
    strict = np.array([word in UNDELIVERED for word in words])[codes]
    is_share = np.array([security.kind == "share" for security in securities])
    widest = np.array([security.band for security in securities])
    paths = walk(
        (securities, days),
        draw_returns(securities, factors, dict(zip(names, moves.T, strict=True)), seed),
        sessions_traded(securities, days, seed),
        np.where(strict & is_share, STRICT_BAND, widest),
        (memberships(companies, seed, days), moves[:, : len(EXACT)]),
    )
    return ShareMarket(
        seed,
        securities,
        tuple(days),
        paths,
        factors.volatility,
        kept["is_short"].to_numpy(),
        codes,
        words,
    )


def _series_codes(
    securities: Sequence[Security], sessions: Sequence[date]
) -> tuple[NDArray[np.int16], tuple[str, ...]]:
    """Session by security: its series, by its place in the words beside it."""
    days = np.array(sessions, dtype="datetime64[D]")
    words: dict[str, int] = {}
    codes = np.empty((len(days), len(securities)), dtype=np.int16)
    for k, security in enumerate(securities):
        codes[:, k] = words.setdefault(security.home_series, len(words))
        for begin, after, series in reversed(security.series):
            inside = (days >= np.datetime64(begin)) & (days < np.datetime64(after))
            codes[inside, k] = words.setdefault(series, len(words))
    return codes, tuple(words)
