"""Rows that head a table, and cells that are labels of single values, told by the words of the lexicon."""

from functools import cache

from pipeline.local.layout.labels import Phrases
from pipeline.local.layout.layout import Row
from pipeline.local.words.lexicon import lexicon, squeeze


def is_heading(row: Row) -> bool:
    """Whether a row heads a table: most of its words name columns, and nothing in it is a figure."""
    if len(row.cells) < 2 or any(letter.isdigit() for letter in row.text):  # noqa: PLR2004
        return False
    spans = [span for cell in row.cells for span in _columns().spans(cell.text)]
    known = sum(end - start for start, end, _, _ in spans)
    return len(spans) >= max(2, 0.5 * len(row.cells)) and known >= 0.5 * len(row.text.replace(" ", ""))


def is_label(text: str) -> bool:
    """Whether a text is, or begins with, a label of one value, such as `Invoice no.` or `Net total`."""
    said = squeeze(text)
    return said in _label_words() or squeeze(text.partition(":")[0]) in _label_words()


@cache
def _columns() -> Phrases:
    known = [concept for concept in lexicon().concepts.values() if concept.column]
    return Phrases((phrase, concept.key) for concept in known for phrase in concept.phrases)


@cache
def _label_words() -> frozenset[str]:
    known = [concept for concept in lexicon().concepts.values() if not concept.column]
    answers = lexicon().values["true"] | lexicon().values["false"]  # `Nee` may be a label and an answer
    return frozenset(phrase for concept in known for phrase in concept.phrases) - answers
