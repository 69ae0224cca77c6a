"""Rows in a terminal: what a cell says, and when a grid can be read."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest
from rich.console import Console

from flows.grid import cell, counted, print_table


def shown(rows: pl.DataFrame, width: int) -> str:
    console = Console(file=io.StringIO(), width=width)
    print_table(rows, console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert all(len(line) <= width for line in text.splitlines())
    return str(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (1 / 3, "0.3333333333"),
        (94.321236559139785, "94.32123656"),
        (2.25e12, "2250000000000"),
        (100.0, "100"),
        (float("nan"), "nan"),
        (Decimal("5.0000"), "5.0000"),
        (7, "7"),
        (date(2026, 2, 11), "2026-02-11"),
        (datetime(2026, 2, 11, 17, 0, tzinfo=UTC), "2026-02-11 22:30:00+05:30"),
        (["NIFTY 50", "Nifty 50"], "NIFTY 50, Nifty 50"),
        ([1.5, None], "1.5, null"),
        ({"first": 1, "days": [1, 2]}, "first: 1, days: 1, 2"),
        ("[bold]", "[bold]"),
    ],
)
def test_a_cell_is_what_a_person_reads(value: object, text: str) -> None:
    assert cell(value) == text


def test_one_row_is_no_rows() -> None:
    assert [counted(n, "row") for n in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
    assert shown(pl.DataFrame({"x": [1]}), 80).endswith("\n1 row\n")


def test_long_cells_wrap_in_a_grid_that_keeps_short_columns_whole() -> None:
    words = "Change on the publisher's previous close, in percent, as it was published then"
    rows = pl.DataFrame({"session_date": [date(2026, 2, 11)], "value": [6.15], "comment": [words]})
    text = shown(rows, 80)
    assert "┃ session_date ┃ value ┃" in text
    assert "│ 2026-02-11   │  6.15 │ Change on the publisher's" in text
    assert text.count("│") > 4 * 2 - 1, "the comment takes two lines"


def test_columns_that_wrap_share_what_is_left() -> None:
    rows = pl.DataFrame({"one": ["a " * 60], "two": ["b " * 60], "n": [1]})
    heads = next(line for line in shown(rows, 80).splitlines() if "one" in line)
    one, two, n = (len(part) for part in heads.strip("┃").split("┃"))
    assert abs(one - two) <= 1
    assert n == len(" n ")


def test_more_columns_than_fit_are_records() -> None:
    rows = pl.DataFrame({f"column_number_{n}": [f"value number {n}"] for n in range(6)})
    assert "row 1" in shown(rows, 80)
    assert "┃" not in shown(rows, 80)
    assert "column_number_5 value number 5" in shown(rows, 80)
    assert "┃" in shown(rows, 120)


def test_a_cell_of_a_screenful_makes_records() -> None:
    rows = pl.DataFrame({"claim_id": ["fast"], "sql": ["SELECT 1 " * 200]})
    assert "row 1" in shown(rows, 80)


def test_no_rows_have_a_head() -> None:
    assert "session_date" in shown(pl.DataFrame(schema={"session_date": pl.Date}), 80)


def test_long_names_break_at_their_underscores_before_a_grid_is_given_up() -> None:
    names = ["nse_fii_dii", "nse_holidays", "nse_index_close", "niftyindices_price"]
    names = ["session_date", *names, "niftyindices_total_return"]
    text = shown(pl.DataFrame({name: ["loaded"] for name in names}), 80)
    assert "┃ session_ ┃ fii_   ┃ nse_     ┃ index_ ┃ niftyindices_ ┃ total_" in text
    assert text.count("┏") == 1
