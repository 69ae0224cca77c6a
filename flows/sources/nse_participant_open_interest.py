"""Contracts that each kind of participant holds in equity derivatives at a session's end."""

from datetime import date, time

from flows.sources.source import Source
from transforms.parse import participant_contracts

SOURCE = Source(
    id="nse_participant_open_interest",
    title="Open interest in equity derivatives by participant",
    publisher="NSE Clearing Ltd",
    layouts=(
        participant_contracts.OPEN_INTEREST_LAYOUT,
        participant_contracts.JOINED_OPEN_INTEREST_LAYOUT,
    ),
    asks="every session",
    url="https://nsearchives.nseindia.com/content/nsccl/fao_participant_oi_{day:%d%m%Y}.csv",
    extension=".csv",
    published_by=time(20, 30),
    history_start=date(2012, 1, 2),
)
