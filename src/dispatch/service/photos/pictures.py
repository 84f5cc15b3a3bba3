"""What makes a file a photo: read piece by piece, and kept without what a camera notes beside the picture."""

import re
import zlib
from collections.abc import Iterator
from hashlib import sha256
from typing import Final, NamedTuple

from dispatch.domain.refusal import Unacceptable

LONGEST_EDGE: Final = 16_384
MOST_PIXELS: Final = 50_000_000
"""What a camera takes at most; a picture of a few bytes may claim much more, to fill a reader's memory."""

JPEG: Final = b"\xff\xd8\xff"
PNG: Final = b"\x89PNG\r\n\x1a\n"
RIFF, WEBP = b"RIFF", b"WEBP"

# Source: ITU-T T.81, table B.1. DHT, JPG and DAC share the frames' range.
START, END, SCAN, COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
APPLICATIONS: Final = range(0xE0, 0xF0)
JFIF: Final = 14
"""Bytes of JFIF's own segment up to the thumbnail's size, which is left out."""
AFTER_SCAN: Final = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
"""A marker that ends the data of a scan; restarts and stuffed bytes belong to it."""
PNG_KEPT: Final = frozenset(
    {
        b"IHDR",
        b"PLTE",
        b"IDAT",
        b"IEND",
        b"tRNS",
        b"gAMA",
        b"cHRM",
        b"sRGB",
        b"iCCP",
        b"sBIT",
        b"pHYs",
        b"bKGD",
    }
)
WEBP_KEPT: Final = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"})
ANIMATED: Final = 0x02
DESCRIBED: Final = 0x08 | 0x04
"""The flags that say that EXIF and XMP follow."""


class PhotoUnusable(Unacceptable):
    """That is no photo: one whole picture in JPEG, PNG or WebP is taken."""


class PhotoTooLarge(Unacceptable):
    """The photo is too large: scale it down."""


class Picture(NamedTuple):
    """A photo as it is kept: the picture and its colours, and nothing about where, when and with what."""

    content: bytes
    media_type: str
    width: int
    height: int

    @property
    def digest(self) -> str:
        """Its SHA-256 in hex: what the log names it by."""
        return sha256(self.content).hexdigest()


def picture(file: bytes) -> Picture:
    """Return what is kept of a file. Raises `PhotoUnusable` and `PhotoTooLarge`.

    Whatever is said beside the picture goes: place, time, device, comments, thumbnails, further pictures, and
    what follows the picture's end. So must be turned upright before what only says that it lies on its side.
    """
    try:
        if file.startswith(JPEG):
            found = _jpeg(file)
        elif file.startswith(PNG):
            found = _png(file)
        elif file[:4] == RIFF and file[8:12] == WEBP:
            found = _webp(file)
        else:
            raise PhotoUnusable
    except IndexError:
        raise PhotoUnusable from None  # it ends before what it announces
    if not found.width or not found.height:
        raise PhotoUnusable
    if max(found.width, found.height) > LONGEST_EDGE or found.width * found.height > MOST_PIXELS:
        raise PhotoTooLarge(width=found.width, height=found.height, most_pixels=MOST_PIXELS)
    return found


def _part(file: bytes, at: int, length: int) -> bytes:
    part = file[at : at + length]
    if len(part) != length:
        raise PhotoUnusable
    return part


def _jpeg(file: bytes) -> Picture:
    kept, width, height, scans = [bytes((0xFF, START))], 0, 0, 0
    for marker, segment, scan in _segments(file):
        if marker in FRAMES:
            if width:
                raise PhotoUnusable
            height, width = int.from_bytes(_part(segment, 3, 2)), int.from_bytes(_part(segment, 5, 2))
        scans += marker == SCAN
        kept.append(_kept_of(marker, segment))
        kept.append(scan)
    if not scans:
        raise PhotoUnusable
    return Picture(b"".join((*kept, bytes((0xFF, END)))), "image/jpeg", width, height)


