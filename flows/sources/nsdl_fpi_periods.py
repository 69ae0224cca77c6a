"""The depository's own totals of foreign investment by month and year."""

from datetime import date, time

from flows.sources.source import Source
from transforms.parse import depository_periods

SOURCE = Source(
    id="nsdl_fpi_periods",
    title="Foreign investment by month and year, the depository's totals",
    publisher="National Securities Depository Ltd",
    layouts=(depository_periods.LAYOUT,),
    asks="list",
    # The year before is asked until the middle of February: its December is over, and the new
    # year's page has no month to show.
    url="https://www.fpi.nsdl.co.in/web/Reports/Yearwise.aspx?RptType=6&year={since:%Y}",
    again_days=45,
    extension=".html",
    published_by=time(19, 30),
    history_start=date(2002, 1, 1),
    is_informational=True,
)
