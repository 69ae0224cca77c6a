"""Lines of the exchange's symbol changes as it wrote them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from transforms.parse.layout import Payload
from transforms.parse.symbol_changes import LAYOUT

pytestmark = pytest.mark.real
NAME = "symbolchange__line_excerpts.csv"


def test_genuine_lines(archive: Path) -> None:
    path = archive / "samples" / NAME
    if not path.is_file():
        pytest.skip(f"the archive holds no {NAME}")
    payload = Payload(path.read_bytes(), NAME)
    assert LAYOUT.recognise(payload)
    rows = LAYOUT.read(payload)
    # Two lines, of which one has blanks before its name and commas in it.
    assert rows.height == 2
    typed = rows.select(**LAYOUT.typed)
    (eternal,) = typed.filter(new_symbol="ETERNAL").to_dicts()
    assert (eternal["old_symbol"], eternal["changed_on"]) == ("ZOMATO", date(2025, 4, 9))
    (fund,) = typed.filter(pl.col("company_name").str.contains(",")).to_dicts()
    assert fund["company_name"].count(",") == 1
    assert fund["company_name"] == fund["company_name"].strip()
    assert fund["changed_on"] == date(2019, 10, 30)
