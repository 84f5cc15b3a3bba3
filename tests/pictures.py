"""Small true pictures, and what cameras and enemies put around them."""

import zlib

HERE = b"GPS 29.85N 107.25E"
"""What must never be found in what is kept."""


def segment(marker: int, said: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(said) + 2).to_bytes(2) + said


def jpeg(
    width: int = 16, height: int = 16, *, beside: bytes = b"", after: bytes = b"", shade: int = 1
) -> bytes:
    """A grey picture, baseline, with `beside` behind its first segment and `after` behind its end.

    Other shades have other tables and so other bytes; all look alike.
    """
    blocks = -(-width // 8) * -(-height // 8)
    bits = blocks * 2
    data = b"\0" * (bits // 8) + (bytes((0xFF >> bits % 8,)) if bits % 8 else b"")
    one_code = bytes((1, *[0] * 15))
    return b"".join(
        (
            b"\xff\xd8",
            segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
            beside,
            segment(0xDB, b"\0" + bytes([shade]) * 64),
            segment(0xC0, b"\x08" + height.to_bytes(2) + width.to_bytes(2) + b"\x01\x01\x11\0"),
            segment(0xC4, b"\0" + one_code + b"\0"),
            segment(0xC4, b"\x10" + one_code + b"\0"),
            segment(0xDA, b"\x01\x01\0\0\x3f\0"),
            data,
            b"\xff\xd9",
            after,
        )
    )


def exif() -> bytes:
    return segment(0xE1, b"Exif\0\0MM\0*" + HERE)


def chunk(name: bytes, said: bytes) -> bytes:
    return len(said).to_bytes(4) + name + said + zlib.crc32(name + said).to_bytes(4)


def png(
    width: int = 16, height: int = 16, *, beside: bytes = b"", after: bytes = b"", shade: int = 128
) -> bytes:
    rows = (b"\0" + bytes([shade]) * width) * height
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", width.to_bytes(4) + height.to_bytes(4) + b"\x08\0\0\0\0"),
            beside,
            chunk(b"IDAT", zlib.compress(rows)),
            chunk(b"IEND", b""),
            after,
        )
    )


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WEBP" + b"".join(
        name + len(said).to_bytes(4, "little") + said + b"\0" * (len(said) % 2) for name, said in chunks
    )
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def webp(
    width: int = 16, height: int = 9, *, flags: int = 0, beside: tuple[bytes, bytes] | None = None
) -> bytes:
    """The head of a lossy picture; nothing can be seen in it."""
    frame = b"\0\0\0\x9d\x01\x2a" + width.to_bytes(2, "little") + height.to_bytes(2, "little") + b"\0\0"
    whole = bytes((flags, 0, 0, 0)) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return riff((b"VP8X", whole), (b"VP8 ", frame), *([beside] if beside else []))
