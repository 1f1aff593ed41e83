"""What is taken for a sound file of its kind, and what is not."""

import io
import struct
import time
from collections.abc import Callable

import pytest
from PIL import Image

from api_extensions.files import images
from api_extensions.files.inspector import inspect
from api_extensions.files.measure import Measure, UnsoundError
from tests.samples import (
    FOLDER,
    JPG,
    M4A,
    MP3,
    MP4,
    PDF,
    PNG,
    RENAMED,
    SAMPLES,
    WAV,
    Sample,
    polyglot,
    truncated,
    with_tail,
)

each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: one.ext)


def measured(data: bytes, mime_type: str) -> Measure:
    return inspect(io.BytesIO(data), mime_type)


def complaint(data: bytes, sample: Sample) -> str:
    with pytest.raises(UnsoundError) as refusal:
        measured(data, sample.mime_type)
    return str(refusal.value)


@pytest.mark.parametrize("sample", [MP3, M4A, WAV, MP4], ids=lambda one: one.ext)
def test_the_duration_of_sound_and_video_is_measured(sample: Sample) -> None:
    found = measured(sample.data, sample.mime_type)
    assert found.duration_sec == pytest.approx(2, abs=0.2)
    assert (found.width, found.height) == (None, None)


@pytest.mark.parametrize("sample", [JPG, PNG], ids=lambda one: one.ext)
def test_the_dimensions_of_images_are_measured(sample: Sample) -> None:
    assert measured(sample.data, sample.mime_type) == Measure(width=64, height=48)


def test_a_pdf_has_nothing_to_measure() -> None:
    assert measured(PDF.data, PDF.mime_type) == Measure()


def test_what_a_browser_records_does_not_tell_its_length() -> None:
    data = (FOLDER / "streamed.m4a").read_bytes()
    assert measured(data, M4A.mime_type) == Measure()


@each_sample
def test_a_renamed_file_is_refused(sample: Sample) -> None:
    assert complaint(RENAMED[sample.ext].data, sample)


@each_sample
def test_a_truncated_file_is_refused(sample: Sample) -> None:
    assert complaint(truncated(sample.data), sample)


@each_sample
@pytest.mark.parametrize("twin", [polyglot, with_tail])
def test_a_polyglot_is_refused(sample: Sample, twin: Callable[[bytes], bytes]) -> None:
    assert complaint(twin(sample.data), sample)


@each_sample
def test_rubbish_after_a_good_beginning_is_refused(sample: Sample) -> None:
    assert complaint(sample.data[:64] + bytes(range(256)) * 8, sample)


@pytest.mark.parametrize("data", [b"", b"\0" * 100, b"<html>", b"GIF89a"])
@each_sample
def test_what_is_no_such_file_is_refused(sample: Sample, data: bytes) -> None:
    assert complaint(data, sample)


def test_what_cameras_add_to_their_pictures_is_taken() -> None:
    samsung = JPG.data + b"\0\0trailer-of-a-telephone-SEFT"
    depth = JPG.data + JPG.data
    assert measured(samsung, JPG.mime_type).width == 64
    assert measured(depth, JPG.mime_type).width == 64


def test_a_second_picture_does_not_hide_a_third_thing() -> None:
    assert complaint(JPG.data + with_tail(JPG.data), JPG)


def test_a_million_pictures_in_one_file_cost_nobody_anything() -> None:
    tiny = b"\xff\xd8\xff\xd9"
    assert measured(JPG.data + 7 * tiny, JPG.mime_type).width
    for number in (8, 1_000_000):
        assert "something else" in complaint(JPG.data + number * tiny, JPG)


def test_bytes_that_fill_a_picture_cost_no_more_than_others() -> None:
    """Looked at anew from each of them, they would take hours."""
    end = JPG.data.rindex(b"\xff\xd9")
    filled = JPG.data[:end] + b"\xff" * 4_000_000 + b"\0" + JPG.data[end:]
    begin = time.process_time()
    assert measured(filled, JPG.mime_type).width == 64
    assert time.process_time() - begin < 2


def test_a_tag_behind_an_mp3_is_taken() -> None:
    tag = b"TAG" + b"\0" * 125
    assert measured(MP3.data + tag, MP3.mime_type).duration_sec


def test_an_image_may_not_claim_more_pixels_than_anybody_can_show(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(images, "MAX_PIXELS", 64 * 48 - 1)
    assert "pixels" in complaint(PNG.data, PNG)


def test_a_bomb_is_never_decoded() -> None:
    """Four bytes in the header make it 60,000 × 60,000 pixels: 3.6 GB of grey."""
    bomb = bytearray(JPG.data)
    start = bomb.index(b"\xff\xc0") + 5
    bomb[start : start + 4] = struct.pack(">HH", 60_000, 60_000)
    assert "pixels" in complaint(bytes(bomb), JPG)


def test_a_damaged_checksum_of_a_png_is_noticed() -> None:
    data = bytearray(PNG.data)
    data[data.index(b"IDAT") + 10] ^= 1
    assert complaint(bytes(data), PNG)


def test_sound_that_claims_to_last_for_weeks_is_refused() -> None:
    """The database has no room for such a length."""
    claim = bytearray(WAV.data)
    rate = claim.index(b"fmt ") + 12
    claim[rate : rate + 4] = struct.pack("<I", 1)
    assert measured(bytes(claim), WAV.mime_type).duration_sec
    data = claim.index(b"data")
    long = claim[:data] + struct.pack("<4sI", b"data", 10**6) + bytes(10**6)
    long[4:8] = struct.pack("<I", len(long) - 8)
    assert "longer than a day" in complaint(bytes(long), WAV)


def test_sound_under_a_videos_brand_is_sound_and_no_video() -> None:
    branded = M4A.data.replace(b"ftypM4A ", b"ftypisom", 1)
    assert measured(branded, M4A.mime_type).duration_sec
    assert "no video" in complaint(branded, MP4)


def test_a_video_is_not_taken_for_sound() -> None:
    assert complaint(MP4.data.replace(b"ftypisom", b"ftypM4A ", 1), M4A)


def test_other_formats_that_the_library_of_images_knows_are_not_taken() -> None:
    data = io.BytesIO()
    Image.new("L", (8, 8)).save(data, "GIF")
    assert complaint(data.getvalue(), PNG)
