"""Where values stand, as a reply says it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import Evidence
from pipeline.service.evidence import MOST_ENTRIES, read_evidence

ENTRY: dict[str, Any] = {
    "path": "items[3].amount",
    "page": 2,
    "confidence": 0.75,
    "box": [0.1, 0.2, 0.3, 1],
    "rule": "table",
}
WHOLE = Evidence(field="items[3].amount", page=2, confidence=0.75, box=(0.1, 0.2, 0.3, 1.0), rule="table")


def test_an_entry_is_read_whole_and_further_keys_are_passed_over() -> None:
    assert read_evidence([ENTRY, ENTRY | {"colour": "red"}]) == (WHOLE, WHOLE)


@pytest.mark.parametrize("block", [None, {}, "many", 7, {"path": "total"}, True])
def test_a_block_that_is_no_list_holds_nothing(block: object) -> None:
    assert read_evidence(block) == ()


@pytest.mark.parametrize(
    "change",
    [
        {"path": ""},
        {"path": "x" * 2000},
        {"path": 7},
        {"path": "half \ud83d"},
        {"page": 0},
        {"page": 2**40},
        {"page": "2"},
        {"page": True},
        {"confidence": 1.01},
        {"confidence": None},
        {"confidence": float("nan")},
        {"confidence": True},
        {"box": [0.1, 0.2, 0.3]},
        {"box": [0.1, 0.2, 0.3, 900]},
        {"box": [0.3, 0.2, 0.1, 0.4]},
        {"box": ["0", 0, 1, 1]},
        {"box": "0011"},
        {"rule": None},
        {"rule": "x" * 10_000},
    ],
)
def test_an_odd_entry_is_left_out_and_the_others_stay(change: dict[str, Any]) -> None:
    assert read_evidence([ENTRY | change, ENTRY]) == (WHOLE,)


def test_there_is_a_limit_to_the_entries_that_are_kept() -> None:
    assert len(read_evidence([ENTRY] * (MOST_ENTRIES + 2))) == MOST_ENTRIES


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(list(ENTRY)), inner),
    max_leaves=8,
)


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(ENTRY, JSON)) | JSON) | JSON)
def test_whatever_stands_there_nothing_is_raised_and_all_that_is_kept_can_be_written(block: Any) -> None:
    for one in read_evidence(block):
        assert json.dumps(one.field + one.rule, ensure_ascii=False).encode()
        assert 0 <= one.confidence <= 1
        assert all(0 <= edge <= 1 for edge in one.box)
