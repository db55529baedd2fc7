"""What the invoices of English-speaking businesses say. Everyone and everything in them is invented."""

from datetime import date
from decimal import Decimal

from _figures import AMERICAN, BRITISH, CODED, IRISH, Invoice, Party, iban, items

PAPER = Invoice(
    number="TP-20418",
    issued=date(2024, 3, 14),
    due=date(2024, 4, 13),
    seller=Party(
        "Thornbury Paper & Print Ltd", ("Unit 7, Millbrook Lane", "Wexcombe", "ZZ4 7QT"), "GB 417 2093 58"
    ),
    buyer=Party("Halden & Rowe Architects LLP", ("The Old Granary", "22 Castle Street", "Wexcombe ZZ1 2AB")),
    items=items(
        "20",
        ("A4 copier paper 80 gsm, box of 5 reams", "24", "18.95", "box", "CP-480"),
        ("A1 plotter roll 90 gsm, 50 m", "6", "14.40", "roll", "PR-A190"),
        ("Presentation folders, matt laminated, printed 4/0", "250", "0.84", "pc", "PF-M40"),
        ("Letterheads 120 gsm, 2 colours", "2000", "0.0675", "pc", "LH-120"),
        ("Design amendments, per hour", "1.5", "48.00", "h", "DS-01"),
        ("Delivery, same county", "1", "12.50", "", "CARR"),
    ),
    notation=BRITISH,
    terms="30 days net",
    order="HR-2291",
    iban=iban("GB", "ZZBK99999900418820"),
    bic="ZZBKGB00XXX",
    customer="H0377",
    delivered=date(2024, 3, 11),
    columns=CODED,
    extra=(("Delivery note", "88214"), ("Registered in England", "No. 00417209")),
)

MARINE = Invoice(
    number="INV-118204",
    issued=date(2024, 5, 7),
    due=date(2024, 6, 6),
    seller=Party(
        "Harbour Marine Chandlers Limited",
        ("Pier Road", "Ballyfinn", "Co. Arden, Z99 XY41"),
        "IE 9999207T",
    ),
    buyer=Party("Skellmore Sea Rescue CLG", ("Boathouse, North Quay", "Skellmore", "Co. Arden, Z98 A2C7")),
    items=items(
        "23",
        ("Braided polyester rope 12 mm, navy", "200", "2.15", "m", "RP12N"),
        ("Braided polyester rope 16 mm, white", "120", "3.60", "m", "RP16W"),
        ("Stainless D-shackle 8 mm, A4", "40", "4.25", "ea", "SHD08"),
        ("Stainless bow shackle 10 mm, A4", "24", "6.90", "ea", "SHB10"),
        ("Swivel snap hook 90 mm", "16", "11.20", "ea", "SNP90"),
        ("Fender, cylindrical, 230 x 800", "12", "38.50", "ea", "FEN23"),
        ("Fender rope, pre-spliced, 2 m", "12", "6.75", "ea", "FRP02"),
        ("Mooring compensator, rubber, 14-16", "8", "27.40", "ea", "MCR16"),
        ("Galvanised chain 10 mm, calibrated", "60", "8.95", "m", "CHG10"),
        ("Anchor connector, swivel, 10 mm", "2", "64.00", "ea", "ACS10"),
        ("Bilge pump 12 V, 2000 gph", "3", "118.00", "ea", "BLP20"),
        ("Float switch, mercury free", "3", "34.60", "ea", "FSW01"),
        ("Hose, reinforced, 38 mm bore", "25", "7.30", "m", "HSR38"),
        ("Hose clip 316 stainless, 35-50 mm", "50", "1.95", "ea", "HCL50"),
        ("Marine grade cable 2 x 2.5 mm, tinned", "100", "2.45", "m", "CBL25"),
        ("Cable cleat, plastic coated, pack of 25", "6", "8.80", "pk", "CLT25"),
        ("Blade fuse box, 12 way, with cover", "2", "57.30", "ea", "FBX12"),
        ("LED navigation light, port", "2", "48.00", "ea", "NLP01"),
        ("LED navigation light, starboard", "2", "48.00", "ea", "NLS01"),
        ("LED stern light, 135 degrees", "2", "46.50", "ea", "NLT01"),
        ("Deck light, flood, 30 W", "4", "72.90", "ea", "DLF30"),
        ("VHF aerial, stainless whip, 0.9 m", "2", "84.00", "ea", "AER09"),
        ("Coaxial cable RG-213", "30", "3.35", "m", "CXL13"),
        ("Handheld flare, red", "24", "13.75", "ea", "FLR01"),
        ("Parachute rocket, red", "12", "42.00", "ea", "FLP01"),
        ("Immersion suit, adult universal", "4", "345.00", "ea", "IMS01"),
        ("Lifejacket re-arming kit, 60 g", "18", "29.95", "ea", "LJK60"),
        ("Throw bag, floating line 20 m", "6", "36.80", "ea", "TBG20"),
        ("Antifouling, hard racing, 2.5 L, red", "5", "92.00", "tin", "AFH25"),
        ("Zinc anode, hull, 2.2 kg", "10", "24.15", "ea", "ZNA22"),
        ("Two-part epoxy filler, 1 kg", "4", "31.60", "tin", "EPF01"),
        ("Polishing compound, 500 g", "6", "17.25", "tin", "PLC05"),
    ),
    notation=IRISH,
    terms="30 days from date of invoice",
    order="PO 77-2024",
    iban=iban("IE", "ZZBK99999912345678"),
    bic="ZZBKIE00",
    customer="SKE004",
    columns=CODED,
    extra=(("Order date", "22/04/2024"), ("Carrier", "Own van"), ("Rep", "D. Farrell")),
)

