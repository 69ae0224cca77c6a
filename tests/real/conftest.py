"""One home that imported the archive: its loose files and the index files of both tars."""

from __future__ import annotations

import shutil
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.bring import Imported, bring
from flows.settings import Settings

NOW = datetime(2026, 11, 1, 15, 0, tzinfo=UTC)


@dataclass
class Brought:
    """A home, and what its import said."""

    settings: Settings
    told: Imported
    files: list[str]
    inbox: Path


@pytest.fixture(scope="session")
def unpacked(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folder of each tar's files, by its span: unpacking takes longer than reading."""
    folder = tmp_path_factory.mktemp("tars")
    found = {}
    for packed in sorted(archive.glob("*.tar.xz")):
        span = packed.name.removesuffix(".tar.xz")
        with tarfile.open(packed) as tar:
            tar.extractall(folder / span, filter="data")
        found[span] = folder / span
    if not found:
        pytest.skip("the archive holds no *.tar.xz")
    return found


@pytest.fixture(scope="session")
def index_files(unpacked: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The daily index files of both tars: nothing else of them."""
    folder = tmp_path_factory.mktemp("indices")
    for span, files in unpacked.items():
        target = folder / span
        target.mkdir()
        for path in files.rglob("*ind_close_all_*"):
            shutil.copy(path, target / path.name)
    return folder


@pytest.fixture(scope="session")
def brought(archive: Path, index_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Brought:
    inbox = tmp_path_factory.mktemp("inbox")
    for name in ("slice", "niftyindices", "fii_dii", "fred", "constituents", "samples"):
        shutil.copytree(archive / name, inbox / name)
    for folder in index_files.iterdir():
        shutil.copytree(folder, inbox / folder.name)
    settings = Settings(home=tmp_path_factory.mktemp("home") / "riskon", now=NOW)
    told = bring(settings, inbox, {})
    files = [str(path.relative_to(inbox)) for path in inbox.rglob("*") if path.is_file()]
    return Brought(settings, told, files, inbox)
