"""Pixels to text lines: two OCR packages whose models ship with them, behind one seam."""

import importlib.util
import io
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from PIL import Image

from pipeline.local.seeing.boxes import parted, without_boxes
from pipeline.local.seeing.deskew import skew_of
from pipeline.local.seeing.drawn import drawn_on
from pipeline.local.seeing.images import fit
from pipeline.local.seeing.page import Box, Line, Page
from pipeline.local.seeing.spelling import put_right

_SMALLEST_SIDE = 12
"""Pixels; no letter fits into less."""
_LEGIBLE = 0.8
"""Mean confidence from which a page counts as the right way up."""
_FEWEST_LETTERS = 20


class OcrBackend(Protocol):
    """Reads the text lines of an upright RGB image; one thread, no network."""

    def lines(self, image: Image.Image) -> list[Line]:
        """The lines found, boxes in pixels of `image`."""
        ...


class FasterPaddle:
    """PP-OCR tiny models in one native library: light and quick, Linux on x86-64."""

    def __init__(self) -> None:
        from faster_paddle import OcrEngine  # noqa: PLC0415 - only the chosen package is loaded

        self._engine = OcrEngine(model_size="tiny", threads=1, det_max_side=1600)

    def lines(self, image: Image.Image) -> list[Line]:
        """As the protocol says."""
        encoded = io.BytesIO()
        image.save(encoded, "BMP")  # the package takes files only; this one costs nothing to make
        found: dict[int, dict[str, Any]] = self._engine.ocr(encoded.getvalue())["bounds"]
        return [self._line(bound) for bound in found.values()]

    @staticmethod
    def _line(bound: dict[str, Any]) -> Line:
        (left, top), (right, bottom) = bound["topLeftCoord"], bound["bottomRightCoord"]
        box = Box(left=float(left), top=float(top), right=float(right), bottom=float(bottom))
        return Line(text=bound["text"], box=box, score=float(bound["confidence"]))


class RapidOcr:
    """PP-OCR small models on onnxruntime: heavier, wherever onnxruntime runs."""

    def __init__(self) -> None:
        from rapidocr import RapidOCR  # noqa: PLC0415 - only the chosen package is loaded

        self._engine = RapidOCR(
            params={
                "Global.use_cls": False,  # it turns upright lines over
                "Global.log_level": "critical",
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )

    def lines(self, image: Image.Image) -> list[Line]:
        """As the protocol says."""
        found: Any = self._engine(np.ascontiguousarray(np.asarray(image)[:, :, ::-1]))
        if found.boxes is None:
            return []
        return [
            self._line(corners, text, score)
            for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
        ]

    @staticmethod
    def _line(corners: Any, text: str, score: float) -> Line:
        (left, top), (right, bottom) = np.min(corners, axis=0), np.max(corners, axis=0)
        box = Box(left=float(left), top=float(top), right=float(right), bottom=float(bottom))
        return Line(text=text, box=box, score=float(score))


def default_backend() -> OcrBackend:
    """The lightest backend that is installed.

    Raises:
        ModuleNotFoundError: None is.
    """
    return FasterPaddle() if importlib.util.find_spec("faster_paddle") else RapidOcr()


def recognise(image: Image.Image, backend: OcrBackend, *, number: int = 1) -> Page:
    """The page's lines, read at a good size and levelled; a page on its side or head is turned first."""
    small = fit(image)
    scale = image.width / small.width
    if min(small.size) < _SMALLEST_SIDE or _is_uniform(small):
        return Page(number=number, width=small.width, height=small.height, lines=(), scale=scale)
    skew = skew_of(small)
    if skew:
        small = small.rotate(skew, Image.Resampling.BICUBIC, fillcolor="white")
    bare, boxes = without_boxes(small)
    _, seen, turn = _upright(bare, backend)
    lines = [replace(line, text=put_right(line.text)) for line in seen]
    if turn:
        small = small.transpose(_TRANSPOSE[turn])
        boxes = without_boxes(small)[1] if boxes else []
    return Page(
        number=number,
        width=small.width,
        height=small.height,
        lines=(*parted(lines, boxes), *boxes),
        skew=skew,
        scale=scale,
        turn=turn,
        drawn=drawn_on(small, lines),
    )


def _is_uniform(image: Image.Image) -> bool:
    levels = np.asarray(image.convert("L"), dtype=np.int16)
    return int(levels.max() - levels.min()) < 16  # noqa: PLR2004 - no ink


def _upright(image: Image.Image, backend: OcrBackend) -> tuple[Image.Image, list[Line], int]:
    """The image turned so that its text can be read, its lines, and by how many quarter turns."""
    lines = backend.lines(image)
    tried = [(image, lines, 0)]
    for turn in _turns(lines):
        turned = image.transpose(_TRANSPOSE[turn])
        tried.append((turned, backend.lines(turned), turn))
        if _legibility(tried[-1][1]) >= _LEGIBLE:
            break
    return max(tried, key=lambda one: _legibility(one[1]) * _letters(one[1]))


def _turns(lines: list[Line]) -> tuple[int, ...]:
    """Turns worth trying: quarter turns for a page on its side, a half turn for lines that make no sense."""
    if _lies_on_its_side(lines):
        return (1, 3)
    garbled = _letters(lines) >= _FEWEST_LETTERS and _legibility(lines) < _LEGIBLE
    return (2,) if garbled else ()


_TRANSPOSE = {
    1: Image.Transpose.ROTATE_90,
    2: Image.Transpose.ROTATE_180,
    3: Image.Transpose.ROTATE_270,
}
"""Quarter turns counter-clockwise."""


def _lies_on_its_side(lines: list[Line]) -> bool:
    long = [line for line in lines if len(line.text) > 2]  # noqa: PLR2004 - short ones are square
    tall = sum(line.box.height > 1.5 * line.box.width for line in lines)
    return tall > 3 and tall > len(long) / 2  # noqa: PLR2004


def _legibility(lines: list[Line]) -> float:
    """Mean confidence of a letter: above 0.9 on poor scans, about 0.6 where a page stands on its head."""
    return sum(line.score * len(line.text) for line in lines) / max(1, _letters(lines))


def _letters(lines: list[Line]) -> int:
    return sum(len(line.text) for line in lines)
