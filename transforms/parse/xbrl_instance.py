"""An XBRL instance as the columns of a results table: facts by context, and the contexts' dates.

A result is a table typed off column by column: OneD is the quarter, FourD the year to date, OneI
what stands at the end of the period. Other contexts split one line of a column (segments, kinds
of expense), or hold comparisons; their facts are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.xbrl_facts import BASIS, FIGURE_NAMES, WANTED, Facts, as_decimal
from transforms.parse.xml_safety import safe_tree

EXPECTED = "the XBRL document of a result"
QUARTER, YEAR_TO_DATE, END = "OneD", "FourD", "OneI"
COLUMNS = (QUARTER, YEAR_TO_DATE, END)
OF_A_RESULT = FIGURE_NAMES | set(BASIS)
"""Other instances of the exchange name company and dates too; an insurer's has no figure."""
LONGEST = 200
"""Characters kept of a fact: a longer one is no number, and would fill the rejected rows."""
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:T[\d:.]*)?")


@dataclass(frozen=True)
class Context:
    """Dates and entity of a declared context; `start` is null for an instant."""

    start: date | None
    end: date | None
    is_dimensional: bool
    entity: str
    entity_scheme: str


@dataclass(frozen=True)
class Instance:
    """What one document holds of what we want."""

    facts: Mapping[str, Facts]
    """By context, of COLUMNS alone; nil and blank facts are not there."""
    contexts: Mapping[str, Context]
    """COLUMNS that are declared, and the parts of a column that is not."""
    taxonomy: str
    told: str
    """Schema references and namespaces, lower case."""

    def of(self, column: str) -> Facts:
        """Facts of a column; none where its context is declared for a part of the company."""
        context = self.contexts.get(column)
        if context is not None and context.is_dimensional:
            return {}
        return self.facts.get(column, {})


def read_instance(payload: Payload) -> Instance:
    """Contexts and wanted facts of a document.

    Raises:
        NotThisLayout: no safe XML, no XBRL instance, one fact with two values in one context, no
            fact of a result in any column (`changed`).
    """
    root = safe_tree(payload, EXPECTED)
    _, name = _split(root.tag)
    if name != "xbrl":
        what = "inline XBRL or a web page" if name == "html" else "another XML document"
        raise NotThisLayout(EXPECTED, f"{what}, with root element {name}")
    facts: dict[str, dict[str, str]] = {column: {} for column in COLUMNS}
    declared: dict[str, Any] = {}
    told = [str(uri) for uri in root.nsmap.values()]
    names: dict[str, str | None] = {}
    taxonomy = ""
    for element in root:
        tag = element.tag
        if tag not in names:
            namespace, local = _split(tag)
            names[tag] = local if local in WANTED or local in {"context", "schemaRef"} else None
            if not taxonomy and local in OF_A_RESULT:
                taxonomy = namespace
        wanted = names[tag]
        if wanted is None:
            continue
        if wanted == "context":
            declared[element.get("id", "")] = element
        elif wanted == "schemaRef":
            told.append(element.get(XLINK_HREF, ""))
        else:
            _keep(element, wanted, facts)
    if not taxonomy:
        raise NotThisLayout(
            f"{EXPECTED} with facts such as RevenueFromOperations",
            f"an instance without one, in namespaces {told}"[:400],
            changed=True,
        )
    return Instance(facts, _contexts(declared), taxonomy, " ".join(told).lower())


def _keep(element: Any, name: str, facts: dict[str, dict[str, str]]) -> None:
    column = facts.get(element.get("contextRef", ""))
    text = (element.text or "")[:LONGEST].strip()
    if column is None or not text or element.get(NIL) in {"true", "1"}:
        return
    before = column.setdefault(name, text)
    if before != text and not _same(before, text):
        raise NotThisLayout(
            f"one value of {name} in context {element.get('contextRef')}",
            f"{before[:60]} and {text[:60]}",
        )


def _same(one: str, other: str) -> bool:
    number = as_decimal(one)
    if number is None:
        return one.casefold() == other.casefold()
    return number == as_decimal(other)


def _contexts(declared: Mapping[str, Any]) -> dict[str, Context]:
    """The columns' contexts; of a column that is not declared, the contexts of its parts.

    Documents of 2018 to 2022 declare the parts (OneOtherExpenses01D) and not the column itself.
    """
    kept = {name: _context(declared[name]) for name in COLUMNS if name in declared}
    for column in (QUARTER, YEAR_TO_DATE):
        if column not in declared:
            part = re.compile(rf"{column.removesuffix('D')}[A-Z]\w*D")
            kept |= {
                name: _context(element)
                for name, element in declared.items()
                if part.fullmatch(name)
            }
    return kept


def _context(element: Any) -> Context:
    dates: dict[str, date | None] = {}
    entity = scheme = ""
    is_dimensional = False
    for part in element.iter():
        _, name = _split(part.tag)
        if name in {"startDate", "endDate", "instant"}:
            dates[name] = day(part.text or "")
        elif name == "identifier":
            entity, scheme = (part.text or "").strip(), part.get("scheme", "")
        elif name in {"explicitMember", "typedMember"}:
            is_dimensional = True
    end = dates.get("endDate") or dates.get("instant")
    return Context(dates.get("startDate"), end, is_dimensional, entity, scheme)


def day(text: str) -> date | None:
    """An ISO date, also before a time; null where it is none."""
    text = text.strip()
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _split(tag: str) -> tuple[str, str]:
    """Namespace and local name."""
    namespace, _, name = tag.rpartition("}")
    return namespace.removeprefix("{"), name
