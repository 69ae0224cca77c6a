"""Text that is measured before it is drawn: lines that fit a picture, without a browser.

The font is the one vl-convert carries, so that a picture is the same on every machine. It lacks
some characters, and one of them would move its whole line to whatever font a machine has.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

FONT = "Liberation Sans"
_REGULAR = {
    191: "'",
    222: "ijl\u2018\u2019",
    260: "|",
    278: " !,./:;I[\\]ft·",
    333: "()-`r“”",
    334: "{}",
    355: '"',
    389: "*",
    469: "^",
    500: "Jcksvxyz",
    549: "±",
    556: "#$0123456789?L_abdeghnopqu\u2013",
    584: "+<=>~\u2212\u00d7",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1000: "—…",
    1015: "@",
}
_BOLD = {
    238: "'",
    278: " ,./I\\ijl\u2018\u2019·",
    280: "|",
    333: "!()-:;[]`ft",
    389: "*r{}",
    474: '"',
    500: "z“”",
    549: "±",
    556: "#$0123456789J_aceksvxy\u2013",
    584: "+<=>^~\u2212\u00d7",
    611: "?FLTZbdghnopqu",
    667: "EPSVXY",
    722: "&ABCDHKNRU",
    778: "GOQw",
    833: "M",
    889: "%m",
    944: "W",
    975: "@",
    1000: "—…",
}
"""Thousandths of the size that each character takes: the font's own advances."""
_ELLIPSIS = "…"


@dataclass(frozen=True)
class Fitted:
    """Lines of one size that fit where they are to stand."""

    lines: tuple[str, ...]
    size: int


@cache
def _advances(is_bold: bool) -> dict[str, int]:
    return {
        character: advance
        for advance, characters in (_BOLD if is_bold else _REGULAR).items()
        for character in characters
    }


def drawable(text: str) -> str:
    """The text on one line, a question mark for each character the font lacks."""
    known = _advances(is_bold=False)
    return "".join(one if one in known else "?" for one in " ".join(text.split()))


def width(text: str, size: int, is_bold: bool = False) -> float:
    """Pixels a drawable text takes."""
    advances = _advances(is_bold)
    return sum(advances[one] for one in text) * size / 1000


def fitted(
    text: str, room: float, sizes: tuple[int, ...], most: int, is_bold: bool = False
) -> Fitted:
    """The text at the first size at which it takes at most so many lines.

    At the last size a longer text is cut at a word, and says so by an ellipsis.

    Args:
        text: any text.
        room: pixels a line may take.
        sizes: from the largest down.
        most: lines there is room for.
        is_bold: whether it will be drawn so.
    """
    plain = drawable(text)
    for size in sizes:
        lines = _wrapped(plain, room, size, is_bold)
        if len(lines) <= most:
            return Fitted(tuple(lines), size)
    size = sizes[-1]
    kept = _wrapped(plain, room, size, is_bold)[:most]
    last = kept[-1]
    while last and width(last + _ELLIPSIS, size, is_bold) > room:
        last = last.rpartition(" ")[0] or last[:-1]
    return Fitted((*kept[:-1], last.rstrip(",;:. ") + _ELLIPSIS), size)


def _wrapped(text: str, room: float, size: int, is_bold: bool) -> list[str]:
    lines: list[str] = []
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and width(joined, size, is_bold) <= room:
            lines[-1] = joined
        else:
            lines += _broken(word, room, size, is_bold)
    return lines


def _broken(word: str, room: float, size: int, is_bold: bool) -> list[str]:
    """A word that takes more than a line, in pieces that do not."""
    pieces = [""]
    for one in word:
        if pieces[-1] and width(pieces[-1] + one, size, is_bold) > room:
            pieces.append("")
        pieces[-1] += one
    return pieces
