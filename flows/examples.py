"""What the help of each command shows: lines to copy, each as a shell takes it."""

from __future__ import annotations

EXAMPLES = {
    "demo": ("riskon demo", "riskon demo --home ~/riskon-demo --no-open"),
    "nightly": ("riskon nightly", "RISKON_HISTORY_START=2024-01-01 riskon nightly"),
    "backfill": (
        "riskon backfill --from 2020-01-01 --to 2020-12-31",
        'riskon backfill --from 2018-01-01 --history "NIFTY SMALLCAP 100"',
        "riskon backfill --from 2017-01-01 --source nse_results",
        "RISKON_DOCUMENTS_PER_RUN=9000 riskon backfill --from 2024-01-01",
    ),
    "import": (
        "riskon import ~/nse-files",
        "riskon import flows.csv --scope NSE+BSE+MSEI --unit crore",
        "riskon import rates.csv",
        'riskon import history.csv --index-name "NIFTY SMALLCAP 100"',
    ),
    "rebuild": ("riskon rebuild",),
    "brief": (
        "riskon brief",
        "riskon brief --session 2025-07-18 --legs",
        "riskon brief --as-of 2026-02-10T22:30+05:30",
    ),
    "case": ("riskon case", "riskon case smallcap-rebound-2026"),
    "study": ("riskon study", "riskon study --through 2024-12-31 --output study.md"),
    "status": ("riskon status", "riskon status --days 60"),
    "doctor": ("riskon doctor",),
    "sql": (
        "riskon sql \"FROM bi.evidence WHERE session_date = DATE '2026-02-11'\"",
        "riskon sql \"FROM bi.dictionary WHERE column_name LIKE 'rsi%'\"",
        'riskon sql "FROM mart.flow" --format parquet --output flow.parquet',
    ),
    "export": ("riskon export out --schema bi",),
}


def epilogue(command: str) -> str:
    """The examples of one command, in the help's Markdown."""
    lines = EXAMPLES[command]
    return "\n".join(["Examples:" if len(lines) > 1 else "Example:", "", "```text", *lines, "```"])
