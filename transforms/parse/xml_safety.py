"""Bytes to an XML tree, refusing what could hurt: entities, outside files, size, depth, number.

What costs nothing to see in the bytes is refused before a parser reads them, because a tree of
many small elements takes far more memory than its bytes.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.text import MAGIC

MOST_BYTES = 16 * 2**20
"""The largest documents the exchange serves have 2 MB."""
MOST_TAGS = 200_000
"""Start and end tags; a document of 2 MB has some 20,000."""
MOST_ATTRIBUTES = 400_000
ENCODINGS = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "windows-1252"})
"""Encodings in which a DOCTYPE is written in the bytes of ASCII and cannot hide."""
_DECLARED = re.compile(rb"""^<\?xml[^>]*?\bencoding\s*=\s*["']([^"']*)["']""")


def safe_tree(payload: Payload, expected: str) -> Any:
    """The root element of a payload; comments and processing instructions are dropped.

    Raises:
        NotThisLayout: empty, an archive, a web page, not XML, cut off, of an encoding that can
            hide things, with a document type declaration, too large, too deep, too many elements.
    """
    body = payload.body
    _refuse_by_bytes(body, expected)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise NotThisLayout(expected, f"text that is no XML, or cut off: {error}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotThisLayout(expected, "a document type declaration (DOCTYPE)")
    return root


def _refuse_by_bytes(body: bytes, expected: str) -> None:
    if len(body) > MOST_BYTES:
        raise NotThisLayout(f"{expected} of at most {MOST_BYTES} bytes", f"{len(body)} bytes")
    start = body[:400].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise NotThisLayout(expected, f"an empty file of {len(body)} bytes")
    for magic, name in MAGIC.items():
        if body.startswith(magic):
            raise NotThisLayout(expected, name)
    if b"\x00" in body:
        raise NotThisLayout(expected, "binary data, or text of two bytes a character")
    if start.lower().startswith((b"<!doctype html", b"<html", b"<head")):
        raise NotThisLayout(expected, f"a web page: {start[:80]!r}")
    if not start.startswith(b"<"):
        raise NotThisLayout(expected, f"text that is no XML: {start[:80]!r}")
    if (declared := _DECLARED.match(start)) and declared[1].decode("latin-1").lower() not in (
        ENCODINGS
    ):
        raise NotThisLayout(f"{expected} in one of {sorted(ENCODINGS)}", f"{declared[1]!r}")
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise NotThisLayout(expected, "a document type declaration (DOCTYPE)")
    if (tags := body.count(b"<")) > MOST_TAGS:
        raise NotThisLayout(f"{expected} of at most {MOST_TAGS} tags", f"{tags} tags")
    if (signs := body.count(b"=")) > MOST_ATTRIBUTES:
        raise NotThisLayout(
            f"{expected} of at most {MOST_ATTRIBUTES} attributes", f"{signs} equals signs"
        )
