"""Writers of the exchange's lists of shares: those listed, changed names, corporate actions.

Compared with genuine rows: the list of shares, and one corporate action. *Unverified*: the order of
the actions, and the list of changed names, whose header public readers of it quote.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from flows.demo.formats.equity_bars import day_text, whole
from flows.demo.formats.market import compact, short_decimals

LISTED_HEADER = (
    "SYMBOL,NAME OF COMPANY, SERIES, DATE OF LISTING, PAID UP VALUE, MARKET LOT, ISIN NUMBER, "
    "FACE VALUE"
)
NAMES_HEADER = "NCH_SYMBOL, NCH_PREV_NAME, NCH_NEW_NAME, NCH_DT"


def listed_csv(listed: pl.DataFrame) -> bytes:
    """`EQUITY_L.csv`: the shares on the main board.

    Args:
        listed: symbol, company_name, series, listed_on, face_value_inr (whole rupees), isin.
    """
    lines = listed.select(
        pl.concat_str(
            *("symbol", "company_name", "series", _capital_day("listed_on")),
            *(whole("face_value_inr"), pl.lit("1"), "isin", whole("face_value_inr")),
            separator=",",
        )
    ).to_series()
    return "\n".join([LISTED_HEADER, *lines, ""]).encode()


def name_changes_csv(changes: pl.DataFrame) -> bytes:
    """`namechange.csv`: symbol, old_name, new_name, changed_on, in the order given."""
    lines = changes.select(
        pl.concat_str("symbol", "old_name", "new_name", _capital_day("changed_on"), separator=",")
    ).to_series()
    return "\n".join([NAMES_HEADER, *lines, ""]).encode()


def corporate_actions_json(actions: pl.DataFrame) -> bytes:
    """The answer of `corporates-corporateActions`.

    The field for the instant of the announcement is there, and always null.

    Args:
        actions: symbol, series, face_value_inr, purpose, ex_date, record_date (or null),
            company_name, isin.
    """
    return compact([_action_fields(row) for row in actions.iter_rows(named=True)])


def _action_fields(row: Mapping[str, object]) -> dict[str, object]:
    face = row["face_value_inr"]
    return {
        "symbol": row["symbol"],
        "series": row["series"],
        "ind": "-",
        "faceVal": short_decimals(None if face is None else float(str(face))),
        "subject": row["purpose"],
        "exDate": _printed(row["ex_date"]),
        "recDate": _printed(row["record_date"]),
        "bcStartDate": "-",
        "bcEndDate": "-",
        "ndStartDate": "-",
        "comp": row["company_name"],
        "isin": row["isin"],
        "ndEndDate": "-",
        "caBroadcastDate": None,
    }


def _printed(day: object) -> str:
    return day.strftime("%d-%b-%Y") if isinstance(day, date) else "-"


def _capital_day(column: str) -> pl.Expr:
    return day_text(column, "%d-%b-%Y").str.to_uppercase()
