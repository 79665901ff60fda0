import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from studio.collect import decode as decoding
from studio.collect.decode import canonical_png, decode, thumbnail
from studio.domain.errors import BadInput
from tests.pictures import encoded, png_of, scene


def read(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


def test_a_plain_picture_comes_through_unchanged_and_twice_alike() -> None:
    picture = scene(1, 170, 130)
    decoded = decode(encoded(picture))
    assert decoded.notes == ()
    assert np.array_equal(np.asarray(decoded.picture), np.asarray(picture))
    png = canonical_png(decoded.picture)
    assert png == canonical_png(decode(png).picture), "the canonical form of the canonical form is itself"


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_every_offered_format_is_read(form: str) -> None:
    picture = scene(2)
    decoded = decode(encoded(picture, form))
    assert decoded.picture.mode == "RGB"
    assert decoded.picture.size == picture.size


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(orientation: int) -> None:
    upright = scene(3, 200, 120)
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    turned = upright.transpose(Image.Transpose(back[orientation])) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    decoded = decode(encoded(turned, "PNG", exif=exif))
    assert np.array_equal(np.asarray(decoded.picture), np.asarray(upright))


def test_no_metadata_is_left() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Secret camera"
    exif.get_ifd(0x8825)[1] = "N"
    payload = encoded(scene(4), "JPEG", exif=exif, comment=b"at home", xmp=b"<x>secret</x>")
    png = canonical_png(decode(payload).picture)
    stored = read(png)
    assert not stored.info
    assert not stored.getexif()
    assert [png[i + 4 : i + 8] for i in chunk_places(png)] in (
        [b"IHDR", *[b"IDAT"] * n, b"IEND"] for n in range(1, 40)
    )


def chunk_places(png: bytes) -> list[int]:
    places, place = [], 8
    while place < len(png):
        places.append(place)
        place += 12 + struct.unpack(">I", png[place : place + 4])[0]
    return places


def test_transparent_parts_become_white() -> None:
    picture = Image.new("RGBA", (40, 40), (200, 0, 0, 255))
    picture.paste((0, 0, 255, 0), (0, 0, 20, 40))
    picture.paste((0, 0, 0, 128), (0, 20, 20, 40))
    decoded = decode(encoded(picture))
    assert decoded.picture.getpixel((5, 5)) == (255, 255, 255)
    assert decoded.picture.getpixel((30, 5)) == (200, 0, 0)
    assert abs(decoded.picture.getpixel((5, 30))[0] - 127) <= 1
    assert "white" in decoded.notes[0]


def test_a_palette_with_transparency_is_flattened() -> None:
    picture = Image.new("P", (40, 40), 0)
    picture.putpalette([0, 0, 0, 0, 200, 0] + [9] * 762)
    picture.paste(1, (20, 0, 40, 40))
    decoded = decode(encoded(picture, "PNG", transparency=0))
    assert decoded.picture.getpixel((5, 5)) == (255, 255, 255)
    assert decoded.picture.getpixel((30, 5)) == (0, 200, 0)


def test_grey_and_two_level_pictures_become_rgb() -> None:
    grey = decode(encoded(Image.new("L", (40, 40), 77))).picture
    assert grey.getpixel((3, 3)) == (77, 77, 77)
    assert decode(encoded(Image.new("1", (40, 40), 1))).picture.getpixel((3, 3)) == (255, 255, 255)
    half = decode(encoded(Image.new("LA", (40, 40), (0, 0)))).picture
    assert half.getpixel((3, 3)) == (255, 255, 255)


def test_sixteen_bit_grey_is_scaled_not_clipped() -> None:
    ramp = np.tile(np.linspace(0, 65535, 256).astype(np.uint16), (40, 1))
    decoded = decode(encoded(Image.fromarray(ramp)))
    row = np.asarray(decoded.picture)[0, :, 0]
    assert row[0] == 0
    assert row[-1] == 255
    assert np.abs(np.diff(row.astype(int)) - 1).max() == 0
    assert "16 bits" in decoded.notes[0]


def test_sixteen_bit_colour_is_scaled() -> None:
    raw = b"".join(b"\0" + struct.pack(">HHH", 65535, 32896, 0) * 40 for _ in range(40))

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 40, 16, 2, 0, 0, 0))
    png = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    assert decode(png).picture.getpixel((9, 9)) == (255, 128, 0)


