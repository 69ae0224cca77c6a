"""Files of the PR set that a user unpacked: a session's whole archive is asked for all the same."""

from datetime import time

from flows.sources.source import Source
from transforms.parse import action_list, fund_list, market_cap, published_extremes

SOURCE = Source(
    id="imported_pr_files",
    title="PR set, unpacked: market capitalisations, corporate actions, extremes, funds",
    publisher="National Stock Exchange of India Ltd",
    layouts=(
        market_cap.LAYOUT,
        action_list.CSV_LAYOUT,
        published_extremes.LAYOUT,
        fund_list.LAYOUT,
    ),
    asks="import only",
    extension=".csv",
    published_by=time(20, 0),
)
