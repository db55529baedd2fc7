"""From pixels to lines of text, ruled lines and ticked squares."""