def _segments(file: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Give each marker up to the end, with its segment (the length too) and a scan's data."""
    at = 2
    while True:
        if file[at] != 0xFF:  # noqa: PLR2004 - what every marker begins with
            raise PhotoUnusable
        while file[at] == 0xFF:  # noqa: PLR2004 - fill bytes of JPEG
            at += 1
        marker = file[at]
        if marker == END:
            return
        segment = _part(file, at + 1, max(2, int.from_bytes(file[at + 1 : at + 3])))
        at += 1 + len(segment)
        begins = at
        if marker == SCAN:
            ends = AFTER_SCAN.search(file, at)
            if ends is None:
                raise PhotoUnusable
            at = ends.start()
        yield marker, segment, file[begins:at]


def _kept_of(marker: int, segment: bytes) -> bytes:
    """Return a segment as it is kept: all that the picture is drawn from, and how its colours are meant."""
    if marker == COMMENT:
        return b""
    if marker in APPLICATIONS:
        said = segment[2:]
        if said.startswith(b"JFIF\0") and len(said) >= JFIF:
            segment = (2 + JFIF).to_bytes(2) + said[: JFIF - 2] + b"\0\0"
        elif not said.startswith((b"ICC_PROFILE\0", b"Adobe")):
            return b""
    return bytes((0xFF, marker)) + segment


def _png(file: bytes) -> Picture:
    kept, at, name, drawn, header = [PNG], len(PNG), b"", False, b""
    while name != b"IEND":
        length = int.from_bytes(_part(file, at, 4))
        chunk = _part(file, at, length + 12)
        name, said = chunk[4:8], chunk[8:-4]
        if zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:]):
            raise PhotoUnusable
        if (name == b"IHDR") != (at == len(PNG)):
            raise PhotoUnusable
        header = said if name == b"IHDR" else header
        drawn |= name == b"IDAT"
        if name in PNG_KEPT:
            kept.append(chunk)
        at += len(chunk)
    if not drawn:
        raise PhotoUnusable
    width, height = int.from_bytes(_part(header, 0, 4)), int.from_bytes(_part(header, 4, 4))
    return Picture(b"".join(kept), "image/png", width, height)


def _webp(file: bytes) -> Picture:
    # Source: RFC 9649. Numbers are little-endian, chunks are filled up to an even length.
    ends = 8 + int.from_bytes(file[4:8], "little")
    if ends > len(file):
        raise PhotoUnusable
    kept, at, size = [], 12, (0, 0)
    drawn = False
    while at < ends:
        name = _part(file, at, 4)
        length = int.from_bytes(_part(file, at + 4, 4), "little")
        said = _part(file, at + 8, length)
        at += 8 + length + length % 2
        if name == b"VP8X":
            if said[0] & ANIMATED:
                raise PhotoUnusable
            said = bytes((said[0] & ~DESCRIBED,)) + said[1:]
        if name in WEBP_KEPT:
            kept.append(name + length.to_bytes(4, "little") + said + b"\0" * (length % 2))
        if name in {b"VP8 ", b"VP8L"}:
            if drawn:
                raise PhotoUnusable
            drawn, size = True, _vp8(said) if name == b"VP8 " else _vp8l(said)
    if not drawn:
        raise PhotoUnusable
    whole = WEBP + b"".join(kept)
    return Picture(RIFF + len(whole).to_bytes(4, "little") + whole, "image/webp", *size)


def _vp8(frame: bytes) -> tuple[int, int]:
    if _part(frame, 3, 3) != b"\x9d\x01\x2a":
        raise PhotoUnusable
    size = int.from_bytes(_part(frame, 6, 4), "little")
    return size & 0x3FFF, size >> 16 & 0x3FFF


def _vp8l(frame: bytes) -> tuple[int, int]:
    if _part(frame, 0, 1) != b"\x2f":
        raise PhotoUnusable
    size = int.from_bytes(_part(frame, 1, 4), "little")
    return (size & 0x3FFF) + 1, (size >> 14 & 0x3FFF) + 1
