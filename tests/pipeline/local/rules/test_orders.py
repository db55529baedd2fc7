"""On an order the letterhead is the buyer's, and the one it is written to is the seller."""

import pytest

from pipeline.local.rules.reader import read
from pipeline.local.seeing.page import Page
from pipeline.structured import compile_schema
from schemas.registry import load
from tests.pipeline.local.sheets import page


def got(name: str, *pages: Page) -> dict[str, object]:
    kind = load(name)
    record = read(pages, compile_schema(kind.model, name=kind.name, page_of_items=True).full).record
    assert isinstance(record, dict)
    return {
        key: value["name"] if isinstance(value, dict) and "address" in value else value
        for key, value in record.items()
    }


def order(title: str, addressed: str, labels: tuple[str, str, str], terms: str) -> Page:
    number, day, delivery = labels
    return page(
        f"Harrow Joinery Ltd                      {title}",
        "12 Mill Lane, Thornfield TF1 2AB",
        "",
        f"{addressed}",
        f"Calder Fixings GmbH                     {number:18}  PO-77/2024",
        f"3 Foundry Park                          {day:18}  28.03.2024",
        f"99881 Waldau                            {delivery:18}  17.04.2024",
        "",
        f"{terms:20}  FCA Waldau, Incoterms 2020",
    )


@pytest.mark.parametrize(
    ("title", "addressed", "labels", "terms"),
    [
        ("PURCHASE ORDER", "To:", ("Order no.", "Order date", "Required by"), "Delivery terms"),
        ("BESTELLUNG", "Lieferant", ("Bestellnummer", "Bestelldatum", "Liefertermin"), "Lieferbedingung"),
        (
            "BON DE COMMANDE",
            "Fournisseur",
            ("Commande n°", "Date de commande", "Livraison souhaitée"),
            "Conditions de livraison",
        ),
        (
            "INKOOPORDER",
            "Leverancier",
            ("Ordernummer", "Orderdatum", "Gewenste leverdatum"),
            "Leveringsvoorwaarden",
        ),
        (
            "ORDEN DE COMPRA",
            "Proveedor",
            ("Nº de pedido", "Fecha de pedido", "Fecha de entrega"),
            "Condiciones de entrega",
        ),
    ],
)
def test_who_orders_from_whom_is_told_in_five_languages(
    title: str, addressed: str, labels: tuple[str, str, str], terms: str
) -> None:
    found = got("purchase_order", order(title, addressed, labels, terms))

    assert (found["buyer"], found["seller"]) == ("Harrow Joinery Ltd", "Calder Fixings GmbH")
    assert (found["order_type"], found["order_number"]) == ("standard", "PO-77/2024")
    assert (found["order_date"], found["delivery_date"]) == ("2024-03-28", "2024-04-17")
    assert (found["incoterm"], found["bill_to"]) == ("FCA", None)


def test_an_order_with_short_labels_is_read() -> None:
    sheet = page(
        "Prairie Supply Co.                      PURCHASE ORDER",
        "2150 Grain Elevator Rd                  Date     11/08/2024",
        "Cottonwood Bend, KS 00417               P.O. #   48817",
        "",
        "Vendor                                  Ship To",
        "Alder Tools Inc.                        Prairie Supply Depot",
        "615 Juniper Ave                         9 Silo Lane",
        "Alder Falls, CO 00822                   Cottonwood Bend, KS 00418",
        "",
        "Ship Via      Terms        F.O.B.       Requisitioner",
        "UPS Ground    Net 30       FOB Alder    J. Whitlock",
    )

    found = got("purchase_order", sheet)

    assert (found["order_number"], found["order_date"]) == ("48817", "2024-11-08")
    assert (found["buyer"], found["seller"]) == ("Prairie Supply Co.", "Alder Tools Inc.")
    assert (found["ship_to"], found["bill_to"]) == ("Prairie Supply Depot", None)
    assert (found["payment_terms"], found["shipping_method"]) == ("Net 30", "UPS Ground")


def test_the_same_page_as_an_invoice_has_its_seller_on_top() -> None:
    sheet = order("INVOICE", "Bill to", ("Invoice no.", "Invoice date", "Due date"), "Terms")

    found = got("invoice", sheet)

    assert (found["seller"], found["buyer"]) == ("Harrow Joinery Ltd", "Calder Fixings GmbH")


def test_a_net_total_alone_is_the_total_of_an_order() -> None:
    lines = ("Description            Qty     Per     Unit price     Amount",)
    rows = ("Hex bolt M8            2400    100     14.62          350.88",)

    plain = got("purchase_order", page(*lines, *rows, "", "Net total                              350.88"))
    taxed = got(
        "purchase_order",
        page(
            *lines,
            *rows,
            "",
            "Net total                              350.88",
            "VAT 20%                                70.18",
        ),
    )

    assert (plain["subtotal"], plain["total"]) == (350.88, 350.88)
    assert (taxed["subtotal"], taxed["tax_total"], taxed["total"]) == (350.88, 70.18, None)


def test_an_incoterm_is_no_word_of_a_sentence() -> None:
    assert got("purchase_order", page("We order DAP fertiliser, 200 kg"))["incoterm"] is None
