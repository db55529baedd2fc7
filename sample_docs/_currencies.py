"""Invoices with two currencies on the page; what is charged is the currency of the record."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import _words
from _figures import AMERICAN, CODED, SWISS, Invoice, Party, cents, french_day, iban, items
from _words import Look

ROMANDIE = replace(SWISS, group="’", day=french_day)

WATCHES = Invoice(
    number="25-3308",
    issued=date(2025, 5, 12),
    due=date(2025, 6, 11),
    seller=Party(
        "Horlogerie du Creux SA", ("Rue de la Fontaine 14", "9996 Le Creux-dessus"), "CHE-999.417.306 TVA"
    ),
    buyer=Party("Joaillerie Sainte-Odile", ("8, place du Marché", "99670 Saint-Odilon", "France")),
    items=items(
        "8.1",
        (
            "Révision complète, calibre automatique, avec remplacement du ressort",
            "3",
            "480.00",
            "pce",
            "R-AUTO",
        ),
        ("Verre saphir bombé, Ø 31 mm", "2", "145.00", "pce", "V-SB31"),
        ("Polissage boîte et bracelet acier", "3", "120.00", "pce", "P-BBA"),
        ("Expédition assurée, valeur déclarée", "1", "64.50", "", "PORT"),
    ),
    notation=ROMANDIE,
    terms="30 jours net",
    order="JSO 2025-41",
    customer="4471",
    iban=iban("CH", "99999000417330825"),
    bic="ZZBKCH00",
    columns=CODED,
    extra=(("Reçu en atelier le", "17 avril 2025"),),
)
EURO_RATE = Decimal("0.9385")
WATCHES_LOOK = Look(
    words=replace(_words.FRENCH, title="Facture n°", tax_id="IDE", total="Total à payer"),
    ink="#24324a",
    slogan="Le Creux-dessus, le",
    opening="Nous vous remercions de votre confiance et vous facturons les travaux suivants :",
    beside=(
        ("Contre-valeur indicative en EUR", f"EUR {ROMANDIE.number(cents(WATCHES.total / EURO_RATE))}"),
        ("Cours du jour, 1 EUR =", "CHF 0.9385"),
    ),
    closing="Seul le montant en francs suisses fait foi. Garantie de douze mois sur les travaux effectués.",
    legal="Horlogerie du Creux SA · Registre du commerce CH-999.3.417.306-1",
)

SURVEY = Invoice(
    number="NS25-0117",
    issued=date(2025, 1, 31),
    due=date(2025, 3, 2),
    seller=Party(
        "Noordergat Survey B.V.",
        ("Havenkade 41-2", "9998 XB Oosterzijl", "The Netherlands"),
        "NL999417118B01",
    ),
    buyer=Party(
        "Kestelveen Offshore B.V.", ("Pier 7", "9997 XC Buitenhaven", "The Netherlands"), "NL999400552B01"
    ),
    items=items(
        "21",
        ("Multibeam survey, day rate, 13 to 18 January", "6", "4850.00", "day"),
        ("Mobilisation and demobilisation", "1", "7200.00", ""),
        ("Data processing and charting", "38.5", "135.00", "hour"),
        ("Standby, weather", "1.5", "2400.00", "day"),
    ),
    notation=replace(AMERICAN, day=lambda day: f"{day:%d %b %Y}", money_format="USD {}"),
    terms="30 days from invoice date",
    order="KO-88213",
    customer="KES-02",
    iban=iban("NL", "ZZBK0417881200"),
    bic="ZZBKNL00",
    delivered=date(2025, 1, 18),
    columns=("description", "quantity", "unit", "unit_price", "amount"),
)
DOLLAR_RATE = Decimal("1.0393")
SURVEY_LOOK = Look(
    words=replace(_words.ENGLISH, total="Total due USD"),
    ink="#0f4c5c",
    slogan="Hydrographic survey and charting",
    beside=(
        ("VAT amount in EUR (EUR 1 = USD 1.0393)", f"EUR {AMERICAN.number(cents(SURVEY.tax / DOLLAR_RATE))}"),
        (
            "Equivalent of the total, for information",
            f"EUR {AMERICAN.number(cents(SURVEY.total / DOLLAR_RATE))}",
        ),
    ),
    closing="Please pay in US dollars. Bank charges are shared. Our general terms apply to all our services.",
    legal="Noordergat Survey B.V. · Trade register 99417118 · Account in USD at Zephyr Bank, Oosterzijl",
)
