"""Lists by the page, over HTTP and as a law."""

from string import ascii_lowercase
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from pipeline.local.control.paging import page_of
from pipeline.local.control.wire import Resource
from tests.pipeline.local.control.twin import DATASETS, Clock, complaint, create, filled

QUOTAS = "/v1/accounts/local/quotas"


def listed(client: httpx.Client, **query: str) -> dict[str, Any]:
    response = client.get(DATASETS, params=query)
    assert response.status_code == 200, response.text
    page: dict[str, Any] = response.json()
    return page


def ids(page: dict[str, Any]) -> list[str]:
    return [row["name"].rpartition("/")[2] for row in page["datasets"]]


def test_a_list_goes_on_where_its_token_says(client: httpx.Client) -> None:
    for name in "abcde":
        create(client, name)

    first = listed(client, pageSize="2", orderBy="name")
    client.delete(f"{DATASETS}/a")
    second = listed(client, pageSize="2", orderBy="name", pageToken=first["nextPageToken"])
    third = listed(client, pageSize="2", orderBy="name", pageToken=second["nextPageToken"])

    assert [ids(page) for page in (first, second, third)] == [["a", "b"], ["c", "d"], ["e"]]
    assert third["nextPageToken"] == ""
    assert (first["totalSize"], third["totalSize"]) == (5, 4)


def test_a_token_holds_for_its_own_question_only(client: httpx.Client) -> None:
    create(client, "a")
    create(client, "b")
    token = listed(client, pageSize="1")["nextPageToken"]

    for query in (
        {"pageSize": "2"},
        {"pageSize": "1", "filter": "state=READY"},
        {"pageSize": "1", "orderBy": "name"},
    ):
        changed = client.get(DATASETS, params={**query, "pageToken": token})
        assert complaint(changed)[:2] == (400, 3)
    assert complaint(client.get(QUOTAS, params={"pageSize": "1", "pageToken": token}))[0] == 400


@pytest.mark.parametrize(
    "query",
    [
        {"pageSize": "-1"},
        {"pageSize": "x"},
        {"pageToken": "x"},
        {"pageToken": "é"},
        {"pageToken": "W10="},
        {"orderBy": "name down"},
        {"orderBy": "nothing"},
        {"filter": "nothing=1"},
        {"filter": "state"},
        {"readMask": "nothing"},
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused(shared: httpx.Client, query: dict[str, str]) -> None:
    assert complaint(shared.get(QUOTAS, params=query))[:2] == (400, 3)


def test_rows_are_filtered_ordered_and_masked(client: httpx.Client, clock: Clock) -> None:
    filled(client, "a", [{}] * 10)
    clock.move(days=1)
    filled(client, "b", [{}] * 9)
    create(client, "c", 9, displayName='say "x"')

    assert ids(listed(client, filter="state=READY")) == ["b", "a"]
    assert ids(listed(client, filter='state=READY AND createTime>"2026-03-05T00:00:00Z"')) == ["b"]
    assert ids(listed(client, filter="example_count>=10")) == ["a"]
    assert ids(listed(client, filter=r'displayName="say \"x\""')) == ["c"]
    assert ids(listed(client, filter="state!=READY")) == ["c"]
    assert ids(listed(client, orderBy="exampleCount desc, name desc")) == ["c", "b", "a"]
    assert ids(listed(client, order_by="create_time", page_size="1")) == ["a"]
    assert listed(client, readMask="status.code,state", pageSize="1")["datasets"] == [
        {"status": {"code": "OK"}, "state": "READY"}
    ]


def test_a_size_over_200_is_200() -> None:
    rows: list[Resource] = [{"name": f"n{number:03}"} for number in range(201)]

    page = page_of(rows, QueryParams("pageSize=1000"), "rows")

    assert isinstance(page["rows"], list)
    assert len(page["rows"]) == 200
    assert page["nextPageToken"]


@settings(max_examples=30)
@given(
    rows=st.lists(
        st.tuples(st.text(ascii_lowercase, min_size=1), st.text(max_size=2)), unique_by=lambda row: row[0]
    ),
    size=st.integers(1, 5),
    order=st.sampled_from(["", "name", "name desc", "kind", "kind desc", "kind desc,name desc"]),
)
def test_pages_hold_every_row_once_and_in_order(rows: list[tuple[str, str]], size: int, order: str) -> None:
    resources: list[Resource] = [{"name": name, "kind": kind} for name, kind in rows]
    query = {"pageSize": str(size), "orderBy": order}

    whole = page_of(resources, QueryParams({**query, "pageSize": "200"}), "rows")["rows"]
    seen: list[object] = []
    token = ""
    while True:
        page = page_of(resources, QueryParams({**query, "pageToken": token}), "rows")
        assert isinstance(page["rows"], list)
        seen += page["rows"]
        token = str(page["nextPageToken"])
        if not token:
            break

    assert seen == whole
    assert len(seen) == len(rows)
