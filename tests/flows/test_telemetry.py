"""What an OpenTelemetry collector is told, read from what it was sent over OTLP/HTTP."""

import subprocess
import sys
from typing import Any

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from flows.telemetry import telemetry
from pipeline.tally import Tally
from tests.flows.command import KEY, page_answer, pagelake
from tests.papers import write_pdf
from tests.servers import FaultServer, Heard, Reply, refusal

PROCESS = ["process", "in", "--schema", "page_text", "--no-prefect"]


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Any], dict[str, Any], bytes]:
    """Spans, metrics by name, and all bytes, of a run over three pages, one of which is refused."""
    place = tmp_path_factory.mktemp("telemetry")
    write_pdf(place / "in" / "a.pdf", ["one", "two", "three"])

    def answer(heard: Heard) -> Reply:
        if not heard.path.endswith("/chat/completions"):
            return Reply()
        return refusal(400, "SECRETIVE") if "Page 2" in heard.text else page_answer(heard)

    with FaultServer(answer) as server:
        endpoint = server.base_url.removesuffix("/v1")
        prices = {"PAGELAKE_PRICE_INPUT": "1", "PAGELAKE_PRICE_OUTPUT": "1", "NO_PROXY": "127.0.0.1"}
        ended = pagelake(place, *PROCESS, server=server, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, **prices)
        sent = [heard for heard in server.heard if heard.path in {"/v1/traces", "/v1/metrics"}]
    assert ended.code == 1, ended.err

    spans, metrics = list[Any](), dict[str, Any]()
    for heard in sent:
        if heard.path == "/v1/traces":
            told = ExportTraceServiceRequest.FromString(heard.raw)
            spans += [
                one for group in told.resource_spans for scope in group.scope_spans for one in scope.spans
            ]
        else:
            read = ExportMetricsServiceRequest.FromString(heard.raw)
            for group in read.resource_metrics:
                metrics |= {one.name: one for scope in group.scope_metrics for one in scope.metrics}
    return spans, metrics, b"".join(heard.raw for heard in sent)


def attributes(told: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in told.attributes}


def by_attribute(metric: Any, name: str) -> dict[str, float]:
    points = getattr(metric, metric.WhichOneof("data")).data_points
    return {attributes(one).get(name, ""): one.as_double or one.as_int for one in points}


def test_a_request_stands_in_its_document_its_shard_and_its_run(
    collected: tuple[list[Any], dict[str, Any], bytes],
) -> None:
    spans = {span.span_id: span for span in collected[0]}
    request = next(span for span in spans.values() if span.name == "request")

    names, span = ["request"], request
    while span.parent_span_id:
        span = spans[span.parent_span_id]
        names.append(span.name)

    assert names == ["request", "document", "shard", "run"]
    assert len({one.trace_id for one in spans.values()}) == 1
    known = attributes(request)
    assert known["pagelake.path"] == "in/a.pdf"
    assert (known["pagelake.shard"], known["pagelake.schema"]) == (1, "page_text")
    assert known["pagelake.page"] in {1, 2, 3}


def test_a_request_that_failed_says_so_without_what_the_service_said(
    collected: tuple[list[Any], dict[str, Any], bytes],
) -> None:
    spans, metrics, sent = collected
    failed = {span.status.message for span in spans if span.name == "request" and span.status.code == 2}

    assert failed == {"RequestRejected"}
    assert by_attribute(metrics["pagelake.requests"], "outcome")["answered"] == 2
    assert by_attribute(metrics["pagelake.requests"], "outcome")["RequestRejected"] >= 1
    assert b"SECRETIVE" not in sent
    assert KEY.encode() not in sent


def test_the_figures_of_the_tally_are_metrics(collected: tuple[list[Any], dict[str, Any], bytes]) -> None:
    metrics = collected[1]

    pages = by_attribute(metrics["pagelake.pages"], "outcome")
    assert (pages["record"], pages["failed"]) == (2, 1)
    assert by_attribute(metrics["pagelake.tokens"], "kind")["prompt"] == 2000
    assert by_attribute(metrics["pagelake.cost"], "")[""] == pytest.approx(0.00204)
    assert by_attribute(metrics["pagelake.pages.waiting"], "")[""] == 0
    assert by_attribute(metrics["pagelake.requests.in_flight"], "")[""] == 0
    answered = [
        point
        for point in metrics["pagelake.request.duration"].histogram.data_points
        if attributes(point)["outcome"] == "answered"
    ]
    assert [point.count for point in answered] == [2]


@pytest.mark.parametrize("disabled", [False, True])
def test_nothing_is_imported_that_nobody_asked_for(disabled: bool) -> None:
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "true"}
    code = (
        "import sys\nfrom flows.telemetry import telemetry\nfrom pipeline.tally import Tally\n"
        f"with telemetry({environ if disabled else {}}, Tally(started=0)): pass\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"


def test_nothing_is_noted_where_all_is_well() -> None:
    tally = Tally(started=0)
    with telemetry({}, tally):
        pass

    assert tally.notes == []


def test_a_run_without_the_packages_says_so_and_goes_on() -> None:
    code = """
import sys
class Without:
    def find_spec(self, name, *_):
        if name == "opentelemetry.sdk":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Without())
from flows.telemetry import telemetry
from pipeline.tally import Tally
tally = Tally(started=0)
with telemetry({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}, tally):
    print(tally.notes)
"""

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "pip install 'pagelake[otel]'" in told.stdout