PRAIRIE = Invoice(
    number="48817",
    issued=date(2024, 11, 8),
    due=date(2024, 12, 8),
    seller=Party("Prairie Supply Co.", ("2150 Grain Elevator Rd", "Cottonwood Bend, KS 00417"), "00-0417265"),
    buyer=Party("Blue Mesa Veterinary Clinic", ("615 Juniper Ave, Suite 3", "Alder Falls, CO 00822")),
    items=items(
        "8.25",
        ("Nitrile exam gloves, medium, case of 1000", "8", "64.50", "", "NG-M1000"),
        ("Digital animal scale, 400 lb", "1", "1289.00", "", "SC-400D"),
        ("Stainless kennel bowl, 2 qt", "36", "5.25", "", "KB-2Q"),
        ("Surface disinfectant concentrate, 1 gal", "10", "27.80", "", "DC-1G"),
        ("Microchip scanner, ISO 11784", "2", "318.00", "", "MS-784"),
    ),
    notation=AMERICAN,
    terms="Net 30",
    order="BMV-1093",
    customer="BLUEMESA",
    columns=("code", "description", "quantity", "unit_price", "amount"),
    shipping=Decimal("48.60"),
    extra=(("Order date", "October 29, 2024"), ("Ship via", "Ground freight")),
)

GARDENS = Invoice(
    number="VG/24/0562",
    issued=date(2024, 8, 19),
    due=date(2024, 9, 2),
    seller=Party(
        "Verdant Garden Services",
        ("Rookery Farm, Old Mill Road", "Nether Ashby", "ZZ16 9PL"),
        "GB 417 8830 12",
    ),
    buyer=Party("Ashby Park Residents Association", ("c/o 4 Lime Walk", "Nether Ashby", "ZZ16 2DD")),
    items=items(
        "20",
        ("Grass cutting, communal lawns, July (4 visits)", "4", "165.00"),
        ("Hedge trimming, boundary with Mill Road", "14", "32.00"),
        ("Removal of green waste, per trailer load", "3", "55.00"),
        ("Replacement of damaged lawn edging, oak", "26", "18.40"),
        ("Bark mulch, supplied and spread, per cubic metre", "7.5", "62.00"),
        ("Lavender 'Hidcote', 2 litre pot, planted", "48", "9.75"),
        ("Repair of irrigation line, parts and labour", "1", "214.30"),
    ),
    notation=BRITISH,
    terms="14 days",
    iban=iban("GB", "ZZBK99999955512098"),
    delivered=date(2024, 8, 16),
    paid=Decimal("500.00"),
    extra=(("Contract", "APR-2022-3"),),
)

