"""The listed companies of the simulated market: invented, every one of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

import numpy as np

Form = Literal["ind_as", "banking", "nbfc", "insurance"]
Tier = Literal["large", "mid", "small", "micro"]

DEMO_COUNT = 64
MOST = 2300
LISTED_LONG_AGO = date(2012, 4, 2)


@dataclass(frozen=True)
class Trade:
    """An industry by the exchange's name, and how its earnings behave.

    `cycle` is the share of the economy's swings its revenue takes; `season` are the quarters' log
    deviations, April to June first; `margin` is profit before tax to revenue in a calm year.
    """

    industry: str
    noun: str
    weight: float
    cycle: float
    margin: float
    season: tuple[float, float, float, float]


TRADES = (
    Trade("Capital Goods", "Engineering", 13, 1.3, 0.12, (-0.10, -0.03, 0.00, 0.13)),
    Trade("Automobile and Auto Components", "Autoparts", 9, 1.2, 0.10, (-0.04, 0.03, 0.00, 0.01)),
    Trade("Chemicals", "Chemicals", 9, 1.2, 0.13, (0.01, 0.02, -0.03, 0.00)),
    Trade("Financial Services", "Finance", 12, 0.7, 0.24, (-0.02, -0.01, 0.00, 0.03)),
    Trade("Information Technology", "Infotech", 6, 0.6, 0.20, (-0.01, 0.00, 0.00, 0.01)),
    Trade("Healthcare", "Pharma", 8, 0.4, 0.17, (0.00, 0.02, 0.00, -0.02)),
    Trade("Fast Moving Consumer Goods", "Foods", 8, 0.3, 0.13, (0.01, 0.00, 0.02, -0.03)),
    Trade("Metals & Mining", "Metals", 6, 1.6, 0.13, (0.00, -0.02, -0.01, 0.03)),
    Trade("Realty", "Estates", 4, 1.4, 0.20, (-0.12, -0.06, 0.02, 0.16)),
    Trade("Construction", "Infra", 5, 1.1, 0.08, (-0.09, -0.08, 0.00, 0.17)),
    Trade("Construction Materials", "Cement", 3, 1.1, 0.12, (0.02, -0.08, -0.01, 0.07)),
    Trade("Consumer Durables", "Appliances", 5, 0.9, 0.09, (0.05, -0.03, 0.02, -0.04)),
    Trade("Consumer Services", "Retail", 4, 1.0, 0.07, (-0.03, 0.00, 0.08, -0.05)),
    Trade("Textiles", "Textiles", 4, 1.1, 0.08, (-0.03, 0.01, 0.00, 0.02)),
    Trade("Power", "Power", 3, 0.4, 0.22, (0.03, 0.02, -0.04, -0.01)),
    Trade("Services", "Logistics", 3, 0.9, 0.11, (-0.02, 0.00, 0.01, 0.01)),
)
OF_INDUSTRY = {trade.industry: trade for trade in TRADES}


@dataclass(frozen=True)
class Company:
    """One listed company; dates are those from which the later name, number or state holds."""

    number: int
    symbol: str
    name: str
    isin: str
    scrip_code: str
    industry: str
    tier: Tier
    form: Form
    has_subsidiaries: bool
    listed_on: date
    face_value_inr: int
    former_symbol: str | None = None
    symbol_since: date | None = None
    former_isin: str | None = None
    former_face_value_inr: int | None = None
    isin_since: date | None = None
    delisted_on: date | None = None
    demerged_on: date | None = None
    """A business was given to shareholders: its profit is discontinued in that quarter."""

    def symbol_on(self, day: date) -> str:
        """The symbol under which it traded."""
        if self.former_symbol and self.symbol_since and day < self.symbol_since:
            return self.former_symbol
        return self.symbol

    def isin_on(self, day: date) -> str:
        """The ISIN of its share."""
        if self.former_isin and self.isin_since and day < self.isin_since:
            return self.former_isin
        return self.isin

    def face_value_on(self, day: date) -> int:
        """Rupees that a share is nominally worth."""
        if self.former_face_value_inr and self.isin_since and day < self.isin_since:
            return self.former_face_value_inr
        return self.face_value_inr


def isin_of(issuer: int, issue: int = 1) -> str:
    """An Indian share's ISIN with its check digit; `INEX` is no issuer's beginning.

    The check digit is Luhn's over the digits, letters counting 10 to 35 (ISO 6166).
    """
    digits = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    code = "".join(digits[issuer // 34**place % 34] for place in (2, 1, 0))
    body = f"INEX{code}01{issue:02d}"
    return body + str(check_digit(body))


def check_digit(body: str) -> int:
    """The last digit of an ISIN from the eleven characters before it."""
    expanded = [int(digit) for sign in body for digit in str(int(sign, 36))]
    doubled = [
        sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit
        for place, digit in enumerate(reversed(expanded))
    ]
    return -sum(doubled) % 10


def draw_companies(seed: int, count: int = DEMO_COUNT) -> tuple[Company, ...]:
    """The companies of a market; the first dozen have a part in the story.

    More companies leave those before them as they were.

    Raises:
        ValueError: more are asked for than there are names.
    """
    if not len(CAST) <= count <= MOST:
        raise ValueError(f"A market has {len(CAST)} to {MOST} companies; asked for {count}")
    # A stream for each company: a longer list must not change those before.
    streams = np.random.default_rng([seed, 0x636F]).spawn(count)
    return tuple(_draw(number, rng) for number, rng in enumerate(streams))


def _draw(number: int, rng: np.random.Generator) -> Company:
    weights = np.array([trade.weight for trade in TRADES])
    trade = TRADES[int(rng.choice(len(TRADES), p=weights / weights.sum()))]
    tier: Tier = ("large", "mid", "small", "micro")[int(rng.choice(4, p=(0.12, 0.2, 0.48, 0.2)))]
    form: Form = "ind_as"
    noun = trade.noun
    if trade.industry == "Financial Services":
        form = ("banking", "nbfc", "insurance")[int(rng.choice(3, p=(0.3, 0.6, 0.1)))]
        noun = {"banking": "Bank", "nbfc": "Finance", "insurance": "Life Insurance"}[form]
    word = word_of(number)
    listed = LISTED_LONG_AGO
    if rng.random() < 0.22:
        listed = date(2017, 2, 1) + timedelta(days=int(rng.integers(0, 3050)))
    company = Company(
        number=number,
        symbol=f"Q{word.upper()}"[:10],
        name=f"{word} {noun} (Simulated) Limited",
        isin=isin_of(number),
        scrip_code=str(590000 + number),
        industry=trade.industry,
        tier=tier,
        form=form,
        has_subsidiaries=bool(rng.random() < {"large": 0.95, "mid": 0.8}.get(tier, 0.5)),
        listed_on=listed,
        face_value_inr=int(rng.choice((1, 2, 5, 10))),
    )
    if number < len(CAST):
        return CAST[number](company)
    if number in NEW_FACE:
        return _with_face(company, *NEW_FACE[number])
    return _changing(company, rng) if number >= DEMO_COUNT else company


def _changing(company: Company, rng: np.random.Generator) -> Company:
    """One of many: some change their face value, some their symbol, once in four years."""
    splits, renames = rng.random(2)
    split_on, renamed_on = (
        date(2022, 3, 1) + timedelta(days=int(days)) for days in rng.integers(0, 1400, 2)
    )
    after = int(rng.choice((1, 2, 5)))
    if splits < SPLIT_SHARE:
        company = _with_face(company, 10, after, split_on)
    if renames < RENAMED_SHARE:
        company = replace(company, former_symbol=f"P{company.symbol[1:]}", symbol_since=renamed_on)
    return company


def _with_face(company: Company, before: int, after: int, since: date) -> Company:
    """With it comes another ISIN."""
    return replace(
        company,
        former_isin=company.isin,
        isin=isin_of(company.number, 2),
        former_face_value_inr=before,
        face_value_inr=after,
        isin_since=since,
    )


def _bank(company: Company) -> Company:
    return _financial(company, "banking", "Bank")


def _lender(company: Company) -> Company:
    return _financial(company, "nbfc", "Finance")


def _insurer(company: Company) -> Company:
    return _financial(company, "insurance", "Life Insurance")


def _financial(company: Company, form: Form, noun: str) -> Company:
    return replace(
        _industrial(company, "Financial Services", "large", noun),
        form=form,
        has_subsidiaries=True,
    )


def _industrial(
    company: Company, industry: str, tier: Tier = "small", noun: str = "", *, group: bool = True
) -> Company:
    noun = noun or OF_INDUSTRY[industry].noun
    return replace(
        company,
        industry=industry,
        tier=tier,
        form="ind_as",
        name=f"{word_of(company.number)} {noun} (Simulated) Limited",
        has_subsidiaries=group,
        listed_on=LISTED_LONG_AGO,
    )


def _renamed(company: Company) -> Company:
    shown = _industrial(company, "Consumer Services", "mid")
    return replace(shown, former_symbol="QOLDNAME", symbol_since=date(2022, 4, 11))


def _renamed_again(company: Company) -> Company:
    shown = _industrial(company, "Capital Goods")
    return replace(shown, symbol="QM&SIM", former_symbol="Q-MUSTER", symbol_since=date(2025, 4, 9))


def _split(company: Company) -> Company:
    shown = _industrial(company, "Chemicals")
    return replace(
        shown,
        former_isin=company.isin,
        isin=isin_of(company.number, 2),
        former_face_value_inr=10,
        face_value_inr=2,
        isin_since=date(2023, 8, 18),
    )


def _delisted(company: Company) -> Company:
    return replace(_industrial(company, "Textiles", "micro"), delisted_on=date(2021, 9, 1))


def _demerging(company: Company) -> Company:
    shown = _industrial(company, "Fast Moving Consumer Goods", "large")
    return replace(shown, demerged_on=date(2025, 12, 1))


def _newcomer(company: Company) -> Company:
    return replace(
        _industrial(company, "Information Technology", "mid"), listed_on=date(2021, 7, 23)
    )


NEW_FACE: dict[int, tuple[int, int, date]] = {
    14: (10, 2, date(2025, 9, 12)),
    36: (1, 10, date(2025, 5, 16)),
    41: (10, 5, date(2025, 11, 7)),
}
"""Companies without a part that split or consolidate their shares: face values, first date."""
SPLIT_SHARE, RENAMED_SHARE = 0.08, 0.03
"""Of the companies beyond the demonstration's, those that split their shares or change symbol."""

