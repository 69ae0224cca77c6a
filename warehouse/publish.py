"""Publish: what readers open is replaced whole; a reader that is open keeps what it opened."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

READ_ONLY = 0o444
"""Nobody writes to what is published: a BI tool that opens it to write is told so."""


def publish(warehouse: Path, published: Path) -> None:
    """Put a closed and checkpointed warehouse file in the readers' place.

    The copy is made beside the target, put on disk and renamed: at every instant the readers'
    path is last night's whole file or tonight's.
    """
    published.parent.mkdir(parents=True, exist_ok=True)
    part = published.with_name(f".{published.name}.part")
    part.unlink(missing_ok=True)
    shutil.copyfile(warehouse, part)
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.chmod(READ_ONLY)
    part.replace(published)
    folder = os.open(published.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
