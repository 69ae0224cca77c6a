"""Bodies that are nearly right: a genuine payload with one thing wrong in it.

Works on CSV with or without a title above its header, on a JSON list of rows, on
`{"d": "<list of rows>"}`, `{"data": [...]}` and the holiday list's CM block. Of a web page only
words can be spoiled: a column's title, the dates, the letters; of a zip archive, its members.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flows.demo.wire.faults import FaultKind

# As the daily file, the APIs and pages, the history answers and titles, FRED print a date; files of
# shares have months in capitals.
DATE_FORMATS = ("%d-%m-%Y", "%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%B %d, %Y", "%Y-%m-%d")
PUBLISHED_DATE = re.compile(
    r"\d{2}[- ](?:\d{2}|[A-Z][a-z]{2}|[A-Z]{3})[- ]\d{4}|[A-Z][a-z]{2,8} \d{2}, \d{4}"
    r"|\d{4}-\d{2}-\d{2}"
)
ZIP_ARCHIVE = b"PK\x03\x04"
WEB_PAGE = b"<!DOCTYPE html>"
# A measure on each of the depository's pages, and a name that stands there.
WEB_MEASURES = ("Net Investment (Rs. Crore)", "IN INR Cr.", "INR crores")
WEB_NAMES = ("Stock Exchange", "Healthcare", "January")
# Another date, near enough to be taken for a session by who does not look.
SHIFT = timedelta(days=28)
ENOUGH_ROWS = 3
MEASURES = (
    *("closing", "netvalue", "close_price", "close", "totalreturns", "description"),
    *("future index long", "isin code", "consolidated"),
    # A series of the world's is named by the series.
    *("dexinus", "dgs", "dff", "dtwexbgs", "vixcls", "dcoil", "bamlh", "indirlt", "fedfunds"),
    *("t10y2y", "sp500"),
    # Of shares: the common layout, lists, corporate actions and extremes.
    *("clspric", "isin number", "nch_new_name", "subject", "purpose", "new_status"),
)
DATES = ("date", "traddt", "timestamp", "nch_dt", "ex_dt")
HIGHS, LOWS = ("high", "hghpric"), ("low", "lwpric")


@dataclass
class Rows:
    """A payload as a header and rows, and the way back to bytes."""

    header: list[str]
    rows: list[list[Any]]
    render: Callable[[list[str], list[list[Any]]], bytes]

    def body(self) -> bytes:
        """The payload again."""
        return self.render(self.header, self.rows)

    def column(self, *endings: str) -> int:
        """Position of the first column whose name holds one of these words, in their order."""
        for ending in endings:
            for position, name in enumerate(self.header):
                if ending in name.lower():
                    return position
        raise ValueError(f"No column like {endings} among {self.header}")


def spoil(kind: FaultKind, body: bytes) -> bytes:
    """The payload with one thing wrong.

    Raises:
        ValueError: the kind does not apply to this payload.
    """
    if kind is FaultKind.SHORT:
        return _cut_inside_a_row(body)
    if body.startswith(ZIP_ARCHIVE):
        return _spoiled_archive(kind, body)
    if kind is FaultKind.BOM:
        return b"\xef\xbb\xbf" + body
    if kind is FaultKind.WRONG_DATE:
        shifted = PUBLISHED_DATE.sub(_shifted_match, body.decode()).encode()
        if shifted == body:
            raise ValueError("This payload has no date")
        return shifted
    if body.startswith(WEB_PAGE):
        return _spoiled_page(kind, body.decode())
    table = _read(body)
    if not table.rows:
        raise ValueError(f"{kind} needs rows, and this payload has none")
    _SPOILERS[kind](table)
    spoiled = table.body()
    return spoiled.replace("é".encode(), b"\xe9") if kind is FaultKind.NOT_UTF8 else spoiled


def _spoiled_archive(kind: FaultKind, body: bytes) -> bytes:
    """The archive again, every table in it spoiled that can be.

    Raises:
        ValueError: none can be.
    """
    packed = io.BytesIO()
    spoiled, reasons = 0, []
    with zipfile.ZipFile(io.BytesIO(body)) as whole, zipfile.ZipFile(packed, "w") as parts:
        for entry in whole.infolist():
            member = whole.read(entry)
            if entry.filename.endswith(".csv"):
                try:
                    member = spoil(kind, member)
                    spoiled += 1
                except ValueError as error:
                    reasons.append(f"{entry.filename}: {error}")
            parts.writestr(entry, member, zipfile.ZIP_DEFLATED, compresslevel=1)
    if not spoiled:
        raise ValueError("; ".join(reasons))
    return packed.getvalue()


def _cut_inside_a_row(body: bytes) -> bytes:
    """Some three fifths of the payload; the last row lacks half of itself."""
    cut = len(body) * 3 // 5
    first, last = body.rfind(b"\n", 0, cut) + 1, body.find(b"\n", cut)
    return body[: (first + last) // 2] if last > 0 else body[:cut]


def _spoiled_page(kind: FaultKind, text: str) -> bytes:
    """A web page with another word in it."""
    if kind is FaultKind.RENAMED_COLUMN:
        for measure in WEB_MEASURES:
            if measure in text:
                return text.replace(measure, "Last Value").encode()
    if kind is FaultKind.NOT_UTF8:
        for name in WEB_NAMES:
            if name in text:
                return text.replace(name, f"{name} é", 1).encode("latin-1")
    raise ValueError(f"{kind} does not apply to this web page")


def _read(body: bytes) -> Rows:
    text = body.decode()
    if text.lstrip()[:1] not in {"[", "{"}:
        title = text[: text.index("\n") + 1] if text.startswith('""') else ""
        header, *rows = csv.reader(io.StringIO(text.removeprefix(title)))
        return Rows(
            header,
            [list(row) for row in rows],
            lambda header, rows: title.encode() + _csv(header, rows),
        )
    answer = json.loads(text)
    if isinstance(answer, list):
        return _listed(answer, lambda rows: rows, (",", ":"))
    if isinstance(answer.get("d"), str):
        return _listed(json.loads(answer["d"]), lambda rows: {"d": json.dumps(rows)}, (", ", ": "))
    block = next((name for name in ("CM", "data") if name in answer), None)
    if block is None:
        raise ValueError(f"No rows among {sorted(answer)}")
    return _listed(answer[block], lambda rows: {**answer, block: rows}, (",", ":"))


def _csv(header: list[str], rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()


def _listed(
    rows: list[dict[str, Any]],
    wrap: Callable[[list[dict[str, Any]]], object],
    separators: tuple[str, str],
) -> Rows:
    header = list(rows[0]) if rows else []

    def render(header: list[str], rows: list[list[Any]]) -> bytes:
        listed = [dict(zip(header, row, strict=True)) for row in rows]
        return json.dumps(wrap(listed), separators=separators, ensure_ascii=False).encode()

    return Rows(header, [list(row.values()) for row in rows], render)


def _shifted(text: str) -> str:
    for pattern in DATE_FORMATS:
        try:
            shifted = (datetime.strptime(text, pattern) - SHIFT).strftime(pattern)  # noqa: DTZ007
        except ValueError:
            continue
        return shifted.upper() if text.isupper() else shifted
    raise ValueError(f"{text!r} is no date in a form the publishers use")


def _shifted_match(found: re.Match[str]) -> str:
    return _shifted(found.group())


def _mixed_dates(table: Rows) -> None:
    """Every other row bears another date."""
    position = table.column(*DATES)
    for row in table.rows[1::2]:
        row[position] = PUBLISHED_DATE.sub(_shifted_match, row[position])


def _measure(table: Rows) -> int:
    return table.column(*MEASURES)


def _renamed_column(table: Rows) -> None:
    table.header[_measure(table)] = "Last Value"


def _missing_column(table: Rows) -> None:
    position = _measure(table)
    for row in (table.header, *table.rows):
        del row[position]


def _extra_column(table: Rows) -> None:
    table.header.append("Remarks")
    for row in table.rows:
        row.append("-")


def _duplicate_rows(table: Rows) -> None:
    table.rows.extend(list(row) for row in table.rows[:ENOUGH_ROWS])


def _conflicting_duplicates(table: Rows) -> None:
    position = _measure(table)
    for row in table.rows[:ENOUGH_ROWS]:
        other = list(row)
        other[position] = f"{row[position]}1" if _is_number(row[position]) else "Another"
        table.rows.append(other)


def _negative(table: Rows) -> None:
    """A close below nothing in the first row, and a high below its low in the second.

    The flow answer has neither: its purchases turn negative.
    """
    if "buyValue" in table.header:
        position = table.header.index("buyValue")
        table.rows[0][position] = "-" + table.rows[0][position]
        return
    position = _measure(table)
    if not _is_number(table.rows[0][position]):
        raise ValueError(f"No figure to turn negative among {table.header}")
    # Files of shares have blanks before their figures.
    figure = table.rows[0][position]
    table.rows[0][position] = re.sub(r"-?(?=[\d.])", "-", figure, count=1)
    has_high = any(word in name.lower() for name in table.header for word in HIGHS)
    if has_high and len(table.rows) > 1:
        high, low = table.column(*HIGHS), table.column(*LOWS)
        row = table.rows[1]
        row[high], row[low] = row[low], row[high]


def _not_utf8(table: Rows) -> None:
    """A name with a letter that is to be sent in Latin-1."""
    position = table.column(
        *("index name", "category", "description", "client type", "company name", "symbol"),
        *("fininstrmnm", "security"),
    )
    table.rows[0][position] = f"{table.rows[0][position]} é"


def _is_number(text: object) -> bool:
    return isinstance(text, str) and bool(re.fullmatch(r" *-?\d*\.?\d+", text))


_SPOILERS: dict[FaultKind, Callable[[Rows], None]] = {
    FaultKind.MIXED_DATES: _mixed_dates,
    FaultKind.RENAMED_COLUMN: _renamed_column,
    FaultKind.MISSING_COLUMN: _missing_column,
    FaultKind.EXTRA_COLUMN: _extra_column,
    FaultKind.DUPLICATE_ROWS: _duplicate_rows,
    FaultKind.CONFLICTING_DUPLICATES: _conflicting_duplicates,
    FaultKind.NEGATIVE: _negative,
    FaultKind.NOT_UTF8: _not_utf8,
}
