"""The simulated shares: what the exchange publishes of them, and what is true of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from flows.demo.world import share_frames, share_notices
from flows.demo.world.companies import Company
from flows.demo.world.earnings import Earnings
from flows.demo.world.share_market import ShareMarket, draw_share_market
from flows.demo.world.share_security import Security
from flows.demo.world.story import DELIVERY_LATE


@dataclass(frozen=True)
class Shares:
    """Everything that trades, since `FIRST_SHARE_SESSION`; frames are made when asked for.

    Returns of members of the indices in `share_weights.EXACT` add up to the index's; no other
    index is made of its members. More companies leave the others' names, sessions, actions and luck
    as they were, but not their prices: members share what their index still misses.

    `window` are the first and the last date shown. `delivery_late` are sessions whose deliveries
    are published a day late: the frames hold them all the same.
    """

    market: ShareMarket
    window: tuple[date, date]
    delivery_late: tuple[date, ...] = DELIVERY_LATE

    @property
    def securities(self) -> tuple[Security, ...]:
        """Everything listed at some time, the companies' own shares first and by number."""
        return self.market.securities

    @property
    def sessions(self) -> tuple[date, ...]:
        """Sessions shown."""
        first, last = self.window
        return tuple(day for day in self.market.sessions if first <= day <= last)

    @cached_property
    def bars(self) -> pl.DataFrame:
        """One row a session, symbol and series that traded, in the exchange's order.

        session_date, symbol, series, isin, security_name, open, high, low, close, last (null where
        hardly anyone traded), previous_close (the last close in whatever main series, not adjusted;
        the issue price on the first session of an offer, null on that of others), average_price,
        volume_shares, turnover_inr, trades, delivery_shares (null in BE and BZ), company (number,
        null for all that is no company's own share), kind (as in core.instrument). A T0 row has the
        closes of its main share, which its own prices need not hold.
        """
        return self._shown(share_frames.bars(self.market))

    @cached_property
    def caps(self) -> pl.DataFrame:
        """One row a session and listed equity, traded or not, in the exchange's order.

        session_date, symbol, series, security_name, face_value_inr, issued_shares, close (the
        latest), last_trade_date, category, company.
        """
        return self._shown(share_frames.caps(self.market))

    @cached_property
    def truth(self) -> pl.DataFrame:
        """What is true of each session of a company's own share on the main board.

        session_date, company, symbol, series, close, adjusted_return (simple, since its previous
        session with a trade, with all actions but ordinary dividends taken out; null on its first
        session and where the move is a jump that nothing explains), sessions_since_bar (1: it
        traded the session before; null on its first), is_ordinary (series EQ or BE),
        is_quarantined (that jump), turnover_inr, volume_shares.
        """
        return self._shown(share_frames.truth(self.market))

    @cached_property
    def extremes(self) -> pl.DataFrame:
        """New highs and lows of 252 sessions among main-board shares and funds.

        session_date, security_name, new_price, previous_price, extreme (high, low). Prices are
        those published: an action makes a low of what is none.
        """
        return self._shown(share_frames.extremes(self.market))

    @cached_property
    def actions(self) -> pl.DataFrame:
        """One row an action, by ex-date; dividends of one day are one row, as the exchange tells.

        symbol, series, isin, company_name, face_value_inr (before), ex_date, record_date,
        announced_on, purpose (the list's words), purpose_short (the PR set's), is_announced (not
        all are), session_date (the first traded from the ex-date on, null if it lies ahead of the
        story), kind, price_factor and share_factor (of the price and the shares in issue, after
        over before), company. All of the story, whatever the window.
        """
        return share_notices.actions(self.market)

    @cached_property
    def name_changes(self) -> pl.DataFrame:
        """Names that companies gave up: symbol, old_name, new_name, changed_on; by symbol."""
        return share_notices.name_changes(self.market)

    @cached_property
    def listings(self) -> pl.DataFrame:
        """One row a main-board share and name, gone ones too: lists of listings follow from it.

        company, listed_on, delisted_on (null: still there), name_from, symbol, isin, company_name,
        face_value_inr, main_board_from (later than listed_on for who came from the SME platform).
        """
        return share_notices.listings(self.market)

    def _shown(self, frame: pl.DataFrame) -> pl.DataFrame:
        if self.sessions == self.market.sessions:
            return frame
        return frame.filter(pl.col("session_date").is_between(*self.window))


def draw_shares(
    companies: Sequence[Company],
    earnings: Earnings,
    published: tuple[pl.DataFrame, pl.DataFrame],
    seed: int,
    window: tuple[date, date],
) -> Shares:
    """Draw the shares of these companies, and all that trades beside them.

    `published` are the index bars and the sessions of the whole story, whatever the window shown.
    """
    return Shares(draw_share_market(companies, earnings, published, seed), window)
