"""What is a photo is told by its content, and nothing but the picture is kept of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.service.photos.pictures import PhotoTooLarge, PhotoUnusable, picture
from tests.pictures import HERE, chunk, exif, jpeg, png, riff, segment, webp

LOSSLESS = riff((b"VP8L", b"\x2f" + ((99) | (49 << 14)).to_bytes(4, "little") + b"\0\0\0"))
GOOD = {
    "jpeg": (jpeg(40, 24), "image/jpeg", 40, 24),
    "png": (png(40, 24), "image/png", 40, 24),
    "webp": (webp(40, 24), "image/webp", 40, 24),
    "lossless webp": (LOSSLESS, "image/webp", 100, 50),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_picture_is_kept_as_it_is_and_its_size_is_known(name: str) -> None:
    content, media_type, width, height = GOOD[name]
    found = picture(content)
    assert found == (content, media_type, width, height)
    assert len(found.digest) == 64


@pytest.mark.parametrize(
    "file",
    [
        jpeg(beside=exif()),
        jpeg(beside=segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + HERE)),
        jpeg(beside=segment(0xE2, b"MPF\0" + HERE)),
        jpeg(beside=segment(0xED, b"Photoshop 3.0\0" + HERE)),
        jpeg(beside=segment(0xFE, HERE)),
        jpeg(beside=b"\xff\xff" + exif()),
        jpeg(beside=segment(0xE0, b"JFXX\0\x10" + HERE)),
        jpeg(beside=segment(0xE0, b"JFIF\0\x01\x02\0\0\x01\0\x01\x02\x03" + HERE)),
        jpeg(after=HERE),
        jpeg(after=jpeg(beside=exif())),
        png(beside=chunk(b"eXIf", b"MM\0*" + HERE)),
        png(beside=chunk(b"tEXt", b"Comment\0" + HERE)),
        png(beside=chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + HERE)),
        png(beside=chunk(b"zzZz", HERE)),
        png(after=HERE),
        webp(flags=0x08, beside=(b"EXIF", HERE)),
        webp(flags=0x04, beside=(b"XMP ", HERE)),
        webp(beside=(b"WHAT", HERE)),
        webp() + HERE,
    ],
)
def test_where_it_was_taken_is_not_kept(file: bytes) -> None:
    assert HERE in file
    found = picture(file)
    assert HERE not in found.content
    assert picture(found.content) == found
    assert b"xif" not in found.content.lower()


def test_colours_are_kept_and_a_flag_without_its_chunk_is_not() -> None:
    profile = segment(0xE2, b"ICC_PROFILE\0\x01\x01colours")
    adobe = segment(0xEE, b"Adobe\0d\0\0\0\0\x01")
    assert profile + adobe in picture(jpeg(beside=profile + adobe)).content
    assert chunk(b"gAMA", b"\0\0\xb1\x8f") in picture(png(beside=chunk(b"gAMA", b"\0\0\xb1\x8f"))).content
    assert picture(webp(flags=0x1C, beside=(b"EXIF", HERE))).content == webp(flags=0x10)


def test_a_scans_data_may_hold_stuffed_bytes_and_restarts() -> None:
    file = jpeg()
    scan = file.index(b"\x3f\0", file.index(b"\xff\xda")) + 2
    strange = file[:scan] + b"\x01\xff\x00\x02\xff\xd0\x03\xff\x00" + file[scan:]
    assert picture(strange).content == strange


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"\xff\xd8\xff",
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a" + b"\0" * 40,
        b"%PDF-1.7",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"RIFF\x04\0\0\0WEBP",
        riff((b"VP8X", b"\0" * 10)),
        webp(flags=0x02),
        webp(0x4000, 1),
        jpeg(0, 8),
        jpeg().replace(b"\xff\xda", b"\xff\xdb"),
        jpeg()[:-2],
        png(0, 5),
        png()[:-12],
        png().replace(b"IDAT", b"IDAX"),
        chunk(b"IHDR", b"\0" * 13),
        png(beside=chunk(b"IHDR", b"\0\0\0\1\0\0\0\1\x08\0\0\0\0")),
    ],
)
def test_what_is_no_whole_picture_is_refused(file: bytes) -> None:
    with pytest.raises(PhotoUnusable):
        picture(file)


@pytest.mark.parametrize("name", GOOD)
def test_a_picture_that_breaks_off_anywhere_is_refused(name: str) -> None:
    content = GOOD[name][0]
    for length in range(len(content)):
        with pytest.raises(PhotoUnusable):
            picture(content[:length])


def test_a_picture_that_claims_to_be_huge_is_refused() -> None:
    small = png(1, 1)
    head = b"\x08\0\0\0\0"
    huge = chunk(b"IHDR", (60_000).to_bytes(4) + (60_000).to_bytes(4) + head)
    claimed = small.replace(chunk(b"IHDR", (1).to_bytes(4) + (1).to_bytes(4) + head), huge)
    with pytest.raises(PhotoTooLarge):
        picture(claimed)
    with pytest.raises(PhotoTooLarge):
        picture(webp(16_383, 16_383))


@given(
    st.sampled_from([content for content, *_ in GOOD.values()]),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=8),
)
def test_whatever_is_sent_is_a_picture_or_refused(content: bytes, changes: list[tuple[int, int]]) -> None:
    changed = bytearray(content)
    for at, value in changes:
        changed[at % len(changed)] = value
    try:
        found = picture(bytes(changed))
    except (PhotoUnusable, PhotoTooLarge):
        return
    assert picture(found.content) == found
