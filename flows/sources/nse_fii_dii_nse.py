"""FII and DII cash-market figures of the NSE alone, provisional; never mixed with the combined."""

from datetime import date, time

from flows.sources.source import Source
from transforms.parse import institutional_flow

SOURCE = Source(
    id="nse_fii_dii_nse",
    title="FII and DII cash figures, provisional, NSE alone",
    publisher="National Stock Exchange of India Ltd",
    layouts=(institutional_flow.NSE_API,),
    asks="latest session",
    url="https://www.nseindia.com/api/fiidiiTradeNse",
    warm="https://www.nseindia.com/reports/fii-dii",
    extension=".json",
    published_by=time(19, 45),
    revised_until=time(22, 0),
    history_start=date(2006, 4, 4),
    is_informational=True,
)
