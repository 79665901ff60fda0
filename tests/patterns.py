"""A small captioned folder that is not of the rendered world: geometric patterns of mixed sizes, drawn with Pillow."""

from pathlib import Path

from PIL import Image, ImageDraw

COLOURS = ("red", "blue", "green", "gold")
KINDS = ("stripes", "dots", "checks", "rings")


def draw_patterns(folder: Path, count: int = 64) -> Path:
    """Every colour with every kind of pattern, in turns; captions in `.txt` files beside the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        colour, kind = COLOURS[number % 4], KINDS[number // 4 % 4]
        size = (40 + 8 * (number % 3), 48 - 4 * (number % 2))
        picture = Image.new("RGB", size, "white")
        draw = ImageDraw.Draw(picture)
        first = number // 16 * 2
        for x in range(first, size[0], 12):
            if kind == "stripes":
                draw.rectangle((x, 0, x + 5, size[1]), fill=colour)
            for y in range(first, size[1], 12):
                if kind == "dots":
                    draw.ellipse((x, y, x + 7, y + 7), fill=colour)
                elif kind == "rings":
                    draw.ellipse((x, y, x + 9, y + 9), outline=colour, width=2)
                elif kind == "checks" and (x + y) // 12 % 2:
                    draw.rectangle((x, y, x + 11, y + 11), fill=colour)
        picture.save(folder / f"{number:02d}.png")
        (folder / f"{number:02d}.txt").write_text(f"{colour} {kind} on white", "utf-8")
    return folder
