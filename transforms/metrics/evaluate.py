"""Evaluates declared metrics over the unbroken runs of each subject's bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from transforms.metrics.metric import Metric
from transforms.metrics.percentile import latest_percentile_rank, percentile_rank

RUN_STARTED_ON = "run_started_on"
FEW_SESSIONS = 10
"""Up to so many new sessions are ranked one by one."""


def evaluate(
    bars: pl.DataFrame,
    metrics: Sequence[Metric],
    *,
    subject: str,
    sessions: pl.DataFrame,
    since: date | None = None,
) -> pl.DataFrame:
    """Every metric, and its percentile where declared, at every bar.

    A run is a stretch of sessions without a hole in which no column that a metric needs is
    null; the metric sees each run alone, so a window over a hole is null and a recursion
    restarts after it. Percentiles rank among all earlier values of the subject, holes or not.

    Args:
        bars: `subject`, `session_date`, `close` and the bar columns that metrics need; any row
            order. Where there is a column `basis`, a run ends when it changes.
        metrics: declarations, each after those it needs.
        subject: column that identifies whose bars they are.
        sessions: `session_date` of every trading session, bars or none.
        since: give the rows of this session and later only; every bar is still read.

    Returns:
        One row a bar, sorted by subject and session: both, `run_started_on` (first session of
        the unbroken run of closes; null where the close is null), metrics, percentiles. Null
        until warm; never NaN, never infinite.

    Raises:
        ValueError: two bars of one subject and session, a bar on a date that is no session, or
            a metric that needs a column that is neither a bar's nor declared before it.
    """
    if "basis" not in bars.columns:
        bars = bars.with_columns(basis=pl.lit(0, dtype=pl.Int64))
    frame = _numbered(bars, subject, sessions)
    bases = _bases(metrics, bars.columns)
    runs = {base: f"run {' '.join(base)}" for base in {*bases.values(), ("close",)}}
    frame = frame.with_columns(
        _run(subject, base).set_sorted().alias(column) for base, column in runs.items()
    ).with_columns(
        pl.when(pl.col("close").is_not_null())
        .then(pl.col("session_date").gather(pl.col(runs["close",])))
        .alias(RUN_STARTED_ON)
    )
    for stage in _stages(metrics):
        frame = frame.with_columns(
            item.expression().over(runs[bases[item.id]]).alias(item.id) for item in stage
        ).with_columns(_stored(item, bases[item.id]) for item in stage)
    values = frame.select(subject, "session_date", RUN_STARTED_ON, *[item.id for item in metrics])
    return _ranked(values, [item for item in metrics if item.percentile], subject, since)


def _ranked(
    values: pl.DataFrame, ranked: Sequence[Metric], subject: str, since: date | None
) -> pl.DataFrame:
    """Add percentiles; a few new sessions are ranked one by one, many in one expanding pass."""
    new = pl.lit(value=True) if since is None else pl.col("session_date") >= since
    days = values.filter(new)["session_date"].unique().sort()
    if since is None or len(days) > FEW_SESSIONS:
        return values.with_columns(
            percentile_rank(pl.col(item.id)).over(subject).alias(item.percentile_id)
            for item in ranked
        ).filter(new)
    ranks = [
        values.filter(pl.col("session_date") <= day)
        .group_by(subject, maintain_order=True)
        .agg(
            pl.col("session_date").last(),
            *[latest_percentile_rank(pl.col(item.id)).alias(item.percentile_id) for item in ranked],
        )
        .filter(pl.col("session_date") == day)
        for day in days
    ]
    return values.filter(new).join(
        pl.concat(ranks), on=[subject, "session_date"], how="left", maintain_order="left"
    )


def _numbered(bars: pl.DataFrame, subject: str, sessions: pl.DataFrame) -> pl.DataFrame:
    """Bars sorted by subject and session, with the `session` number of each date."""
    numbers = sessions.select(pl.col("session_date").unique().sort()).with_row_index("session")
    strangers = bars.join(numbers, on="session_date", how="anti")
    if strangers.height:
        dates = strangers["session_date"].unique().sort()
        listed = ", ".join(str(date) for date in dates.head(10))
        message = f"expected bars on trading sessions, got {dates.len()} other dates: {listed}"
        raise ValueError(message)
    frame = bars.join(numbers, on="session_date", how="left").sort(subject, "session")
    repeated = frame.filter(pl.struct(subject, "session").is_first_distinct().not_())
    if repeated.height:
        first = repeated.row(0, named=True)
        message = (
            f"expected one bar a session, got {repeated.height} more, the first of "
            f"{first[subject]} on {first['session_date']}"
        )
        raise ValueError(message)
    return frame


def _bases(metrics: Sequence[Metric], columns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Bar columns that each metric rests on, directly or through metrics it needs."""
    bases: dict[str, tuple[str, ...]] = {}
    for item in metrics:
        base: set[str] = set()
        for need in item.needs:
            if need in bases:
                base.update(bases[need])
            elif need in columns:
                base.add(need)
            else:
                message = f"{item.id} needs {need}, which no bar has and no metric before it gives"
                raise ValueError(message)
        bases[item.id] = tuple(sorted(base))
    return bases


def _stages(metrics: Sequence[Metric]) -> Iterator[list[Metric]]:
    """Metrics in layers: each layer needs only bars and the layers before it."""
    depth: dict[str, int] = {}
    for item in metrics:
        depth[item.id] = 1 + max(depth.get(need, 0) for need in item.needs)
    for level in sorted(set(depth.values())):
        yield [item for item in metrics if depth[item.id] == level]


def _present(base: tuple[str, ...]) -> pl.Expr:
    """Whether the bar has every column of the base."""
    return pl.all_horizontal(pl.col(column).is_not_null() for column in base)


def _run(subject: str, base: tuple[str, ...]) -> pl.Expr:
    """Row on which the bar's run starts; bars that lack a column of the base run by themselves."""
    continues = (
        (pl.col(subject) == pl.col(subject).shift(1))
        & (pl.col("session") == pl.col("session").shift(1) + 1)
        & (pl.col("basis") == pl.col("basis").shift(1))
        & (_present(base) == _present(base).shift(1))
    )
    row = pl.int_range(pl.len(), dtype=pl.UInt32)
    return pl.when(continues.fill_null(value=False).not_()).then(row).forward_fill()


def _stored(item: Metric, base: tuple[str, ...]) -> pl.Expr:
    """The metric's column, null where a bar lacks its base or the value is no finite number."""
    value = pl.col(item.id)
    is_value = _present(base) & value.is_finite() if item.kind == "number" else _present(base)
    return pl.when(is_value).then(value).cast(item.stored_type)
