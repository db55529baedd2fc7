"""Page numbers: what stands at the head or foot of a page and is no part of its text."""

import re

from pipeline.local.seeing.page import Line, Page
from pipeline.local.words.lexicon import lexicon, squeeze

_MARGIN = 0.08
"""Share of the page's height at its top and foot where page numbers stand."""
_BARE = re.compile(r"^\W*\d{1,4}\W*(?:(?:of|von|de|sur|van|di|/)\W*\d{1,4})?\W*$", re.IGNORECASE)
_WORDED = re.compile(
    r"(?P<word>[^\W\d]+)\.?\s*\d{1,4}\s*(?:(?:of|von|de|sur|van|di|/)\s*\d{1,4})?\W*$", re.IGNORECASE
)


def is_page_number(line: Line, page: Page) -> bool:
    """Whether a line in the margin is the number of the page, or ends with it: `Annex 2, page 4 of 9`."""
    if _MARGIN < line.box.centre_y / page.height < 1 - _MARGIN:
        return False
    if _BARE.match(line.text):
        return not any(other is not line and other.box.overlap_y(line.box) > 0 for other in page.lines)
    found = _WORDED.search(line.text)
    return found is not None and squeeze(found["word"]) in lexicon().concepts["page_number"].phrases
