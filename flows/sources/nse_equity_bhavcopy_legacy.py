"""Bars of every security of the cash market before the unified layout."""

from datetime import date, time

from flows.sources.source import Source
from transforms.parse import equity_legacy

SOURCE = Source(
    id="nse_equity_bhavcopy_legacy",
    title="Share prices until 2023 (bhavcopy)",
    publisher="National Stock Exchange of India",
    layouts=(equity_legacy.LAYOUT, equity_legacy.OLDEST),
    asks="every session",
    url="https://nsearchives.nseindia.com/content/historical/EQUITIES/"
    "{day:%Y}/{month}/cm{day:%d}{month}{day:%Y}bhav.csv.zip",
    extension=".zip",
    published_by=time(19, 0),
    history_start=date(1994, 11, 3),
    # The exchange went on until July 2024; from then on the unified file tells more.
    history_end=date(2024, 1, 1),
)