COUNCIL = Invoice(
    number="SC-0091",
    issued=date(2024, 4, 26),
    due=date(2024, 5, 24),
    seller=Party("Ida Marlowe Translations", ("Flat 3, 81 Quay Parade", "Port Merrin ZZ9 5HX"), None),
    buyer=Party("Merrin District Council", ("Town Hall, Guildhall Square", "Port Merrin ZZ9 1AA")),
    items=items(
        "0",
        ("Interpreting, housing office, 9 April", "3.5", "42.00"),
        ("Translation EN-PT, tenancy guide, 4,150 words", "4150", "0.11"),
        ("Certified copy, signed and posted", "2", "15.00"),
    ),
    notation=BRITISH,
    order="MDC-44018",
    iban=iban("GB", "ZZBK99999931009274"),
)

SCAFFOLD = Invoice(
    number="7731",
    issued=date(2023, 12, 1),
    due=None,
    seller=Party(
        "Kestrel Scaffolding Services", ("Yard 3, Canal Wharf", "Dunmere", "ZZ21 4EF"), "GB 417 6650 97"
    ),
    buyer=Party("J. Whitlock & Sons Builders", ("9 Forge Lane", "Dunmere", "ZZ21 8RS")),
    items=items(
        "20",
        ("Erect independent scaffold, 3 lifts, 18 m run", "1", "1140.00"),
        ("Hire beyond 6 weeks, per week", "3", "85.00"),
        ("Additional loading bay", "1", "260.00"),
        ("Adaptation for chimney access", "1", "195.00"),
        ("Debris netting, per square metre", "110", "1.35"),
    ),
    notation=BRITISH,
    terms="14 days",
    order="JW 316",
    delivered=date(2023, 11, 28),
    extra=(("Site", "12 Priory Close, Dunmere"),),
)

PENSION = Invoice(
    number="HP-3305",
    issued=date(2024, 2, 29),
    due=date(2024, 3, 31),
    seller=Party("Hollis Payroll Bureau Ltd", ("3 Exchange Court", "Wexcombe", "ZZ1 6NN"), "GB 417 5518 20"),
    buyer=Party("Tamsin Vale Ceramics", ("The Kiln, Station Approach", "Wexcombe", "ZZ1 9JQ")),
    items=items(
        "20",
        ("Monthly payroll, 11 employees, February 2024", "11", "6.50"),
        ("Pension contribution upload", "1", "22.00"),
        ("New starter, T. Okafor", "1", "15.00"),
    ),
    notation=BRITISH,
    terms="By the end of the following month",
    iban=iban("GB", "ZZBK99999977120045"),
    customer="TVC-11",
)

ARCHIVE = Invoice(
    number="2023/4471",
    issued=date(2023, 9, 28),
    due=date(2023, 10, 28),
    seller=Party(
        "Orchard Lane Archives Ltd", ("Warehouse 2, Orchard Lane", "Pellbridge", "ZZ30 1TT"), "GB 417 3327 74"
    ),
    buyer=Party("Dunmere Historical Society", ("Library House", "Dunmere", "ZZ21 1HH")),
    items=items(
        "20",
        ("Document storage, standard box, per month", "140", "0.42", "", "ST-1"),
        ("Retrieval, next working day", "6", "4.75", "", "RT-2"),
        ("Secure destruction, per sack", "9", "5.60", "", "SD-4"),
    ),
    notation=BRITISH,
    terms="30 days net",
    order="DHS/23/09",
    iban=iban("GB", "ZZBK99999966640012"),
    customer="D0192",
    columns=("code", "description", "quantity", "unit_price", "amount"),
    extra=(("Contract", "ST-2019-44"),),
)
