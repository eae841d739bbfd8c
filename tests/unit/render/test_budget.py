"""Sizes are the model's own: multiples of the grid, within the budget."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.engine.base import Engine, EngineInfo
from docpipe.extract.workbench import workbench
from docpipe.records import Reply, Request
from docpipe.render.child.budget import visual_size
from docpipe.schema.load import load_schema
from docpipe.settings import Limits, Render, Settings

MOST, LEAST, GRID = 1_280 * 28 * 28, 256 * 28 * 28, 28

sides = st.floats(min_value=60, max_value=3_000)


def test_a4_takes_1260_tokens() -> None:
    assert visual_size(595.28, 841.89, LEAST, MOST, GRID) == (840, 1176)


def test_a_small_page_is_not_blown_up_over_its_natural_size() -> None:
    assert visual_size(226, 283, LEAST, MOST, GRID) == (616, 784)  # 80 x 100 mm at 200 dpi
    assert visual_size(10, 10, LEAST, MOST, GRID) == (448, 448)


@given(sides, sides)
def test_every_size_is_on_the_grid_and_within_the_budget(width_pt: float, height_pt: float) -> None:
    width, height = visual_size(width_pt, height_pt, LEAST, MOST, GRID)
    assert width % GRID == height % GRID == 0
    assert LEAST <= width * height <= MOST


@given(sides, sides)
def test_the_model_would_not_resize_it_again(width_pt: float, height_pt: float) -> None:
    """A size that comes in as pixels comes out as it is."""
    width, height = visual_size(width_pt, height_pt, LEAST, MOST, GRID)
    assert visual_size(width, height, LEAST, MOST, GRID, dpi=72) == (width, height)


def test_a_strip_has_no_size() -> None:
    with pytest.raises(ValueError, match="pt"):
        visual_size(10, 2_001, LEAST, MOST, GRID)


class Pictures(Engine):
    """An engine that takes pictures at multiples of a grid."""

    def __init__(self, grid_px: int) -> None:
        self.info = EngineInfo("pictures", "1", frozenset({"pixels"}), grid_px=grid_px)

    async def answer(self, request: Request) -> Reply:
        raise NotImplementedError

    def close(self) -> None: ...


@pytest.mark.parametrize(("dpi", "grid_px", "most"), [(None, 1, None), (150.0, 1, 10**7), (150.0, 28, None)])
def test_a_resolution_lifts_the_budget_only_for_an_engine_without_a_grid(
    dpi: float | None, grid_px: int, most: int | None
) -> None:
    engine = Pictures(grid_px)
    settings = Settings(render=Render(dpi=dpi), limits=Limits(max_image_pixels=10**7))
    bench = workbench(load_schema("invoice"), engine, settings)
    bench.close()
    plain = workbench(load_schema("invoice"), engine, Settings())
    plain.close()
    expected = plain.settings.render.max_pixels if most is None else most
    assert bench.settings.render.max_pixels == expected
    if most is not None:
        budget = bench.settings.render
        size = visual_size(595.28, 841.89, budget.min_pixels, budget.max_pixels, budget.grid_px, dpi or 0)
        assert size == (1240, 1754)
