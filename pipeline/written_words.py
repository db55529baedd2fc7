"""Words that documents write for yes, no and nothing."""

_YES = frozenset(
    [
        "yes",
        "y",
        "true",
        "1",
        "x",
        "✓",
        "✔",
        "☑",
        "☒",
        "ja",
        "j",
        "wahr",
        "oui",
        "vrai",
        "si",
        "sí",
        "sì",
        "sim",
        "verdadero",
        "vero",
        "checked",
        "on",
    ]
)
_NO = frozenset(
    [
        "no",
        "n",
        "false",
        "0",
        "☐",
        "nein",
        "falsch",
        "non",
        "faux",
        "nee",
        "não",
        "nao",
        "falso",
        "unchecked",
        "off",
    ]
)
_NOTHING = frozenset(
    ["", "-", "--", "–", "—", "n/a", "n.a.", "none", "null", "k.a.", "k. a.", "n.v.t.", "s/o"]
)


def read_boolean(text: str) -> bool | None:
    """Whether a text says yes or no; None when it says neither."""
    word = text.strip().casefold()
    return word in _YES if word in _YES | _NO else None


def says_nothing(text: str) -> bool:
    """Whether a text only says that there is no value: empty, a dash, `n/a`."""
    return text.strip().casefold() in _NOTHING
