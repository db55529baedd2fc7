"""Letters put right that OCR takes for others, where the letters beside them leave no doubt."""

import re

_REPAIRS = (
    (re.compile(r"(?<![\w.,])0(?=[a-zà-ÿ]{2})"), "O"),  # 0ak
    (re.compile(r"(?<=[a-zà-ÿ]{2})1(?=[a-zà-ÿ]{2})"), "l"),  # mai1ing
    (re.compile(r"(?<=[a-zà-ÿ]l)1\b"), "l"),  # Mil1
    (re.compile(r"(?<=\bT[eé])1(?=[.:\s])"), "l"),  # Te1.
    (re.compile(r"(?<=\d )I(?=$|[\s,.;)])"), "l"),  # 10 I, a volume
    (re.compile(r"(?<=\d)(\s?)\u00d7(\s?)(?=\d)"), r"\1x\2"),  # 600 x 600, as keyboards write it
    (
        re.compile(r"\b(NIF|CIF|NIPC|UID|TVA|VAT|BTW|USt-?IdNr\.?)(?=[A-Z]{0,3}-?\d{7})"),
        r"\1 ",
    ),  # NIFB12345674
    (re.compile(r"(?<=[A-Z])\u00d7(?=\W|$)"), "X"),  # TX 78701
)


def put_right(text: str) -> str:
    """The text with such letters put right; codes and numbers are left alone."""
    for pattern, letter in _REPAIRS:
        text = pattern.sub(letter, text)
    return text
