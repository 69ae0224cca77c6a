"""Bars of every security of the cash market, in the exchange's unified layout: with ISINs."""

from datetime import date, time

from flows.sources.source import Source
from transforms.parse import equity_udiff

SOURCE = Source(
    id="nse_equity_bhavcopy",
    title="Share prices with ISINs (unified bhavcopy)",
    publisher="National Stock Exchange of India",
    layouts=(equity_udiff.LAYOUT,),
    asks="every session",
    url="https://nsearchives.nseindia.com/content/cm/"
    "BhavCopy_NSE_CM_0_0_0_{day:%Y%m%d}_F_0000.csv.zip",
    extension=".zip",
    published_by=time(19, 0),
    history_start=date(2024, 1, 2),
)
