"""A German wholesaler's invoice with so many items that it takes three pages and more."""

from datetime import date
from decimal import Decimal
from random import Random

import _words
from _figures import CODED, GERMAN, Invoice, Item, Party, iban
from _words import Look

# Article group, text, sizes, unit, least and most euros apiece.
RANGE = (
    ("10", "Mantelleitung NYM-J {} mm², Ring 50 m", ("3x1,5", "5x1,5", "3x2,5", "5x2,5"), "Ring", 38, 96),
    ("11", "Erdkabel NYY-J {} mm², je Meter", ("3x1,5", "5x4", "5x6", "5x10"), "m", 1, 9),
    ("12", "Datenleitung Cat.7 S/FTP {}, Trommel", ("250 m", "500 m", "1000 m"), "Stk", 110, 460),
    ("20", "Leitungsschutzschalter B{} A, 1-polig", ("6", "10", "13", "16", "20", "25"), "Stk", 2, 5),
    (
        "21",
        "Fehlerstromschutzschalter 4-polig {} mA",
        ("25 A / 30", "40 A / 30", "63 A / 300"),
        "Stk",
        28,
        88,
    ),
    ("22", "Überspannungsableiter Typ {}", ("1+2", "2", "3"), "Stk", 42, 240),
    ("30", "Unterputzdose winddicht, Tiefe {} mm", ("41", "46", "61"), "Stk", 1, 2),
    ("31", "Hohlwanddose {}", ("1-fach", "2-fach", "3-fach", "elektronik"), "Stk", 1, 5),
    ("32", "Abzweigkasten IP66 {} mm", ("85 x 85", "100 x 100", "160 x 120"), "Stk", 2, 11),
    ("40", "Steckdose mit Kinderschutz, {}", ("reinweiß", "anthrazit", "edelstahl"), "Stk", 3, 14),
    ("41", "Wechselschalter, {}", ("reinweiß", "anthrazit", "edelstahl"), "Stk", 4, 16),
    ("42", "Abdeckrahmen {}, reinweiß", ("1-fach", "2-fach", "3-fach", "4-fach", "5-fach"), "Stk", 1, 12),
    ("50", "LED-Panel 62 x 62 cm, {}", ("3000 K", "4000 K", "6500 K"), "Stk", 31, 58),
    ("51", "Feuchtraumleuchte LED {}", ("120 cm 32 W", "150 cm 46 W"), "Stk", 24, 49),
    ("52", "Bewegungsmelder {}", ("180 Grad", "240 Grad", "360 Grad Decke"), "Stk", 17, 72),
    ("60", "Kleinverteiler aufputz {}", ("1-reihig", "2-reihig", "3-reihig", "4-reihig"), "Stk", 19, 94),
    ("61", "Phasenschiene 3-polig {}", ("12 TE", "56 TE"), "Stk", 5, 22),
    ("62", "Reihenklemme {} mm², grau", ("2,5", "4", "10"), "VPE", 6, 24),
    ("70", "Installationsrohr starr M{}, Stange 2 m", ("20", "25", "32", "40"), "Stg", 1, 4),
    ("71", "Kabelkanal {} mm, Länge 2 m", ("20 x 20", "40 x 60", "60 x 110"), "Stk", 3, 19),
    ("72", "Kabelbinder {} mm, Beutel 100 Stück", ("140", "200", "290", "370"), "Btl", 2, 9),
    ("80", "Wallbox 11 kW, {}", ("Steckdose", "Kabel 5 m", "Kabel 7,5 m"), "Stk", 489, 790),
)


def _items() -> tuple[Item, ...]:
    random = Random(417)
    made = []
    for group, text, sizes, unit, low, high in RANGE:
        for number, size in enumerate(sizes, 1):
            price = Decimal(random.randrange(low * 100, high * 100)).scaleb(-2)
            count = Decimal(random.choice((1, 2, 5, 10, 20) if high > 40 else (10, 25, 50, 120)))
            made.append(
                Item(
                    text.format(size),
                    count,
                    price,
                    Decimal(19),
                    unit,
                    f"{group}-{number:02d}{random.randrange(100):02d}",
                )
            )
    return tuple(made)


ELECTRICS = Invoice(
    number="90417332",
    issued=date(2025, 6, 30),
    due=date(2025, 7, 30),
    seller=Party(
        "Elektrogroßhandel Lichtenau KG", ("Umspannwerkstraße 5", "99930 Lichtenau-Süd"), "DE999930417"
    ),
    buyer=Party("Haustechnik Börde GmbH & Co. KG", ("Ziegeleiweg 31", "99921 Altenbörde")),
    items=_items(),
    notation=GERMAN,
    terms="30 Tage netto, 10 Tage 2 % Skonto",
    order="HB-2025-0618",
    customer="D-20418",
    iban=iban("DE", "999999990041733200"),
    bic="ZZBKDE00XXX",
    delivered=date(2025, 6, 24),
    columns=("position", *CODED),
    extra=(("Lieferschein-Nr.", "LS 5501884"), ("Ihr Zeichen", "Neubau Schule")),
)
ELECTRICS_LOOK = Look(
    words=_words.GERMAN,
    ink="#a3360b",
    slogan="Installationsmaterial · Licht · Daten · Ladetechnik",
    opening="Wir lieferten Ihnen frei Baustelle Grundschule Altenbörde, Schulgasse 2, und berechnen in EUR:",
    legal="Elektrogroßhandel Lichtenau KG · Amtsgericht Lichtenau HRA 9941 · USt-IdNr. DE999930417",
)
