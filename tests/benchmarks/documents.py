"""XBRL documents a second, through read and screen, beside a bare parse of the same bytes.

    python -m tests.benchmarks.documents [DOCUMENTS] [PROCESSES]

Documents are written here, of the sizes that companies file; the figures are invented. Prints
documents a second, the ratio to lxml alone and peak memory; asserts nothing.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from multiprocessing import get_context

import polars as pl
from lxml import etree

from transforms.parse.layout import Payload
from transforms.parse.screen import screen
from transforms.parse.xbrl import LAYOUT
from transforms.parse.xbrl_facts import FIGURES

FILES_AT_ONCE = 400
NAMESPACE = "http://www.sebi.gov.in/xbrl/2025-05-31/in-capmkt"
NAMES = [
    choice for figure in FIGURES for choice in figure.alternatives[:1] if isinstance(choice, str)
]


def document(number: int) -> bytes:
    """One document of 30 to 100 KB, with the parts of segments and expenses that fill real ones."""
    draw = random.Random(number)
    parts = draw.randint(25, 110)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<xbrli:xbrl xmlns:xbrli="http://www.xbrl.org/2003/instance"',
        f' xmlns:in-capmkt="{NAMESPACE}" xmlns:xbrldi="http://xbrl.org/2006/xbrldi">',
    ]
    for name in ("OneD", "FourD", *(f"OneSegment{n:03d}D" for n in range(parts))):
        scenario = (
            ""
            if name in {"OneD", "FourD"}
            else '<xbrli:scenario><xbrldi:explicitMember dimension="in-capmkt:SegmentsAxis">'
            f"in-capmkt:{name}Member</xbrldi:explicitMember></xbrli:scenario>"
        )
        lines.append(
            f'<xbrli:context id="{name}"><xbrli:entity><xbrli:identifier scheme="x">'
            f"{500000 + number}</xbrli:identifier></xbrli:entity><xbrli:period>"
            "<xbrli:startDate>2025-07-01</xbrli:startDate><xbrli:endDate>2025-09-30</xbrli:endDate></xbrli:period>"
            f"{scenario}</xbrli:context>"
        )
    for name, text in (
        ("Symbol", f"SIM{number}"),
        ("NatureOfReportStandaloneConsolidated", "Consolidated"),
        ("WhetherResultsAreAuditedOrUnaudited", "Unaudited"),
        ("DateOfStartOfReportingPeriod", "2025-07-01"),
        ("DateOfEndOfReportingPeriod", "2025-09-30"),
    ):
        lines.append(f'<in-capmkt:{name} contextRef="OneD">{text}</in-capmkt:{name}>')
    columns = [(name, context) for context in ("OneD", "FourD", "OneI") for name in NAMES]
    columns += [(f"Line{n}", context) for n in range(60) for context in ("OneD", "FourD", "OneI")]
    columns += [(f"Segment{k}", f"OneSegment{n:03d}D") for n in range(parts) for k in range(3)]
    for name, context in columns:
        lines.append(
            f'<in-capmkt:{name} contextRef="{context}" unitRef="INR" decimals="-5">'
            f"{draw.randint(1, 10**12)}.00</in-capmkt:{name}>"
        )
    return "\n".join([*lines, "</xbrli:xbrl>"]).encode()


def read_all(first: int, count: int) -> tuple[int, float, float, float, int]:
    """Rows kept, seconds and processor seconds of ours, processor seconds of lxml alone, bytes."""
    kept, size, ours, busy, bare = 0, 0, 0.0, 0.0, 0.0
    for start in range(first, first + count, FILES_AT_ONCE):
        batch = [document(n) for n in range(start, min(start + FILES_AT_ONCE, first + count))]
        size += sum(map(len, batch))
        began = time.process_time()
        for body in batch:
            etree.fromstring(body)
        bare += time.process_time() - began
        began, began_busy = time.perf_counter(), time.process_time()
        text = pl.concat(
            LAYOUT.read(
                Payload(
                    body, f"INDAS_{start + n}.xml", {"broadcast_at": "2025-10-20T12:00:00+00:00"}
                )
            ).with_columns(file_id=pl.lit(start + n, pl.Int64), fetched_on=date(2026, 1, 1))
            for n, body in enumerate(batch)
        )
        known = text.select("file_id").unique().with_columns(recorded_at=datetime.now(UTC))
        kept += screen(text, LAYOUT, known, {}).good.height
        ours += time.perf_counter() - began
        busy += time.process_time() - began_busy
    return kept, ours, busy, bare, size


def main(documents: int = 2_000, processes: int = 1) -> None:
    """Print how fast, beside lxml alone."""
    share = documents // processes
    began = time.perf_counter()
    if processes == 1:
        told = [read_all(0, share)]
    else:
        # Polars has threads of its own: a forked child would hang on their locks.
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            told = list(pool.map(read_all, range(0, share * processes, share), [share] * processes))
    wall = time.perf_counter() - began
    kept, size = sum(one[0] for one in told), sum(one[4] for one in told)
    ours, busy, bare = (sum(one[n] for one in told) for n in (1, 2, 3))
    count = share * processes
    peak = resource.getrusage(
        resource.RUSAGE_SELF if processes == 1 else resource.RUSAGE_CHILDREN
    ).ru_maxrss
    print(
        f"{count} documents of {size / count / 1024:.0f} KB, {kept} rows: "
        f"{count / ours * processes:.0f} a second in {processes} process(es); "
        f"{1000 * busy / count:.2f} ms of processor each, {busy / bare:.2f} times lxml alone; "
        f"peak {peak / 1024:.0f} MiB; {wall:.1f} s in all, the writing included"
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
