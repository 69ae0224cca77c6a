"""The brief as a file: one self-contained page a session."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bi.brief.facts import gather
from warehouse.store import open_reader


def write_brief(published: Path, folder: Path, session: date | None = None) -> Path:
    """Write the page of a session, the latest by default, whole or not at all."""
    # What draws takes a moment to import, which `riskon sql` need not pay.
    from bi.brief.page import render  # noqa: PLC0415

    with open_reader(published) as reader:
        facts = gather(reader, session)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{facts.session_date.isoformat()}.html"
    part = target.with_name(f".{target.name}.part")
    part.write_text(render(facts), encoding="utf-8")
    part.replace(target)
    return target
