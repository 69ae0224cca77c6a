"""What foreign and domestic institutions bought and sold, Rs crore.

`fiidiiTradeReact` shows the latest session only, of all exchanges together; `fiidiiTradeNse` in
the same form that of the NSE alone: bytes do not tell one from the other, so the name or the user
does. History comes as a CSV that a user has: long (date, participant, net, optionally buy and
sell, scope, unit) or wide (date, fii_net_cr, dii_net_cr), or the interface's own fields as saved
day by day. Its unit must be stated, in a column, a column's name or by the user (the interface
counts in crore); a scope that nobody states is `unstated` and stays a series of its own.
"""

from __future__ import annotations

import polars as pl

from transforms.parse.layout import Layout, NotThisLayout, Payload
from transforms.parse.text import blank_as_null, csv_frame, decode, header_of, json_value, number
from warehouse.tables import InstitutionalFlow

API_FIELDS = ("category", "date", "buyValue", "sellValue", "netValue")
COMBINED = "NSE+BSE+MSEI"
NSE = "NSE"
NSE_INTERFACE = "fiidiitradense"
CRORES = {"crore": 1.0, "cr": 1.0, "lakh": 0.01, "million": 0.1, "billion": 100.0, "bn": 100.0}
WIDE = ("date", "fii_net_cr", "dii_net_cr")
LONG_REQUIRED = ("date", "participant", "net")
LONG_OPTIONAL = ("buy", "sell", "scope", "unit")


def _is_nse_alone(payload: Payload) -> bool:
    stated = payload.stated.get("scope")
    return stated == NSE if stated else NSE_INTERFACE in payload.name.lower()


def _is_api(payload: Payload) -> bool:
    head = payload.body[:600]
    return head.lstrip()[:1] == b"[" and all(
        field.encode() in head for field in ("category", "buyValue", "netValue")
    )


def _participants(labels: pl.Series) -> pl.Series:
    """Labels as FII or DII; older answers mark them with asterisks for a footnote."""
    return labels.str.strip_chars(" *").str.split("/").list.first()


def _read_api(payload: Payload) -> pl.DataFrame:
    expected = "the exchange's FII/DII figures, one row each"
    document = json_value(payload, expected)
    if not isinstance(document, list) or not all(isinstance(row, dict) for row in document):
        raise NotThisLayout(expected, f"a JSON {type(document).__name__}", changed=True)
    if not document:
        raise NotThisLayout(expected, "an empty list [], which the exchange shows before a session")
    for row in document:
        if set(row) != set(API_FIELDS):
            raise NotThisLayout(f"fields {list(API_FIELDS)}", f"{sorted(row)}", changed=True)
    frame = pl.DataFrame(
        {
            "row_number": range(1, len(document) + 1),
            "participant": [str(row["category"]) for row in document],
            "session_date": [str(row["date"]) for row in document],
            "buy_crore": [str(row["buyValue"]) for row in document],
            "sell_crore": [str(row["sellValue"]) for row in document],
            "net_crore": [str(row["netValue"]) for row in document],
        },
        schema_overrides={"row_number": pl.Int64},
    )
    labels = _participants(frame["participant"])
    if set(labels) != {"FII", "DII"}:
        raise NotThisLayout(
            "one row for FII/FPI and one for DII", f"{labels.to_list()}", changed=True
        )
    return frame.with_columns(participant=labels, unit=pl.lit("crore"))


def _read_saved(payload: Payload) -> pl.DataFrame:
    header = header_of(payload)
    expected = "saved answers of the exchange's interface"
    if not _is_saved(payload):
        decode(payload, expected)
        raise NotThisLayout(f"{expected} with columns {list(API_FIELDS)}", f"{header}"[:200])
    ours = dict(
        zip(
            API_FIELDS,
            ("participant", "session_date", "buy_crore", "sell_crore", "net_crore"),
            strict=True,
        )
    )
    frame = csv_frame(
        payload,
        expected,
        header,
        [ours.get(name) for name in header],
    )
    scope = payload.stated.get("scope") or "unstated"
    return frame.with_columns(
        participant=_participants(frame["participant"]),
        scope=pl.lit(scope),
        unit=pl.lit("crore"),
    )


def _is_saved(payload: Payload) -> bool:
    """The interface's fields, and beside them only the row numbers that saving left behind."""
    names = [name for name in header_of(payload) if name and not name.startswith("Unnamed: ")]
    return tuple(names) == API_FIELDS


