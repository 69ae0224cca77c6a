"""Sizes, corporate actions, new highs and lows, and funds of a session, in one archive."""

from datetime import date, time

from flows.sources.source import Source
from transforms.parse import pr_set

SOURCE = Source(
    id="nse_pr_set",
    title="PR set: market capitalisations, corporate actions, 52-week extremes, funds",
    publisher="National Stock Exchange of India Ltd",
    layouts=(pr_set.LAYOUT, pr_set.WITHOUT_SIZES),
    asks="every session",
    url="https://nsearchives.nseindia.com/archives/equities/bhavcopy/pr/PR{day:%d%m%y}.zip",
    extension=".zip",
    published_by=time(20, 0),
    history_start=date(2010, 1, 4),
)
