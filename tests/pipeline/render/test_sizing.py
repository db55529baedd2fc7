"""Laws of sizes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.render.sizing import ImageOptions, fit_image, fit_page, is_drawable

OPTIONS = st.builds(ImageOptions, long_side_px=st.integers(64, 16_384), max_dpi=st.integers(18, 2_400))
POINTS = st.floats(1e-3, 1e9)
PIXELS = st.integers(1, 10**6)


@given(POINTS, POINTS, OPTIONS)
def test_a_page_obeys_the_long_side_and_the_resolution(
    width: float, height: float, options: ImageOptions
) -> None:
    fitted = fit_page(width, height, options)

    assert all(1 <= side <= options.long_side_px for side in fitted)
    for side, points in zip(fitted, (width, height), strict=True):
        assert side == 1 or side <= points * options.max_dpi / 72 + 0.5


@given(PIXELS, PIXELS, OPTIONS)
def test_an_image_is_never_enlarged(width: int, height: int, options: ImageOptions) -> None:
    fitted = fit_image(width, height, options)

    assert all(1 <= side <= options.long_side_px for side in fitted)
    assert fitted[0] <= width
    assert fitted[1] <= height


@given(PIXELS, PIXELS, OPTIONS)
def test_fitting_twice_changes_nothing(width: int, height: int, options: ImageOptions) -> None:
    fitted = fit_image(width, height, options)

    assert fit_image(*fitted, options) == fitted


@given(POINTS, POINTS, OPTIONS)
def test_proportions_are_kept_to_a_pixel(width: float, height: float, options: ImageOptions) -> None:
    across, down = fit_page(width, height, options)
    scale = min(options.long_side_px / max(width, height), options.max_dpi / 72)

    assert across == pytest.approx(max(1, width * scale), abs=0.51)
    assert down == pytest.approx(max(1, height * scale), abs=0.51)


def test_a4_gets_the_whole_long_side() -> None:
    assert fit_page(595.28, 841.89, ImageOptions()) == (1086, 1536)


def test_a_stamp_is_not_blown_up() -> None:
    assert fit_page(72, 36, ImageOptions()) == (300, 150)


@pytest.mark.parametrize(
    "size", [(0.0, 100.0), (100.0, -1.0), (float("nan"), 100.0), (float("inf"), float("inf"))]
)
def test_a_page_without_an_area_cannot_be_drawn(size: tuple[float, float]) -> None:
    assert not is_drawable(*size)


@pytest.mark.parametrize(
    "change",
    [
        {"long_side_px": 63},
        {"long_side_px": 20_000},
        {"quality": 0},
        {"quality": 96},
        {"max_dpi": 17},
        {"image_format": "webp"},
    ],
)
def test_impossible_options_are_refused(change: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match=str(next(iter(change.values())))):
        ImageOptions(**change)  # type: ignore[arg-type]  # one of them is a word on purpose
