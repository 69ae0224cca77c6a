"""What an exchange's words about a corporate action do to a share: free text into terms.

Two styles are read: the announcements' ("Face Value Split (Sub-Division) - From Rs 10/- Per Share
To Rs 2/- Per Share") and the daily report's ("FVSPLT FRM RS 10 TO RS 2"), with the abbreviations
and slips of twenty years. What looks like an action and cannot be read is never passed over: it
comes back as a term of kind "unread", with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

TermKind = Literal[
    "split",
    "consolidation",
    "bonus",
    "rights",
    "demerger",
    "special dividend",
    "dividend",
    "scheme",
    "unread",
]


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that is done to a share.

    `terms` is its short name, equal however the exchange words it: the face values of a split
    ("10:2"), new to held shares of a bonus ("1:1") and of rights ("1:5 at 160"), rupees of a
    dividend. A holder of `shares_before` has `shares_after`, having paid `price_inr` for each
    further one. A "scheme" (arrangement, merger, capital reduction, bonus of other securities)
    names no terms: prices must tell. `reason` says why a text is unread or without terms.
    """

    kind: TermKind
    terms: str
    shares_after: float | None = None
    shares_before: float | None = None
    price_inr: float | None = None
    amount_inr: float | None = None
    reason: str | None = None


_NUMBER = r"(\d{1,3}(?:,\d{2,3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_RUPEES = r"(?:(?:R[SE]|INR)\.?\s*)?"
_DATE = re.compile(r"\b\d{1,2}([-./])\d{1,2}\1(?:19|20)\d\d\b|\b(?:19|20)\d\d-\d\d-\d\d\b")
_ORDINAL = re.compile(r"\b\d+\s?(?:ST|ND|RD|TH)\b")

