"""FII and DII cash-market figures, provisional: the interface shows the last session alone."""

from datetime import date, time

from flows.sources.source import Source
from transforms.parse import institutional_flow

SOURCE = Source(
    id="nse_fii_dii",
    title="FII and DII cash figures, provisional, NSE+BSE+MSEI",
    publisher="National Stock Exchange of India Ltd",
    layouts=(institutional_flow.API,),
    asks="latest session",
    url="https://www.nseindia.com/api/fiidiiTradeReact",
    warm="https://www.nseindia.com/reports/fii-dii",
    extension=".json",
    published_by=time(19, 45),
    revised_until=time(22, 0),
    history_start=date(2006, 4, 4),
)
