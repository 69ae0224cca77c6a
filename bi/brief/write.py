"""The brief as files: for each session a page, a picture for chats and a text, side by side."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bi.brief.facts import gather
from warehouse.store import open_reader


def write_brief(published: Path, folder: Path, session: date | None = None) -> Path:
    """Write the brief of a session, the latest by default, each file whole or not at all.

    The page stands last: where it is new, the picture (`.png`) and the text (`.md`) beside it are.

    Returns:
        The page; the others differ in their suffix alone.

    Raises:
        NothingToTell: nothing is graded yet, or not that date.
    """
    # What draws takes a moment to import, which `riskon sql` need not pay.
    from bi.brief import artist  # noqa: PLC0415

    with artist.helpers():
        from bi.brief.card import card  # noqa: PLC0415
        from bi.brief.markdown import markdown  # noqa: PLC0415
        from bi.brief.page import render  # noqa: PLC0415

        with open_reader(published) as reader:
            facts = gather(reader, session)
        folder.mkdir(parents=True, exist_ok=True)
        name = facts.session_date.isoformat()
        page = folder / f"{name}.html"
        # All are made before one is replaced: a brief that cannot be drawn leaves the old one.
        files = (
            (folder / f"{name}.md", markdown(facts).encode()),
            (folder / f"{name}.png", card(facts)),
            (page, render(facts).encode()),
        )
    for target, content in files:
        part = target.with_name(f".{target.name}.part")
        part.write_bytes(content)
        part.replace(target)
    return page