_CONSOLIDATION = re.compile(r"CONSOLIDAT\w*|CONSOLD\w*|\bCONSLD\w*|REVERSE\s+(?:STOCK\s+)?SPLIT")
_SPLIT = re.compile(
    r"\bF\.?\s?V\.?\s*-?\s*SP(?:LI?T|L)|FACE\s*VAL\w*\s*SP\w*|\bSPLIT|\bSPLT|SUB\s*-?\s*DIV(?:I[A-Z]*|\b)"
)
# Between the word and the first face value nothing else may be counted; a ratio is no face value.
_FACE_VALUES = re.compile(
    rf"^[^\d]{{0,60}}?{_NUMBER}(?!\s*[\d:%])[^\d:]{{0,40}}?TO[^\d:]{{0,25}}?{_NUMBER}"
)
_FACE_CLAUSE = re.compile(
    rf"(?:{_CONSOLIDATION.pattern}|{_SPLIT.pattern})(?:{_FACE_VALUES.pattern[1:]}|[^\d/]*)"
)
_RATIO = re.compile(rf"{_NUMBER}\s*:\s*{_NUMBER}")
_BONUS = re.compile(r"\bBON(?:US)?(?![A-Z])")
# Only these words may stand before a bonus' ratio: "Bonus NCRPS 4:1" gives no shares.
_BONUS_RATIO = re.compile(
    rf"^(?:\s|[-:.@(]|\b(?:ISSUE|ISS|SHARES?|SHRS?|EQUITY|EQTY|EQ|OF|IN|THE|RATIO|IS|AT)\b)*{_RATIO.pattern}"
)
_RIGHTS = re.compile(r"\b(?:RIGHTS?|RGHTS?|RIGTHS?|RTS)(?![A-Z])")
_OTHER_SECURITY = re.compile(
    r"NCRPS|CRPS|\bRPS|NCPS|CCPS|PREF|DEB|\bN?CD\b|\bNCDS|\b[FCOP]CDS?\b|WARRANT|DVR|\bBONDS?\b"
)
_PREMIUM = re.compile(
    rf"\bPR(?:EMIUM|EMIM|EMUIM|EM|M|E)\.?(?:\s|[-:@=]|\b(?:OF|AT|IS)\b)*{_RUPEES}{_NUMBER}"
)
_ISSUE_PRICE = re.compile(
    rf"(?:@|\bPRICE\b|\bAT\b)(?:\s|[-:@=]|\b(?:ISSUE|PRICE|OF|A)\b)*{_RUPEES}{_NUMBER}"
)
_AT_PAR = re.compile(r"\bPAR\b")
_DEMERGER = re.compile(r"DE\s*-?\s*MERG|DEMRG|SPIN\s*-?\s*OFF|HIV(?:E|ING)\s*-?\s*OFF")
_SCHEME = re.compile(
    r"SCHEME|\bSCH\b|AR+ANG[EM]|\bAR+[GN]*MT\b|\bAGMT\b|AMALG|\bMERG|CAP\w*\.?\s*RED|"
    r"REDUCTION\s+(?:OF|IN)\s+(?:SHARE\s+)?CAPITAL|DISTRIBUTION\s+OF\b.*\bSHARES"
)
_SPECIAL = re.compile(r"SPECIAL|SPECIL|\bSPL|ONE\s*-?\s*TIME|EXTRA\s*-?\s*ORDINARY")
_PAYS = r"(?:(?<!SUB)(?<!SUB-)(?<!SUB )DIV(?!IS)[A-Z]*|DVD|SPL(?=\s*-\s*R))"
_DIVIDEND = re.compile(rf"([^\d]*?){_PAYS}([^\d]{{0,60}}?){_NUMBER}\s*(%)?")
_SPECIAL_DIVIDEND = re.compile(
    r"(?:SPECIAL|SPECIL|\bSPL|ONE\s*-?\s*TIME)[A-Z\s.(-]*?DIV|\bSPL\s*-\s*R"
)
_HARMLESS = re.compile(
    r"GENERAL|MEET|\b[AE]GM\b|INTEREST|\bINT\b|\bPAYM|REDEM|BUY\s*-?\s*BACK|VOTING|POSTAL|DIV|DVD|"
    r"CALL|BOOK\s*CLOSURE|INCOME|DISTRIBUTION|RETURN\s+OF|CAPITAL\s+REPAY|ATTRIBUTE|MATUR|COUPON|"
    r"CONVERSION|EXERCISE|DELIST|OPEN\s+OFFER|NAME\s+CHANGE|CHANGE\s+(?:OF|IN)\s+NAME"
)


def terms(purpose: str, face_value: Decimal | float | None) -> list[Term]:
    """All that one announcement does to a share, in the order of `TermKind`.

    Meetings, interest, redemptions and buy-backs do nothing to a price and give no term. Ordinary
    dividends are given, for whoever wants to weigh them; only those named special are special.

    Args:
        purpose: the exchange's words.
        face_value: rupees, as announced with it; rights at a premium and dividends in percent
            need it, and are unread without.
    """
    text = _normal(purpose)
    face = None if face_value is None else float(face_value)
    found = [
        *_face_value_change(text),
        *_bonus(text),
        *_rights(text, face),
        *([Term("demerger", "demerger")] if _DEMERGER.search(text) else []),
    ]
    # What is said of face values must not be read again as a dividend: "SPL" means both.
    rest = _FACE_CLAUSE.sub(" ", text) if found else text
    dividends = list(_dividends(rest, face))
    if not found and _SCHEME.search(text):
        found.append(Term("scheme", "scheme", reason="names no terms"))
    if not found and not dividends and not _HARMLESS.search(text):
        found.append(Term("unread", text, reason="no known words" if text else "empty"))
    return [*found, *dividends]


def _normal(purpose: str) -> str:
    text = purpose.upper().replace("\N{INDIAN RUPEE SIGN}", "RS ")
    text = re.sub(r"\s*/\s*-(?!\s*[A-Z]{3})", " ", text)
    text = re.sub(r"(?<=[A-Z])\s?\.(?=\d)", " ", text)  # the point after "Rs" is no decimal point
    return " ".join(_ORDINAL.sub(" ", _DATE.sub(" ", text)).split())


