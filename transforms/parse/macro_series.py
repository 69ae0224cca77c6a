"""Rates and prices from outside the exchange, one value a date.

FRED answers two columns, the second named by the series; its files are often re-saved as
`date,value`, and then the file's name says which series it is. A user brings what nobody answers
for free (the repo rate, treasury bills) as `series_id,observation_date,value[,frequency]`. An empty
value or a dot is a hole of the publisher's, and is kept as one. Means over a month have the month's
first as their date: they are another series than daily values of the same name.
"""

from __future__ import annotations

import re

import polars as pl

from transforms.macro_titles import KNOWN, known_from
from transforms.parse.layout import Layout, NotThisLayout, Payload
from transforms.parse.text import blank_as_null, csv_frame, decode, header_of, number
from warehouse.tables import MacroObservation

FRED_DATES = ("observation_date", "DATE")  # the second until 2025
RESAVED = ("date", "value")
USER = ("series_id", "observation_date", "value")
FREQUENCY = "frequency"
SERIES_ID = re.compile(r"[A-Z][A-Z0-9_]{1,40}")
FEWEST_TO_TELL = 3
"""Dates that tell a frequency; fewer are an answer of the last days."""
WEEK_DAYS = 7


def _stem(name: str) -> str:
    return re.split(r"[/\\]", name)[-1].rsplit(".", 1)[0]


def _stated(payload: Payload) -> str:
    return payload.stated.get("item") or payload.stated.get("series") or ""


def _with_frequency(frame: pl.DataFrame) -> pl.DataFrame:
    """The frequency of each series by its dates, where no row states it.

    All on the first of a month is monthly (quarters too: three words there are), steps of seven
    days are weekly, all else is daily. Of one or two dates the declared frequency holds.
    """
    day = _day()
    declared = pl.col("series_id").replace_strict(
        {one.id: one.frequency for one in KNOWN.values()}, default="daily", return_dtype=pl.String
    )
    step = day.unique().sort().diff().dt.total_days().median()
    told = (
        pl.when(day.n_unique() < FEWEST_TO_TELL)
        .then(declared)
        .when((day.dt.day() == 1).all())
        .then(pl.lit("monthly"))
        .when(step == WEEK_DAYS)
        .then(pl.lit("weekly"))
        .otherwise(pl.lit("daily"))
        .over("series_id")
    )
    if FREQUENCY in frame.columns:
        told = pl.when(pl.col(FREQUENCY) != "").then(FREQUENCY).otherwise(told)
    # A dot is how FRED writes that there is none.
    value = pl.when(pl.col("value") != ".").then("value").otherwise(pl.lit(""))
    return frame.with_columns(told.alias(FREQUENCY), value.alias("value")).select(
        "row_number", "series_id", FREQUENCY, "observation_date", "value"
    )


def _read_fred(payload: Payload) -> pl.DataFrame:
    expected = "a FRED series"
    header = header_of(payload)
    if not _is_fred(payload):
        decode(payload, expected)
        raise NotThisLayout(
            "columns observation_date and a series", f"{header}"[:200], changed=len(header) > 1
        )
    series_id = header[1]
    asked = _stated(payload)
    if asked and asked != series_id:
        raise NotThisLayout(f"series {asked}", f"series {series_id}")
    if len(decode(payload, expected).splitlines()) == 1:
        # Nothing new since the date asked from: the header vouches for the series.
        frame = pl.DataFrame(
            schema={"row_number": pl.Int64, "observation_date": pl.String, "value": pl.String}
        )
    else:
        frame = csv_frame(payload, expected, header, ["observation_date", "value"])
    return _with_frequency(frame.with_columns(series_id=pl.lit(series_id)))


def _read_resaved(payload: Payload) -> pl.DataFrame:
    frame = csv_frame(payload, "a re-saved series", RESAVED, ["observation_date", "value"])
    series_id = _stated(payload) or _stem(payload.name)
    if series_id not in KNOWN:
        raise NotThisLayout(
            "a series we know, by the file's name or stated as `series`", repr(series_id)
        )
    return _with_frequency(frame.with_columns(series_id=pl.lit(series_id)))


def _read_user(payload: Payload) -> pl.DataFrame:
    header = header_of(payload)
    columns = [*USER, FREQUENCY] if FREQUENCY in header else [*USER]
    names = header if sorted(header) == sorted(columns) else columns
    return _with_frequency(csv_frame(payload, "a CSV of series", names, names))


def _is_fred(payload: Payload) -> bool:
    header = header_of(payload)
    return (
        len(header) == 2
        and header[0] in FRED_DATES
        and SERIES_ID.fullmatch(header[1]) is not None
        # DATE and a word in capitals is many a file's header.
        and (header[0] == FRED_DATES[0] or header[1] in KNOWN)
    )


def _is_resaved(payload: Payload) -> bool:
    named = _stated(payload) or _stem(payload.name)
    return tuple(header_of(payload)) == RESAVED and named in KNOWN


def _is_user(payload: Payload) -> bool:
    return sorted(header_of(payload)) in (sorted(USER), sorted([*USER, FREQUENCY]))


def _day() -> pl.Expr:
    day = blank_as_null("observation_date")
    # Only forms in which day and month cannot be swapped.
    return pl.coalesce(
        day.str.to_date("%Y-%m-%d", strict=False), day.str.to_date("%d-%b-%Y", strict=False)
    )


def _typed(source_id: str) -> dict[str, pl.Expr]:
    return {
        "series_id": blank_as_null("series_id"),
        FREQUENCY: blank_as_null(FREQUENCY),
        "observation_date": _day(),
        "source_id": pl.lit(source_id),
        "value": number("value", scale=6),
        "published_at": known_from(pl.col("series_id"), pl.col(FREQUENCY), _day()),
        "published_basis": pl.lit("assumed"),
    }


FRED_CSV = Layout(
    id="fred_csv",
    table=MacroObservation,
    recognise=_is_fred,
    read=_read_fred,
    typed=_typed("fred"),
    is_verified=True,
    date_column="observation_date",
    holds_many_dates=True,
)
RESAVED_CSV = Layout(
    id="fred_resaved_csv",
    table=MacroObservation,
    recognise=_is_resaved,
    read=_read_resaved,
    typed=_typed("fred"),
    is_verified=True,
    date_column="observation_date",
    holds_many_dates=True,
)
USER_CSV = Layout(
    id="macro_csv",
    table=MacroObservation,
    recognise=_is_user,
    read=_read_user,
    typed=_typed("imported_macro"),
    is_verified=True,
    date_column="observation_date",
    holds_many_dates=True,
)
