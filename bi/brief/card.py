"""The brief as one picture for a chat, 1200 by 630 pixels, drawn without a browser."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bi.brief import appetite_words, health_words, numbers, standing_words, words
from bi.brief.card_line import LABEL_SIZE, Frame, line
from bi.brief.card_text import FONT, Fitted, drawable, fitted
from bi.brief.facts import Facts
from bi.brief.regime_words import ODDS_TELL
from bi.brief.standing_facts import YEAR_SESSIONS, Regime, title
from bi.brief.verdict_words import UNTESTABLE
from transforms.signals.size_indices import HEADLINE

WIDTH, HEIGHT = 1200, 630
_LEFT, _RIGHT = 40, 1160
_ROOM = _RIGHT - _LEFT
_TILE_GAP = 16
_TILE_WIDTH = (_ROOM - 3 * _TILE_GAP) / 4
_LINE = Frame(left=_LEFT, right=_RIGHT - 270, top=408, bottom=566, labels=250)
"""Where the closes are drawn, zones named on their right."""


@dataclass(frozen=True)
class Tile:
    """One key number: what it is, the figure, and what it is to be read beside."""

    what: str
    figure: Fitted
    beside: Fitted


def card(facts: Facts) -> bytes:
    """A PNG of the evening; the same facts give the same bytes."""
    drawn: bytes = vl_convert.svg_to_png(card_svg(facts))
    return drawn


def card_svg(facts: Facts) -> str:
    """The picture as SVG, every text measured to fit where it stands."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    state = standing_words.headline(facts.standing) or _no_state(facts)
    return environment.get_template("card.svg.j2").render(
        width=WIDTH,
        height=HEIGHT,
        font=FONT,
        left=_LEFT,
        right=_RIGHT,
        simulated=fitted(words.SIMULATED, _ROOM, (20, 18, 16), 1, is_bold=True).lines
        if facts.is_simulated
        else (),
        date=drawable(numbers.long_date(facts.session_date)),
        question=drawable(words.QUESTION),
        answer=fitted(words.verdict(facts).answer, _ROOM, (44, 40, 34, 30), 2, is_bold=True),
        state=fitted(state, _ROOM, (27, 24, 21, 19), 1),
        tiles=_tiles(facts),
        tile_width=_TILE_WIDTH,
        tile_gap=_TILE_GAP,
        frame=_LINE,
        line=line(facts.standing.chart.bars, facts.standing.zones, _LINE),
        label_size=LABEL_SIZE,
        foot=fitted(_foot(facts), _ROOM, (17, 15, 13), 1),
    )


def _no_state(facts: Facts) -> str:
    """What is said where the headline index has no state: that of the nearest one that has."""
    return words.instead_of_headline(facts.standing).strip() or standing_words.NO_STATE


def _foot(facts: Facts) -> str:
    """What a reader has to know of the figures: what is missing, what failed, how old they are."""
    lacking = len(health_words.troubled(facts))
    regime = facts.standing.regime
    told = []
    if not facts.sources:
        told.append("No source's state is noted.")
    elif lacking:
        told.append(f"{numbers.counted(lacking, 'source')} of {len(facts.sources)} not in.")
    if regime is None or regime.close is None:
        told.append(f"No close of the {title(HEADLINE)}.")
    if facts.failed_checks:
        told.append(f"{numbers.counted(len(facts.failed_checks), 'check')} failed.")
    told = told or ["All sources are in."]
    if facts.session_date != facts.latest_session:
        told.append(f"Not the latest session: {numbers.short_date(facts.latest_session)}.")
    return f"{words.DISCLAIMER} {' '.join(told)}"


def _tiles(facts: Facts) -> list[Tile]:
    regime, composite = facts.standing.regime, facts.appetite.composite
    value = None if composite is None else composite.composite
    return [
        _tile(*_place(regime)),
        _tile("Recovered before a new low", *_odds(regime)),
        _tile(
            "Appetite for risk",
            numbers.NOT_GIVEN if value is None else f"{numbers.grouped(value)} of 100",
            _appetite_beside(facts),
        ),
        _tile("Claims that hold", *_claims(facts)),
    ]


def _tile(what: str, figure: str, beside: str) -> Tile:
    room = _TILE_WIDTH - 32
    return Tile(
        drawable(what),
        fitted(figure, room, (36, 30, 24, 20), 1, is_bold=True),
        fitted(beside, room, (18, 16, 14), 1),
    )


def _place(regime: Regime | None) -> tuple[str, str, str]:
    """Where the close is: from the low while a recovery is open, from the high otherwise."""
    if regime is None or regime.state not in (*ODDS_TELL, "CONFIRMED", "FAILED"):
        fall = None if regime is None else regime.drawdown_252_pct
        return (
            "Below the high",
            numbers.NOT_GIVEN if fall is None else numbers.percent(abs(fall)),
            "not known" if fall is None else f"of {YEAR_SESSIONS} sessions",
        )
    rise, low = regime.rise_from_low_pct, regime.low_date
    beside = "no low held" if low is None or rise is None else f"since {numbers.short_date(low)}"
    return "Rise from the low", numbers.percent(rise), beside


def _odds(regime: Regime | None) -> tuple[str, str]:
    """Past rebounds that recovered; nothing where no rebound is under way."""
    if regime is None or regime.state not in ODDS_TELL:
        return numbers.NOT_GIVEN, "no rebound is open"
    if not regime.past_rebounds:
        walk = regime.recovery_null_probability
        beside = "no past rebounds"
        return numbers.NOT_GIVEN, beside + (
            "" if walk is None else f"; by luck {numbers.odds(walk)}"
        )
    luck = regime.past_null_probability
    beside = "of past rebounds" + ("" if luck is None else f"; by luck {numbers.odds(luck)}")
    return f"{regime.past_confirmed} of {regime.past_rebounds}", beside


def _appetite_beside(facts: Facts) -> str:
    composite = facts.appetite.composite
    if composite is None:
        return "not measured"
    if composite.composite is None:
        return f"{composite.pillars} of 5 pillars at hand"
    low, high = composite.lowest_without_one, composite.highest_without_one
    if low is None or high is None:
        return f"{composite.pillars} of 5 pillars"
    return f"{appetite_words.span(low, high)} less any one pillar"


def _claims(facts: Facts) -> tuple[str, str]:
    counted = [claim.grade for claim in facts.claims if claim.bearing != words.BACKGROUND]
    tested = [grade for grade in counted if grade != UNTESTABLE]
    if not tested:
        return numbers.NOT_GIVEN, "none could be tested"
    part = tested.count("PARTLY")
    return (
        f"{tested.count('SUPPORTED')} of {len(tested)}",
        f"{part} in part" if part else "that could be tested",
    )