def _value(number: str) -> float:
    return float(number.replace(",", ""))


def _face_value_change(text: str) -> Iterator[Term]:
    kind: Literal["split", "consolidation"]
    if word := _CONSOLIDATION.search(text):
        kind = "consolidation"
    elif word := _SPLIT.search(text):
        kind = "split"
    else:
        return
    values = _FACE_VALUES.search(text[word.end() :])
    if values is None:
        yield Term("unread", text, reason=f"{kind} without two face values")
        return
    old, new = _value(values[1]), _value(values[2])
    if old <= 0 or new <= 0 or (new >= old if kind == "split" else new <= old):
        yield Term("unread", text, reason=f"{kind} from {old:g} to {new:g}")
        return
    yield Term(kind, f"{old:g}:{new:g}", shares_after=old, shares_before=new)


def _bonus(text: str) -> Iterator[Term]:
    word = _BONUS.search(text)
    if word is None:
        return
    rest = text[word.end() :]
    ratio = _BONUS_RATIO.search(rest)
    if ratio is None and _OTHER_SECURITY.search(rest):
        yield Term("scheme", "scheme", reason="bonus of other securities")
        return
    new, held = (_value(ratio[1]), _value(ratio[2])) if ratio else (0.0, 0.0)
    if new <= 0 or held <= 0:
        yield Term("unread", text, reason="bonus without a ratio")
        return
    yield Term("bonus", f"{new:g}:{held:g}", shares_after=new + held, shares_before=held)


def _rights(text: str, face: float | None) -> Iterator[Term]:
    word = _RIGHTS.search(text)
    if word is None:
        return
    rest = text[word.end() :]
    if _OTHER_SECURITY.search(rest) or "PARTLY" in rest:
        yield Term("unread", text, reason="rights to more than fully paid shares")
        return
    ratios = _RATIO.findall(rest)
    if len(ratios) != 1:
        yield Term("unread", text, reason=f"rights with {len(ratios)} ratios")
        return
    new, held = _value(ratios[0][0]), _value(ratios[0][1])
    tail = rest[rest.index(":", rest.index(ratios[0][0])) + 1 :]
    price = _issue_price(tail, face)
    if new <= 0 or held <= 0 or price is None:
        known = "a ratio" if price is not None else "an issue price or a face value to add"
        yield Term("unread", text, reason=f"rights without {known}")
        return
    yield Term(
        "rights",
        f"{new:g}:{held:g} at {price:g}",
        shares_after=new + held,
        shares_before=held,
        price_inr=price,
    )


def _issue_price(tail: str, face: float | None) -> float | None:
    """Rupees for one new share: a premium comes on top of the face value."""
    if premium := _PREMIUM.search(tail):
        return None if face is None else _value(premium[1]) + face
    if stated := _ISSUE_PRICE.search(tail):
        return _value(stated[1])
    return face if _AT_PAR.search(tail) else None


def _dividends(text: str, face: float | None) -> Iterator[Term]:
    """Dividends with an amount, and special ones whose amount is not to be had."""
    special: list[float] = []
    ordinary: list[float] = []
    unread = False
    for match in _DIVIDEND.finditer(text):
        words = f"{match[1]}{match[0][len(match[1]) :].split(match[3])[0]}"
        amount = _value(match[3])
        if match[4]:
            if face is None:
                unread |= _SPECIAL.search(words) is not None
                continue
            amount *= face / 100
        if _SPECIAL.search(words) is None:
            ordinary.append(amount)
            continue
        special.append(amount)
        if "INCL" in words and ordinary:
            ordinary[-1] = max(ordinary[-1] - amount, 0.0)
    if special and sum(special) > 0:
        yield Term("special dividend", f"{sum(special):g}", amount_inr=sum(special))
    elif unread or _SPECIAL_DIVIDEND.search(text):
        yield Term("unread", text, reason="special dividend without an amount")
    if sum(ordinary) > 0:
        yield Term("dividend", f"{sum(ordinary):g}", amount_inr=sum(ordinary))
