"""Companies that live at random: identity against what the generator knows.

They are listed, split their shares, change symbols, move to BE, are delisted, and leave symbols
that others take up. Bars have ISINs from 2019 on, in one of two products.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl
import pytest

from tests.transforms.traded import Held, bars, changes, known
from transforms.instruments import with_instrument

START, END = date(2016, 1, 1), date(2024, 12, 31)
WITH_ISIN = date(2019, 1, 1)
REST = timedelta(days=400)
"""How long the exchange leaves a symbol alone before another may have it."""
NEVER = date(2099, 1, 1)


@dataclass
class World:
    """Spans, the company of each, and the announced changes of symbols."""

    chance: random.Random
    spans: list[Held] = field(default_factory=list)
    companies: list[int] = field(default_factory=list)
    renames: list[tuple[str, str, date]] = field(default_factory=list)
    free_from: dict[str, date] = field(default_factory=dict)

    def take(self, company: int, day: date) -> str:
        free = [one for n in range(12) if self.free_from.get(one := f"S{n}", START) <= day]
        symbol = self.chance.choice(free) if free else f"T{company}ON{day:%Y%m%d}"
        self.free_from[symbol] = NEVER
        return symbol

    def trade(self, company: int, symbol: str, isin: str, first: date, last: date) -> None:
        series = "EQ" if self.chance.random() < 0.8 else "BE"
        early, late = min(last, WITH_ISIN - timedelta(days=1)), max(first, WITH_ISIN)
        told = [(symbol, series, "", first, early)] if first <= early else []
        if late <= last:
            told.append((symbol, series, isin, late, last))
            if self.chance.random() < 0.5:
                told.append((symbol, "EQ", "", late, last))
        self.spans += told
        self.companies += [company] * len(told)

    def live(self, company: int) -> None:
        day = START + timedelta(days=self.chance.randrange(1500))
        is_delisted = self.chance.random() < 0.4
        end = (
            min(END, day + timedelta(days=self.chance.randrange(500, 2500))) if is_delisted else END
        )
        symbol, splits = self.take(company, day), 1
        while True:
            stop = min(end, day + timedelta(days=self.chance.randrange(120, 1200)))
            self.trade(company, symbol, f"INE9{company:02d}X01{splits:02d}7", day, stop)
            if stop == end:
                self.free_from[symbol] = end + REST if is_delisted else NEVER
                return
            day = stop + timedelta(days=1)
            what = self.chance.random()
            if what < 0.5:
                new = self.take(company, day)
                self.renames.append((symbol, new, day))
                self.free_from[symbol] = day + REST
                symbol = new
            elif what < 0.8:
                splits += 1


@pytest.mark.parametrize("seed", range(6))
def test_one_id_for_each_company_and_one_company_for_each_id(seed: int) -> None:
    world = World(random.Random(seed))
    for company in range(14):
        world.live(company)
    assert len({symbol for symbol, *_ in world.spans}) < len(world.spans)
    traded = pl.concat(
        bars(span).with_columns(company=pl.lit(company))
        for span, company in zip(world.spans, world.companies, strict=True)
    )
    others = bars(("OTHER", "BE", "INE999X01016", START, END))
    found = known(pl.concat([others, traded.drop("company")]), changed=changes(*world.renames))
    told = with_instrument(traded, found.names).select("company", "instrument_id").unique()
    assert told["instrument_id"].null_count() == 0
    assert told["instrument_id"].is_unique().all(), "two companies under one id"
    assert told["company"].is_unique().all(), "two ids of one company"
    lived_on = [
        (company, isin)
        for (_, _, isin, _, _), company in zip(world.spans, world.companies, strict=True)
        if isin
    ]
    issuers = {(company, isin[:7]) for company, isin in lived_on}
    assert issuers <= set(told.rows()), "an ISIN was seen, and is not the id"
