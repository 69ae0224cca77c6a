"""Announced changes of index members, from a user's CSV: the index company tells the press."""

from datetime import time

from flows.sources.source import Source
from transforms.parse import reconstitutions

SOURCE = Source(
    id="imported_reconstitutions",
    title="Announced changes of index members from a user's CSV",
    publisher="as the user states",
    layouts=(reconstitutions.LAYOUT,),
    asks="import only",
    extension=".csv",
    published_by=time(20, 0),
)
