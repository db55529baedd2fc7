"""Which split a document belongs to."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from pipeline.errors import ConfigError

_NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,31}")
_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Splits:
    """Shares of all documents.

    Attributes:
        shares: By name; their sum is 1.
    """

    shares: Mapping[str, Decimal]

    @classmethod
    def parse(cls, text: str) -> "Splits":
        """The splits that `train=0.9,test=0.1` means.

        Raises:
            ConfigError: It means none.
        """
        named = [part.partition("=") for part in text.split(",")]
        try:
            shares = {name.strip(): Decimal(share) for name, _, share in named}
        except InvalidOperation:
            shares = {}
        right = all(_NAME.fullmatch(name) and share > 0 for name, share in shares.items())
        if not right or len(shares) < len(named) or sum(shares.values()) != 1:
            raise ConfigError(
                f"--split {text!r} is none: write names of small letters with shares that add up to 1, such "
                "as train=0.9,test=0.1"
            )
        return cls(shares)

    def __str__(self) -> str:
        return ",".join(f"{name}={share}" for name, share in self.shares.items())

    def of(self, doc_id: str) -> str:
        """Name of the split of a document: always the same, whatever else is exported."""
        drawn = hashlib.sha256(f"split {doc_id}".encode()).hexdigest()[:_DIGITS]
        place, reached = Decimal(int(drawn, 16)) / 16**_DIGITS, Decimal(0)
        for name, share in self.shares.items():
            reached += share
            if place < reached:
                return name
        return name
