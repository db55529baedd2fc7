"""The words of an invoice in five languages, and how a business dresses them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What stands before the values of an invoice.

    Attributes:
        tax: Label of a tax; `{rate}` and `{net}` are filled in.
        taxes: Label of the sum of the taxes, where there are several rates.
        page: Of a page; `{page}` and `{of}` are filled in.
        heads: Titles of the columns.
    """

    title: str
    number: str
    issued: str
    due: str
    delivered: str
    order: str
    customer: str
    seller: str
    buyer: str
    terms: str
    tax_id: str
    subtotal: str
    discount: str
    tax: str
    taxes: str
    total: str
    page: str
    carried: str
    brought: str
    heads: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a business dresses its invoices.

    Attributes:
        words: Its language.
        ink: Its colour.
        slogan: Below its name, or the place before the date of a letter.
        opening: Sentences before the items.
        closing: Sentences at the end.
        beside: Labels and amounts that stand below the total and are not it.
        legal: Last line of each page.
    """

    words: Words
    ink: str
    slogan: str
    opening: str = ""
    closing: str = ""
    beside: tuple[tuple[str, str], ...] = ()
    legal: str = ""


ENGLISH = Words(
    title="Invoice",
    number="Invoice number",
    issued="Invoice date",
    due="Due date",
    delivered="Date of supply",
    order="Your order no.",
    customer="Account no.",
    seller="From",
    buyer="Bill to",
    terms="Payment terms",
    tax_id="VAT no.",
    subtotal="Subtotal",
    discount="Discount",
    tax="VAT {rate}% on {net}",
    taxes="Total VAT",
    total="Total",
    page="Page {page} of {of}",
    carried="Carried forward",
    brought="Brought forward",
    heads={
        "position": "#",
        "code": "Item no.",
        "description": "Description",
        "quantity": "Quantity",
        "unit": "Unit",
        "unit_price": "Unit price",
        "rate": "VAT",
        "amount": "Amount",
    },
)

GERMAN = Words(
    title="Rechnung",
    number="Rechnungs-Nr.",
    issued="Rechnungsdatum",
    due="Zahlbar bis",
    delivered="Lieferdatum",
    order="Ihre Bestell-Nr.",
    customer="Kunden-Nr.",
    seller="Rechnungssteller",
    buyer="Rechnungsempfänger",
    terms="Zahlungsziel",
    tax_id="USt-IdNr.",
    subtotal="Zwischensumme netto",
    discount="Rabatt",
    tax="{rate} % USt auf {net}",
    taxes="Summe USt",
    total="Gesamtbetrag",
    page="Seite {page} von {of}",
    carried="Übertrag",
    brought="Übertrag von der Vorseite",
    heads={
        "position": "Pos",
        "code": "Art.-Nr.",
        "description": "Artikel",
        "quantity": "Menge",
        "unit": "Einh.",
        "unit_price": "Preis/Einh.",
        "rate": "USt",
        "amount": "Gesamtpreis",
    },
)

FRENCH = Words(
    title="Facture",
    number="Facture n°",
    issued="Date de facture",
    due="Date d'échéance",
    delivered="Date de livraison",
    order="Votre commande n°",
    customer="Code client",
    seller="Émetteur",
    buyer="Adressé à",
    terms="Conditions de paiement",
    tax_id="N° TVA",
    subtotal="Total HT",
    discount="Remise",
    tax="TVA {rate} % sur {net}",
    taxes="Total TVA",
    total="Total TTC",
    page="Page {page}/{of}",
    carried="À reporter",
    brought="Report",
    heads={
        "position": "N°",
        "code": "Référence",
        "description": "Désignation",
        "quantity": "Quantité",
        "unit": "Unité",
        "unit_price": "Prix unitaire HT",
        "rate": "TVA",
        "amount": "Total HT",
    },
)

DUTCH = Words(
    title="Factuur",
    number="Factuurnummer",
    issued="Factuurdatum",
    due="Vervaldatum",
    delivered="Leverdatum",
    order="Uw referentie",
    customer="Klantnummer",
    seller="Van",
    buyer="Factuuradres",
    terms="Betalingstermijn",
    tax_id="Btw-nr.",
    subtotal="Subtotaal excl. btw",
    discount="Korting",
    tax="Btw {rate}% over {net}",
    taxes="Btw totaal",
    total="Totaal te voldoen",
    page="Pagina {page} van {of}",
    carried="Transport",
    brought="Transport vorige pagina",
    heads={
        "position": "Nr.",
        "code": "Artikel",
        "description": "Omschrijving",
        "quantity": "Aantal",
        "unit": "Eenheid",
        "unit_price": "Prijs",
        "rate": "Btw",
        "amount": "Bedrag",
    },
)

SPANISH = Words(
    title="Factura",
    number="Factura n.º",
    issued="Fecha de factura",
    due="Fecha de vencimiento",
    delivered="Fecha de entrega",
    order="Pedido n.º",
    customer="N.º de cliente",
    seller="Emisor",
    buyer="Facturar a",
    terms="Forma de pago",
    tax_id="NIF",
    subtotal="Base imponible",
    discount="Descuento",
    tax="IVA {rate} % s/ {net}",
    taxes="Total IVA",
    total="Total a pagar",
    page="Página {page} de {of}",
    carried="Suma y sigue",
    brought="Suma anterior",
    heads={
        "position": "N.º",
        "code": "Ref.",
        "description": "Descripción",
        "quantity": "Cant.",
        "unit": "Ud.",
        "unit_price": "Precio ud.",
        "rate": "IVA",
        "amount": "Importe",
    },
)
