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
SERVED = ("tests/exchange", "tests/prefect", "tests/browser")
"""Suites that mostly wait for a server or a browser."""
SLOW = "not prefect and not chaos and not browser and not real"


def run(*command: str) -> bool:
    """Run a command in the root, and say how it ended."""
    print(f"· {' '.join(command)}", flush=True)
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def dictionary_is_fresh(*, write: bool) -> bool:
    """DICTIONARY.md says what the table classes say."""
    from flows.derive import definitions
    from flows.night import ALL_TABLES
    from warehouse.dictionary import dictionary

    print("· dictionary", flush=True)
    wanted = dictionary(ALL_TABLES, definitions())
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


def tests_hold(*options: str) -> list[bool]:
    """Run the suites that wait for servers beside the others: each half has a core to itself."""
    pytest = (PYTHON, "-m", "pytest", "-q", *options)
    halves = [(*pytest, *SERVED), (*pytest, *(f"--ignore={suite}" for suite in SERVED), "tests")]
    for half in halves:
        print("·", *half, flush=True)
    with tempfile.TemporaryFile() as told:
        served = subprocess.Popen(halves[0], cwd=ROOT, stdout=told, stderr=subprocess.STDOUT)
        others = subprocess.run(halves[1], cwd=ROOT, check=False)
        served.wait()
        told.seek(0)
        sys.stdout.write(told.read().decode())
    # Five: no test was left after what --fast leaves out.
    return [others.returncode == 0, served.returncode in ({0, 5} if options else {0})]


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
        results += tests_hold("-m", SLOW) if fast else tests_hold()
    if all(results):
        print("Everything holds.")
        return 0
    print("Something does not hold: see above.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
