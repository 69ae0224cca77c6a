"""Settings: the only reader of the environment. Every one is `RISKON_<NAME>`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

VERSION = version("riskon")
PROJECT_URL = "https://github.com/riskon/riskon"


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
    webhook: str | None = Field(
        None, description="Address that is told of a failed night or overdue data"
    )
    gateway: str | None = Field(
        None, description="Root of a simulated exchange on loopback; its home holds nothing real"
    )
    now: datetime | None = Field(
        None, description="Instant to take for now, to replay an evening; with an offset"
    )

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
        if self.now is None:
            return datetime.now(UTC)
        if self.now.tzinfo is None:
            message = f"RISKON_NOW needs an offset, such as +05:30: {self.now.isoformat()}"
            raise ValueError(message)
        return self.now.astimezone(UTC)
