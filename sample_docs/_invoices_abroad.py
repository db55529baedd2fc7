"""What the invoices from the continent say. Everyone and everything in them is invented."""

from datetime import date
from decimal import Decimal

from _figures import CODED, DUTCH, FRENCH, GERMAN, PLAIN, SPANISH, SWISS, Invoice, Party, iban, items

TOOLS = Invoice(
    number="2024-00317",
    issued=date(2024, 2, 5),
    due=date(2024, 2, 19),
    seller=Party("Müller Werkzeugbau GmbH", ("Gewerbestraße 12", "99999 Neuental"), "DE999120847"),
    buyer=Party("Kronberg Maschinen AG", ("Industriering 48", "99990 Bad Lindenau"), "DE999445210"),
    items=items(
        "19",
        ("Schaftfräser HSS-E 12 mm, 4 Schneiden", "20", "34.90", "Stk", "10-4412"),
        ("Spannzange ER32, Satz 18-teilig, Rundlauf 0,008 mm", "2", "289.00", "Satz", "11-3218"),
        ("Sonderwerkzeug nach Zeichnung KM-7718, Rev. C", "1", "1840.00", "Stk", "90-0001"),
        ("Nachschleifen Wendeplattenbohrer", "12.5", "52.00", "Std", "70-0110"),
        ("Verpackung und Versand", "1", "24.50", "psch", "99-0001"),
    ),
    notation=GERMAN,
    terms="Zahlbar innerhalb von 14 Tagen ohne Abzug",
    order="4500082317",
    iban=iban("DE", "999999990012345678"),
    bic="ZZBKDE00XXX",
    customer="10452",
    delivered=date(2024, 1, 31),
    columns=("position", *CODED),
    extra=(("Bestelldatum", "15.01.2024"), ("Lieferschein", "L-88017"), ("Ansprechpartner", "Frau Öztürk")),
)

LABORATORY = Invoice(
    number="RG-88120",
    issued=date(2024, 1, 22),
    due=date(2024, 2, 21),
    seller=Party("Analytik Nordheim GmbH", ("Am Kanal 27", "99980 Nordheim"), "DE999310552"),
    buyer=Party("Wasserverband Obere Leine", ("Pumpwerk 2", "99970 Leinefurt")),
    items=items(
        "19",
        ("Trinkwasseranalyse Gruppe A, Probe 24-0113", "6", "78.00"),
        ("Legionellen nach Membranfiltration", "14", "41.50"),
        ("Schwermetalle, ICP-MS, 9 Elemente", "4", "112.40"),
        ("Probenahme durch akkreditierten Probenehmer", "5.25", "64.00"),
        ("Fahrtkosten, Kilometer", "186", "0.62"),
        ("Prüfbericht mit Bewertung", "3", "35.00"),
    ),
    notation=GERMAN,
    terms="30 Tage netto",
    order="WV-2024-007",
    iban=iban("DE", "999999990088120441"),
    bic="ZZBKDE00XXX",
    customer="20077",
    delivered=date(2024, 1, 11),
    columns=("position", *PLAIN),
    extra=(("Auftrag vom", "03.01.2024"), ("Prüfbericht", "PB-24-0207")),
)

BREWERY = Invoice(
    number="R-5592",
    issued=date(2024, 7, 11),
    due=date(2024, 8, 10),
    seller=Party("Bergquell Getränke AG", ("Mühleweg 3", "9998 Oberwald"), "CHE-999.204.118 MWST"),
    buyer=Party("Gasthof zum Weissen Hirsch", ("Dorfplatz 1", "9997 Unterfeld")),
    items=(
        *items(
            "8.1",
            ("Lagerbier hell, Fass 20 l", "14", "78.50", "Fass"),
            ("Weissbier, Harass 20 x 50 cl", "9", "41.60", "Har."),
            ("Leihgebühr Zapfanlage, Juni", "1", "120.00", ""),
        ),
        *items(
            "2.6",
            ("Mineralwasser mit Kohlensäure, Harass 12 x 1 l", "30", "13.20", "Har."),
            ("Apfelschorle, Harass 24 x 33 cl", "18", "24.90", "Har."),
        ),
    ),
    notation=SWISS,
    terms="30 Tage netto",
    iban=iban("CH", "99999000123456789"),
    customer="3308",
    delivered=date(2024, 6, 28),
    columns=("description", "quantity", "unit", "unit_price", "rate", "amount"),
    extra=(("Lieferschein", "LS-20771"), ("Leergut retour", "11 Fass")),
)

