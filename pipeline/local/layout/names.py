"""What a line of text looks like: a name, a title, a postal address, a way to reach somebody."""

import re
from functools import cache

from pipeline.local.layout.labels import Phrases
from pipeline.local.layout.layout import around
from pipeline.local.seeing.page import Line
from pipeline.local.words import codes
from pipeline.local.words.dates import dates_spans
from pipeline.local.words.lexicon import lexicon, squeeze

LEGAL_FORM = re.compile(
    r"(?<![\w])(?:GmbH(?:\s?&\s?Co\.?\s?KG)?|mbH|mbB|AG|KG|OHG|e\.\s?K\.?|UG|GbR|KGaA|SE|e\.V\.|Ltd\.?|Limited|LLC|L\.L\.C\.|LLP|Inc\.?"
    r"|Corp\.?|Corporation|PLC|Plc|plc|S\.?A\.?R\.?L\.?|S\.?A\.?S\.?U?|SARL|EURL|SNC|S\.?A\.?|S\.\s?L\.?(?:\s?U\.?)?|SL|SLU|S\.L\.U\.?"
    r"|B\.?V\.?|N\.?V\.?|V\.?O\.?F\.?|S\.?r\.?l\.?|S\.?p\.?A\.?|Lda\.?|Pty|AB|eG|Oy|ApS|A/S|Sàrl|S\.?C\.?)(?![\w])"
)
TOWN = re.compile(
    r"(?:^|[\s,])(?:[A-Z]{1,2}-)?\d{4,5}\s?(?:[A-Z]{2}\s)?\s*[A-ZÀ-Ý][^\W\d]+|[A-Z]{1,2}\d[A-Z\d]?\s[\dO][A-Z]{2}\b|\b[A-Z]{2}\s\d{5}\b"
)
_SINCE = re.compile(
    r"\b(?:since|seit|depuis|desde|sinds|est\.?|dal|anno)\s+(?:1[5-9]|20)\d\d\b", re.IGNORECASE
)
_OWNER = re.compile(r"(?:inh(?:aber(?:in)?)?|prop(?:rietor)?|owner|gérante?|titolare)\b", re.IGNORECASE)
_FORM_STOP = "|".join(
    rf"(?<={form})\.\s+"
    for form in ("GmbH", "AG", "KG", "LLP", "LLC", "Ltd", "Inc", "plc", "SARL", "SAS", "BV")
)
BETWEEN = re.compile(rf"\s*[·•|∙]\s*|\s*[-\u2013\u2014]\s+|\s+[.]\s+|,\s+|{_FORM_STOP}")
"""What parts name, street and town in one line; OCR takes a raised dot for a full stop, or drops a blank."""
_TITLE_KINDS = (
    "invoice",
    "credit_note",
    "receipt",
    "bank_statement",
    "proforma",
    "prepayment",
    "correction",
    "quote",
)


def is_name(text: str) -> bool:
    """Whether it may be the name of a person or a company: words, and few of them."""
    if text.startswith("("):
        return False
    letters = sum(letter.isalpha() for letter in text)
    if letters < 2 or letters < 0.5 * len(text.replace(" ", "")) or len(text.split()) > 9:  # noqa: PLR2004
        return False
    return not (codes.email(text) or codes.url(text) or dates_spans(text))


def is_title(text: str) -> bool:
    """Whether it says what the document is, rather than who sent it."""
    said = squeeze(text)
    if any(said in lexicon().values[key] for key in _TITLE_KINDS):
        return True
    titles = lexicon().concepts["document_title"].phrases
    return any(said.startswith(phrase) and len(phrase) > 5 for phrase in titles)  # noqa: PLR2004


