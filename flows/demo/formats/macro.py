"""Writers of series from outside the exchange, and of its lists of index members and of symbols.

Compared with genuine files: the header and number form of a FRED series, the member lists, two
lines of the symbol changes. The white space inside member lists was not altered by whoever kept
them, as far as can be seen.
*Unverified*: that FRED leaves a holiday's field empty in a file of its own (older files have `.`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date

MEMBERS_HEADER = ("Company Name", "Industry", "Symbol", "Series", "ISIN Code")
MACRO_HISTORY_HEADER = ("series_id", "observation_date", "value")


def fred_csv(series_id: str, rows: Iterable[tuple[date, float | None]], *, decimals: int) -> bytes:
    """A series as the graph's download gives it: a date without a value has an empty field."""
    lines = [f"observation_date,{series_id}"]
    lines += [
        f"{day.isoformat()},{'' if value is None else f'{value:.{decimals}f}'}"
        for day, value in rows
    ]
    return ("\n".join(lines) + "\n").encode()


def members_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """A list of index members, in the order given: company, industry, symbol, series, ISIN."""
    return _csv(MEMBERS_HEADER, rows)


def symbol_changes_csv(rows: Iterable[tuple[str, str, str, date]]) -> bytes:
    """Changes of symbols, in the order given: no header, and commas in names stand unquoted."""
    lines = [f"{name},{old},{new},{f'{day:%d-%b-%Y}'.upper()}\n" for name, old, new, day in rows]
    return "".join(lines).encode()


def macro_csv(rows: Iterable[tuple[str, date, float]]) -> bytes:
    """Series that a user has collected: one row per series and date."""
    return _csv(
        MACRO_HISTORY_HEADER,
        ((name, day.isoformat(), f"{value:.2f}") for name, day, value in rows),
    )


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()
