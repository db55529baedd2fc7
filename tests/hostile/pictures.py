"""Image files that claim, repeat or swell."""

import io
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

from PIL import Image


def png(path: Path, width: int, height: int, *chunks: tuple[bytes, bytes]) -> Path:
    """A PNG that claims to be so large and has one row of pixels, and more chunks before them."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = ((b"IHDR", head), *chunks, (b"IDAT", zlib.compress(bytes(1 + min(width, 9999)))), (b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunks(body)))
    return path


def png_profile(path: Path, size_bytes: int) -> Path:
    """A PNG of one pixel whose profile of colours unpacks to so many bytes."""
    return png(path, 1, 1, (b"iCCP", b"x\0\0" + zlib.compress(bytes(size_bytes), 9)))


def png_texts(path: Path, size_bytes: int) -> Path:
    """A PNG of one pixel with texts that unpack to so many bytes."""
    text = zlib.compress(b" " * (size_bytes // 64), 9)
    return png(path, 1, 1, *[(b"zTXt", b"x\0\0" + text)] * 64)


def jpeg(path: Path, width: int, height: int) -> Path:
    """A JPEG that claims to be so large."""
    raw = bytearray(_jpeg())
    place = raw.index(b"\xff\xc0") + 5
    raw[place : place + 4] = struct.pack(">HH", height, width)
    path.write_bytes(raw)
    return path


def scans(path: Path, count: int) -> Path:
    """A progressive JPEG of sixteen million pixels, the last of whose scans come so many times."""
    raw = _jpeg(size=4096, progressive=True)
    last = raw.rindex(b"\xff\xda")
    path.write_bytes(raw[:last] + raw[last:-2] * count + raw[-2:])
    return path


def gif(path: Path) -> Path:
    """A GIF whose screen and first frame measure 65,535 pixels either way."""
    frame = b"," + struct.pack("<HHHHB", 0, 0, 65_535, 65_535, 0) + b"\x02\x02\x4c\x01\0;"
    path.write_bytes(b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0x80, 0, 0) + bytes(6) + frame)
    return path


def webp(path: Path) -> Path:
    """A WebP that says it measures 16,384 pixels either way."""
    size = (16_383).to_bytes(3, "little")
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4) + size + size
    body += b"VP8L" + struct.pack("<I", 6) + b"\x2f\xff\xff\xff\x0f\0"
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body)
    return path


def bitmap(path: Path) -> Path:
    """A BMP of runs that says it measures 60,000 pixels either way, and ends at once."""
    about = struct.pack("<IiiHHIIiiII", 40, 60_000, 60_000, 1, 8, 1, 0, 0, 0, 256, 0) + bytes(1024)
    path.write_bytes(
        b"BM" + struct.pack("<IHHI", 99, 0, 0, 14 + len(about)) + about + b"\xff\0" * 99 + b"\0\1"
    )
    return path


def icon(path: Path) -> Path:
    """An icon of 255 pictures, which is no document."""
    path.write_bytes(struct.pack("<HHH", 0, 1, 255) + bytes(16 * 255))
    return path


def tiles(path: Path) -> Path:
    """A TIFF of a thousand million tiles of one pixel, whose places would fill the memory."""
    fields = [(256, 4, 1, 60_000), (257, 4, 1, 60_000), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    fields += [(322, 4, 1, 1), (323, 4, 1, 1), (324, 4, 2**30, 8), (325, 4, 2**30, 8)]
    body = b"".join(struct.pack("<HHII", *field) for field in fields)
    path.write_bytes(b"II*\0" + struct.pack("<IH", 8, len(fields)) + body + bytes(4))
    return path


def strips(path: Path) -> Path:
    """A TIFF packed so that each byte becomes a thousand, in rows beyond its end."""
    size = 30_000
    body = zlib.compress(bytes(size * size // 8), 9)
    fields = [(256, 4, 1, size), (257, 4, 1, size), (258, 3, 1, 1), (259, 3, 1, 8), (262, 3, 1, 1)]
    fields += [(273, 4, 1, 8), (278, 4, 1, size), (279, 4, 1, len(body))]
    table = b"".join(struct.pack("<HHII", *field) for field in fields)
    head = b"II*\0" + struct.pack("<I", 8 + len(body)) + body
    path.write_bytes(head + struct.pack("<H", len(fields)) + table + bytes(4))
    return path


def looping_exif(path: Path) -> Path:
    """A JPEG whose table of facts is its own next one."""
    facts = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x8769, 4, 1, 8, 8)
    block = b"\xff\xe1" + struct.pack(">H", len(facts) + 8) + b"Exif\0\0" + facts
    raw = _jpeg()
    path.write_bytes(raw[:2] + block + raw[2:])
    return path


def _jpeg(*, size: int = 64, progressive: bool = False) -> bytes:
    out = io.BytesIO()
    picture = Image.linear_gradient("L").resize((size, size))
    picture.save(out, "JPEG", progressive=progressive)
    return out.getvalue()


def _chunks(chunks: Iterable[tuple[bytes, bytes]]) -> Iterable[bytes]:
    for name, body in chunks:
        yield struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
