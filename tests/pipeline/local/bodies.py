"""A page drawn to be read, and bodies of requests that show it."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pypdfium2
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas

from pipeline.structured import compile_schema
from schemas.registry import load

SAMPLES = Path(__file__).parents[3] / "sample_docs"
MODEL = "local/pagelake-ocr"


def draw_invoice() -> Image.Image:
    """An invoice in German as a program prints it, at the size pages are sent."""
    stream = io.BytesIO()
    sheet = canvas.Canvas(stream, pagesize=A4)
    sheet.setFont("Helvetica-Bold", 16)
    sheet.drawString(50, 780, "Winterfeld Optik GmbH")
    sheet.setFont("Helvetica", 10)
    for y, text in ((764, "Ulmenweg 3, 99880 Waldau"), (700, "Rechnung an:"), (686, "Klara Brandt")):
        sheet.drawString(50, y, text)
    facts = (("Rechnungsnr.", "W-2024-311"), ("Rechnungsdatum", "07.05.2024"), ("Zahlbar bis", "21.05.2024"))
    for row, (label, value) in enumerate(facts):
        sheet.drawString(340, 740 - 16 * row, label)
        sheet.drawRightString(545, 740 - 16 * row, value)
    lines = (
        ("Bezeichnung", "Menge", "Einzelpreis", "Betrag"),
        ("Brillenfassung Titan", "2", "149,00", "298,00"),
        ("Putztuch", "10", "1,20", "12,00"),
    )
    for row, (text, *figures) in enumerate(lines):
        sheet.drawString(50, 600 - 20 * row, text)
        for right, figure in zip((350, 450, 545), figures, strict=True):
            sheet.drawRightString(right, 600 - 20 * row, figure)
    sums = (("Nettobetrag", "310,00 €"), ("zzgl. 19 % MwSt.", "58,90 €"), ("Gesamtbetrag", "368,90 €"))
    for row, (label, amount) in enumerate(sums):
        sheet.drawRightString(450, 520 - 18 * row, label)
        sheet.drawRightString(545, 520 - 18 * row, amount)
    sheet.save()
    with pypdfium2.PdfDocument(stream.getvalue()) as document:
        page = document[0]
        image: Image.Image = page.render(scale=1536 / A4[1]).to_pil()
    return image.convert("RGB")


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind)
    return stream.getvalue()


def image_part(data: bytes, subtype: str = "png") -> dict[str, object]:
    url = f"data:image/{subtype};base64,{base64.b64encode(data).decode()}"
    return {"type": "image_url", "image_url": {"url": url}}


def text_part(text: str) -> dict[str, object]:
    return {"type": "text", "text": text}


def chat(*parts: dict[str, object], **fields: object) -> dict[str, object]:
    """A request body with these message parts."""
    return {"model": MODEL, "messages": [{"role": "user", "content": list(parts)}], **fields}


def wanting(schema: dict[str, object]) -> dict[str, object]:
    return {"type": "json_schema", "json_schema": {"name": "record", "schema": schema}}


def pages_of(path: Path) -> list[Image.Image]:
    """The pages of a PDF at the size they are sent."""
    with pypdfium2.PdfDocument(path) as document:
        document.init_forms()
        drawn = [page.render(scale=1536 / max(page.get_size())).to_pil() for page in document]
    return [page.convert("RGB") for page in drawn]


def answered(client: httpx.Client, path: Path, schema: dict[str, Any]) -> Any:
    """What the engine answers about the pages of a PDF, asked as the pipeline asks."""
    images = pages_of(path)
    parts = [
        part
        for number, image in enumerate(images, 1)
        for part in (text_part(f"Page {number} of {len(images)}:"), image_part(encoded(image)))
    ]
    reply = client.post("/chat/completions", json=chat(*parts, response_format=wanting(schema)))
    assert reply.status_code == 200, reply.text
    return json.loads(reply.json()["choices"][0]["message"]["content"])


def sample(client: httpx.Client, path: str, name: str) -> dict[str, Any]:
    """The record of a built-in type that the engine reads in a sample document."""
    record = load(name)
    schema = compile_schema(record.model, name=name, page_of_items=record.unit == "document").full
    read: dict[str, Any] = answered(client, SAMPLES / path, schema)
    return read


def truth_of(path: str) -> dict[str, Any]:
    """The true record of a sample document."""
    lines = (SAMPLES / "truth.jsonl").read_text("utf-8").splitlines()
    found: dict[str, Any] = next(
        truth["record"] for line in lines if (truth := json.loads(line))["path"] == path
    )
    return found
