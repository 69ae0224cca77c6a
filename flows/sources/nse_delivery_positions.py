"""Deliveries of every share before the file that holds them beside the bars."""

from datetime import date, time

from flows.sources.source import Source
from transforms.parse import equity_mto

SOURCE = Source(
    id="nse_delivery_positions",
    title="Deliveries until 2019",
    publisher="National Stock Exchange of India",
    layouts=(equity_mto.LAYOUT,),
    asks="every session",
    url="https://nsearchives.nseindia.com/archives/equities/mto/MTO_{day:%d%m%Y}.DAT",
    extension=".dat",
    published_by=time(19, 0),
    history_start=date(2002, 1, 1),
    history_end=date(2019, 9, 30),
)
