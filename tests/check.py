"""The one command before a commit, and CI's: format, lint, types, generated files, lock, tests.

python -m tests.check            everything
python -m tests.check --fast     all but the suites that start servers, browsers and processes
python -m tests.check --write    write what is generated: format, dictionary, lock files
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
DICTIONARY = ROOT / "warehouse" / "DICTIONARY.md"
LOCKS = {"requirements.lock": (), "requirements-dev.lock": ("--extra", "dev")}
SLOW = "not prefect and not chaos and not browser and not real"


def run(*command: str) -> bool:
    """Run a command in the root, and say how it ended."""
    print(f"· {' '.join(command)}", flush=True)
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def dictionary_is_fresh(*, write: bool) -> bool:
    """DICTIONARY.md says what the table classes say."""
    from flows.night import ALL_TABLES
    from warehouse.dictionary import dictionary

    print("· dictionary", flush=True)
    wanted = dictionary(ALL_TABLES)
    if write:
        DICTIONARY.write_text(wanted, encoding="utf-8")
    if DICTIONARY.exists() and DICTIONARY.read_text(encoding="utf-8") == wanted:
        return True
    print("warehouse/DICTIONARY.md is stale: python -m tests.check --write")
    return False


def lock_is_fresh(name: str, extra: tuple[str, ...], *, write: bool) -> bool:
    """The lock satisfies pyproject.toml: compiling from it changes nothing."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / name
        lock = ROOT / name
        if lock.exists():
            target.write_bytes(lock.read_bytes())
        compiled = run(
            PYTHON, "-m", "uv", "pip", "compile", "--quiet", "--universal",
            "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url",
            "--no-emit-find-links", "--no-strip-extras", "--no-annotate", "--no-header", *extra,
            *(() if not extra else ("--constraint", "requirements.lock")),
            "pyproject.toml", "--output-file", str(target),
        )  # fmt: skip
        if not compiled:
            return False
        if write:
            lock.write_bytes(target.read_bytes())
        if lock.read_bytes() == target.read_bytes():
            return True
    print(f"{name} does not follow from pyproject.toml: python -m tests.check --write")
    return False


def main() -> int:
    """Run every check; all of them, so that one failure does not hide the next."""
    write, fast = "--write" in sys.argv, "--fast" in sys.argv
    ruff = (PYTHON, "-m", "ruff")
    results = [
        run(*ruff, "format", *(() if write else ("--check",)), "."),
        run(*ruff, "check", *(("--fix",) if write else ()), "."),
        run(PYTHON, "-m", "mypy"),
        dictionary_is_fresh(write=write),
        *(lock_is_fresh(name, extra, write=write) for name, extra in LOCKS.items()),
    ]
    if not write:
        results.append(run(PYTHON, "-m", "pytest", "-q", *(("-m", SLOW) if fast else ())))
    if all(results):
        print("Everything holds.")
        return 0
    print("Something does not hold: see above.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