CATERING = Invoice(
    number="FA-2024-0086",
    issued=date(2024, 6, 21),
    due=date(2024, 7, 21),
    seller=Party(
        "Atelier Beaumont Traiteur SARL", ("18, rue des Tanneurs", "99210 Saint-Aubry"), "FR 99 999 281 644"
    ),
    buyer=Party("Mairie de Valcourt-sur-Orne", ("1, place de la République", "99340 Valcourt-sur-Orne")),
    items=(
        *items(
            "10",
            ("Buffet froid champêtre, par personne", "120", "23.50"),
            ("Pièces cocktail salées (lot de 12)", "35", "16.80"),
            ("Jus de pomme fermier, bouteille 1 L", "48", "3.20"),
        ),
        *items(
            "20",
            ("Crémant brut, bouteille 75 cl", "36", "11.90"),
            ("Personnel de service, heure", "18", "31.00"),
            ("Location vaisselle et nappage", "1", "285.00"),
        ),
    ),
    notation=FRENCH,
    terms="Paiement à 30 jours, par virement",
    order="BC 2024/118",
    iban=iban("FR", "99999000010012345678987"),
    bic="ZZBKFR00",
    customer="C0219",
    delivered=date(2024, 6, 15),
    columns=("description", "quantity", "unit_price", "rate", "amount"),
    extra=(("Devis n°", "DV-2024-0051"), ("Date du devis", "2 avril 2024")),
)

STUDIO = Invoice(
    number="0193",
    issued=date(2024, 9, 2),
    due=date(2024, 9, 16),
    seller=Party(
        "Studio Lumen", ("Oude Gracht 91-B", "9999 ZX Vliedorp", "The Netherlands"), "NL999124887B01"
    ),
    buyer=Party("Fjordlys Interiør AS", ("Kaigata 5", "9990 Nordvik", "Norway"), "NO 999 204 118 MVA"),
    items=items(
        "0",
        ("Lighting concept, ground floor", "22", "95.00", "hours"),
        ("Site visit Nordvik, incl. travel time", "11.5", "95.00", "hours"),
        ("Photometric calculation set", "1", "640.00", "set"),
    ),
    notation=DUTCH,
    terms="14 days",
    iban=iban("NL", "ZZBK0417164300"),
    columns=("description", "quantity", "unit", "unit_price", "amount"),
    discount=Decimal("150.00"),
    extra=(("Project", "Nordvik lobby"), ("Proposal", "P-88 of 24-06-2024")),
)

FREIGHT = Invoice(
    number="A/24-1172",
    issued=date(2024, 10, 31),
    due=date(2024, 12, 15),
    seller=Party(
        "Transportes Ribera del Alba, S.L.",
        ("Polígono El Olivar, nave 14", "99400 Villaseca del Alba (Solana)"),
        "ESB99910427",
    ),
    buyer=Party(
        "Conservas Montelar, S.A.", ("Carretera de la Vega, km 3", "99180 Montelar (Solana)"), "ESA99907731"
    ),
    items=items(
        "21",
        ("Montelar - Puerto Real, 24 palés, camión frigorífico", "2", "685.00", "viaje", "ALB-5518"),
        ("Montelar - Valdehierro, 12 palés", "1", "412.50", "viaje", "ALB-5527"),
        ("Puerto Real - Montelar, envases vacíos", "3", "298.00", "viaje", "ALB-5531"),
        ("Paralización en destino, horas", "4.5", "38.00", "h", "ALB-5531"),
        ("Recargo combustible octubre", "1", "86.70", "", ""),
    ),
    notation=SPANISH,
    terms="Transferencia a 45 días fecha factura",
    order="PED-60932",
    iban=iban("ES", "99999999060012345678"),
    customer="00418",
    delivered=date(2024, 10, 31),
    columns=CODED,
    extra=(("Fecha pedido", "27/09/2024"), ("Matrícula", "0000 ZZZ")),
)
