"""Page images for tests of what does not look at their pixels."""

from pipeline.records import PageImage


def page_image(number: int, data: bytes = b"\xff\xd8") -> PageImage:
    """A small page that is not blank, as the renderer hands it on."""
    return PageImage(
        number=number,
        data=data,
        media_type="image/jpeg",
        width_px=10,
        height_px=10,
        width_pt=10,
        height_pt=10,
        grey=False,
        blank=False,
        has_text=False,
    )
