"""Bodies meant to exhaust whoever reads them, made without exhausting whoever sends them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import lru_cache

MEBIBYTE = 1 << 20
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"


def gzip_zeros(size: int) -> Iterator[bytes]:
    """A gzip stream of `size` zero bytes, about a thousandth of that on the wire.

    A flushed deflate block knows nothing of what precedes it, so one block serves for all.
    """
    zeros = bytes(MEBIBYTE)
    yield GZIP_HEADER
    block = _raw_block(zeros)
    checksum = 0
    whole, rest = divmod(size, MEBIBYTE)
    for _ in range(whole):
        checksum = zlib.crc32(zeros, checksum)
        yield block
    if rest:
        checksum = zlib.crc32(zeros[:rest], checksum)
        yield _raw_block(zeros[:rest])
    end = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS).flush(zlib.Z_FINISH)
    yield end + struct.pack("<II", checksum, size & 0xFFFFFFFF)


def _raw_block(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush(zlib.Z_FULL_FLUSH)


def largest_member(body: bytes) -> str:
    """The member of a zip archive that holds most; a daily file's name where it is no archive."""
    if not zipfile.is_zipfile(io.BytesIO(body)):
        return "ind_close_all.csv"
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return max(archive.infolist(), key=lambda entry: entry.file_size).filename


@lru_cache(maxsize=2)
def zip_zeros(size: int, name: str) -> bytes:
    """A zip archive whose one member, of this name, inflates to `size` zero bytes."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(name, "w") as member,
    ):
        for start in range(0, size, MEBIBYTE):
            member.write(bytes(min(MEBIBYTE, size - start)))
    return packed.getvalue()


def endless_rows(size: int) -> Iterator[bytes]:
    """Rows of a daily file, over and over, until `size` bytes."""
    row = b"Nifty 50,11-02-2026,1,1,1,1,0,0,1,1,1,1,1\n"
    block = row * (MEBIBYTE // 8 // len(row))
    for _ in range(-(-size // len(block))):
        yield block
