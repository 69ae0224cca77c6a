"""The event study as a report in Markdown: what was frozen, what was found, what could not be."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import polars as pl

from bi.study_controls import controls_told
from transforms.signals.event_study.event_list import event_rows
from transforms.signals.event_study.events import (
    DEFINITIONS,
    HORIZONS,
    LAUNCHED,
    TARGETS,
    TITLES,
    VERSION,
    definitions_digest,
)
from transforms.signals.event_study.inference import FALSE_DISCOVERIES, clopper_pearson
from transforms.signals.event_study.intervals import confirmation, excess_interval
from transforms.signals.event_study.study import quarter_rows, signed
from transforms.signals.event_study.watched import Watched, kept_rows, ring, watched

_TESTS = [definition for definition in DEFINITIONS if definition.role == "test"]


def report(
    closes: pl.DataFrame,
    total_returns: pl.DataFrame,
    breadth: pl.DataFrame,
    sessions: pl.DataFrame,
    through: date | None = None,
) -> str:
    """The whole study with what was known at a day, in Markdown.

    Args:
        closes: index_id, session_date, close; price return, of small, large and all caps.
        total_returns: the same of total-return levels; possibly empty.
        breadth: rows of mart.breadth; possibly empty.
        sessions: rows of core.trading_session; at least one.
        through: the day; the last session without one. Later data is left out.
    """
    day = sessions["session_date"].max() if through is None else through
    assert isinstance(day, date)  # noqa: S101 (the maximum of dates, for the type checker)
    upto = pl.col("session_date") <= day
    price, total, share = (
        one if one.is_empty() else one.filter(upto) for one in (closes, total_returns, breadth)
    )
    seen = watched(price, total, share, sessions.filter(upto))
    known = bisect_right(seen.dates, day)
    rows = quarter_rows(seen, day)
    tests = [row for row in rows if row["role"] == "test"]
    return "\n".join(
        [
            "# Does small-cap strength come before rises?",
            "",
            *_answer(tests, seen),
            "",
            *_frozen(),
            "",
            *_results(seen, rows, known),
            "",
            *_confirmed(seen, known),
            "",
            *controls_told(seen, day, known),
            "",
            *_events(seen),
            "",
            *_method(),
            "",
        ]
    )


def _answer(tests: Sequence[dict[str, Any]], seen: Watched) -> list[str]:
    """One plain paragraph of what it says, whatever that is."""
    made = [row for row in tests if row["p_value"] is not None]
    span = f"{seen.dates[0]} to {seen.dates[-1]}, {len(seen.dates)} sessions"
    if not made:
        return [
            (
                f"Of {len(tests)} tests none could be made on what is held ({span}): there is "
                "no event "
                "whose horizon has ended and that has sessions alike to compare with. This says "
                "nothing for or against the claim."
            )
        ]
    lasting = [row for row in made if row["q_value"] <= FALSE_DISCOVERIES.value]
    better = sum(row["excess_pct"] > 0 for row in made)
    said = [
        f"Of {len(tests)} tests {len(made)} could be made on {span}.",
        (
            f"After {better} of the {len(made)} the mean was above that of sessions alike in "
            "drawdown "
            "and volatility."
        ),
    ]
    if lasting:
        named = "; ".join(f"{_name(row)}: {signed(row['excess_pct'])} points" for row in lasting)
        said.append(f"Allowing for the number of tests, these stand at 10%: {named}.")
    else:
        least = min(row["q_value"] for row in made)
        said.append(
            "Allowing for the number of tests, none stands at 10% "
            f"(the smallest q is {least:.2f}): the history held does not tell these events from "
            "other sessions."
        )
    said.append(_power(made))
    graded = Counter(row["grade"] for row in tests)
    said.append("Grades: " + ", ".join(f"{n} {grade}" for grade, n in sorted(graded.items())) + ".")
    return [" ".join(said)]


def _power(made: Iterable[dict[str, Any]]) -> str:
    """What the study could have seen at all."""
    found = [row["minimum_detectable_pct"] for row in made]
    return (
        "With these few events only a large effect could be found: four times in five, and no "
        f"oftener, an excess of {min(found):.0f} to {max(found):.0f} points, by horizon and "
        "target. Not found is therefore not the same as not there."
    )


def _name(row: dict[str, Any]) -> str:
    return f"{row['event_id']}, {TITLES[row['target']]}, {row['horizon_sessions']} sessions"


def _frozen() -> list[str]:
    """What was decided before anything was measured."""
    return [
        "## Frozen before the first run",
        "",
        *(f"- `{one.id}` ({one.role}): {one.statement}." for one in DEFINITIONS),
        "",
        (
            f"Version {VERSION}, SHA-256 `{definitions_digest()}`. An event is the first "
            "session on "
            "which its condition holds after one on which it did not; entry is the next session's "
            "close, and no other signal counts within the horizon. Targets: "
            f"{' and '.join(TITLES[target] for target in TARGETS)}; horizons "
            f"{', '.join(str(horizon) for horizon in HORIZONS)} sessions: {_family()} tests. "
            "Nothing "
            "else was tried."
        ),
    ]


def _family() -> int:
    return len(_TESTS) * len(TARGETS) * len(HORIZONS)


def _results(seen: Watched, rows: Sequence[dict[str, Any]], known: int) -> list[str]:
    """A row a test, controls last."""
    head = [
        "event",
        "target",
        "h",
        "N",
        "hyp.",
        "mean",
        "all",
        "alike",
        "excess",
        "95% interval",
        "rose",
        "Wilson",
        "exact",
        "bull",
        "p",
        "q",
        "MDE",
        "grade",
    ]
    lines = [
        "## The tests",
        "",
        (
            "Log returns in percent; N events whose horizon has ended, hyp. of them before "
            "the index "
            "had its present rules; all: every session on which the event could be told; alike: "
            "sessions in the "
            "same terciles of drawdown and volatility; rose: events followed by a rise; bull: "
            "by 20% "
            "up before 10% down; MDE: excess found with 80% power."
        ),
        "",
        _line(head),
        _line(["---"] * len(head)),
    ]
    by_id = {definition.id: definition for definition in DEFINITIONS}
    for row in rows:
        definition, horizon = by_id[row["event_id"]], row["horizon_sessions"]
        kept = kept_rows(seen, definition, horizon)
        held = ring(seen, definition, row["target"], horizon, known, rows=kept[kept < known])
        lines.append(
            _line(
                [
                    f"`{row['event_id']}`",
                    TITLES[row["target"]],
                    str(horizon),
                    str(row["events"]),
                    str(row["hypothetical_events"]),
                    _signed(row["mean_return_pct"]),
                    _signed(row["base_return_pct"]),
                    _signed(row["matched_return_pct"]),
                    _signed(row["excess_pct"]),
                    _interval(excess_interval(held, horizon), ""),
                    f"{row['hits']}/{row['events']}",
                    _interval((row["hit_rate_low"], row["hit_rate_high"]), ".2f"),
                    _interval(clopper_pearson(row["hits"], row["events"]), ".2f"),
                    str(row["bull_phases"]),
                    _number(row["p_value"], ".3f"),
                    _number(row["q_value"], ".3f"),
                    _number(row["minimum_detectable_pct"], ".1f"),
                    row["grade"],
                ]
            )
        )
    return lines


def _confirmed(seen: Watched, known: int) -> list[str]:
    """Hansen's and Romano and Wolf's opinion."""
    found = confirmation(seen, _TESTS, known)
    if found is None:
        return ["## The family as one", "", "No test has events to compare."]
    listed = "; ".join(found.superior) if found.superior else "none"
    return [
        "## The family as one",
        "",
        (
            f"Hansen's test of superior predictive ability over {len(found.names)} tests: "
            f"p {found.p_value:.2f}. Romano and Wolf's stepwise list at 10%: {listed}. Both "
            "look for "
            "gains alone."
        ),
    ]


def _events(seen: Watched) -> list[str]:
    """Every event, by definition and horizon, with what each target did."""
    rows = event_rows(seen).sort("event_id", "horizon_sessions", "session_date", "target")
    lines = ["## Every event", ""]
    for definition in DEFINITIONS:
        mine = rows.filter(pl.col("event_id") == definition.id)
        lines += [f"### `{definition.id}`", ""]
        if mine.is_empty():
            lines += ["None on what is held.", ""]
            continue
        head = ["signal", "entered", "left", "h", "target", "return", "alike then", "bull", "kind"]
        lines += [_line(head), _line(["---"] * len(head))]
        lines += [
            _line(
                [
                    str(row["session_date"]),
                    str(row["entered_on"]),
                    str(row["left_on"] or "open"),
                    str(row["horizon_sessions"]),
                    TITLES[row["target"]],
                    _signed(row["return_pct"]),
                    _signed(row["matched_return_pct"]),
                    {None: "?", True: "yes", False: "no"}[row["became_bull"]],
                    row["return_variant"].replace("_", " ")
                    + (", hypothetical" if row["is_hypothetical"] else ""),
                ]
            )
            for row in mine.iter_rows(named=True)
        ]
        lines.append("")
    return lines[:-1]


def _method() -> list[str]:
    launches = ", ".join(f"{TITLES[name]} {day}" for name, day in LAUNCHED.items())
    return [
        "## How",
        "",
        (
            "p: all events are moved together around the history, by every number of sessions from "
            "the horizon on, and the mean excess is compared with theirs, two-sided. q: "
            "Benjamini and "
            "Hochberg over the tests that could be made; controls are a family of their own. 95% "
            "interval of the excess: stationary bootstrap, mean block the optimal one or the "
            "horizon. "
            f"Hypothetical: before {launches}, the first day of today's rules; index history "
            "before is "
            "back-cast or of another selection. Total return where both closes have it, else "
            "price. "
            "Figures describe the past; they are no forecast and no advice."
        ),
    ]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _signed(value: float | None) -> str:
    return "" if value is None else signed(value)


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _interval(ends: tuple[float | None, float | None] | None, form: str) -> str:
    if ends is None or ends[0] is None or ends[1] is None:
        return ""
    low, high = (format(end, form) if form else signed(end) for end in (ends[0], ends[1]))
    return f"{low} to {high}"
