"""Trade deals by the day they were told, and the baskets they are tested on. Frozen beforehand.

Dates and hours are those of press reports of the day; each entry says what they leave open. A deal
counts once, when it is first said to be done. Papers that followed told no new deal: the joint
statement of India and the United States of 6 February 2026, signatures, ratifications.

The baskets were chosen for what sectors sell abroad, before any of their returns was looked at, and
are a proxy: textiles, gems and seafood, which gain most, have no index of the exchange; cars gain
abroad and lose protection at home.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

EXPORTERS = ("nifty-it", "nifty-pharma", "nifty-auto")
DOMESTIC = ("nifty-fmcg", "nifty-realty", "nifty-psu-bank", "nifty-media")


@dataclass(frozen=True)
class Announcement:
    """One deal: when it was told, and the first date on which prices could react."""

    id: str
    told_on: date
    reacts_from: date
    """The first session on or after it is day 0."""
    what: str
    source: str


ANNOUNCEMENTS: tuple[Announcement, ...] = (
    Announcement(
        "india-uk-2025",
        told_on=date(2025, 5, 6),
        reacts_from=date(2025, 5, 7),
        what="India and the United Kingdom conclude a free trade agreement",
        source=(
            "ndtv.com, 6 May 2025; businesstoday.in, 7 May 2025: exporters' shares moved on the "
            "7th. The hour of the 6th is not verified. Day 0 followed the night's strikes on "
            "Pakistan as well"
        ),
    ),
    Announcement(
        "india-eu-2026",
        told_on=date(2026, 1, 27),
        reacts_from=date(2026, 1, 27),
        what="India and the European Union conclude a free trade agreement",
        source=(
            "business-standard.com, 26 and 27 January 2026: the commerce secretary on the holiday "
            "of the 26th, the summit during the session of the 27th; talks had ended on the 23rd"
        ),
    ),
    Announcement(
        "india-us-2026",
        told_on=date(2026, 2, 2),
        reacts_from=date(2026, 2, 3),
        what="The United States lowers its tariff on Indian goods to 18% in a trade deal",
        source=(
            "livemint.com and tmv.in, 3 February 2026: President Trump's post of 2 February, "
            "22:28 in India, after the close"
        ),
    ),
)
