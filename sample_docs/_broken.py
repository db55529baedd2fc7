"""Files that give no record, each for its own reason."""

from _scan import grain, image_pdf, jpeg
from _sheet import Sheet
from PIL import Image
from reportlab.lib.pagesizes import A4

LOGIN_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Sign in - Supplier portal</title></head>
<body>
  <h1>Your session has expired</h1>
  <p>Please sign in again to download invoice 2024-0931.pdf.</p>
  <form method="post" action="/signin">
    <label>E-mail <input type="email" name="user"></label>
    <label>Password <input type="password" name="secret"></label>
    <button>Sign in</button>
  </form>
</body>
</html>
"""

NOTE = """\
Hello,

in this folder are the papers of the last quarter. The bank statement comes by post,
the scanner at the office is still a little crooked, and one invoice has a password
that I will tell you on the telephone.

Kind regards
T. Vale
"""


def empty_pages() -> bytes:
    """Return two pages on which nothing was ever drawn."""
    sheet = Sheet(title="Empty", author="Nobody")
    for _ in range(2):
        sheet.next_page()
    return sheet.pdf()


def empty_scan() -> bytes:
    """Return the scan of an empty sheet: not quite white, and with the noise of the scanner."""
    paper = grain(Image.new("L", (1240, 1754), 238), 11, 2)
    return image_pdf([jpeg(paper, 75, dpi=150)], A4, "Scan 0418")


def cut_short(pdf: bytes) -> bytes:
    """Return the first three fifths of a file, as a broken download leaves it."""
    return pdf[: len(pdf) * 3 // 5]
