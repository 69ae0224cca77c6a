"""Settings from the environment: what is wrong is named, with what was expected."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime

import pytest

from flows.settings import EXPECTED, Settings, WrongSetting


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("RISKON_HISTORY_START", "yesterday", "a date, YYYY-MM-DD; got yesterday"),
        ("RISKON_REQUESTS_PER_SECOND", "100", "at most 3; got 100"),
        ("RISKON_REQUESTS_PER_SECOND", "fast", "a number above 0"),
        ("RISKON_GATEWAY", "http://192.0.2.1", "on this machine"),
        ("RISKON_GATEWAY", "127.0.0.1:8080", "an http address"),
        ("RISKON_GATEWAY", "http://[", "an http address"),
        ("RISKON_NOW", "2026-02-11T22:30", "an offset"),
        ("RISKON_HSITORY_START", "2024-01-01", "the nearest is RISKON_HISTORY_START"),
        ("RISKON_HOMES", "x", "the nearest is RISKON_HOME"),
    ],
)
def test_what_is_wrong_is_named(
    variable: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(WrongSetting) as raised:
        Settings()
    told = str(raised.value)
    assert told.startswith(f"{variable}: expected ")
    assert words in told.replace("that says its offset", "an offset")
    assert "pydantic" not in told
    assert str(pickle.loads(pickle.dumps(raised.value))) == told


def test_every_setting_says_what_it_expects() -> None:
    assert set(EXPECTED) == set(Settings.model_fields)


def test_variables_of_tests_and_deployments_are_no_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RISKON_ARCHIVE", "/archive")
    monkeypatch.setenv("RISKON_SOURCE", "/source")
    monkeypatch.setenv("RISKON_GATEWAY", "http://127.0.0.1:8080/")
    monkeypatch.setenv("RISKON_NOW", "2026-02-11T22:30+05:30")
    settings = Settings()
    assert settings.gateway == "http://127.0.0.1:8080"
    assert settings.clock() == datetime(2026, 2, 11, 17, 0, tzinfo=UTC)
