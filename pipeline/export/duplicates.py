"""Examples that show the same page once more."""

import hashlib
from collections import defaultdict

from pipeline.export.drawing import Drawn
from pipeline.render.likeness import are_alike


class Shown:
    """What was exported so far, of all splits: a page to be tested with must not have been learned from.

    Two examples are one when their images are the same to the byte; or when each page looks like the other's
    and the answers are the same. Likeness alone would not do: bills of one sender look alike.
    """

    def __init__(self) -> None:
        self._images: set[bytes] = set()
        self._prints: dict[bytes, list[tuple[int, ...]]] = defaultdict(list)

    def is_new(self, drawn: Drawn) -> bool:
        """Whether an example shows something new; from then on it does not."""
        answer = hashlib.sha256(drawn.candidate.answer.encode()).digest()
        images = _digest(drawn)
        known = self._prints[answer]
        if images in self._images or any(_alike(drawn.prints, prints) for prints in known):
            return False
        self._images.add(images)
        known.append(drawn.prints)
        return True


def _digest(drawn: Drawn) -> bytes:
    digest = hashlib.sha256()
    for image in drawn.images:
        digest.update(hashlib.sha256(image.data).digest())
    return digest.digest()


def _alike(some: tuple[int, ...], others: tuple[int, ...]) -> bool:
    return len(some) == len(others) and all(map(are_alike, some, others))