def whole_name(lines: list[Line]) -> tuple[Line, list[Line]]:
    """The name at the top of a block and the lines below it; it may run on, or stand below a person's.

    A word such as `Attn.` before it is no part of it.
    """
    first, below = _without_courtesy(lines[0]), lines[1:]
    while below and _name_runs_on(first, lines[0].box.height, below):
        text = f"{first.text} {below[0].text}"
        score = min(first.score, below[0].score)
        first, below = Line(text=text, box=around([first, below[0]]), score=score), below[1:]
    return first, [line for line in below if _without_courtesy(line) is line]


def _without_courtesy(line: Line) -> Line:
    """The line without a word such as `Attn:` at its start; itself when there is none."""
    found = _COURTESY.match(line.text)
    rest = line.part(found.end(), len(line.text)) if found else line
    return rest if rest.text else line


_COURTESY = re.compile(
    r"\s*(?:attn\.?|attention|att\.|f\.?a\.?o\.?|z\.\s?hd?\.?|zu\s?händen|t\.\s?a\.\s?v\.?"
    r"|à l['\u2019]attention de|a la atención de|a/a)\s*[:.]?\s+",
    re.IGNORECASE,
)


def _name_runs_on(name: Line, height: float, below: list[Line]) -> bool:
    """Whether the next line ends the name: its legal form alone, or words that found no room beside it."""
    line = below[0]
    form = LEGAL_FORM.search(line.text)
    alike = 0.75 < line.box.height / max(1.0, height) < 1.35  # noqa: PLR2004 - one size of type
    near = line.box.top - name.box.bottom < height
    if not (alike and near) or any(letter.isdigit() for letter in line.text) or LEGAL_FORM.search(name.text):
        return _is_tail(line.text) and alike and near
    if _is_tail(line.text) or name.text.endswith(("&", " und", " and", " et", " y", " en")):
        return True
    return bool(form) and _found_no_room(name, below)


def _is_tail(text: str) -> bool:
    """Whether the text is what a name can only end with: `& Co. KG`, `Ltd.`, `(haftungsbeschränkt)`."""
    rest = LEGAL_FORM.sub("", re.sub(r"\bCo\b\.?", "", text))
    return text.startswith("&") or text.casefold() == "(haftungsbeschränkt)" or not squeeze(rest)


def _found_no_room(name: Line, below: list[Line]) -> bool:
    """Whether the first word of the next line would have made it longer than all others of its block."""
    letter = name.box.width / max(1, len(name.text))
    needed = name.box.width + letter * (1 + len(below[0].text.split()[0]))
    return needed > max(line.box.width for line in below)


def postal_lines(lines: list[Line]) -> list[Line]:
    """The postal lines among those below a name: slogans before them and numbers after them left out."""
    address: list[Line] = []
    for line in lines:
        if is_contact_line(line.text):
            break
        if address and (not _goes_on(address[-1], line) or _is_past_town(address[-1], line)):
            break
        address.append(_postal_part(line))
    while address and (not _may_be_postal(address[0].text) or _is_trade(address)):
        address.pop(0)
    return address if any(letter.isdigit() for line in address for letter in line.text) else []


def _is_past_town(above: Line, line: Line) -> bool:
    """Whether a line after that of the town has digits, as a number of a branch or a telephone has."""
    digits = any(letter.isdigit() for letter in line.text)
    return digits and bool(TOWN.search(above.text)) and not TOWN.search(line.text)


def _is_trade(address: list[Line]) -> bool:
    """Whether the first line, above a street and a town, says what is sold: `Brasserie - Bar`."""
    first, below = address[0].text, address[1:]
    words = re.split(r"\s*[-\u2013\u2014/|,+]\s*|\s+(?:&|et|und|en|y|and)\s+", first)
    plain = not any(letter.isdigit() for letter in first) and all(len(word.split()) == 1 for word in words)
    return (
        plain
        and len(below) > 1
        and any(letter.isdigit() for letter in below[0].text)
        and not TOWN.search(below[0].text)
    )


def _goes_on(above: Line, line: Line) -> bool:
    """Whether a line stands close below another and is set in about its size."""
    low, high = sorted((above.box.height, line.box.height))
    return line.box.top - above.box.bottom <= 0.9 * low and high < 1.45 * low


