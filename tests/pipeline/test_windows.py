"""Which pages of a document share a request."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.windows import Packer, WindowLimits, encoded_bytes
from tests.pages import page_image


def packed(sizes: list[int], limits: WindowLimits) -> list[list[int]]:
    packer = Packer(limits)
    closed = [packer.add(page_image(number, bytes(size))) for number, size in enumerate(sizes, start=1)]
    return [[one.number for one in window] for window in [*closed, packer.rest()] if window]


@given(st.lists(st.integers(0, 700), max_size=60), st.integers(1, 9))
def test_windows_keep_every_page_in_order_and_obey_both_limits(sizes: list[int], most: int) -> None:
    limits = WindowLimits(max_images=most, max_encoded_bytes=1000)

    windows = packed(sizes, limits)

    assert [number for window in windows for number in window] == list(range(1, len(sizes) + 1))
    for window in windows:
        assert len(window) <= most
        assert sum(encoded_bytes(sizes[number - 1]) for number in window) < 1000


def test_a_window_is_filled_before_the_next_begins() -> None:
    assert packed([10] * 7, WindowLimits(max_images=3)) == [[1, 2, 3], [4, 5, 6], [7]]


def test_an_image_that_no_request_can_carry_says_both_sizes() -> None:
    limits = WindowLimits(max_encoded_bytes=2_000_000)

    assert limits.excess(page_image(1, bytes(1_499_000))) == ""
    assert limits.excess(page_image(1, bytes(2_250_000))).startswith(
        "the page image is 3.0 MB in base64 and a request"
    )
