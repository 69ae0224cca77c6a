"""What trades beside shares of the main board: small enterprises, funds, trusts, rights, debt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from flows.demo.world.companies import MOST, isin_of, word_of
from flows.demo.world.latent import stream
from flows.demo.world.share_actions import Plan
from flows.demo.world.share_security import Name, Security, Temper, cut, number_of
from flows.demo.world.story import FIRST_SHARE_SESSION, LAST_SESSION

SME_ISSUER = 30_000
SHARES_PER_SME, SHARES_PER_FUND = 5, 9
FUNDS = (
    ("Nifty 50", 240.0, "N50"),
    ("NIFTY Smallcap 250", 160.0, "SML250"),
    ("Nifty Bank", 510.0, "BNK"),
    ("NIFTY Midcap 150", 190.0, "MID150"),
    ("Nifty IT", 380.0, "IT"),
    ("Nifty 500", 84.0, "N500"),
)
"""What funds follow, their price and what their symbols say of it."""
FUND_SPLIT = (date(2025, 8, 8), 10, 1)
_SPAN = (LAST_SESSION - FIRST_SHARE_SESSION).days


def draw_others(count: int, shares: Sequence[Security], seed: int) -> list[Security]:
    """Securities that are no main-board share of a company's own."""
    return [
        *(_sme(k, seed) for k in range(count // SHARES_PER_SME)),
        *(_fund(k, seed) for k in range(max(count // SHARES_PER_FUND, len(FUNDS)))),
        *_trusts(),
        *_rights(shares),
        *_partly_paid(shares),
        *_debts(),
        _test_scrip(),
    ]


def _sme(k: int, seed: int) -> Security:
    rng = stream(seed, f"sme {k}")
    word = word_of((5 * k + 3) % MOST)
    name = f"Small {word} {k} (Simulated) Limited"
    listed = FIRST_SHARE_SESSION + timedelta(days=int(rng.integers(-1500, _SPAN - 60)))
    return Security(
        key=f"sme {k}",
        kind="sme share",
        names=(
            Name(
                date.min,
                f"S{k}{word.upper()}"[:10],
                isin_of(SME_ISSUER + k),
                cut(name),
                name,
                10.0,
            ),
        ),
        temper=Temper(market=0.7, small=1.1, own=0.028),
        price_inr=float(np.round(rng.uniform(30.0, 400.0), 2)),
        cap_inr=float(np.exp(rng.uniform(np.log(2e8), np.log(5e9)))),
        home_series="ST" if rng.random() < 0.35 else "SM",
        listed_on=listed,
        has_issue_price=True,
        chance=0.8,
        turnover=0.004,
        lot=(600, 1000, 1200, 2000, 3000)[int(rng.integers(0, 5))],
        band=0.05 if k % 3 else 0.20,
        delivered=1.0,
    )


def _fund(k: int, seed: int) -> Security:
    rng = stream(seed, f"fund {k}")
    turn, at = divmod(k, len(FUNDS))
    follows, price, short = FUNDS[at]
    symbol = f"Z{short}{turn or ''}"
    since, before, after = FUND_SPLIT
    # Its first unit is split ten for one; funds keep their ISIN.
    plans = (Plan("split", since, before, after),) if k == 0 else ()
    face = float(before) if k == 0 else 10.0
    name = Name(
        date.min,
        symbol,
        number_of(f"INFX{k:03d}", "01"),
        f"SIMULATEDAMC - {symbol}",
        follows,
        face,
    )
    later = replace(name, since=since, face_value_inr=float(after))
    return Security(
        key=f"fund {k}",
        kind="fund",
        names=(name, later) if k == 0 else (name,),
        temper=Temper(follows=follows, own=0.0008),
        price_inr=round(price * float(rng.uniform(0.9, 1.1)), 2),
        cap_inr=float(np.exp(rng.uniform(np.log(5e8), np.log(5e10)))),
        turnover=0.003,
        chance=1.0 if turn == 0 else 0.95,
        plans=plans,
    )


def _trusts() -> list[Security]:
    return [
        Security(
            key=key,
            kind=kind,
            names=(Name(date.min, symbol, isin, cut(title), title, face),),
            temper=Temper(market=0.25, sector="rates", own=0.006),
            price_inr=price,
            cap_inr=2.2e11,
            home_series=series,
            turnover=0.0006,
            delivered=0.8,
        )
        for key, kind, symbol, title, series, price, face, isin in (
            (
                "reit",
                "reit",
                "QOFFICES",
                "Offices (Simulated) REIT",
                "RR",
                318.0,
                300.0,
                number_of("INEXRT0", "25"),
            ),
            (
                "invit",
                "invit",
                "QROADS",
                "Roads (Simulated) InvIT",
                "IV",
                124.0,
                100.0,
                number_of("INEXRD0", "23"),
            ),
        )
    ]


def _rights(shares: Sequence[Security]) -> list[Security]:
    """Entitlements trade for eight sessions or so, some days after their share went without."""
    entitlements = []
    for share in shares:
        for plan in share.plans:
            if plan.kind != "rights" or plan.ex_date > LAST_SESSION - timedelta(days=25):
                continue
            name = [name for name in share.names if name.since <= plan.ex_date][-1]
            first = plan.ex_date + timedelta(days=10)
            entitlements.append(
                Security(
                    key=f"rights of {share.key} {plan.ex_date}",
                    kind="rights entitlement",
                    names=(
                        replace(
                            name,
                            since=date.min,
                            symbol=f"{name.symbol}-RE",
                            isin=number_of(name.isin[:7], "20"),
                            security_name=f"{name.security_name[:20]} - RE",
                        ),
                    ),
                    temper=Temper(market=1.2, own=0.06),
                    price_inr=round(0.25 * share.price_inr, 2),
                    cap_inr=0.02 * share.cap_inr,
                    home_series="BE",
                    listed_on=first,
                    delisted_on=first + timedelta(days=11),
                    turnover=0.02,
                    band=0.40,
                )
            )
    return entitlements


def _partly_paid(shares: Sequence[Security]) -> list[Security]:
    share = shares[10]
    name = share.names[-1]
    return [
        Security(
            key="partly paid",
            kind="partly paid share",
            names=(
                replace(
                    name,
                    since=date.min,
                    symbol=f"{name.symbol[:8]}PP",
                    isin=number_of(f"IN9{name.isin[3:7]}", "01"),
                    security_name=f"{name.security_name[:20]} PP",
                ),
            ),
            temper=replace(share.temper, own=share.temper.own * 1.3),
            price_inr=round(share.price_inr * 0.6, 2),
            cap_inr=share.cap_inr * 0.05,
            home_series="E1",
            listed_on=date(2025, 2, 3),
            delivered=0.7,
        )
    ]


def _debts() -> list[Security]:
    rows = (
        ("718GS2033", "GS", "GOI LOAN 7.18% 2033", "IN0020990017", 101.0, 0.5),
        ("1025GS2031", "GS", "GOI LOAN 10.25% 2031", "IN0020990025", 118.0, 0.3),
        ("995QSIM28", "N1", "SEC RE NCD 9.95% SR I", number_of("INEXNCD", "07"), 1012.0, 0.6),
        ("GBSIM30", "GB", "2.5%GOLDBONDSSIM30", "IN0020990033", 5200.0, 0.9),
    )
    return [
        Security(
            key=f"debt {symbol}",
            kind="debt",
            names=(Name(date.min, symbol, isin, title, title, 0.0),),
            temper=Temper(sector="rates", own=0.003),
            price_inr=price,
            cap_inr=4e9,
            home_series=series,
            chance=chance,
            turnover=0.00001,
            band=0.10,
            delivered=0.9,
        )
        for symbol, series, title, isin, price, chance in rows
    ]


def _test_scrip() -> Security:
    title = "NSE TEST SCRIP (SIMULATED)"
    return Security(
        key="test scrip",
        kind="test",
        names=(Name(date.min, "011NSETEST", "DUMMY0000011", cut(title), title, 10.0),),
        temper=Temper(own=0.004),
        price_inr=100.0,
        cap_inr=1e7,
        chance=0.05,
        turnover=0.00002,
    )
