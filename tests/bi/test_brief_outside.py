"""The macro strip: every series with its age, what is stale or imported, and what indices cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bi.brief import outside_words
from bi.brief.facts import gather
from bi.brief.outside_facts import STRIP, TOLD_BY_ANOTHER, MacroFigure, Outside
from tests.bi.brief_evening import build
from transforms.macro_titles import FRED_IDS
from warehouse.store import open_reader

FIGURE = MacroFigure(
    series_id="DGS2",
    title="US 2-year",
    unit="%",
    value=3.48,
    change_20=-0.07,
    change_20_pct=None,
    percentile=58.3,
    observation_date=date(2026, 2, 9),
    age_sessions=2,
    is_stale=False,
    is_imported=False,
)


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Outside:
    path = build(tmp_path_factory.mktemp("outside") / "riskon.duckdb")
    with open_reader(path) as reader:
        return gather(reader).outside


def test_cells_come_in_reading_order_and_an_unknown_series_last(outside: Outside) -> None:
    assert [figure.series_id for figure in outside.figures] == [
        *("INDIA_VIX", "DEXINUS", "RBI_REPO", "IN_TBILL_91D", "IN_RATE_CUTS", "INDIRLTLT01STM"),
        *("DFF", "DGS2", "DGS10", "US_RATE_CUTS", "US_CURVE", "DTWEXBGS", "SP500", "VIXCLS"),
        *("BAMLH0A0HYM2", "DCOILBRENTEU", "DCOILWTICO", "USER_SERIES"),
    ]
    assert outside.figures[-1].title == "USER_SERIES"
    assert not outside.figures[-1].is_known


def test_every_series_that_is_fetched_has_a_title_or_is_told_by_another() -> None:
    assert {*FRED_IDS} <= {*STRIP, *TOLD_BY_ANOTHER}
    assert not {*STRIP} & {*TOLD_BY_ANOTHER}


def test_what_a_user_brought_is_marked_and_so_is_what_is_derived_from_it(outside: Outside) -> None:
    imported = [figure.series_id for figure in outside.figures if figure.is_imported]
    assert imported == ["RBI_REPO", "IN_TBILL_91D", "IN_RATE_CUTS"]
    _, brought, stale, unknown = outside_words.notes(outside)
    assert brought == (
        "Read from files you imported: RBI repo rate, India 91-day bill and 91-day bill less repo."
    )
    # 14 and 30 days before 11 February.
    assert stale == (
        "Stale, older than the series may be: Dollar index (28 January 2026) and Brent, US$ "
        "(12 January 2026)."
    )
    assert unknown.startswith("Not a series Riskon knows, so without a unit: USER_SERIES. ")


def test_only_the_tiers_are_valued(outside: Outside) -> None:
    assert [outside_words.valued(valuation) for valuation in outside.valuations] == [
        "Nifty 50: P/E 22.40, P/B 3.46 (p 64.0), dividend yield 1.30% (p 40.2)",
        "Smallcap 100: P/E 30.15 (p 88.8), P/B 3.46 (p 64.0), dividend yield 1.30% (p 40.2)",
    ]
    assert outside_words.basis(outside).startswith("P/E on consolidated earnings of four quarters")
    assert outside_words.basis(Outside()) == ""


def test_a_rate_moves_by_points_and_a_level_by_percent() -> None:
    assert outside_words.line(FIGURE) == (
        "US 2-year 3.48% (\N{MINUS SIGN}0.07 pp, p 58.3, 2 sessions old)"
    )
    level = replace(FIGURE, title="Brent, US$", unit="", value=67.1, change_20=3, change_20_pct=4.7)
    assert outside_words.line(level) == "Brent, US$ 67.10 (+4.7%, p 58.3, 2 sessions old)"
    spread = replace(FIGURE, unit="pp", value=-0.15, change_20=0.004)
    assert outside_words.value(spread) == "\N{MINUS SIGN}0.15 pp"
    assert outside_words.change(spread) == "0.00 pp"
    unranked = replace(FIGURE, unit="", change_20=1.5)
    assert outside_words.change(unranked) == "+1.50"


@pytest.mark.parametrize(
    ("age", "stale", "said"),
    [
        (0, False, "of this session"),
        (1, False, "1 session old"),
        (4, False, "4 sessions old"),
        (14, True, "stale: 14 sessions old"),
        (None, None, "never known"),
    ],
)
def test_its_age_is_said(age: int | None, stale: bool | None, said: str) -> None:
    assert outside_words.age(replace(FIGURE, age_sessions=age, is_stale=stale)) == said


def test_what_was_never_known_is_said_so() -> None:
    nothing = replace(
        FIGURE,
        value=None,
        change_20=None,
        percentile=None,
        observation_date=None,
        age_sessions=None,
        is_stale=None,
    )
    assert outside_words.line(nothing) == "US 2-year n/a (change n/a, p n/a, never known)"
    assert outside_words.notes(Outside(figures=(nothing,))) == (outside_words.CELLS,)


def test_a_ratio_that_is_not_there_is_not_invented(outside: Outside) -> None:
    bare = replace(outside.valuations[0], price_to_earnings=None, dividend_yield_pct=None)
    assert outside_words.pe(bare) == "n/a"
    assert outside_words.dividend_yield(bare) == "n/a"
