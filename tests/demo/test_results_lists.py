"""Genuine rows of the lists of results, read here alone, come back byte for byte."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from flows.calendar import IST
from flows.demo.formats.filing_lists import (
    DOCUMENTS,
    IntegratedRow,
    LegacyRow,
    integrated_list,
    legacy_list,
)

pytestmark = pytest.mark.real

Genuine = Callable[[str], list[Path]]


def instant(text: str | None, pattern: str = "%d-%b-%Y %H:%M:%S") -> datetime | None:
    return datetime.strptime(text, pattern).replace(tzinfo=IST) if text else None


def surely(text: str, pattern: str = "%d-%b-%Y %H:%M:%S") -> datetime:
    found = instant(text, pattern)
    assert found is not None
    return found


def document(url: str) -> str | None:
    name = url.removeprefix(DOCUMENTS)
    return None if name == "-" else name


def legacy(row: dict[str, Any]) -> LegacyRow:
    return LegacyRow(
        symbol=row["symbol"],
        company_name=row["companyName"],
        isin=row["isin"],
        sequence=row["seqNumber"],
        period_end=surely(row["toDate"], "%d-%b-%Y").date(),
        audited=row["audited"],
        is_consolidated=row["consolidated"] == "Consolidated",
        is_bank=row["bank"] != "N",
        broadcast_at=instant(row["broadCastDate"]),
        disseminated_at=surely(row["exchdisstime"]),
        document=document(row["xbrl"]),
    )


def integrated(row: dict[str, Any]) -> IntegratedRow:
    return IntegratedRow(
        symbol=row["symbol"],
        company_name=row["cmName"],
        sequence=row["seq_Id"],
        quarter=surely(row["qe_Date"], "%d-%b-%Y").date(),
        audited=row["audited"],
        is_consolidated=row["consolidated"] == "Consolidated",
        form="INDAS",
        submission=row["type_Sub"],
        broadcast_at=instant(row["broadcast_Date"]),
        created_at=surely(row["creation_Date"]),
        revised_at=instant(row["revised_Date"]),
        remark=row["revision_Remark"],
        document=document(row["xbrl"]),
        attachment=row["pdf_attach"],
        document_size=row["xbrlFileSize"],
        inline_size=row["ixbrlFileSize"],
    )


def test_old_list(genuine: Genuine) -> None:
    """The excerpt was cut together: its rows stand on lines of their own."""
    for file in genuine("samples/corporates-financial-results__*.json"):
        rows = json.loads(file.read_bytes())
        written = [legacy_list([legacy(row)])[1:-1] for row in rows]
        assert b"[" + b",\n".join(written) + b"]\n" == file.read_bytes()


def test_integrated_list(genuine: Genuine) -> None:
    for file in genuine("samples/integrated-filing-results__*.json"):
        answer = json.loads(file.read_bytes())
        rows = [integrated(row) for row in answer["data"]]
        written = integrated_list(
            rows, total=answer["totalCount"], page=answer["page"], size=answer["size"]
        )
        # Whoever took the capture ended it with a line end.
        assert written + b"\n" == file.read_bytes()
