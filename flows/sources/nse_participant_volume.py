"""Contracts that each kind of participant traded in equity derivatives in a session."""

from datetime import date, time

from flows.sources.source import Source
from transforms.parse import participant_contracts

SOURCE = Source(
    id="nse_participant_volume",
    title="Contracts traded in equity derivatives by participant",
    publisher="NSE Clearing Ltd",
    layouts=(
        participant_contracts.VOLUME_LAYOUT,
        participant_contracts.JOINED_VOLUME_LAYOUT,
    ),
    asks="every session",
    url="https://nsearchives.nseindia.com/content/nsccl/fao_participant_vol_{day:%d%m%Y}.csv",
    extension=".csv",
    published_by=time(20, 30),
    history_start=date(2012, 1, 2),
)
