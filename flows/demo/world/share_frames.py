"""Frames of the simulated shares: bars, market values, extremes, and what is true of them."""

from __future__ import annotations

import numpy as np
import polars as pl

from flows.demo.world.factors import Floats
from flows.demo.world.share_market import Rows, ShareMarket

MAIN_BOARD = ("EQ", "BE", "BZ")
ORDINARY = ("EQ", "BE")
VALUED = ("share", "sme share", "reit", "invit")
"""Kinds whose market value the exchange tells."""
YEAR = 252
"""Sessions of a published high or low."""
TWIN_SHARES = 4


def bars(market: ShareMarket) -> pl.DataFrame:
    """One row a session, symbol and series that traded; see `Shares.bars`."""
    rows, activity = market.traded
    # A twin stands after its main share: EQ sorts before T0.
    places = np.sort(np.concatenate([np.arange(len(rows[0])), market.twins]))
    is_twin = pl.Series(np.diff(places, prepend=-1) == 0)
    rows = rows[0][places], rows[1][places]
    series = pl.Series(market.series_words).gather(market.series_codes[rows])
    frame = pl.DataFrame(
        {
            "session_date": market.dates(rows[0]),
            "symbol": market.of_name("symbol", rows),
            "series": series.set(is_twin, "T0"),
            "isin": market.of_name("isin", rows),
            "security_name": market.of_name("security_name", rows),
            "open": activity.open[places],
            "high": activity.high[places],
            "low": activity.low[places],
            "close": market.paths.close[rows],
            "last": _nullable(activity.last[places]),
            "previous_close": _nullable(market.paths.previous[rows]),
            "average_price": activity.average[places],
            "volume_shares": activity.volume[places],
            "turnover_inr": activity.turnover_inr[places],
            "trades": activity.trades[places],
            "delivery_shares": _nullable(activity.delivery[places]).cast(pl.Int64),
            "company": _companies(market, rows),
            "kind": pl.Series(market.kinds).gather(rows[1]),
        }
    )
    # A few shares at one price, under the closes of the main series.
    price = pl.col("open")
    twin = {
        **dict.fromkeys(("high", "low", "last", "average_price"), price),
        "turnover_inr": (TWIN_SHARES * price).round(2),
        **dict.fromkeys(("volume_shares", "delivery_shares"), pl.lit(TWIN_SHARES, pl.Int64)),
        "trades": pl.lit(1, pl.Int64),
    }
    return frame.with_columns(
        pl.when(is_twin).then(value).otherwise(name).alias(name) for name, value in twin.items()
    )


def caps(market: ShareMarket) -> pl.DataFrame:
    """One row a session and listed equity, traded or not; see `Shares.caps`."""
    is_valued = np.isin(market.kinds, VALUED)
    rows = market.sorted_rows(market.paths.listed & ~np.isnan(market.paths.close) & is_valued)
    return pl.DataFrame(
        {
            "session_date": market.dates(rows[0]),
            "symbol": market.of_name("symbol", rows),
            "series": pl.Series(market.series_words).gather(market.series_codes[rows]),
            "security_name": market.of_name("security_name", rows),
            "face_value_inr": market.of_name("face_value_inr", rows).cast(pl.Float64),
            "issued_shares": market.paths.issued[rows].astype(np.int64),
            "close": market.paths.close[rows],
            "last_trade_date": market.dates(market.latest[rows]),
            "category": pl.repeat("Listed", len(rows[0]), eager=True),
            "company": _companies(market, rows),
        }
    )


def truth(market: ShareMarket) -> pl.DataFrame:
    """One row a session and company whose share traded on the main board; see `Shares.truth`."""
    rows, activity = market.traded
    series = market.series_of(rows)
    kept = np.isin(series, MAIN_BOARD) & (market.companies[rows[1]] >= 0)
    rows = rows[0][kept], rows[1][kept]
    before = market.before[rows]
    is_first, is_jump = before < 0, market.paths.unexplained[rows]
    close = market.paths.close[rows]
    move = close / market.paths.base[rows] - 1.0
    return pl.DataFrame(
        {
            "session_date": market.dates(rows[0]),
            "company": _companies(market, rows),
            "symbol": market.of_name("symbol", rows),
            "series": pl.Series(market.series_words).gather(market.series_codes[rows]),
            "close": close,
            "adjusted_return": _nullable(np.where(is_first | is_jump, np.nan, move)),
            "sessions_since_bar": _nullable(np.where(is_first, np.nan, rows[0] - before)).cast(
                pl.Int32
            ),
            "is_ordinary": np.isin(series[kept], ORDINARY),
            "is_quarantined": is_jump,
            "turnover_inr": activity.turnover_inr[kept],
            "volume_shares": activity.volume[kept],
        }
    )


def extremes(market: ShareMarket) -> pl.DataFrame:
    """New highs and lows among main-board shares and funds; see `Shares.extremes`."""
    rows, activity = market.traded
    kept = np.isin(market.kinds[rows[1]], ("share", "fund"))
    kept &= np.isin(market.series_of(rows), MAIN_BOARD)
    rows = rows[0][kept], rows[1][kept]
    frame = pl.DataFrame(
        {
            "session_date": market.dates(rows[0]),
            "security": rows[1],
            "high": activity.high[kept],
            "low": activity.low[kept],
            "name": market.name_codes[rows],
        }
    ).with_columns(
        highest=pl.col("high").shift(1).rolling_max(YEAR).over("security"),
        lowest=pl.col("low").shift(1).rolling_min(YEAR).over("security"),
    )
    parts = [
        frame.filter(is_new).select(
            "session_date",
            security_name="name",
            new_price=price,
            previous_price=before,
            extreme=pl.lit(price),
        )
        for price, before, is_new in (
            ("high", "highest", pl.col("high") > pl.col("highest")),
            ("low", "lowest", pl.col("low") < pl.col("lowest")),
        )
    ]
    names = [name.security_name for security in market.securities for name in security.names]
    both = pl.concat(parts)
    return both.with_columns(security_name=pl.Series(names).gather(both["security_name"])).sort(
        "session_date", "extreme", "security_name"
    )


def _companies(market: ShareMarket, rows: Rows) -> pl.Series:
    numbers = pl.Series(market.companies[rows[1]])
    return numbers.set(numbers < 0, None)


def _nullable(values: Floats) -> pl.Series:
    return pl.Series(values).fill_nan(None)
