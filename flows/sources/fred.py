"""Rates and prices of the world, one series a file, from the Federal Reserve Bank of St. Louis."""

from datetime import date, time

from flows.sources.source import Source
from transforms.macro_titles import FRED_IDS
from transforms.parse import macro_series

SOURCE = Source(
    id="fred",
    title="Rates, dollar, volatility and oil",
    publisher="Federal Reserve Bank of St. Louis (FRED)",
    layouts=(macro_series.FRED_CSV, macro_series.RESAVED_CSV),
    asks="list",
    url="https://fred.stlouisfed.org/graph/fredgraph.csv?id={item}&cosd={since:%Y-%m-%d}",
    items=FRED_IDS,
    extension=".csv",
    published_by=time(8, 0),
    history_start=date(2005, 1, 1),
)
