"""Series from outside the exchange: layouts, holes, frequencies, and when a value is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest

from flows.sources import fred, imported_macro
from transforms.macro_titles import FRED_IDS, KNOWN, known_from
from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.macro_series import FRED_CSV, RESAVED_CSV, USER_CSV
from transforms.parse.screen import Screened

Parse = Callable[..., Screened]


def test_fred_with_both_headers_and_holes_kept_as_null_rows(parse: Parse) -> None:
    new = b"observation_date,DGS2\n2026-02-02,3.51\n2026-02-03,.\n2026-02-04,\n2026-02-05,3.47\n"
    rows = parse(FRED_CSV, new).good.sort("observation_date")
    assert rows["value"].to_list() == [Decimal("3.51"), None, None, Decimal("3.47")]
    assert rows["series_id"].unique().to_list() == ["DGS2"]
    assert rows["source_id"].unique().to_list() == ["fred"]
    assert rows["published_basis"].unique().to_list() == ["assumed"]
    old = parse(FRED_CSV, new.replace(b"observation_date", b"DATE")).good
    assert old.equals(parse(FRED_CSV, new).good)


def test_a_value_that_is_no_number_is_rejected_alone(parse: Parse) -> None:
    body = b"observation_date,DGS2\n2026-02-02,3.51\n2026-02-03,n.a.\n03/02/2026,3.4\n"
    screened = parse(FRED_CSV, body)
    assert screened.good["value"].to_list() == [Decimal("3.51")]
    reasons = screened.rejected.sort("row_number")["reason"].to_list()
    assert "value is not readable: n.a." in reasons[0]
    assert "observation_date is not readable: 03/02/2026" in reasons[1]


def frequencies(parse: Parse, *days: str, series: str = "DGS2") -> list[str]:
    body = f"observation_date,{series}\n" + "".join(f"{day},1.5\n" for day in days)
    return parse(FRED_CSV, body.encode()).good["frequency"].unique().to_list()


def test_dates_tell_the_frequency(parse: Parse) -> None:
    assert frequencies(parse, "2025-12-01", "2026-01-01", "2026-02-01") == ["monthly"]
    assert frequencies(parse, "2025-12-01", "2026-01-01", "2026-02-02") == ["daily"]
    assert frequencies(parse, "2026-01-07", "2026-01-14", "2026-01-21", "2026-01-29") == ["weekly"]
    assert frequencies(parse, "2026-01-07", "2026-01-08", "2026-01-12") == ["daily"]


def test_one_or_two_dates_take_the_declared_frequency(parse: Parse) -> None:
    assert frequencies(parse, "2026-01-01", "2026-02-01", series="FEDFUNDS") == ["monthly"]
    assert frequencies(parse, "2026-01-01", "2026-02-01", series="DGS2") == ["daily"]
    assert frequencies(parse, "2026-01-01", series="SOMETHING") == ["daily"]


def test_an_answer_with_no_new_date_is_empty_and_the_right_series(parse: Parse) -> None:
    payload = Payload(b"observation_date,DGS2\n", stated={"item": "DGS2"})
    assert FRED_CSV.recognise(payload)
    frame = FRED_CSV.read(payload)
    assert frame.is_empty()
    assert frame.columns == ["row_number", "series_id", "frequency", "observation_date", "value"]


@pytest.mark.parametrize(
    ("body", "got"),
    [
        (b"observation_date,DGS10\n2026-02-02,4.1\n", "series DGS10"),
        (b"observation_date,DGS2\n2026-02-02\n", "1 in row 1"),
        (b"<!DOCTYPE html><p>Error", "a web page"),
        (b"", "an empty file"),
        (b"day,DGS2\n2026-02-02,4.1\n", "['day', 'DGS2']"),
    ],
)
def test_what_was_not_asked_is_refused(body: bytes, got: str) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        FRED_CSV.read(Payload(body, stated={"item": "DGS2"}))
    assert got in refusal.value.got


def test_a_resaved_file_is_named_by_its_file(parse: Parse) -> None:
    body = b"date,value\n2026-02-02,26.0\n2026-02-03,\n2026-02-04,25.5\n"
    name = "inbox/fred/DCOILWTICO.csv"
    assert RESAVED_CSV.recognise(Payload(body, name))
    rows = parse(RESAVED_CSV, body, name=name).good
    assert rows["series_id"].unique().to_list() == ["DCOILWTICO"]
    assert rows["value"].to_list() == [Decimal("26"), None, Decimal("25.5")]
    assert not RESAVED_CSV.recognise(Payload(body, "inbox/whatever.csv"))
    assert RESAVED_CSV.recognise(Payload(body, "whatever.csv", {"series": "DCOILWTICO"}))
    with pytest.raises(NotThisLayout, match="a series we know"):
        RESAVED_CSV.read(Payload(body, "whatever.csv"))


def test_a_users_csv_holds_several_series_and_may_state_the_frequency(parse: Parse) -> None:
    body = (
        b"series_id,observation_date,value\n"
        b"RBI_REPO,2025-02-07,6.25\nRBI_REPO,2025-04-09,6.00\nRBI_REPO,2025-06-06,5.50\n"
        b"IN_TBILL_91D,2025-06-04,5.6\nIN_TBILL_91D,2025-06-11,5.5\nIN_TBILL_91D,2025-06-18,5.4\n"
        b"MINE,2025-06-01,1\n"
    )
    assert USER_CSV.recognise(Payload(body))
    rows = parse(USER_CSV, body).good
    told = dict(rows.select("series_id", "frequency").unique().iter_rows())
    assert told == {"RBI_REPO": "daily", "IN_TBILL_91D": "weekly", "MINE": "daily"}
    assert rows["source_id"].unique().to_list() == ["imported_macro"]
    stated = (
        b"frequency,value,series_id,observation_date\n"
        b"monthly,1,MINE,01-Jun-2025\n,2,DGS2,2025-06-02\n"
    )
    assert USER_CSV.recognise(Payload(stated))
    both = parse(USER_CSV, stated).good.sort("series_id")
    assert both["frequency"].to_list() == ["daily", "monthly"]
    assert both["observation_date"].to_list() == [date(2025, 6, 2), date(2025, 6, 1)]
    wrong = parse(
        USER_CSV, b"series_id,observation_date,value,frequency\nMINE,2025-06-01,1,yearly\n"
    )
    assert "frequency is none of daily, weekly, monthly" in wrong.rejected["reason"][0]


def known(series_id: str, frequency: str, day: date) -> datetime:
    frame = pl.DataFrame({"series_id": [series_id], "frequency": [frequency], "day": [day]})
    answer: datetime = frame.select(
        known_from(pl.col("series_id"), pl.col("frequency"), pl.col("day"))
    ).item()
    return answer.astimezone(UTC)


def eight(year: int, month: int, day: int) -> datetime:
    """08:00 in India."""
    return datetime(year, month, day, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("series_id", "frequency", "day", "expected"),
    [
        # A Monday's yield is told on Tuesday afternoon in Washington: Wednesday in India.
        ("DGS2", "daily", date(2026, 2, 2), eight(2026, 2, 4)),
        ("DGS2", "daily", date(2026, 2, 6), eight(2026, 2, 10)),  # of a Friday
        ("DFF", "daily", date(2026, 2, 8), eight(2026, 2, 10)),  # of a Sunday
        # 16 February 2026 is Washington's Birthday: Friday's yield is told on the 17th.
        ("DGS2", "daily", date(2026, 2, 13), eight(2026, 2, 18)),
        # A week of exchange rates is told on the Monday after, or the Tuesday.
        ("DEXINUS", "daily", date(2026, 2, 2), eight(2026, 2, 11)),
        ("DEXINUS", "daily", date(2026, 2, 6), eight(2026, 2, 11)),
        ("DTWEXBGS", "daily", date(2026, 2, 9), eight(2026, 2, 18)),
        ("DCOILBRENTEU", "daily", date(2026, 2, 3), eight(2026, 2, 12)),
        ("FEDFUNDS", "monthly", date(2026, 1, 1), eight(2026, 2, 15)),
        # A monthly mean holds the month's last day, whatever the daily series does.
        ("DEXINUS", "monthly", date(2026, 1, 1), eight(2026, 2, 15)),
        ("MINE", "monthly", date(2025, 12, 1), eight(2026, 1, 15)),
        ("MINE", "weekly", date(2026, 2, 6), eight(2026, 2, 11)),
        ("MINE", "daily", date(2026, 2, 6), eight(2026, 2, 10)),
        # What India tells on the day is known in its evening, of a Saturday too.
        ("RBI_REPO", "daily", date(2026, 2, 6), datetime(2026, 2, 6, 14, 30, tzinfo=UTC)),
        ("IN_TBILL_91D", "weekly", date(2026, 2, 7), datetime(2026, 2, 7, 14, 30, tzinfo=UTC)),
    ],
)
def test_when_a_value_is_known_in_india(
    series_id: str, frequency: str, day: date, expected: datetime
) -> None:
    assert known(series_id, frequency, day) == expected


def test_the_instant_reaches_the_rows(parse: Parse) -> None:
    rows = parse(FRED_CSV, b"observation_date,DGS2\n2026-02-02,3.5\n").good
    assert rows["published_at"][0].astimezone(UTC) == eight(2026, 2, 4)


def test_fred_is_asked_for_each_declared_series_from_the_start_of_its_window() -> None:
    source = fred.SOURCE
    assert set(source.items) == set(FRED_IDS) == {one.id for one in KNOWN.values() if one.is_fred}
    assert "RBI_REPO" not in source.items
    assert source.address(date(2026, 2, 11), item="DGS2") == (
        "https://fred.stlouisfed.org/graph/fredgraph.csv?id=DGS2&cosd=2005-01-01"
    )
    later = source.address(date(2026, 2, 11), item="DFF", since=date(2025, 10, 14))
    assert later.endswith("?id=DFF&cosd=2025-10-14")
    assert imported_macro.SOURCE.asks == "import only"
