"""Figures as Indian readers write them: lakh grouping, Rs crore first, a sign that is a minus."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

NOT_GIVEN = "n/a"
MINUS = "\N{MINUS SIGN}"
CRORE_PER_BILLION = 100
IST = ZoneInfo("Asia/Kolkata")

_WORDS = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_ORDINALS = [
    *("", "first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth", "tenth"),
]
_MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

# What is counted has no decimals, unless it is a mean of counts.
_COUNTS = (
    *("sessions", "count", "months", "measures", "sectors", "companies", "legs of five"),
    *("of five", "monitors green", "events", "times"),
)
_DECIMALS = {"percentile": 1}
"""Decimals a unit is printed with, if not two."""


def grouped(value: float, decimals: int = 0) -> str:
    """A number in Indian grouping: 1,23,456.78. A value that rounds to nothing has no sign."""
    text = f"{abs(value):.{decimals}f}"
    whole, _, fraction = text.partition(".")
    head, tail = whole[:-3], whole[-3:]
    pairs = [head[max(end - 2, 0) : end] for end in range(len(head), 0, -2)][::-1]
    sign = MINUS if value < 0 and float(text) != 0 else ""
    return sign + ",".join([*pairs, tail]) + (f".{fraction}" if fraction else "")


def signed(value: float, decimals: int = 0) -> str:
    """A number in Indian grouping that says its sign, unless it rounds to nothing."""
    text = grouped(value, decimals)
    is_nothing = not text.strip("0.,")
    return text if is_nothing or text.startswith(MINUS) else f"+{text}"


def rupees_crore(crore: float) -> str:
    """Rs crore first, billions in brackets: `Rs 2,250 crore (Rs 22.5 bn)`."""
    whole = grouped(crore)
    sign, digits = (MINUS, whole[1:]) if whole.startswith(MINUS) else ("", whole)
    billions = grouped(abs(crore) / CRORE_PER_BILLION, 1)
    return f"{sign}Rs {digits} crore ({sign}Rs {billions} bn)"


def figure(value: float | None, unit: str) -> str:
    """A figure with its unit, as a claim or a leg states it."""
    if value is None:
        return NOT_GIVEN
    if unit in _WRITTEN:
        return _WRITTEN[unit](value)
    is_whole = unit in _COUNTS and float(value).is_integer()
    number = grouped(value, 0 if is_whole else _DECIMALS.get(unit, 2))
    plain = unit in ("", "ratio", "see unit", "text")
    return number if plain else f"{number} {_SINGULAR.get(unit, unit) if value == 1 else unit}"


def percent(value: float | None, decimals: int = 1) -> str:
    """A percentage of 0 to 100."""
    return NOT_GIVEN if value is None else f"{grouped(value, decimals)}%"


def percentile(value: float | None) -> str:
    """A percentile rank: never rounded up to the 100 it did not reach."""
    if value is None:
        return NOT_GIVEN
    return f"{min(round(value, 1), 99.9) if value < 100 else value:.1f}"


def probability(value: float | None) -> str:
    """Odds as a percentage and, below a half, as one time in so many."""
    if value is None:
        return NOT_GIVEN
    if value < 0.001:
        return "under 0.1%"
    share = f"{100 * value:.1f}%"
    if value > 0.4:  # "1 in 2" says less than the percentage
        return share
    return f"{share}, about 1 in {round(1 / value)}"


def odds(value: float) -> str:
    """Odds as a whole percentage; what only rounds to never or always is neither."""
    share = percent(100 * value, 0)
    return {"0%": "under 1%", "100%": "over 99%"}.get(share, share)


_SINGULAR = {
    "sessions": "session",
    "months": "month",
    "measures": "measure",
    "sectors": "sector",
    "companies": "company",
    "events": "event",
    "points": "point",
    "percentage points": "percentage point",
    "legs of five": "leg of five",
    "monitors green": "monitor green",
    "times": "time",
}
_WRITTEN: dict[str, Callable[[float], str]] = {
    "Rs crore": rupees_crore,
    "Rs crore a session": lambda value: f"{rupees_crore(value)} a session",
    "percent": lambda value: f"{grouped(value, 2)}%",
    "probability 0-1": probability,
    "rank": lambda value: f"rank {grouped(value)}",
    "true or false": lambda value: "yes" if value else "no",
    "yes or no": lambda value: "yes" if value else "no",
}
"""Units that are not simply printed after the number."""


def count(number: int) -> str:
    """A small count in words, larger ones in digits."""
    return _WORDS[number] if 0 <= number < len(_WORDS) else grouped(number)


def ordinal(number: int) -> str:
    """A place in a row: first, second, 11th, 22nd."""
    if 1 <= number < len(_ORDINALS):
        return _ORDINALS[number]
    teen = number % 100 in (11, 12, 13)
    ending = "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{grouped(number)}{ending}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """A count with its noun: `1 company`, `1,204 companies`."""
    return f"{grouped(number)} {noun if number == 1 else plural or noun + 's'}"


def listed(parts: list[str]) -> str:
    """Parts as a sentence lists them."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def long_date(day: date) -> str:
    """A date as it is said: Wednesday, 11 February 2026. No locale is asked."""
    return f"{_DAYS[day.weekday()]}, {short_date(day)}"


def short_date(day: date) -> str:
    """A date without its weekday: 11 February 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def instant(moment: datetime | None) -> str:
    """A UTC instant on Indian clocks: `11 February 2026, 20:15 IST`."""
    if moment is None:
        return NOT_GIVEN
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    local = moment.astimezone(IST)
    return f"{short_date(local.date())}, {local:%H:%M} IST"
