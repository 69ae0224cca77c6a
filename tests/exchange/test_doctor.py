"""Doctor: each publisher is asked once, nothing is landed, and what is not well is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from flows import doctor
from flows.demo.wire.faults import Fault, FaultKind
from flows.sources import SOURCES
from tests.exchange.homes import Home, at

WEDNESDAY = date(2026, 2, 11)
SHARES = ("nse_equity_full", "nse_equity_bhavcopy", "nse_pr_set", "nse_corporate_actions")


@pytest.fixture
def settings(home: Home) -> doctor.Settings:
    home.exchange.now = at(WEDNESDAY)
    home.exchange.faults = []
    return home.settings(at(WEDNESDAY))


def test_every_publisher_of_the_simulated_exchange_is_well(
    home: Home, settings: doctor.Settings
) -> None:
    findings = {one.source_id: one for one in doctor.examine(settings)}
    asked = {
        source.id
        for source in SOURCES.values()
        if source.asks not in doctor.NOT_PROBED and source.history_end >= settings.history_start
    }
    assert set(findings) == asked
    assert set(SHARES) <= asked
    assert {"nse_equity_bhavcopy_legacy", "nse_delivery_positions"}.isdisjoint(asked)
    assert [one for one in findings.values() if not one.is_well] == []
    assert not settings.landing.exists()


def test_a_changed_layout_is_named_and_the_others_are_well(
    home: Home, settings: doctor.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "SOURCES", {name: SOURCES[name] for name in SHARES})
    home.exchange.faults = [Fault("sec_bhavdata_full", FaultKind.RENAMED_COLUMN)]
    findings = {one.source_id: one for one in doctor.examine(settings)}
    assert [name for name, one in findings.items() if not one.is_well] == ["nse_equity_full"]
    assert "expected" in findings["nse_equity_full"].found


def test_of_a_file_that_is_no_more_the_last_is_asked(
    home: Home, settings: doctor.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Saturday ends it: the session before is asked for."""
    ended = replace(SOURCES["nse_equity_full"], history_end=date(2026, 1, 31))
    monkeypatch.setattr(doctor, "SOURCES", {ended.id: ended})
    (finding,) = doctor.examine(settings)
    assert finding.is_well
    assert finding.url.endswith("sec_bhavdata_full_30012026.csv")
