"""Settings: the only reader of the environment. Every one is `RISKON_<NAME>`."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from pydantic import (
    AwareDatetime,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from flows.errors import RiskonError
from flows.http.addresses import is_loopback

VERSION = version("riskon")
PROJECT_URL = "https://github.com/riskon/riskon"
PREFIX = "RISKON_"
OTHERS_READ = frozenset({"RISKON_ARCHIVE", "RISKON_SOURCE"})
"""Variables that tests and deployments read, not the pipeline."""
EXPECTED = {
    "home": "a folder",
    "history_start": "a date, YYYY-MM-DD",
    "user_agent": "text",
    "requests_per_second": "a number above 0 and at most 3",
    "documents_per_run": "a whole number, 0 or more",
    "webhook": "an address",
    "gateway": "an http address on this machine, such as http://127.0.0.1:8080",
    "now": "an instant that says its offset, such as 2026-02-11T22:30+05:30",
}


@dataclass(eq=False, kw_only=True)
class WrongSetting(RiskonError):  # noqa: N818  named as its family is
    """A setting is not what it must be, or a variable is named as none is."""

    variable: str
    where: str = "the environment"

    next_step: ClassVar[str] = "Correct or unset the variable; README lists every setting."

    def subject(self) -> str:
        """The variable."""
        return self.variable


class Settings(BaseSettings):
    """Where Riskon lives, how far back it asks, and how it introduces itself."""

    model_config = SettingsConfigDict(env_prefix="RISKON_", frozen=True)

    home: Path = Field(Path(".riskon"), description="Folder of all state")
    history_start: date = Field(
        date(2021, 1, 1),
        description="First date the nightly run asks for; `riskon backfill --from` goes further",
    )
    user_agent: str = Field(
        f"Mozilla/5.0 (compatible; Riskon/{VERSION}; +{PROJECT_URL})",
        description="The truthful name sent to publishers",
    )
    requests_per_second: float = Field(
        1.0, gt=0, le=3, description="At most so many requests a second to one publisher's host"
    )
    documents_per_run: int = Field(
        2000,
        ge=0,
        description="At most so many result documents in one run; the next one goes on",
    )
    webhook: str | None = Field(
        None, description="Address that is told of a failed night or overdue data"
    )
    gateway: str | None = Field(
        None, description="Root of a simulated exchange on loopback; its home holds nothing real"
    )
    now: AwareDatetime | None = Field(
        None, description="Instant to take for now, to replay an evening; with an offset"
    )

    @field_validator("gateway")
    @classmethod
    def _stays_on_this_machine(cls, gateway: str | None) -> str | None:
        """Real figures never come through a gateway, so it is no way to other hosts."""
        if gateway is None:
            return None
        if urlsplit(gateway).scheme != "http" or not is_loopback(gateway):
            message = "no http address on loopback"
            raise ValueError(message)
        return gateway.rstrip("/")

    @model_validator(mode="wrap")
    @classmethod
    def _tell_plainly(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Name the variable, what was expected and what came.

        Raises:
            WrongSetting: the first wrong value, or a variable of a name that no setting has.
        """
        _refuse_unknown(sorted(os.environ))
        try:
            return handler(values)
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0]) if first["loc"] else ""
            raise WrongSetting(
                expected=EXPECTED.get(name, first["msg"]),
                got=str(first["input"]),
                variable=f"{PREFIX}{name.upper()}",
            ) from error

    @property
    def origin(self) -> str:
        """Whose figures this home holds."""
        return "simulated" if self.gateway else "real"

    @property
    def landing(self) -> Path:
        """The publishers' bytes."""
        return self.home / "landing"

    @property
    def warehouse(self) -> Path:
        """The writer's file."""
        return self.home / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """The readers' file."""
        return self.home / "published" / "riskon.duckdb"

    @property
    def brief(self) -> Path:
        """The pages."""
        return self.home / "brief"

    def clock(self) -> datetime:
        """Now, as a UTC instant."""
        return datetime.now(UTC) if self.now is None else self.now.astimezone(UTC)


def _refuse_unknown(variables: list[str]) -> None:
    """A misspelt setting would be ignored in silence, and the default taken."""
    known = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    for variable in variables:
        if not variable.upper().startswith(PREFIX) or variable.upper() in {*known, *OTHERS_READ}:
            continue
        near = difflib.get_close_matches(variable.upper(), known, n=1, cutoff=0.0)
        raise WrongSetting(
            expected=f"a setting Riskon has; the nearest is {near[0]}",
            got="a name that is no setting",
            variable=variable,
        )
