"""New extremes, unexplained jumps and missing deliveries in words."""

from __future__ import annotations

from bi.brief.numbers import counted, grouped, listed, short_date, signed
from bi.brief.share_facts import NAMED, RECENT_SESSIONS, Jump, Share, Shares

EXTREMES = (
    "A new high is above every high of the 252 sessions before, adjusted for corporate actions, a "
    "low likewise; younger shares have neither. The exchange's own list adjusts for less. Named by "
    "value traded."
)


def named(shares: tuple[Share, ...], count: int) -> str:
    """Shares by name, the rest counted; what is empty is said so."""
    if not count:
        return "none"
    names = [f"{one.symbol} ({one.title})" if one.title else one.symbol for one in shares]
    rest = count - len(shares)
    return ", ".join(names) + (f" and {counted(rest, 'other')}" if rest else "")


def jumps(shares: Shares) -> str:
    """The shares whose move nobody explains, as a sentence; empty where there are none."""
    if not shares.jumps:
        return ""
    told = "; ".join(_jumped(one) for one in shares.jumps[:NAMED])
    rest = len(shares.jumps) - NAMED
    more = f"; and {counted(rest, 'other')}" if rest > 0 else ""
    return (
        f"Quarantined for an unexplained jump in the last {RECENT_SESSIONS} sessions: "
        f"{told}{more}. No announced action and no simple ratio explains it: that session's move "
        "counts nowhere in breadth, and the share's averages begin anew."
    )


def pending(shares: Shares) -> str:
    """The sessions whose deliveries are still to come; empty where all are there."""
    if not shares.pending:
        return ""
    told = [
        f"{grouped(one.pending)} of {counted(one.shares, 'share')} on "
        f"{short_date(one.session_date)}"
        for one in shares.pending
    ]
    return (
        f"Deliveries of series EQ not told yet: {listed(told)}. Figures of delivery wait for them."
    )


def _jumped(jump: Jump) -> str:
    name = f"{jump.symbol} ({jump.title})" if jump.title else jump.symbol
    told = f"{name} on {short_date(jump.session_date)}"
    if jump.move_pct is None or jump.previous_close is None or jump.close is None:
        return told
    return (
        f"{told}, {signed(jump.move_pct, 1)}% from Rs {grouped(jump.previous_close, 2)} to "
        f"Rs {grouped(jump.close, 2)}"
    )
