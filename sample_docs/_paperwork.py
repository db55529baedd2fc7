"""Invoices in five languages: two as they were mailed, the others as they were scanned."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import _words
from _figures import (
    BRITISH,
    CODED,
    DUTCH,
    FRENCH,
    GERMAN,
    SPANISH,
    Invoice,
    Party,
    dutch_day,
    iban,
    items,
    spanish_day,
)
from _words import Look

HEATING = Invoice(
    number="2025.0731",
    issued=date(2025, 7, 8),
    due=date(2025, 7, 22),
    seller=Party(
        "Installatiebedrijf Wierdemeer B.V.", ("Stoomgemaal 3", "9996 XK Wierdemeer"), "NL999731004B01"
    ),
    buyer=Party("VvE De Turfschipper", ("p/a Kadewal 112", "9995 XA Oudeveen")),
    items=(
        *items(
            "21",
            ("Warmtepomp lucht-water 8 kW, geleverd en geplaatst", "1", "5480.00", "st"),
            ("Leidingwerk koper 22 mm, geïsoleerd", "34.5", "18.60", "m"),
            ("Inregelen en opleveren installatie", "6", "72.50", "uur"),
            ("Voorrijkosten", "2", "35.00", ""),
        ),
        *items("9", ("Isoleren buitenmuur ketelruimte, arbeid", "11", "54.00", "uur")),
    ),
    notation=replace(DUTCH, day=dutch_day),
    terms="14 dagen netto",
    order="Kadewal/2025-3",
    customer="10884",
    iban=iban("NL", "ZZBK0417073125"),
    delivered=date(2025, 7, 4),
    columns=("description", "quantity", "unit", "unit_price", "rate", "amount"),
    extra=(("Offerte", "OF-25-119"),),
)
HEATING_LOOK = Look(
    words=_words.DUTCH,
    ink="#0b6e4f",
    slogan="Verwarming, water en zonne-energie",
    closing="Graag bij betaling het factuurnummer vermelden. Op al onze werkzaamheden geeft de installateur "
    "twee jaar garantie.",
    legal="Installatiebedrijf Wierdemeer B.V. · KvK 99731004 · Zephyr Bank Wierdemeer",
)

LOCKS = Invoice(
    number="F25/000284",
    issued=date(2025, 9, 15),
    due=date(2025, 10, 15),
    seller=Party(
        "Cerrajería Hermanos Valdoria, S.L.U.", ("C/ Herrerías, 22, bajo", "99050 Valdoria"), "B99902841"
    ),
    buyer=Party("Comunidad de Propietarios Plaza Mayor 7", ("Plaza Mayor, 7", "99051 Valdoria"), "H99904417"),
    items=items(
        "21",
        ("Cerradura de seguridad 4 bulones, portal", "1", "186.40", "ud", "CS-4B"),
        ("Bombín antirrobo con 5 llaves", "12", "64.90", "ud", "BA-50"),
        ("Muelle cierrapuertas aéreo", "2", "78.25", "ud", "MC-03"),
        ("Copia de llave incopiable", "36", "9.50", "ud", "LL-INC"),
        ("Mano de obra, oficial de primera", "7.5", "38.00", "h", "MO-1"),
    ),
    notation=replace(SPANISH, day=spanish_day),
    terms="Domiciliación bancaria a 30 días",
    order="25-097/PM",
    customer="00731",
    iban=iban("ES", "99990417170000028425"),
    bic="ZZBKES00XXX",
    columns=CODED,
)
LOCKS_LOOK = Look(
    words=_words.SPANISH,
    ink="#8a1c2b",
    slogan="Cerrajería, cajas fuertes y control de accesos",
    closing="Conserve esta factura: es imprescindible para hacer uso de la garantía de dos años.",
    legal="Inscrita en el Registro Mercantil de Valdoria, tomo 731, folio 41, hoja VA-9028",
)

JOINERY = Invoice(
    number="AJ-1846",
    issued=date(2025, 10, 2),
    due=date(2025, 11, 1),
    seller=Party(
        "Ashgrove Joinery & Restoration Ltd",
        ("The Sawmill, Beck Lane", "Ashgrove ZZ52 3LM"),
        "GB 417 1846 05",
    ),
    buyer=Party("St Cuthman's Parish Council", ("Parish Office, Church Walk", "Ashgrove ZZ52 1BE")),
    items=items(
        "20",
        ("Sash windows, accoya, to match existing", "4", "1385.00", "no."),
        ("Repair of oak door, north porch", "1", "740.00", ""),
        ("Draught stripping, per metre", "46.5", "11.20", "m"),
        ("Making good and two coats of primer", "9.25", "38.00", "hr"),
    ),
    notation=BRITISH,
    terms="30 days from invoice",
    order="PC-2025/61",
    iban=iban("GB", "ZZBK99999918460052"),
    delivered=date(2025, 9, 26),
    columns=("description", "quantity", "unit", "unit_price", "amount"),
    discount=Decimal("250.00"),
)

JOINERY_LOOK = Look(
    words=replace(_words.ENGLISH, discount="Less community discount"),
    ink="#5a3d1e",
    slogan="Windows, doors and staircases for listed buildings",
    closing="Timber from managed woodland. Cheques payable to Ashgrove Joinery & Restoration Ltd, please.",
    legal="Registered in England no. 00418461 · Registered office as above",
)

BAKERY = Invoice(
    number="2025-03-0077",
    issued=date(2025, 3, 31),
    due=date(2025, 4, 30),
    seller=Party(
        "Boulangerie Maréchal et Fils",
        ("12, place du Lavoir", "99480 Fontenelle-sur-Ayre"),
        "FR 99 999 077 331",
    ),
    buyer=Party("Restaurant scolaire Les Tilleuls", ("3, allée des Écoles", "99480 Fontenelle-sur-Ayre")),
    items=items(
        "5.5",
        ("Baguette tradition, mars", "620", "0.92", "pce"),
        ("Pain de campagne 1 kg, tranché", "84", "3.65", "pce"),
        ("Brioche individuelle", "310", "0.85", "pce"),
        ("Galette des rois, 8 parts", "6", "14.20", "pce"),
    ),
    notation=replace(FRENCH, day=lambda day: f"{day:%d/%m/%Y}"),
    terms="30 jours fin de mois, par chèque ou virement",
    customer="CANT-02",
    iban=iban("FR", "99999000010077250331045"),
    bic="ZZBKFR00",
    delivered=date(2025, 3, 31),
    columns=("description", "quantity", "unit", "unit_price", "amount"),
)
BAKERY_LOOK = Look(
    words=replace(_words.FRENCH, delivered="Livraisons jusqu'au"),
    ink="#6b3e14",
    slogan="Artisan boulanger depuis trois générations",
    closing="Pénalités de retard : 3 fois le taux légal. Indemnité forfaitaire de recouvrement : 40 €.",
    legal="EURL au capital de 5 000 € · RM 999 077 331",
)

GARDENER = Invoice(
    number="RE 25/338",
    issued=date(2025, 5, 20),
    due=date(2025, 6, 3),
    seller=Party("Gartenbau Silke Rautenberg", ("Obere Weinstraße 61", "99911 Rebenau"), "DE999338205"),
    buyer=Party("Seniorenstift Am Rosenhang", ("Rosenhang 1-5", "99912 Rebenau")),
    items=items(
        "19",
        ("Frühjahrsschnitt Hecken und Sträucher", "16", "47.50", "Std"),
        ("Rollrasen liefern und verlegen", "120", "9.80", "m²"),
        ("Stauden 'Bienenweide', Topf 1 l", "75", "4.20", "Stk"),
        ("Entsorgung Grünschnitt", "3.4", "38.00", "m³"),
    ),
    notation=GERMAN,
    terms="14 Tage ohne Abzug",
    iban=iban("DE", "999999990033825061"),
    bic="ZZBKDE00XXX",
    delivered=date(2025, 5, 16),
    columns=("position", "description", "quantity", "unit", "unit_price", "amount"),
    extra=(("Auftrag vom", "28.04.2025"),),
)
GARDENER_LOOK = Look(
    words=replace(_words.GERMAN, title="Rechnung Nr.", delivered="Ausgeführt bis"),
    ink="#2c5e2e",
    slogan="Rebenau, den",
    opening="Sehr geehrte Frau Thielemann, für die ausgeführten Arbeiten erlaube ich mir zu berechnen:",
    closing="Bitte überweisen Sie den Betrag unter Angabe der Rechnungsnummer. Mit freundlichen Grüßen, "
    "Silke Rautenberg",
    legal="Steuernummer 99/338/02050 · Zephyr Bank Rebenau",
)

HOTEL = Invoice(
    number="HM-2025-1904",
    issued=date(2025, 8, 24),
    due=None,
    seller=Party("Hotel Mirador de la Cala, S.A.", ("Paseo del Faro, 3", "99620 Cala Serena"), "A99901904"),
    buyer=Party("Ediciones Tramontana, S.L.", ("Calle del Molino, 58, 2.º", "99003 Valdoria"), "B99917733"),
    items=items(
        "10",
        ("Habitación doble uso individual, 20 a 24 agosto", "4", "112.00", "noche"),
        ("Desayuno bufé", "4", "14.50", ""),
        ("Media pensión, cena 22 agosto", "1", "27.00", ""),
        ("Plaza de garaje", "4", "16.00", "día"),
    ),
    notation=SPANISH,
    terms="Pagado con tarjeta a la salida",
    columns=("description", "quantity", "unit", "unit_price", "amount"),
    extra=(("Llegada", "20/08/2025"), ("Habitación", "314")),
    delivered=date(2025, 8, 24),
)
HOTEL_LOOK = Look(
    words=replace(_words.SPANISH, title="Factura n.º", delivered="Salida", terms="Pago"),
    ink="#14507a",
    slogan="Cala Serena,",
    opening="Huésped: D.ª Inés Carrascal Ortuño. Gracias por su estancia.",
    legal="Hotel Mirador de la Cala, S.A. · Registro de turismo H-0417-CS",
)

PRINTER = Invoice(
    number="D250164",
    issued=date(2025, 2, 11),
    due=date(2025, 3, 13),
    seller=Party("Drukkerij De Gulden Letter", ("Ambachtsweg 29", "9994 XE Zuiderloo"), "NL999164227B01"),
    buyer=Party("Stichting Muziekschool Zuiderloo", ("Torenstraat 8", "9994 XA Zuiderloo")),
    items=items(
        "21",
        ("Concertposters A2, full colour, 135 grams", "150", "1.18", "st", "PO-A2"),
        ("Programmaboekjes 24 pagina's, geniet", "800", "0.94", "st", "BR-24"),
        ("Toegangskaarten, genummerd en geperforeerd", "1200", "0.075", "st", "TK-NP"),
        ("Opmaak en drukproef", "3.5", "62.00", "uur", "DTP"),
    ),
    notation=DUTCH,
    terms="Binnen 30 dagen na factuurdatum",
    order="Voorjaarsconcert",
    customer="M0229",
    iban=iban("NL", "ZZBK0417250164"),
    columns=CODED,
    extra=(("Orderdatum", "27-01-2025"),),
)
PRINTER_LOOK = Look(
    words=replace(_words.DUTCH, total="Totaal incl. btw", terms="Betaling"),
    ink="#333333",
    slogan="Drukwerk met aandacht sinds 1958",
    closing="Reclames dienen binnen acht dagen na levering schriftelijk te worden gemeld.",
    legal="Drukkerij De Gulden Letter · KvK 99164227 · Leveringsvoorwaarden op aanvraag",
)

OLIVES = Invoice(
    number="2025/A/519",
    issued=date(2025, 1, 17),
    due=date(2025, 2, 16),
    seller=Party(
        "Almazara Sierra Blanca, S. Coop.", ("Ctra. de la Ermita, s/n", "99710 Olivares del Río"), "F99905190"
    ),
    buyer=Party("Ultramarinos Casa Ferrera", ("Calle Real, 14", "99004 Valdoria")),
    items=items(
        "4",
        ("Aceite de oliva virgen extra, garrafa 5 l", "24", "41.25", "ud", "AO-5L"),
        ("Aceite de oliva virgen extra, botella 750 ml", "60", "8.10", "ud", "AO-75"),
        ("Aceite ecológico, botella 500 ml", "36", "7.45", "ud", "AE-50"),
    ),
    notation=SPANISH,
    terms="Transferencia a 30 días",
    customer="C-118",
    iban=iban("ES", "99990519100000201725"),
    columns=("code", "description", "quantity", "unit_price", "amount"),
    extra=(("Albarán", "ALB-25-0092"),),
)
OLIVES_LOOK = Look(
    words=_words.SPANISH,
    ink="#4d5a1a",
    slogan="Aceite de la primera prensada",
    closing="Mercancía entregada y conforme.",
    legal="Registro de Cooperativas 0519-OR · R.G.S.E.A.A. 16.00519/OR",
)
