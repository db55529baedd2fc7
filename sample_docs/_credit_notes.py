"""Three credit notes: with minus signs, in brackets, and without any sign."""

from dataclasses import replace
from datetime import date

import _words
from _figures import BRITISH, CODED, FRENCH, GERMAN, Invoice, Party, items
from _words import Look

GLASS = Invoice(
    kind="credit_note",
    number="AV-25-0031",
    issued=date(2025, 2, 18),
    due=None,
    seller=Party(
        "Verrerie des Trois Sources SARL",
        ("4, chemin du Four", "99120 Montrevel-aux-Bois"),
        "FR 99 999 417 208",
    ),
    buyer=Party("Brasserie du Vieux Pont", ("27, quai des Mariniers", "99310 Port-Aubin")),
    items=items(
        "20",
        ("Verre à bière 33 cl, gravé, casse au transport", "-48", "2.85", "pce", "VB-33G"),
        ("Carafe 1 L, défaut de fabrication", "-6", "9.40", "pce", "CA-100"),
        ("Retour palette consignée", "-1", "22.00", "pce", "PAL-EU"),
    ),
    notation=FRENCH,
    customer="BVP-204",
    columns=CODED,
    extra=(
        ("Date du retour", "6 février 2025"),
        ("Facture d'origine", "FA-25-0187"),
        ("du", "30 janvier 2025"),
    ),
)
GLASS_LOOK = Look(
    words=replace(
        _words.FRENCH,
        title="Avoir",
        number="Avoir n°",
        issued="Date",
        total="Net à déduire",
    ),
    ink="#1f5f6b",
    slogan="Verrerie d'art et de table depuis 1924",
    opening="Suite à votre réclamation du 6 février, nous portons à votre crédit :",
    closing="Cet avoir sera déduit de votre prochain règlement. Il ne donne lieu à aucun escompte.",
    legal="SARL au capital de 12 000 € · RCS Montrevel 999 417 208",
)

FABRICS = Invoice(
    kind="credit_note",
    number="CN-00417",
    issued=date(2025, 3, 27),
    due=None,
    seller=Party(
        "Brackenfield Textiles Ltd", ("Weaving Shed 4, Tenter Lane", "Ossleby ZZ41 7RD"), "GB 417 0906 22"
    ),
    buyer=Party("Pippa Thorne Interiors", ("58 Minster Yard", "Wexcombe ZZ1 4PW")),
    items=items(
        "20",
        ("Linen union 'Sallow', 137 cm wide, flawed length", "14.5", "-31.80", "m", "LU-SAL"),
        ("Cotton sateen lining, ivory, wrong width", "30", "-6.20", "m", "LN-IV1"),
        ("Carriage on original order", "1", "-18.50", "", "CARR"),
    ),
    notation=replace(BRITISH, day=lambda day: f"{day:%d %b %Y}", negative="({})"),
    order="PT/1188",
    customer="THO010",
    columns=CODED,
    extra=(("Credits invoice", "SI-20993"),),
)
FABRICS_LOOK = Look(
    words=replace(
        _words.ENGLISH,
        title="Credit note",
        number="Credit note no.",
        issued="Date",
        total="Total credit",
        buyer="Credit to",
    ),
    ink="#7a4a12",
    slogan="Weavers of furnishing fabrics",
    closing="The amount has been credited to your account. Please do not deduct it again when you pay.",
    legal="Brackenfield Textiles Ltd · Registered in England no. 00417906",
)

SEEDS = Invoice(
    kind="credit_note",
    number="GS-2025-0094",
    issued=date(2025, 4, 3),
    due=None,
    seller=Party("Saatgut Heidental eG", ("Am Speicher 9", "99960 Heidental"), "DE999660418"),
    buyer=Party("Biohof Familie Ackermann", ("Hinterm Deich 2", "99945 Moorfelde")),
    items=items(
        "7",
        ("Sommerweizen Z-Saatgut, Sack 50 kg, Keimfähigkeit zu gering", "12", "41.90", "Sack", "SW-0050"),
        ("Ackerbohne Z-Saatgut, BigBag 500 kg", "1", "462.00", "BB", "AB-0500"),
    ),
    notation=GERMAN,
    customer="70 118",
    columns=("position", *CODED),
    extra=(("Zu Rechnung", "RE-2025-1127"), ("vom", "12.03.2025")),
)
SEEDS_LOOK = Look(
    words=replace(_words.GERMAN, title="Gutschrift Nr.", total="Gutschriftsbetrag"),
    ink="#3c5a1e",
    slogan="Heidental, den",
    opening="Sehr geehrte Familie Ackermann, wir bedauern den Mangel und schreiben "
    "Ihnen die zurückgenommene Ware wie folgt gut:",
    closing="Der Betrag wird in den nächsten Tagen auf Ihr Konto überwiesen. Mit freundlichen Grüßen, "
    "Ihre Saatgut Heidental eG",
    legal="Saatgut Heidental eG · Genossenschaftsregister Heidental GnR 9417 · Vorstand: H. Brandes",
)
