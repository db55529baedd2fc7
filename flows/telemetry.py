"""OpenTelemetry, where its standard variables ask for it: metrics from the tally, spans of what is worked.

Nothing of it is imported otherwise. It only looks on: what it cannot deliver is lost, and the run goes on.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING

from pipeline.logged import here, watched_by
from pipeline.tally import Tally

if TYPE_CHECKING:
    from opentelemetry.metrics import CallbackOptions, Meter, Observation
    from opentelemetry.trace import Tracer

_ENDPOINTS = tuple(f"OTEL_EXPORTER_OTLP{signal}_ENDPOINT" for signal in ("", "_TRACES", "_METRICS"))
_TIMEOUT = "OTEL_EXPORTER_OTLP_TIMEOUT"
_PATIENCE_S = (
    3.0  # where that is not set: a collector that is away must not hold up the end of a run for long
)
_NAMED = ("OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES")
_SPANS = ("run", "shard", "document", "request")
_MISSING = (
    "OpenTelemetry is asked for in the environment and not installed, so nothing is told to it: "
    "pip install 'pagelake[otel]', or set OTEL_SDK_DISABLED=true"
)
# Seconds: from a small model that is near to a long document at a busy one.
_BUCKETS = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300)

Counts = Callable[[], Iterable[tuple[float, Mapping[str, str]]]]


@contextmanager
def telemetry(environ: Mapping[str, str], tally: Tally) -> Iterator[None]:
    """Tell an OpenTelemetry collector of the block, if the environment names one.

    Args:
        environ: With the variables that OpenTelemetry documents, such as `OTEL_EXPORTER_OTLP_ENDPOINT`.
        tally: Of the run; gets a note when OpenTelemetry is asked for and not installed.
    """
    wanted = any(environ.get(name) for name in _ENDPOINTS)
    if not wanted or environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        yield
    elif not _is_installed():
        tally.notes.append(_MISSING)
        yield
    else:
        with _exported(environ, tally):
            yield


def _is_installed() -> bool:
    names = ("opentelemetry", "opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
    try:
        return all(find_spec(name) for name in names)
    except ModuleNotFoundError:  # of a package above it
        return False


@contextmanager
def _exported(environ: Mapping[str, str], tally: Tally) -> Iterator[None]:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    named = {} if any(environ.get(name) for name in _NAMED) else {"service.name": "pagelake"}
    resource = Resource.create({**named, "service.version": version("pagelake")})
    tracing = TracerProvider(resource=resource, shutdown_on_exit=False)
    patience_s = None if environ.get(_TIMEOUT) else _PATIENCE_S
    tracing.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=patience_s)))
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(timeout=patience_s))
    metering = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
    try:
        spans = Spans(tracing.get_tracer("pagelake"), metering.get_meter("pagelake"))
        observe(metering.get_meter("pagelake"), tally)
        with watched_by(spans.around):
            yield
    finally:
        tracing.shutdown()
        metering.shutdown()


class Spans:
    """A span for each run, shard, document and request; each request counted and timed as well.

    Args:
        tracer: Makes the spans.
        meter: Makes the instruments.
    """

    def __init__(self, tracer: "Tracer", meter: "Meter") -> None:
        self._tracer = tracer
        self._requests = meter.create_counter(
            "pagelake.requests", "{request}", "Requests by outcome, each try"
        )
        self._seconds = meter.create_histogram(
            "pagelake.request.duration",
            "s",
            "From the first byte sent to the last received",
            explicit_bucket_boundaries_advisory=_BUCKETS,
        )

    @contextmanager
    def around(self, more: Mapping[str, object]) -> Iterator[None]:
        """The span of what begins now, if it is one of those that have one."""
        from opentelemetry.trace import StatusCode

        kind = next((name for name in _SPANS if name in more), None)
        if kind is None:
            yield
            return
        known, begun, outcome = here() if kind == "request" else more, time.monotonic(), "answered"
        with self._tracer.start_as_current_span(
            kind, attributes=_attributes(known), record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except BaseException as error:
                outcome = type(error).__name__
                span.set_status(StatusCode.ERROR, outcome)  # the message may repeat what an answer said
                raise
            finally:
                if kind == "request":
                    self._requests.add(1, {"outcome": outcome})
                    self._seconds.record(time.monotonic() - begun, {"outcome": outcome})


def _attributes(known: Mapping[str, object]) -> dict[str, str | int | list[int]]:
    return {f"pagelake.{name}": value for name, value in known.items() if isinstance(value, str | int | list)}


def observe(meter: "Meter", tally: Tally) -> None:
    """Have the figures of a tally looked at whenever metrics are read."""
    kinds = ("prompt", "completion", "cached")
    outcomes = {"record": "in_records", "blank": "blank", "failed": "failed", "skipped": "skipped"}
    up_and_down: dict[str, tuple[str, str, Counts]] = {
        "pagelake.pages": (
            "{page}",
            "Pages that reached their end, those the lake held among them",
            lambda: [(getattr(tally, name), {"outcome": outcome}) for outcome, name in outcomes.items()],
        ),
        "pagelake.pages.waiting": (
            "{page}",
            "Pages found and not at their end",
            lambda: [(max(tally.pages_found - tally.pages_done, 0), {})],
        ),
        "pagelake.requests.in_flight": (
            "{request}",
            "Requests at the service",
            lambda: [(tally.in_flight, {})],
        ),
    }
    growing: dict[str, tuple[str, str, Counts]] = {
        "pagelake.tokens": (
            "{token}",
            "Tokens of answers; the cached are among those of prompts",
            lambda: [(getattr(tally, f"{kind}_tokens"), {"kind": kind}) for kind in kinds],
        ),
        "pagelake.cost": (
            "USD",
            "What answers cost, where prices are set",
            lambda: [] if tally.cost is None else [(tally.cost, {})],
        ),
    }
    for name, (unit, text, counts) in up_and_down.items():
        meter.create_observable_up_down_counter(name, [_observing(counts)], unit, text)
    for name, (unit, text, counts) in growing.items():
        meter.create_observable_counter(name, [_observing(counts)], unit, text)


def _observing(counts: Counts) -> "Callable[[CallbackOptions], Iterable[Observation]]":
    from opentelemetry.metrics import Observation

    return lambda _options: [Observation(count, dict(about)) for count, about in counts()]
