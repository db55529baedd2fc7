"""The embedded engine failing on purpose: the plan, each fault as a client meets it, a run through all."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import SecretStr

from pipeline.errors import ConfigError
from pipeline.local.faults import Fault, FaultPlan, Kind, read_plan
from pipeline.local.launch import LocalEngine
from pipeline.local.protocol import MODEL_ID
from pipeline.service.client import Endpoint
from pipeline.summary import RunState
from tests.charts import Draw
from tests.papers import write_pdf
from tests.pipeline.local.bodies import chat, encoded, image_part, wanting
from tests.pipeline.runs import config, run, slip_type

SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"total": {"type": ["number", "null"]}},
    "required": ["total"],
}


def plan(*faults: Fault, seed: int = 0) -> FaultPlan:
    return FaultPlan(seed=seed, fault=list(faults))


def one(kind: Kind, share: float = 1.0, **more: float) -> Fault:
    return Fault.model_validate({"kind": kind, "share": share, **more})


@contextmanager
def failing(tmp_path: Path, text: str) -> Iterator[LocalEngine]:
    (tmp_path / "faults.toml").write_text(text)
    with LocalEngine(workers=1, faults=tmp_path / "faults.toml") as engine:
        yield engine


def test_the_share_of_requests_that_meet_a_fault_is_the_one_that_is_named() -> None:
    asked = plan(one("error", 0.2), one("slow", 0.1), seed=3)

    met = [fault.kind for number in range(5000) if (fault := asked.of_request(number, 0.0))]

    assert 900 < met.count("error") < 1100
    assert 400 < met.count("slow") < 600


@given(seed=st.integers(), number=st.integers(0, 10**6))
def test_the_same_request_meets_the_same_fault(seed: int, number: int) -> None:
    first, second = (plan(one("error", 0.5), seed=seed) for _ in range(2))

    assert first.of_request(number, 1.0) == second.of_request(number, 1.0)


def test_jobs_expire_by_a_share_of_their_own_and_no_request_does() -> None:
    asked = plan(one("expire", 0.5), one("error", 1.0), seed=3)

    assert 400 < sum(asked.expires(f"job-{number}") for number in range(1000)) < 600
    assert {fault.kind for number in range(100) if (fault := asked.of_request(number, 0))} == {"error"}
    assert not plan(one("error")).expires("job-1")


def test_a_fault_has_its_time() -> None:
    asked = plan(one("error", from_s=5, until_s=10))

    assert [asked.of_request(0, at) is not None for at in (0, 5, 9.9, 10)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("seed = ", "is not valid TOML"),
        ('[[fault]]\nkind = "flood"\nshare = 1', "fault.0.kind"),
        ('[[fault]]\nkind = "error"\nshare = 2', "fault.0.share"),
        ('[[fault]]\nkind = "error"\nshare = 1\npaid = true', "only a reset can be paid"),
        ('[[fault]]\nkind = "error"\nshare = 0.6\n[[fault]]\nkind = "html"\nshare = 0.6', "more than 1"),
        ('[[faults]]\nkind = "error"\nshare = 0.6', "faults"),
    ],
)
def test_a_bad_plan_is_refused_in_a_sentence(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "faults.toml").write_text(text)

    with pytest.raises(ConfigError, match=complaint):
        read_plan(tmp_path / "faults.toml")


def test_a_plan_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml cannot be read: No such file or directory$"):
        read_plan(tmp_path / "none.toml")


def _is_limited(response: httpx.Response) -> bool:
    return response.status_code == 429 and response.headers["retry-after"] == "3"


def _is_cut(response: httpx.Response) -> bool:
    (choice,) = response.json()["choices"]
    return choice["finish_reason"] == "length" and not _is_json(choice["message"]["content"])


def _is_broken(response: httpx.Response) -> bool:
    return not _is_json(response.json()["choices"][0]["message"]["content"])


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


SHOWS: dict[Kind, Callable[[httpx.Response], bool]] = {
    "rate_limit": _is_limited,
    "error": lambda response: response.status_code == 502,
    "html": lambda response: "<html>" in response.text,
    "cut": _is_cut,
    "broken": _is_broken,
    "empty": lambda response: not response.json()["choices"][0]["message"]["content"],
    "slow": lambda response: response.elapsed.total_seconds() >= 0.2 and response.status_code == 200,
}
WORKED = {None, "cut", "broken", "empty", "slow", "paid reset"}


def _name(fault: Fault | None) -> str | None:
    return f"{'paid ' if fault.paid else ''}{fault.kind}" if fault else None


def test_each_fault_is_what_it_says_and_what_was_worked_is_counted(tmp_path: Path) -> None:
    common = "[[fault]]\nshare = 0.1\nstatus = 502\nretry_after_s = 3\nseconds = 0.2\n"
    faults = "".join(f'{common}kind = "{kind}"\n' for kind in (*SHOWS, "reset"))
    faults += f'{common}kind = "reset"\npaid = true\n'
    image = encoded(Image.new("RGB", (280, 280), "white"))
    body = chat(image_part(image), response_format=wanting(SCHEMA))
    met: Counter[str | None] = Counter()
    with failing(tmp_path, f"seed = 5\n{faults}") as engine:
        asked = read_plan(tmp_path / "faults.toml")
        headers = {"Authorization": f"Bearer {engine.api_key}"}
        with httpx.Client(base_url=engine.base_url, headers=headers, timeout=60) as client:
            for number in range(100):
                fault = asked.of_request(number, 0.0)
                met[_name(fault)] += 1
                if fault and fault.kind == "reset":
                    with pytest.raises(httpx.RemoteProtocolError, match="complete message body"):
                        client.post("/chat/completions", json=body)
                else:
                    response = client.post("/chat/completions", json=body)
                    assert fault is None or SHOWS[fault.kind](response), fault
                    assert response.headers["x-request-id"]
                if set(met) == {*SHOWS, "reset", "paid reset", None}:
                    break
            models = client.get("/models")
            quota = client.get("/accounts/local/quotas/serverless-inference-rpm").json()

    assert len(met) == len(SHOWS) + 3
    assert quota["usage"] == sum(count for name, count in met.items() if name in WORKED)
    assert models.status_code == 200


@pytest.mark.charted
def test_a_run_through_every_fault_at_once_loses_no_page(tmp_path: Path, chart: Draw) -> None:
    pages = 12
    write_pdf(tmp_path / "a.pdf", [f"Total: {number}.50" for number in range(1, pages + 1)])
    faults = "\n".join(
        f'[[fault]]\nshare = 0.07\nkind = "{kind}"'
        for kind in ("rate_limit", "error", "html", "reset", "cut", "broken", "empty")
    )
    with failing(tmp_path, f"seed = 11\n{faults}\n") as engine:
        key = SecretStr(engine.api_key)
        asked = config(
            engine.base_url,
            tmp_path / "lake",
            tmp_path / "a.pdf",
            record=slip_type("page"),
            model=MODEL_ID,
            in_flight=4,
            endpoint=Endpoint(base_url=engine.base_url, api_key=key),
        )
        summary = run(asked)
        again = run(asked)

    answers = pl.read_parquet(tmp_path / "lake" / "answers" / "*.parquet")
    assert summary.state in {RunState.COMPLETE, RunState.FAILURES}
    assert summary.pages.in_records + summary.pages.failed == pages
    assert summary.pages.in_records >= 0.8 * pages
    assert answers["custom_id"].is_unique().all()
    assert again.pages.failed <= summary.pages.failed
    went = f"{summary.pages.in_records} in_records, {summary.pages.failed} failed"
    told = f"{again.pages.failed} failed after the next run"
    chart("faults", "fault mode, all of it", went, len(summary.lost), summary.exit_code, told)
