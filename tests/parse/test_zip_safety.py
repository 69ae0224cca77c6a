"""Archives of strangers: what is unpacked, and what is refused before it can do harm."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile

import pytest

from transforms.parse.layout import NotThisLayout, Payload
from transforms.parse.zip_safety import members

LARGEST = 100_000


def packed(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as archive:
        warnings.simplefilter("ignore", UserWarning)  # a name twice
        for name, body in files:
            archive.writestr(name, body)
    return buffer.getvalue()


def directory(body: bytes, at: int, value: int, form: str = "<I") -> bytes:
    """The archive with other words in its directory's first entry."""
    changed = bytearray(body)
    struct.pack_into(form, changed, body.index(b"PK\x01\x02") + at, value)
    return bytes(changed)


FLAGS, SIZE, CRC, OFFSET, METHOD = 8, 24, 16, 42, 10
GOOD = packed(("a.csv", b"x,y\n1,2\n" * 50))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_files_come_out_in_their_order(method: int) -> None:
    files = {"b.csv": b"one\n" * 300, "a.csv": b"", "c.txt": bytes(range(256))}
    body = packed(*files.items(), method=method)
    found = members(Payload(body), "a set", largest=LARGEST)
    assert list(found.items()) == list(files.items())


def test_a_preamble_with_extra_fields_is_passed_over() -> None:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.csv", "w", force_zip64=True) as opened,  # adds 20 bytes to the header
    ):
        opened.write(b"x" * 1000)
    assert members(Payload(buffer.getvalue()), "a set", largest=LARGEST) == {"a.csv": b"x" * 1000}


@pytest.mark.parametrize(
    ("body", "got"),
    [
        (b"", "no zip archive"),
        (b"<html>", "no zip archive"),
        (b"PK\x03\x04 not much", "damaged"),
        (GOOD[:-30], "damaged"),
        (GOOD.replace(b"PK\x01\x02", b"PK\x01\x03"), "damaged"),
        (GOOD[:45] + bytes(10) + GOOD[55:], "damaged"),
        (directory(GOOD, CRC, 1), "other bytes"),
        (directory(GOOD, SIZE, 399), "other bytes"),
        (directory(GOOD, SIZE, 401), "other bytes"),
        (directory(GOOD, OFFSET, 7), "damaged"),
        (directory(GOOD, FLAGS, 1, "<H"), "encrypted"),
        (directory(GOOD, METHOD, 12, "<H"), "method 12"),
        (packed(), "no zip archive"),
        (packed(("a/b.csv", b"1")), "a path"),
        (packed(("../b.csv", b"1")), "a path"),
        (packed(("a\\b.csv", b"1")), "a path"),
        (packed(("a.csv", b"1"), ("a.csv", b"2")), "twice"),
        (packed(*[(f"{i}", b"") for i in range(300)]), "300 files"),
    ],
)
def test_what_is_no_archive_of_ours_is_refused(body: bytes, got: str) -> None:
    with pytest.raises(NotThisLayout) as refusal:
        members(Payload(body), "a set", largest=LARGEST)
    assert got in refusal.value.got
    assert refusal.value.expected == "a set"


def test_a_bomb_is_not_unpacked() -> None:
    bomb = packed(("a.csv", bytes(60_000)), ("b.csv", bytes(60_000)))
    with pytest.raises(NotThisLayout, match="120000 bytes"):
        members(Payload(bomb), "a set", largest=LARGEST)


def test_a_bomb_that_lies_about_its_size_is_unpacked_no_further_than_it_says() -> None:
    liar = directory(packed(("a.csv", bytes(5_000_000))), SIZE, 10)
    with pytest.raises(NotThisLayout, match="other bytes"):
        members(Payload(liar), "a set", largest=LARGEST)