def test_cmyk_becomes_rgb() -> None:
    decoded = decode(encoded(Image.new("CMYK", (40, 40), (0, 255, 255, 0)), "JPEG", quality=95))
    red, green, blue = decoded.picture.getpixel((20, 20))
    assert red > 240
    assert max(green, blue) < 20
    assert "printing colours" in decoded.notes[0]


def test_an_embedded_profile_is_turned_into_srgb() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # The same primaries with an exponent of 1.2 instead of 2.4, under another name.
    flat = srgb.replace(struct.pack(">L", 0x26666), struct.pack(">L", 0x13333))
    flat = flat.replace("sRGB".encode("utf-16-be"), "flat".encode("utf-16-be"))
    picture = Image.new("RGB", (40, 40), (10, 120, 60))
    assert decode(encoded(picture, icc_profile=srgb)).picture.getpixel((1, 1)) == (10, 120, 60)
    brighter = decode(encoded(picture, icc_profile=flat)).picture.getpixel((1, 1))
    assert brighter[1] > 150
    assert "icc_profile" not in decode(encoded(picture, icc_profile=flat)).picture.info


def test_a_broken_profile_does_not_keep_the_picture_out() -> None:
    decoded = decode(encoded(Image.new("RGB", (40, 40), (10, 120, 60)), icc_profile=b"no profile at all"))
    assert decoded.picture.getpixel((1, 1)) == (10, 120, 60)
    assert "colour profile" in decoded.notes[0]


def animation(form: str) -> bytes:
    return encoded(scene(5), form, save_all=True, append_images=[scene(6), scene(7)])


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_an_animation_is_refused(form: str) -> None:
    with pytest.raises(BadInput, match="animation of 3 frames"):
        decode(animation(form))


def test_a_camera_file_with_a_second_view_is_a_photo() -> None:
    payload = encoded(scene(8), "MPO", save_all=True, append_images=[scene(8, 80, 80)])
    assert decode(payload).picture.size == (160, 160)


@pytest.mark.parametrize(("width", "height"), [(20_000, 40), (40, 20_000), (8_000, 8_000)])
def test_a_small_file_with_a_huge_picture_is_refused_before_it_is_decoded(
    width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    payload = png_of(width, height)
    assert len(payload) < 100_000
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("the pixels were decoded"))
    with pytest.raises(BadInput, match=f"{width:,}×{height:,}"):
        decode(payload)


def test_a_picture_beyond_pillows_own_limit_is_a_sentence_too() -> None:
    with pytest.raises(BadInput, match="megapixels"):
        decode(png_of(15_000, 15_000))


def test_a_tiny_picture_is_refused() -> None:
    with pytest.raises(BadInput, match="12×400"):
        decode(encoded(Image.new("RGB", (12, 400))))


def test_a_large_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "LARGEST_FILE", 1_000)
    with pytest.raises(BadInput, match="MB"):
        decode(encoded(scene(9)))


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.98])
@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_a_truncated_picture_is_refused(form: str, share: float) -> None:
    payload = encoded(scene(10), form)
    with pytest.raises(BadInput) as caught:
        decode(payload[: int(len(payload) * share)])
    assert caught.value.hint


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"", "not a picture"),
        (b"hello, this is text", "not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n", "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "AVIF"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "video"),
        (encoded(scene(11), "TIFF"), "not a picture"),
    ],
)
def test_other_files_are_named(payload: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        decode(payload)


def test_random_damage_never_raises_anything_else() -> None:
    rng = np.random.default_rng(0)
    for form in ("PNG", "JPEG", "WEBP", "GIF", "BMP"):
        original = bytearray(encoded(scene(12, 64, 64), form))
        for _ in range(60):
            damaged = bytearray(original)
            for place in rng.integers(0, len(damaged), 6):
                damaged[place] = int(rng.integers(0, 256))
            try:
                decoded = decode(bytes(damaged))
            except BadInput:
                continue
            assert decoded.picture.mode == "RGB"


def test_a_damaged_orientation_does_not_keep_the_picture_out() -> None:
    payload = encoded(scene(13), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff broken")
    assert decode(payload).picture.size == (160, 160)


def test_thumbnails_fit_and_are_webp() -> None:
    small = read(thumbnail(scene(14, 900, 300)))
    assert small.format == "WEBP"
    assert small.size == (256, 85)
