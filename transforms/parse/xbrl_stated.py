"""What a document says of itself, held against what the exchange's list said of it.

A document that contradicts the list is another company's or another result, and is refused whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from transforms.parse.layout import NotThisLayout
from transforms.parse.xbrl_facts import BASIS, CURRENCY, ISIN, SCRIP_CODE, SYMBOL, said
from transforms.parse.xbrl_instance import COLUMNS, EXPECTED, Instance

IST = ZoneInfo("Asia/Kolkata")
BASES = {
    "consolidated": "consolidated",
    "standalone": "standalone",
    "non-consolidated": "standalone",
}
NO_SYMBOL = frozenset({"", "-", "NA", "N.A.", "NOTLISTED", "NOT LISTED", "NIL"})
_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}\d")
_STAMP = re.compile(r"_(\d{14})(?=[_.])")


def of_itself(instance: Instance, names: tuple[str, ...]) -> str:
    """A fact about the document: most stand in the quarter's column, wherever they belong."""
    return next((text for column in COLUMNS if (text := said(instance.of(column), names))), "")


def _entity(instance: Instance) -> tuple[str, str]:
    """Identifier of the document's entity, and its scheme; empty where none is declared."""
    contexts = instance.contexts.values()
    return next(
        ((one.entity, one.entity_scheme.lower()) for one in contexts if one.entity), ("", "")
    )


def scrip_code(instance: Instance) -> str:
    """BSE scrip code, by fact or as the identifier of the entity; empty where there is none."""
    entity, _ = _entity(instance)
    return of_itself(instance, SCRIP_CODE) or (entity if re.fullmatch(r"\d{6}", entity) else "")


def company_of(instance: Instance, stated: Mapping[str, str]) -> tuple[str, str]:
    """Symbol and ISIN, by the document or else by the list.

    Either may change without the company changing: a rename keeps the ISIN, a split the symbol.
    The list tells today's symbol, an old document that of its day: any that the company had, which
    `symbols` states with commas between, is its own. Where all that can be compared differs, it is
    another company.

    Raises:
        NotThisLayout: another company's.
    """
    entity, scheme = _entity(instance)
    symbol = of_itself(instance, SYMBOL) or (entity if "nsesymbol" in scheme else "")
    symbol = "" if symbol.upper() in NO_SYMBOL else symbol
    isin = of_itself(instance, ISIN).upper()
    isin = isin if _ISIN.fullmatch(isin) else ""
    listed_symbol, listed_isin = stated.get("symbol", ""), stated.get("isin", "")
    had = {name.upper() for name in (listed_symbol, *stated.get("symbols", "").split(",")) if name}
    pairs = [(symbol.upper(), had), (isin, {listed_isin.upper()} - {""})]
    known = [(own, listed) for own, listed in pairs if own and listed]
    if known and all(own not in listed for own, listed in known):
        raise NotThisLayout(
            f"{EXPECTED} of {listed_symbol or listed_isin}, as the list says",
            f"another company's: {' '.join(own for own, _ in known)}",
        )
    return symbol or listed_symbol, isin or listed_isin


def basis_of(instance: Instance, stated: Mapping[str, str]) -> str:
    """Consolidated or standalone, by the document or else by the list.

    Raises:
        NotThisLayout: neither says, or they contradict each other.
    """
    told = of_itself(instance, BASIS)
    listed = stated.get("basis", "")
    basis = BASES.get(told.lower(), "")
    if told and not basis:
        raise NotThisLayout(f"{EXPECTED}, consolidated or standalone", f"{told[:80]!r}")
    if not basis and not listed:
        raise NotThisLayout(
            f"{EXPECTED}, consolidated or standalone", "a document that says neither"
        )
    if basis and listed and basis != listed:
        raise NotThisLayout(f"{EXPECTED}, {listed} as the list says", f"a {basis} one")
    return basis or listed


def check_currency(instance: Instance) -> None:
    """Refuse figures that are not in rupees."""
    currency = of_itself(instance, CURRENCY)
    if currency and currency.upper() not in {"INR", "INDIAN RUPEE", "INDIAN RUPEES"}:
        raise NotThisLayout(f"{EXPECTED} in rupees (INR)", f"figures in {currency[:40]!r}")


def file_name(address: str) -> str:
    """The last part of an address or path."""
    path = re.split(r"[?#]", address, maxsplit=1)[0]
    return unquote(path).replace("\\", "/").rsplit("/", 1)[-1]


def broadcast_of(stated: Mapping[str, str], document: str) -> datetime | None:
    """When the exchange told the world: as stated, else not before the stamp in the file's name."""
    if told := stated.get("broadcast_at"):
        return datetime.fromisoformat(told).astimezone(UTC)
    return stamp_of(document)


def stamp_of(document: str) -> datetime | None:
    """The instant in a document's file name, DDMMYYYYHHMMSS in Asia/Kolkata.

    Newer names count twelve hours and do not say which half of the day: the later one is taken,
    so that no figure is known before it was.
    """
    found = _STAMP.search(document)
    if found is None:
        return None
    try:
        stamp = datetime.strptime(found[1], "%d%m%Y%H%M%S").replace(tzinfo=IST)
    except ValueError:
        return None  # a number of fourteen digits that is no date
    afternoon = timedelta(hours=12) if stamp.hour < 12 else timedelta()
    return (stamp + afternoon).astimezone(UTC)
