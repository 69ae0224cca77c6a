"""FII and DII history that a user has as a plain CSV; marked as imported wherever it stands."""

from datetime import time

from flows.sources.source import Source
from transforms.parse import institutional_flow

SOURCE = Source(
    id="imported_flow",
    title="FII and DII history from a user's CSV",
    publisher="as the user states",
    layouts=(institutional_flow.HISTORY_CSV, institutional_flow.SAVED_API),
    asks="import only",
    extension=".csv",
    published_by=time(19, 45),
)
