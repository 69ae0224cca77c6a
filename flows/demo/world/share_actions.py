"""Corporate actions of the simulated shares: terms, words, and what they do to a price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Kind = Literal[
    "split",
    "consolidation",
    "bonus",
    "rights",
    "demerger",
    "special dividend",
    "interim dividend",
    "dividend",
]

GIVEN_AWAY = 0.18
"""Part of the price that leaves with a demerged business."""
RIGHTS_PRICE, SPECIAL = 0.7, 0.06
"""Of the last price: what a new share costs, what a special dividend pays."""
DIVIDENDS = ("interim dividend", "special dividend", "dividend")
# From then on shares are settled so soon that the two dates are one.
RECORD_DATE_IS_EX_DATE_FROM = date(2023, 1, 27)


@dataclass(frozen=True)
class Plan:
    """What a company will do.

    `first` and `second` are the terms: face values before and after, new shares and shares held, or
    rupees a share and nothing. What depends on the price is settled on the day. `is_announced`:
    the exchange's feed tells of it.
    """

    kind: Kind
    ex_date: date
    first: float = 0
    second: float = 0
    is_announced: bool = True


@dataclass(frozen=True)
class Action:
    """What a company did: the plan, the session it took effect, and the terms as settled.

    `amount_inr` is the price of a new share or the dividend; `price_factor` is the price of the
    session before in the session's basis, over the price itself; `share_factor` is shares in issue
    after, over those before.
    """

    plan: Plan
    security: int
    session: int
    amount_inr: float
    price_factor: float
    share_factor: float


def settle(
    plans: Sequence[Plan], security: int, session: int, quote: tuple[float, float, float]
) -> list[Action]:
    """What the actions of a session do to a last close, one after another.

    `quote` is that close, the face value and the tick, in rupees.
    The price of an old share with rights is the theoretical one; that of a demerged company is
    found at the session's opening, which is at this price.
    """
    close, face, tick = quote
    actions = []
    for plan in plans:
        amount, factor, shares = plan.first, 1.0, 1.0
        match plan.kind:
            case "split" | "consolidation":
                factor, shares = plan.second / plan.first, plan.first / plan.second
            case "bonus":
                factor = plan.second / (plan.first + plan.second)
                shares = (plan.first + plan.second) / plan.second
            case "rights":
                amount = max(round(RIGHTS_PRICE * close), int(face) + 1)
                after = plan.first + plan.second
                factor = (plan.second * close + plan.first * amount) / after / close
                shares = after / plan.second
            case "special dividend":
                amount = max(1.0, round(SPECIAL * close))
                factor = (close - amount) / close
            case "demerger":
                opening = round((1.0 - GIVEN_AWAY) * close / tick) * tick
                factor = round(opening, 2) / close
            case "dividend" | "interim dividend":
                pass
        actions.append(Action(plan, security, session, amount, factor, shares))
        close *= factor
    return actions


def words(action: Action, face: float, unit: str = "Share") -> tuple[str, str]:
    """The exchange's purpose, at length and short; `face` is the face value of a share."""
    plan = action.plan
    first, second, paid = _inr(plan.first), _inr(plan.second), _inr(action.amount_inr)
    ratio = f"{plan.first:g}:{plan.second:g}"
    premium = _inr(action.amount_inr - face)
    change = f"From {first}/- Per {unit} To {second}/- Per {unit}"
    said: dict[Kind, tuple[str, str]] = {
        "split": (f"Face Value Split (Sub-Division) - {change}", f"FVSPLT FRM {first} TO {second}"),
        "consolidation": (
            f"Consolidation of Shares - {change}",
            f"FV CONSOLDTN FRM RS {plan.first:g} TO RS {plan.second:g}",
        ),
        "bonus": (f"Bonus {ratio}", f"BONUS {ratio}"),
        "rights": (f"Rights {ratio} @ Premium {premium}/-", f"RIGHTS {ratio}@PRM {premium}/-"),
        "demerger": ("Demerger", "DEMERGER"),
        "special dividend": (f"Special Dividend - {paid} Per {unit}", f"SPLDIV - {paid} PER SH"),
        "interim dividend": (f"Interim Dividend - {paid} Per {unit}", f"INTDIV - {paid} PER SH"),
        "dividend": (f"Dividend - {paid} Per {unit}", f"DIV - {paid} PER SH"),
    }
    long, short = said[plan.kind]
    return long, short.upper()


def record_date(ex_date: date) -> date:
    """Holders of this date have the right."""
    return ex_date + timedelta(days=0 if ex_date >= RECORD_DATE_IS_EX_DATE_FROM else 1)


def _inr(amount: float) -> str:
    """Rupees as the exchange writes them: Re up to one, no decimals where there are none."""
    shown = f"{amount:.0f}" if float(amount).is_integer() else f"{amount:.2f}"
    return f"{'Re' if amount <= 1 else 'Rs'} {shown}"