def _read_csv(payload: Payload) -> pl.DataFrame:
    header = header_of(payload)
    names = {name.lower(): name for name in header}
    expected = "a CSV of institutional flows"
    if not _is_flow_csv(payload):
        decode(payload, expected)
        raise NotThisLayout(
            f"{expected} with columns {list(WIDE)}, or {list(LONG_REQUIRED)} and any of "
            f"{list(LONG_OPTIONAL)}",
            f"{header}"[:200],
        )
    if tuple(names) == WIDE:
        wide = csv_frame(payload, expected, header, ["session_date", "FII", "DII"])
        frame = wide.unpivot(
            ["FII", "DII"],
            index=["row_number", "session_date"],
            variable_name="participant",
            value_name="net_crore",
        ).with_columns(unit=pl.lit("crore"))
    else:
        ours = {
            "date": "session_date",
            "buy": "buy_crore",
            "sell": "sell_crore",
            "net": "net_crore",
        }
        frame = csv_frame(payload, expected, header, [ours.get(n, n) for n in names])
    for name in ("buy_crore", "sell_crore"):
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit("").alias(name))
    for name, default in (("scope", "unstated"), ("unit", "")):
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(payload.stated.get(name) or default).alias(name))
    units = frame["unit"].str.to_lowercase().unique().sort().to_list()
    if any(unit not in CRORES for unit in units):
        raise NotThisLayout(
            f"a unit, one of {', '.join(CRORES)}: in a column `unit` or with --unit",
            ", ".join(unit or "none" for unit in units),
        )
    return frame.select(
        "row_number",
        "session_date",
        "participant",
        "scope",
        "unit",
        "buy_crore",
        "sell_crore",
        "net_crore",
    ).sort("row_number", maintain_order=True)


def _is_flow_csv(payload: Payload) -> bool:
    names = tuple(name.lower() for name in header_of(payload))
    if len(set(names)) < len(names):
        return False
    return names == WIDE or (set(LONG_REQUIRED) <= set(names) <= {*LONG_REQUIRED, *LONG_OPTIONAL})


def _crore(name: str) -> pl.Expr:
    per_unit = (
        pl.col("unit")
        .str.to_lowercase()
        .replace_strict(
            {unit: str(value) for unit, value in CRORES.items()}, return_dtype=pl.String
        )
        .cast(pl.Decimal(18, 4))
    )
    return (number(name) * per_unit).cast(pl.Decimal(18, 2), strict=False)


def _typed(source_id: str) -> dict[str, pl.Expr]:
    day = blank_as_null("session_date")
    # Only forms in which day and month cannot be swapped.
    return {
        "session_date": pl.coalesce(
            day.str.to_date("%Y-%m-%d", strict=False), day.str.to_date("%d-%b-%Y", strict=False)
        ),
        "participant": blank_as_null("participant"),
        "scope": blank_as_null("scope"),
        "stage": pl.lit("provisional"),
        "source_id": pl.lit(source_id),
        "buy_crore": _crore("buy_crore"),
        "sell_crore": _crore("sell_crore"),
        "net_crore": _crore("net_crore"),
    }


API = Layout(
    id="fii_dii_api",
    table=InstitutionalFlow,
    recognise=lambda payload: _is_api(payload) and not _is_nse_alone(payload),
    read=lambda payload: _read_api(payload).with_columns(scope=pl.lit(COMBINED)),
    typed=_typed("nse_fii_dii"),
    is_verified=True,
)
NSE_API = Layout(
    id="fii_dii_nse_api",
    table=InstitutionalFlow,
    recognise=lambda payload: _is_api(payload) and _is_nse_alone(payload),
    read=lambda payload: _read_api(payload).with_columns(scope=pl.lit(NSE)),
    typed=_typed("nse_fii_dii_nse"),
    is_verified=False,
)
SAVED_API = Layout(
    id="fii_dii_saved",
    table=InstitutionalFlow,
    recognise=_is_saved,
    read=_read_saved,
    typed=_typed("imported_flow"),
    is_verified=True,
)
HISTORY_CSV = Layout(
    id="flow_csv",
    table=InstitutionalFlow,
    recognise=_is_flow_csv,
    read=_read_csv,
    typed=_typed("imported_flow"),
    is_verified=True,
)
