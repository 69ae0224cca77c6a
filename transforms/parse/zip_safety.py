"""Zip archives of strangers: what they hold, or why they are not opened."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from transforms.parse.layout import NotThisLayout, Payload

MAGIC = b"PK\x03\x04"
MOST_MEMBERS = 200
IS_ENCRYPTED = 0x1
METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
LOCAL_HEADER = 30
LOCAL_LENGTHS = 26
"""Where a member's own header gives the lengths of its name and of what follows the name."""
DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OverflowError, ValueError)
"""How a damaged archive shows itself to zipfile."""


def is_zip(payload: Payload) -> bool:
    """Whether the bytes begin as an archive does."""
    return payload.body.startswith(MAGIC)


def members(payload: Payload, expected: str, *, largest: int) -> dict[str, bytes]:
    """Files of an archive by name, in its own order; `largest` is in bytes, of all together.

    Publishers' archives are flat: a member with a folder in its name is none of theirs.

    Raises:
        NotThisLayout: no archive, damaged, cut off, encrypted, packed in an unusual way, a name
            twice or with a path in it, or more than `largest` bytes once unpacked.
    """
    body = payload.body
    if not is_zip(payload):
        raise NotThisLayout(expected, f"no zip archive: {body[:40]!r}")
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            listed = archive.infolist()
            _refuse_strange(listed, expected, largest)
            return {one.filename: _unpacked(body, one) for one in listed}
    except (*DAMAGED, NotImplementedError) as error:
        if isinstance(error, NotThisLayout):
            raise
        raise NotThisLayout(expected, f"a damaged zip archive: {error}") from error


def _unpacked(body: bytes, member: zipfile.ZipInfo) -> bytes:
    """A member's bytes, as its entry in the directory says: no more are unpacked than that.

    zipfile reads in small steps, which takes a third longer.

    Raises:
        BadZipFile: other bytes than the directory says.
        zlib.error, struct.error: damaged.
    """
    start = member.header_offset
    if body[start : start + 4] != MAGIC:
        message = f"no file where {member.filename!r} should begin"
        raise zipfile.BadZipFile(message)
    lengths: tuple[int, int] = struct.unpack_from("<HH", body, start + LOCAL_LENGTHS)
    first = start + LOCAL_HEADER + sum(lengths)
    packed = body[first : first + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        content = packed
    else:
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        content = inflater.decompress(packed, member.file_size + 1)
    if len(content) != member.file_size or zlib.crc32(content) != member.CRC:
        message = f"{member.filename!r} holds other bytes than the archive says"
        raise zipfile.BadZipFile(message)
    return content


def _refuse_strange(listed: list[zipfile.ZipInfo], expected: str, largest: int) -> None:
    if not listed:
        raise NotThisLayout(expected, "an empty zip archive")
    if len(listed) > MOST_MEMBERS:
        raise NotThisLayout(expected, f"a zip archive of {len(listed)} files")
    if (size := sum(one.file_size for one in listed)) > largest:
        raise NotThisLayout(expected, f"a zip archive of {size} bytes, more than {largest}")
    seen: set[str] = set()
    for one in listed:
        name = one.filename
        if one.flag_bits & IS_ENCRYPTED:
            raise NotThisLayout(expected, f"an encrypted zip archive: {name!r}")
        if one.compress_type not in METHODS:
            raise NotThisLayout(expected, f"{name!r} packed by method {one.compress_type}")
        if "/" in name or "\\" in name or name in {"", ".", ".."}:
            raise NotThisLayout(expected, f"a path in a zip archive: {name!r}")
        if name in seen:
            raise NotThisLayout(expected, f"{name!r} twice in one zip archive")
        seen.add(name)
