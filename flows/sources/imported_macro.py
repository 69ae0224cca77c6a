"""Series that no publisher answers for free, from a user's CSV: the repo rate, treasury bills."""

from datetime import time

from flows.sources.source import Source
from transforms.parse import macro_series

SOURCE = Source(
    id="imported_macro",
    title="Rates and prices from a user's CSV",
    publisher="as the user states",
    layouts=(macro_series.USER_CSV,),
    asks="import only",
    extension=".csv",
    published_by=time(20, 0),
)