CAST = (
    _bank,
    _lender,
    _insurer,
    _demerging,
    _renamed,
    _renamed_again,
    _split,
    _delisted,
    _newcomer,
    lambda company: _industrial(company, "Capital Goods", group=False),
    lambda company: _industrial(company, "Automobile and Auto Components"),
    lambda company: _industrial(company, "Chemicals", group=False),
)
"""Those with a part: what becomes of the company drawn at that place."""

_HEADS = ("Va", "Ze", "Ko", "Mi", "Tu", "Ra", "Be", "No", "Lu", "Sy", "Da", "Pe", "Ju", "Hi")
_MIDDLES = ("rel", "vin", "kor", "tas", "mun", "dri", "plo", "shan", "gev", "lom", "bex", "quil")
_TAILS = ("a", "on", "ix", "um", "ara", "et", "os", "ia", "ul", "en", "ox", "ir", "ay", "esh")


def word_of(number: int) -> str:
    """Another word for each number; neighbours share no part of it."""
    number, tail = divmod(number, len(_TAILS))
    head, middle = divmod(number, len(_MIDDLES))
    head = (head + 3 * middle + tail) % len(_HEADS)
    return _HEADS[head] + _MIDDLES[(middle + tail) % len(_MIDDLES)] + _TAILS[tail]
