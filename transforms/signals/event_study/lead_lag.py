"""Whether one series moves before another: lagged regressions, and chance by rotation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import ceil, floor, sqrt
from typing import Any

import numpy as np

from transforms.signals.event_study.outcomes import Floats

_ROUNDING = 1e-9
_SEED = 20260211


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95% interval and two-sided p-value."""

    value: float
    low: float
    high: float
    p_value: float
    observations: int


def granger(effect: Floats, cause: Floats, lags: int) -> Estimate | None:
    """Sum of what past values of one series add to a forecast of another.

    Ordinary least squares of the effect on a constant and so many lags of both series. Interval
    and p-value are both of that sum, so that they never contradict each other; their covariance is
    Newey and West's, with floor(4 (n/100)^(2/9)) lags. No number of lags is chosen: one that looks
    best makes the sum look surer than it is.

    Returns:
        The sum of the cause's coefficients; null where either series does not vary.
    """
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415 (takes two seconds)

    target, rows = _regressors(effect, cause, lags)
    if len(target) <= 4 * lags or not (varies(effect) and varies(cause)):
        return None
    fitted = _fit(OLS, target, rows)
    tested = fitted.t_test(np.append(np.zeros(1 + lags), np.ones(lags)))
    low, high = (float(end) for end in tested.conf_int(alpha=0.05)[0])
    value, p_value = float(tested.effect[0]), float(tested.pvalue)
    return Estimate(value, low, high, p_value, len(target))


def _fit(model: Any, target: Floats, rows: Floats) -> Any:
    """Least squares with the covariance of Newey and West."""
    width = floor(4 * (len(target) / 100) ** (2 / 9))
    return model(target, rows).fit(
        cov_type="HAC", cov_kwds={"maxlags": width, "use_correction": True}
    )


def _regressors(effect: Floats, cause: Floats, lags: int) -> tuple[Floats, Floats]:
    """The effect, and a row of 1 and its and the cause's lags, where all of them are there."""
    size = len(effect) - lags
    past = [series[lags - k : lags - k + size] for series in (effect, cause) for k in _to(lags)]
    rows = np.column_stack([np.ones(max(size, 0)), *past])
    target = effect[lags:]
    whole = ~np.isnan(target) & ~np.isnan(rows).any(axis=1)
    return target[whole], rows[whole]


def _to(lags: int) -> range:
    return range(1, lags + 1)


def rotation_p(effect: Floats, cause: Floats, lags: int, nearest: int) -> float | None:
    """How often the series, rotated against each other, are tied as closely as they are.

    Each is first freed of its own past by its own autoregression; the tie is Haugh's sum of
    squared correlations of the effect with the cause 1 to `lags` earlier. Every rotation of at
    least `nearest` either way is looked at. It needs no law of errors, only that rotated series
    have nothing to do with each other.

    Source: Haugh, Checking the Independence of Two Covariance-Stationary Time Series, JASA 71
        (1976), with rotations in place of its chi-squared.
    """
    whole = ~np.isnan(effect) & ~np.isnan(cause)
    after, before = _own_past_removed(effect[whole], lags), _own_past_removed(cause[whole], lags)
    size = len(after)
    count = size - 2 * nearest + 1
    if count < 1 or not (varies(after) and varies(before)):
        return None
    # correlation[s]: of the effect with the cause s sessions earlier, around the ring.
    correlation = np.fft.irfft(np.fft.rfft(after) * np.conj(np.fft.rfft(before)), size)
    correlation /= size * after.std() * before.std()
    ring = np.concatenate([correlation, correlation])
    tie = np.sum([ring[k : k + size] ** 2 for k in _to(lags)], axis=0)
    moved = tie[nearest : size - nearest + 1]
    return float(1 + np.count_nonzero(moved >= tie[0] - _ROUNDING)) / (1 + count)


def _own_past_removed(series: Floats, lags: int) -> Floats:
    """Residuals of an autoregression, with mean 0."""
    size = len(series) - lags
    rows = np.column_stack(
        [np.ones(max(size, 0)), *(series[lags - k : lags - k + size] for k in _to(lags))]
    )
    target = series[lags:]
    left: Floats = target - rows @ np.linalg.lstsq(rows, target, rcond=None)[0]
    return left - left.mean() if len(left) else left


def varies(series: Floats) -> bool:
    """Whether a series is more than a constant and rounding."""
    held = series[~np.isnan(series)]
    return len(held) > 1 and float(held.std()) > _ROUNDING * max(float(np.abs(held).max()), 1e-3)


def partial_correlation(rows: Floats) -> float:
    """Correlation of the first two columns, both freed of the third by least squares; else 0."""
    centred = rows - rows.mean(axis=0)
    product = centred.T @ centred
    spread = np.sqrt(np.diag(product))
    if not spread.all():
        return 0.0
    correlation = product / np.outer(spread, spread)
    ab, ac, bc = correlation[0, 1], correlation[0, 2], correlation[1, 2]
    rest = (1 - ac**2) * (1 - bc**2)
    return float((ab - ac * bc) / sqrt(rest)) if rest > 1e-12 else 0.0


def partial_estimate(rows: Floats, draws: int, fewest_block: int) -> Estimate:
    """The partial correlation with the percentile interval of a stationary bootstrap.

    Rows are drawn whole and freed of the third column anew in each draw; the mean block is the
    optimal one of the residuals, at least `fewest_block`.
    """
    from arch.bootstrap import (  # noqa: PLC0415 (takes two seconds)
        StationaryBootstrap,
        optimal_block_length,
    )

    design = np.column_stack([np.ones(len(rows)), rows[:, 2]])
    freed = rows[:, :2] - design @ np.linalg.lstsq(design, rows[:, :2], rcond=None)[0]
    best = optimal_block_length(freed)["stationary"].to_numpy()
    block = max(ceil(float(np.nanmax(best))), fewest_block)
    resampled = StationaryBootstrap(block, rows, seed=_SEED)
    values = resampled.apply(partial(_first, partial_correlation), draws)[:, 0]
    low, high = np.quantile(values, [0.025, 0.975])
    fewer = min(np.count_nonzero(values <= 0), np.count_nonzero(values >= 0))
    p_value = min(1.0, 2 * (1 + int(fewer)) / (1 + draws))
    return Estimate(partial_correlation(rows), float(low), float(high), p_value, len(rows))


def _first(statistic: Any, rows: Floats) -> Floats:
    return np.array([statistic(rows)])
