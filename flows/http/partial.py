"""The bytes of a download before they are a body: unfinished on disk, encoded, bounded."""

import json
import os
import re
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from io import FileIO
from pathlib import Path

_PIECE_BYTES = 2**20
_SIZE = r"\d{1,18}"  # Python does not turn endless digits into a number


class Partial:
    """The bytes of one version of a file so far, on disk where they are to outlive the process.

    The bytes are those of the wire, because ranges count them. Resumption needs a strong
    validator: without one the end of one version could follow the beginning of another.
    Headers have lower-case names.

    Args:
        folder: Where unfinished files are kept; without it they end with the object.
        url: The publisher's address, which names the file.
    """

    def __init__(self, folder: Path | None, url: str) -> None:
        stem = sha256(url.encode()).hexdigest()
        self._url = url
        self._data = folder / f"{stem}.part" if folder else None
        self._facts = folder / f"{stem}.json" if folder else None
        self._file: FileIO | None = None
        self.wire = bytearray()
        self.headers: dict[str, str] = {}
        if self._data and self._facts and self._data.exists() and self._facts.exists():
            try:
                self.headers = json.loads(self._facts.read_bytes())["headers"]
            except ValueError:
                self.discard()  # a power cut can empty the facts: then begin anew
            else:
                self.wire += self._data.read_bytes()

    @property
    def total(self) -> int | None:
        """Length of the whole file on the wire, if announced."""
        length = self.headers.get("content-length", "")
        return int(length) if re.fullmatch(_SIZE, length) else None

    @property
    def validator(self) -> str | None:
        """What proves a later range to be of this version (RFC 9110, 13.1.5 and 8.8.2.2)."""
        etag = self.headers.get("etag")
        if etag is not None:
            return None if etag.startswith("W/") else etag
        if self.headers.get("content-encoding", "identity") != "identity":
            return None  # the same instant stands for every encoding of the file
        modified, served = (_instant(self.headers.get(name)) for name in ("last-modified", "date"))
        if modified is None or served is None or served - modified < timedelta(minutes=1):
            return None
        return self.headers["last-modified"]

    def range_headers(self) -> dict[str, str]:
        """Headers that ask for the rest; none where it has to be the whole."""
        if not self.wire or not self.validator or self.headers.get("accept-ranges") == "none":
            return {}
        return {"Range": f"bytes={len(self.wire)}-", "If-Range": self.validator}

    def begin(self, headers: Mapping[str, str]) -> None:
        """Start anew with the version that a 200 brings."""
        self.discard()
        self.headers = dict(headers)
        if self._data and self._facts and self.validator:
            self._data.parent.mkdir(parents=True, exist_ok=True)
            # Facts before bytes: a part never stands beside the facts of another version.
            new = self._facts.with_suffix(".new")
            new.write_text(json.dumps({"url": self._url, "headers": self.headers}))
            os.replace(new, self._facts)
            self._file = self._data.open("wb", buffering=0)

    def goes_on(self, headers: Mapping[str, str]) -> bool:
        """Whether a 206 holds the next bytes of this very version; then it is ready for them."""
        span = re.fullmatch(
            rf"bytes ({_SIZE})-{_SIZE}/({_SIZE}|\*)", headers.get("content-range", "")
        )
        name = "etag" if "etag" in self.headers else "last-modified"
        if (
            span is None
            or int(span[1]) != len(self.wire)
            or (span[2] != "*" and self.total not in {None, int(span[2])})
            or headers.get(name) != self.headers[name]
            or headers.get("content-encoding") != self.headers.get("content-encoding")
        ):
            return False
        if span[2] != "*":
            self.headers["content-length"] = span[2]
        if self._data and self._file is None:
            self._file = self._data.open("ab", buffering=0)
        return True

    def add(self, chunk: bytes) -> None:
        """Append what came on the wire."""
        self.wire += chunk
        if self._file is not None:
            self._file.write(chunk)

    def discard(self) -> None:
        """Forget the bytes, on disk too."""
        self.wire, self.headers = bytearray(), {}
        self.delete()

    def delete(self) -> None:
        """Forget the bytes on disk; those in memory stay."""
        self.close()
        for path in (self._data, self._facts):
            if path:
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Keep what there is for the next process."""
        if self._file is not None:
            self._file.close()
            self._file = None


def decoded(wire: bytes, encoding: str, max_bytes: int) -> bytes:
    """Undo the content coding, stopping at the bound rather than after it.

    Raises:
        ValueError: Unknown coding, damaged or truncated stream, or more than `max_bytes`.
    """
    if encoding == "identity":
        return wire
    if encoding not in {"gzip", "x-gzip"}:
        raise ValueError(f"in coding {encoding!r}, which was not asked for")
    body = bytearray()
    for piece in _inflated(wire, min(max_bytes + 1, _PIECE_BYTES)):
        body += piece
        if len(body) > max_bytes:
            raise ValueError(f"which inflate to more than {max_bytes}")
    return bytes(body)


def _inflated(wire: bytes, piece_bytes: int) -> Iterator[bytes]:
    """Each member of a gzip stream, in bounded pieces."""
    rest = wire
    while rest:
        member = zlib.decompressobj(16 + zlib.MAX_WBITS)
        while not member.eof:
            try:
                piece = member.decompress(rest, piece_bytes)
            except zlib.error as error:
                raise ValueError(f"no gzip stream: {error}") from error
            if not piece and not member.eof and not member.unconsumed_tail:
                raise ValueError("a gzip stream without its end")
            yield piece
            rest = member.unconsumed_tail
        rest = member.unused_data


def _instant(text: str | None) -> datetime | None:
    """A header's instant; null if it is absent or no date."""
    try:
        instant = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    # A zone of -0000 is UTC of an unknown place, which Python reads as no zone.
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
