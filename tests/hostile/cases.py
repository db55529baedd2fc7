"""Every hostile document by name: how it is made, and what may become of its pages."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PIL import Image

from tests.hostile import content, fonts, packed, pictures, structure
from tests.papers import write_pdf
from tests.pipeline.render.documents import bilevel_png, encrypted, grey_pixels, page_with_image, raw_pdf

Make = Callable[[Path], object]
_INK = b"0 0 50 50 re f"


def _boxed(box: bytes) -> Make:
    return partial(structure.one_page, content=_INK, media_box=box)


def _of(raw: bytes) -> Make:
    return lambda path: path.write_bytes(raw)


def _sparse(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7\n")
    os.truncate(path, 8 << 30)


def _no_pages(path: Path) -> None:
    raw_pdf(path, b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>")


def _animation(path: Path) -> None:
    shades = [Image.new("L", (9, 9), shade) for shade in (0, 50, 100)]
    shades[0].save(path, "GIF", save_all=True, append_images=shades[1:])


def _protected(path: Path, *, user: str) -> None:
    plain = write_pdf(path.parent.parent / "plain.pdf", ["one"])
    encrypted(plain, path, user=user, owner="own")


def _bomb_in_an_image(path: Path) -> None:
    page_with_image(path, grey_pixels(100_000, 100_000))


QUICK: dict[str, tuple[Make, set[str]]] = {
    "good.pdf": (partial(write_pdf, pages=["one"]), {"record"}),
    "empty.pdf": (_of(b""), {"empty"}),
    "a page of HTML.pdf": (_of(b"<html>no</html>"), {"not_a_document"}),
    "PostScript.pdf": (_of(b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd)(r)file"), {"not_a_document"}),
    "drawing.png": (
        _of(b'<?xml version="1.0"?><svg><image href="file:///etc/passwd"/></svg>'),
        {"not_a_document"},
    ),
    "icon.png": (pictures.icon, {"not_a_document"}),
    "cut short.pdf": (_of(b"%PDF-1.7\n1 0 obj\n<<"), {"corrupt"}),
    "asks for a password.pdf": (partial(_protected, user="open sesame"), {"encrypted"}),
    "only forbids.pdf": (partial(_protected, user=""), {"record"}),
    "no pages.pdf": (_no_pages, {"zero_pages"}),
    "claims two pages.pdf": (partial(structure.claiming, pages=2), {"record", "corrupt"}),
    "claims a million pages.pdf": (partial(structure.claiming, pages=1_000_000), {"record", "corrupt"}),
    "claims more than there can be.pdf": (partial(structure.claiming, pages=2**31 - 1), {"record"}),
    "claims fewer than none.pdf": (partial(structure.claiming, pages=-1), {"record"}),
    "tree that loops.pdf": (structure.looping_tree, {"corrupt"}),
    "tree that is deep.pdf": (partial(structure.deep_tree, depth=500), {"blank"}),
    "tree that is far too deep.pdf": (partial(structure.deep_tree, depth=2000), {"corrupt"}),
    "huge box.pdf": (_boxed(b"0 0 1000000000 1000000000"), {"record", "crashed"}),  # with memory it is drawn
    "1e9 box.pdf": (_boxed(b"0 0 1e9 1e9"), {"record"}),
    "box of nothing.pdf": (_boxed(b"0 0 0 0"), {"record"}),
    "box of no numbers.pdf": (_boxed(b"nan nan inf -inf"), {"record"}),
    "box inside out.pdf": (_boxed(b"600 800 0 0"), {"record"}),
    "table of itself.pdf": (packed.table_of_itself, {"record"}),
    "linearized lie.pdf": (packed.linearized_lie, {"record"}),
    "object stream in itself.pdf": (packed.object_stream_in_itself, {"corrupt"}),
    "key of 2 to the 31 bits.pdf": (
        partial(packed.locked_by, about=b"/V 5/R 6/Length 2147483647"),
        {"encrypted", "unsupported"},
    ),
    "lock of a kind that is none.pdf": (
        partial(packed.locked_by, about=b"/V 4/R 2147483647/CF 1 0 R/StmF/X"),
        {"encrypted", "unsupported"},
    ),
    "glyph of itself.pdf": (fonts.composite_of_itself, {"corrupt"}),
    "subroutine that calls itself.pdf": (fonts.self_calling_type1, {"corrupt"}),
    "compact subroutine that calls itself.pdf": (fonts.self_calling_cff, {"corrupt"}),
    "hints that loop.pdf": (fonts.looping_hints, {"record"}),
    "glyph that shows itself.pdf": (fonts.self_drawn, {"record"}),
    "map of codes upon itself.pdf": (fonts.map_of_itself, {"record"}),
    "JBIG2 bomb.pdf": (packed.fax_bomb, {"corrupt"}),
    "JPEG 2000 bomb.pdf": (packed.wavelet_bomb, {"corrupt"}),
    "fields of themselves.pdf": (content.fields_of_themselves, {"record"}),
    "form in XML.pdf": (content.xml_form, {"record"}),
    "function of itself.pdf": (content.function_of_itself, {"record"}),
    "tiles of themselves.pdf": (content.tiles_of_themselves, {"blank"}),
    "mask of itself.pdf": (content.mask_of_itself, {"blank"}),
    "bomb.png": (partial(bilevel_png, width=20_000, height=20_000), {"too_large"}),
    "2 to the 31.png": (partial(pictures.png, width=2**31 - 1, height=2**31 - 1), {"too_large"}),
    "wide.png": (partial(pictures.png, width=900_000, height=1), {"corrupt", "blank"}),
    "65535.jpg": (partial(pictures.jpeg, width=65_535, height=65_535), {"too_large"}),
    "facts that loop.jpg": (pictures.looping_exif, {"record"}),
    "huge screen.gif": (pictures.gif, {"too_large"}),
    "cut off.webp": (pictures.webp, {"corrupt", "too_large"}),
    "runs.bmp": (pictures.bitmap, {"too_large"}),
    "a thousand million tiles.tiff": (pictures.tiles, {"corrupt", "too_large"}),
    "frames that loop.tiff": (structure.looping_tiff, {"blank"}),
    "animation.gif": (_animation, {"blank"}),
    "sparse.pdf": (_sparse, {"too_large"}),
    "control\x1b[31m\u202efdp.pdf": (partial(write_pdf, pages=["three"]), {"record"}),
}
"""Those that are made and done with in no time."""

SLOW: dict[str, tuple[Make, set[str]]] = {
    "arrays in arrays.pdf": (partial(structure.deep_objects, depth=300_000), {"record"}),
    "a thousand broken pages.pdf": (partial(structure.broken_pages, count=1000), {"corrupt"}),
    "form in itself.pdf": (structure.recursive_form, {"crashed", "timeout"}),
    "a billion laughs.pdf": (partial(structure.laughs, levels=9), {"crashed", "timeout"}),
    "strokes without end.pdf": (partial(structure.strokes, count=300_000), {"timeout"}),
    "bomb of content.pdf": (
        partial(structure.content_bomb, size_bytes=300_000_000),
        {"crashed", "too_large"},
    ),
    "packed a hundred times.pdf": (partial(packed.flate_chain, depth=100), {"record"}),
    "a thousand filters.pdf": (partial(packed.hex_chain, depth=1000), {"blank", "crashed"}),
    "run lengths.pdf": (partial(packed.run_lengths, size_bytes=300_000_000), {"blank", "crashed"}),
    "LZW bomb.pdf": (partial(packed.lzw, size_bytes=300_000_000), {"blank", "crashed"}),
    "bomb in an image.pdf": (_bomb_in_an_image, {"corrupt", "crashed", "too_large"}),
    "65500 photo.pdf": (packed.photo_bomb, {"record", "corrupt", "crashed", "timeout"}),
    "a million images.pdf": (partial(packed.tiny_images, count=1_000_000), {"record", "crashed", "timeout"}),
    "images in the content.pdf": (partial(packed.inline_images, count=100_000), {"blank", "crashed"}),
    "profile of colours.pdf": (partial(packed.colour_profile, size_bytes=400_000_000), {"crashed"}),
    "table of everything.pdf": (packed.huge_table, {"record", "crashed"}),
    "places of themselves.pdf": (packed.places_of_themselves, {"record"}),
    "bomb of objects.pdf": (
        partial(packed.object_stream_bomb, size_bytes=400_000_000),
        {"corrupt", "crashed"},
    ),
    "glyph without end.pdf": (partial(fonts.endless_glyph, strokes=300_000), {"timeout", "crashed"}),
    "glyphs of glyphs.pdf": (partial(fonts.composites_of_composites, depth=40), {"corrupt", "timeout"}),
    "subroutines that swell.pdf": (partial(fonts.laughing_type1, levels=9, times=60), {"corrupt", "timeout"}),
    "compact ones that swell.pdf": (partial(fonts.laughing_cff, levels=9, times=60), {"corrupt", "timeout"}),
    "font of 400 MB.pdf": (partial(fonts.huge_font, size_bytes=400_000_000), {"crashed"}),
    "map of everything.pdf": (
        partial(fonts.map_of_everything, ranges=100_000),
        {"record", "crashed", "timeout"},
    ),
    "tiny tiles.pdf": (content.tiny_tiles, {"timeout", "crashed"}),
    "tiny dashes.pdf": (content.tiny_dashes, {"record", "timeout", "crashed"}),
    "five million states.pdf": (partial(content.saved_states, count=5_000_000), {"crashed"}),
    "samples of sixteen inputs.pdf": (content.samples, {"record", "blank", "crashed"}),
    "65,536 fields.pdf": (partial(content.annotations, count=65_536), {"record"}),
    "profile.png": (partial(pictures.png_profile, size_bytes=300_000_000), {"corrupt", "too_large"}),
    "texts.png": (partial(pictures.png_texts, size_bytes=300_000_000), {"corrupt", "too_large"}),
    "five thousand scans.jpg": (partial(pictures.scans, count=5000), {"timeout", "too_large"}),
    "strip.tiff": (pictures.strips, {"too_large", "corrupt"}),
}
"""Those that take what they are allowed of time or memory, or are many."""
