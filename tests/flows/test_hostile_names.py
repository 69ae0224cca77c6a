"""Names and pages that would stop a run: they are told, and the run goes on."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.bring import bring
from flows.errors import Blocked
from flows.http.answer import Ask, whole
from flows.http.partial import Partial
from flows.http.patience import Effort
from flows.settings import Settings
from warehouse.store import open_reader

NOW = datetime(2026, 2, 12, 17, tzinfo=UTC)
RATES = b"series_id,observation_date,value\nRBI_REPO,2026-01-08,6.25\n"


def test_a_file_whose_name_is_no_utf8_is_imported_under_a_name_that_can_be_written(
    tmp_path: Path,
) -> None:
    """Old archives unpack to such names."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    try:
        Path(os.fsdecode(os.fsencode(inbox) + b"/r\xe9po.csv")).write_bytes(RATES)
    except OSError as error:
        pytest.skip(f"this file system takes UTF-8 names alone: {error}")
    settings = Settings(home=tmp_path / "home", now=NOW)
    done = bring(settings, inbox, {})
    assert (done.landed, done.refused) == (1, [])
    with closing(open_reader(settings.published)) as reader:
        assert reader.read("SELECT url, rows_loaded FROM ops.fetch").rows() == [("r\\xe9po.csv", 1)]
    assert bring(settings, inbox, {}).held_already == 1


def test_a_firewalls_page_is_a_refusal_whatever_its_status() -> None:
    """The depository's answers with status 200."""
    body = b"<html><head><title>Request Rejected</title></head><body>Support ID: 1</body></html>"
    url = "https://www.fpi.nsdl.co.in/web/Reports/Latest.aspx"
    part = Partial(None, url)
    part.begin({})
    part.add(body)
    ask = Ask("GET", url, None, {}, 1 << 20, Effort(lambda _: None, 10.0))
    with pytest.raises(Blocked, match="request rejected") as refusal:
        whole(ask, url, part, NOW)
    assert refusal.value.retry_at is not None
    assert refusal.value.retry_at > NOW
