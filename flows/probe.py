"""The built-in page, what is asked about it, and whether the answer is right."""

import time
from decimal import Decimal
from typing import ClassVar

from pydantic import BaseModel, Field

from flows import engine
from flows.engine import Engine
from flows.findings import Finding, broken, doubtful, ok
from pipeline.cost import Prices
from pipeline.dialect import answer_form
from pipeline.errors import AnswerInvalid, PagelakeError, RequestRejected
from pipeline.interpret import Interpreter
from pipeline.records import Answer, Completion, PageImage
from pipeline.requests import Question, RequestBuilder, Sampling, encode
from pipeline.service.chat import complete
from pipeline.service.client import Client
from pipeline.service.gate import Gate
from pipeline.service.models import lone_pace
from pipeline.service.retry import Retries
from pipeline.settings import Settings
from pipeline.structured import compile_schema
from schemas.registry import RecordType

_ORDER_NUMBER, _TOTAL = "K-4711", Decimal("128.40")
_BETTER = "another model may do better (--model), or another PAGELAKE_RESPONSE_FORMAT"


class Probe(BaseModel):
    """The order on the built-in page."""

    unit: ClassVar[str] = "document"

    order_number: str | None = Field(None, description="Number of the order")
    total: Decimal | None = Field(None, description="Total of the order", decimal_places=2)


_RECORD = RecordType(
    name="probe", model=Probe, unit="document", instructions="Read the order.", reference="probe"
)


async def asked(
    client: Client, settings: Settings, opened: Engine, image: PageImage, retries: Retries
) -> Finding:
    """Whether the model reads the built-in page, asked as a run would ask it."""
    request = RequestBuilder(_question(settings, opened)).build("probe", [image], 1, partial=False)
    try:
        completion = await complete(client, lambda: encode(request), gate=Gate(lone_pace()), retries=retries)
        row = Interpreter(_RECORD).row([_answer(completion, opened.model)], "probe")
    except (AnswerInvalid, RequestRejected) as error:
        return broken("answer", str(error), _BETTER)
    except PagelakeError as error:
        return broken("answer", str(error))
    return _judged(row, completion, engine.prices(settings, opened.model))


def _question(settings: Settings, opened: Engine) -> Question:
    return Question(
        model=opened.model,
        instructions=_RECORD.instructions,
        schema=compile_schema(Probe, name=_RECORD.name, page_of_items=True),
        sampling=Sampling(max_tokens=settings.max_tokens, reasoning_effort=settings.reasoning_effort),
        image_settings={},
        form=answer_form(settings.response_format, opened.dialect),
        extra=settings.extra_body or {},
    )


def _answer(completion: Completion, model: str) -> Answer:
    return Answer(
        custom_id="probe",
        schema="probe",
        doc_id="probe",
        pages=(1,),
        partial=False,
        model=model,
        road="online",
        completion=completion,
        cost=None,
        received_at=time.time(),
    )


def _judged(row: dict[str, object], completion: Completion, prices: Prices | None) -> Finding:
    usage = completion.usage
    cost = f", ${prices.of(usage):.5f}" if prices else ""
    spent = f"in {completion.latency_s:.1f} s, {usage.prompt_tokens} + {usage.completion_tokens} tokens{cost}"
    wrong = [
        name for name, true in (("order_number", _ORDER_NUMBER), ("total", _TOTAL)) if row.get(name) != true
    ]
    if not wrong:
        return ok("answer", f"both values of the built-in page are right, {spent}")
    advice = "compare models with pagelake evaluate, or raise --long-side"
    return doubtful("answer", f"{' and '.join(wrong)} read wrong, {spent}", advice)


def built_in_page() -> bytes:
    """A PDF of one page, an order with a number and a total."""
    lines = ["PURCHASE ORDER", "", f"Order number: {_ORDER_NUMBER}", "", f"Total: {_TOTAL} EUR"]
    shown = " ".join(f"({line}) Tj T*" for line in lines)
    content = f"BT /F1 22 Tf 28 TL 72 740 Td {shown} ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    pdf, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(pdf)
    pdf += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    pdf += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(pdf)