def _postal_part(line: Line) -> Line:
    """The line up to where it tells how to reach somebody: `5 Elm Court - VAT no. 123 456 789`."""
    starts = [place for place in _parts_of(line) if is_contact_line(line.text[place:])]
    starts += [
        start
        for start, end, _, _ in _contact_labels().spans(line.text)
        if start and re.match(r"[\s:.]*(?:[A-Z]{1,3}\s?)?\+?\(?\d", line.text[end:])
    ]
    if not starts:
        return line
    return line.part(0, len(line.text[: min(starts)].rstrip(" -\u2013\u2014·•|,.")))


def _parts_of(line: Line) -> list[int]:
    """Where the parts of a line after the first begin."""
    return [found.end() for found in BETWEEN.finditer(line.text)]


def _may_be_postal(text: str) -> bool:
    """Whether it is neither an owner nor a slogan: those shout, name a year, or run on."""
    digits = any(letter.isdigit() for letter in text)
    if (
        _SINCE.search(text)
        or _OWNER.match(text)
        or (not digits and (text.isupper() or "·" in text or "&" in text))
    ):
        return False
    return digits or len(text.split()) <= 5  # noqa: PLR2004 - words of a building's or a street's name


def postal_text(text: str) -> str:
    """An address with letters of codes of post put right that OCR took for noughts: `Y01 9RT`."""
    text = re.sub(r"\b([A-Z])0(\d{1,2} ?\d[A-Z]{2})\b", r"\1O\2", text)
    return re.sub(r"\b0([A-Z])(?= \d{5}\b)", r"O\1", text)


def is_contact_line(text: str) -> bool:
    """Whether the line tells how to reach or register somebody rather than where the post goes."""
    if codes.email(text) or codes.url(text) or codes.iban(text) or dates_spans(text):
        return True
    if re.match(r"\s*(?:\+|\(\d|CHE-)", text):
        return True
    tag = re.match(
        r"\s*([^\W\d_][\w.°º\s-]{0,24}?)(?=[\s:.])[\s:.]*(?:[A-Z]{2,3}[\s-])?\+?\(?[\dA-Z]*\d", text
    )
    return bool(tag and squeeze(tag.group(1).translate(_AS_LETTERS)) in _contact_words())


_AS_LETTERS = str.maketrans("10", "lo")
"""Digits that OCR takes letters for: `Te1.`."""
_CONTACTS = (
    "page_number",
    "phone",
    "email",
    "website",
    "vendor_tax_id",
    "customer_tax_id",
    "registration_number",
    "iban",
    "bic",
    "account_number",
)


@cache
def _contact_words() -> frozenset[str]:
    known = lexicon().concepts
    return frozenset(phrase for key in _CONTACTS for phrase in known[key].phrases)


@cache
def _contact_labels() -> Phrases:
    return Phrases((phrase, "contact") for phrase in _contact_words())


def name_part(line: Line) -> Line:
    """The name in a line that goes on with an address: `Muster GmbH · Hauptstr. 1 · 10115 Berlin`."""
    parts = segments(line)
    return (
        parts[0]
        if len(parts) > 1 and any(letter.isdigit() for letter in line.text) and parts[0].text
        else line
    )


def segments(line: Line) -> list[Line]:
    """The parts of a line between dots, dashes and commas."""
    breaks = [found.span() for found in BETWEEN.finditer(line.text)]
    form = LEGAL_FORM.search(line.text)
    if form and form.start() and re.match(r"\s[^\W\d_&][^\d,]{2,30}\d", line.text[form.end() :]):
        breaks = sorted([*breaks, (form.end(), form.end() + 1)])  # `Vela GmbH Seestr. 5`: the dot got lost
    starts = [0, *(end for _, end in breaks)]
    ends = [*(start for start, _ in breaks), len(line.text)]
    return [line.part(start, end) for start, end in zip(starts, ends, strict=True)]
