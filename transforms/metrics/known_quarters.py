"""What was known of a company's past quarters at each instant it told something."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

BASES = ("consolidated", "standalone")

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


def known_windows(
    coded: pl.DataFrame, rows: pl.DataFrame, figures: tuple[str, ...], lags: int
) -> Floats:
    """Figures of each row's quarter and of those before it, as last told when the row began.

    The companies' documents are played back together, turn by turn: what is known is a board of
    one place a figure, basis, company and quarter, which each document overwrites.

    Args:
        coded: documents with company, turn (of known_from, in the company), side (of BASES),
            number (of the quarter) and the figures.
        rows: company, turn, number; the answers wanted.
        figures: columns of `coded`.
        lags: quarters looked back on, the row's own included.

    Returns:
        Shape (figures, bases, rows, lags), lag 0 first; NaN where nothing was known.
    """
    found = np.full((len(figures), len(BASES), rows.height, lags), np.nan)
    if coded.is_empty():
        return found
    numbers = coded["number"].to_numpy()
    first = int(numbers.min())
    company, side = coded["company"].to_numpy(), coded["side"].to_numpy()
    # Before the first quarter there are `lags` places that nothing is ever written to.
    column = numbers - first + lags
    told = coded.select(pl.col(figures).cast(pl.Float64).fill_null(np.nan)).to_numpy().T
    board = np.full(
        (len(figures), len(BASES), int(company.max()) + 1, int(column.max()) + 1), np.nan
    )
    row_company = rows["company"].to_numpy()
    back = (rows["number"].to_numpy() - first + lags)[:, None] - np.arange(lags)
    of_turn = _by_turn(coded["turn"].to_numpy())
    rows_of_turn = _by_turn(rows["turn"].to_numpy())
    for new, asked in zip(of_turn, rows_of_turn, strict=True):
        board[:, side[new], company[new], column[new]] = told[:, new]
        found[:, :, asked] = board[:, :, row_company[asked][:, None], back[asked]]
    return found


def _by_turn(turns: Whole) -> list[Whole]:
    """Places of each turn, from turn 0 on."""
    order = np.argsort(turns, kind="stable")
    ends = np.searchsorted(turns[order], np.arange(1, int(turns.max()) + 1))
    return np.split(order, ends)
