"""A reader that opens the published file again and again, and says what it saw.

    python read_on.py <published file> <stop file>

Prints one line for each different answer, as JSON, and the number of reads last.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from warehouse.store import open_reader

QUESTIONS = {
    "runs": "SELECT count(*) FROM ops.run",
    "sessions": "SELECT count(*) FROM core.trading_session",
    "bars": "SELECT count(*) FROM core.index_bar",
    "momentum": "SELECT count(*) FROM mart.index_momentum",
    "evidence": "SELECT count(*) FROM bi.evidence",
    "flow": "SELECT count(*) FROM core.institutional_flow",
    "states": "SELECT count(*) FROM ops.day_state",
}


def answer(published: Path) -> str:
    with open_reader(published) as reader:
        found = {name: reader.read(sql).row(0)[0] for name, sql in QUESTIONS.items()}
        again = {name: reader.read(sql).row(0)[0] for name, sql in QUESTIONS.items()}
    if found != again:
        message = f"an open reader saw its file change: {found} then {again}"
        raise AssertionError(message)
    return json.dumps(found)


def main() -> None:
    published, stop = Path(sys.argv[1]), Path(sys.argv[2])
    seen: list[str] = []
    reads = 0
    while not stop.exists():
        found = answer(published)
        reads += 1
        if not seen or seen[-1] != found:
            seen.append(found)
            sys.stdout.write(found + "\n")
            sys.stdout.flush()
    sys.stdout.write(f"{reads}\n")


if __name__ == "__main__":
    main()
