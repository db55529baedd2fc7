"""What a service understands beyond the chat completions that all of them speak."""

from typing import Literal
from urllib.parse import urlsplit

Dialect = Literal["fireworks", "openai"]
_HOME = "fireworks.ai"


def dialect_of(base_url: str) -> Dialect:
    """The dialect of the service at a URL: Fireworks' at its own hosts, else the plain one."""
    host = (urlsplit(base_url).hostname or "").rstrip(".")
    return "fireworks" if host == _HOME or host.endswith(f".{_HOME}") else "openai"
