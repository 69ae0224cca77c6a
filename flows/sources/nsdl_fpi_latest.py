"""Foreign investment of the last reporting date, as custodians confirmed it to the depository."""

from datetime import date, time

from flows.sources.source import Source
from transforms.parse import depository

SOURCE = Source(
    id="nsdl_fpi_latest",
    title="Foreign investment by asset class and route, latest reporting date",
    publisher="National Securities Depository Ltd",
    layouts=(depository.LAYOUT,),
    asks="list",
    url="https://www.fpi.nsdl.co.in/web/Reports/Latest.aspx",
    extension=".html",
    published_by=time(19, 30),
    revised_until=time(22, 0),
    history_start=date(2009, 12, 1),
)
