"""`make audit`: asks the package registry that pip is set up with whether a locked version was withdrawn.

Given a file, it reads what pip said in it while it installed: so CI need not ask again.

It knows what the registry's index says (PEP 592) and nothing of lists of vulnerabilities, which no index has.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")
_YANKED = re.compile(r"is a yanked version: '([^']+)' candidate")  # as pip words it


def withdrawn(said: str) -> list[str]:
    """Names of the packages whose chosen version pip says is withdrawn."""
    return sorted(set(_YANKED.findall(said)))


def pins() -> list[str]:
    """What is locked, without the hashes, for which pip would fetch every file."""
    lines = [line for lock in LOCKS for line in (ROOT / lock).read_text("utf-8").splitlines()]
    return sorted({line.removesuffix("\\").strip() for line in lines if "--hash" not in line})


def main() -> int:
    """Exit code 0 when no locked version is withdrawn, 1 when one is, 2 when pip cannot say."""
    if len(sys.argv) > 1:
        return _told(Path(sys.argv[1]).read_text("utf-8"))
    options = ["install", "--dry-run", "--ignore-installed", "--no-deps", "--quiet"]
    asked = subprocess.run(
        [sys.executable, "-m", "pip", *options, *pins()], capture_output=True, text=True, check=False
    )
    if asked.returncode:
        sys.stderr.write(asked.stderr)
        return 2
    return _told(asked.stderr)


def _told(said: str) -> int:
    found = withdrawn(said)
    sys.stdout.write(f"withdrawn: {', '.join(found) or 'none'}\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
