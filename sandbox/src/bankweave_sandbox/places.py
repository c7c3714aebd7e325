"""What people in each country buy, earn and owe, in the words of their banks. All names are invented."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Shop:
    """Where a card is used: the name and text on the statement, and how much one spends there."""

    name: str
    text: str
    category: str
    merchant_category_code: str
    low: int  # whole units of the shop's own currency
    high: int
    currency: str | None = None  # None: the account's own
    rate: Decimal = Decimal(1)  # the account's currency for one unit of the shop's


@dataclass(frozen=True, slots=True)
class Bill:
    """What is collected every month; `day` is the day of the month, `amount` what it costs on average."""

    name: str
    text: str
    category: str
    day: int
    amount: int


@dataclass(frozen=True, slots=True)
class Party:
    """Who pays or is paid on certain days, and the text on the statement."""

    name: str
    text: str
    category: str


@dataclass(frozen=True, slots=True)
class Lending:
    """What banks write on statements of loans and term deposits, and `repayment` on that of the account that pays."""

    repayment: str
    received: str
    interest: str
    matured: str


@dataclass(frozen=True, slots=True)
class Place:
    """One country's surroundings. Texts may name `{month:02d}`, `{year}` and `{name}`."""

    country: str
    price_level: int  # what one unit of account buys, roughly: 1 where it buys most
    shops: tuple[Shop, ...]
    abroad: tuple[Shop, ...]
    bills: tuple[Bill, ...]
    friends: tuple[tuple[str, str], ...]  # who pays back or is paid back, and the text
    payers: tuple[str, ...]  # employers and clients
    landlord: str
    salary: str
    rent: str
    cash: str
    fee: str
    interest: str
    refund: str
    savings: str
    card_repayment: str
    bookmakers: tuple[Shop, ...] = ()
    lending: Lending | None = None  # None: the world's banks there do not lend


GERMANY = Place(
    country="DE",
    price_level=1,
    shops=(
        Shop("Kaffeehaus Müßig", "KAFFEEHAUS MÜSSIG//BERLIN/DE", "cafe", "5814", 3, 9),
        Shop("Bäckerei Großmann & Söhne", "BAECKEREI GROSSMANN & SOEHNE//BERLIN/DE", "groceries", "5462", 2, 14),
        Shop("Markthalle Süd", "MARKTHALLE SUED FIL 0412//BERLIN/DE", "groceries", "5411", 12, 95),
        Shop("Bio-Laden Grünkern", "Bio-Laden Grünkern//Berlin/DE", "groceries", "5411", 8, 60),
        Shop("Spreebahn", "SPREEBAHN APP 30012//BERLIN/DE", "transport", "4111", 3, 12),
        Shop("Fernzug AG", "FERNZUG AG ONLINE-TICKET//FRANKFURT/DE", "travel", "4112", 19, 140),
        Shop("Papier + Tinte", "PAPIER + TINTE BUEROBEDARF//BERLIN/DE", "office", "5943", 6, 80),
        Shop("O'Malley's Pub", "O'MALLEY'S PUB//BERLIN/DE", "restaurant", "5812", 14, 58),
    ),
    abroad=(
        Shop("Bergbahn Zäziwil", "BERGBAHN ZAEZIWIL//ZAEZIWIL/CH", "travel", "4111", 12, 90, "CHF", Decimal("1.0431")),
        Shop(
            "Cloudberry Hosting",
            "CLOUDBERRY HOSTING INC//DOVER/US",
            "software",
            "7372",
            9,
            120,
            "USD",
            Decimal("0.9217"),
        ),
    ),
    bills=(
        Bill("Stadtwerke Nord", "Abschlag Strom {month:02d}/{year} Vertrag 4711-0815", "utilities", 3, 78),
        Bill("Funkturm Mobil GmbH", "Mobilfunk Rechnung {month:02d}/{year} <Kd-Nr. 99-1020>", "telephone", 9, 25),
        Bill("Heilsam Krankenkasse", "Beitrag {month:02d}.{year}", "insurance", 15, 412),
    ),
    friends=(
        ("Łukasz Weiß", "Pizza 🍕 & Wein <3 – danke, Anteil {month:02d}/{year}"),
        ("Zoë O'Brien", "Auslage Konferenz, s. Mail vom {month:02d}.{year}"),
    ),
    payers=("Studio Nord GmbH", "Verlag Blaue Feder KG", "Fördeverein für Käse & Kultur e.V."),
    landlord="Hausverwaltung Schönblick GbR",
    salary="Honorar {month:02d}/{year} Rechnung {year}-{month:02d}1",
    rent="Miete Atelier {month:02d}/{year}",
    cash="BARGELDAUSZAHLUNG GA 07731 BERLIN",
    fee="Kontoführungsgebühr {month:02d}/{year}",
    interest="Habenzinsen {month:02d}/{year}",
    refund="GUTSCHRIFT {name}",
    savings="Rücklage Steuer {month:02d}/{year}",
    card_repayment="Ausgleich Kreditkarte {month:02d}/{year}",
)

POLAND = Place(
    country="PL",
    price_level=5,
    shops=(
        Shop("Kawiarnia Pod Żaglami", "ZAKUP KAWIARNIA POD ŻAGLAMI GDAŃSK", "cafe", "5814", 9, 34),
        Shop("Piekarnia Złoty Kłos", "ZAKUP PIEKARNIA ZŁOTY KŁOS ŁÓDŹ", "groceries", "5462", 5, 38),
        Shop("Delikatesy Żabi Skok", "ZAKUP DELIKATESY ŻABI SKOK 0117 WARSZAWA", "groceries", "5411", 15, 180),
        Shop("Warzywniak u Jadzi", "ZAKUP WARZYWNIAK U JADZI & CÓRKI WARSZAWA", "groceries", "5411", 8, 70),
        Shop("Koleje Wiślane", "ZAKUP KOLEJE WIŚLANE BILET WARSZAWA", "transport", "4112", 12, 129),
        Shop("Apteka Zdrowiejko", "ZAKUP APTEKA ZDROWIEJKO <24H> KRAKÓW", "health", "5912", 11, 95),
        Shop("Księgarnia Gęś", "ZAKUP KSIĘGARNIA GĘŚ WROCŁAW", "shopping", "5942", 25, 160),
    ),
    abroad=(
        Shop("Café Blåbær", "ZAKUP CAFE BLABAER KOBENHAVN", "cafe", "5814", 38, 160, "DKK", Decimal("0.5741")),
        Shop(
            "Wiener Schnitzelhaus",
            "ZAKUP WIENER SCHNITZELHAUS WIEN",
            "restaurant",
            "5812",
            12,
            64,
            "EUR",
            Decimal("4.2816"),
        ),
    ),
    bills=(
        Bill("Prąd i Ciepło S.A.", "Faktura za energię {month:02d}/{year}", "utilities", 8, 214),
        Bill("Telefonia Bocian Sp. z o.o.", "Abonament {month:02d}/{year} nr kl. 00-77'12", "telephone", 12, 49),
    ),
    friends=(
        ("Grzegorz Brzęczyszczykiewicz", "Za pizzę 🍕 & kino, dzięki <3 {month:02d}/{year}"),
        ("Małgorzata O'Connor", "Zwrot za bilety {month:02d}.{year}"),
    ),
    payers=("Fikcyjne Oprogramowanie Sp. z o.o.", "Żegluga Zmyślona S.A.", "Nordlicht Beratung GmbH"),
    landlord="Spółdzielnia Mieszkaniowa Jaśmin",
    salary="Wynagrodzenie {month:02d}/{year}",
    rent="Czynsz {month:02d}/{year}",
    cash="WYPŁATA BANKOMAT UL. ZMYŚLONA 3 WARSZAWA",
    fee="Opłata za prowadzenie rachunku {month:02d}/{year}",
    interest="Kapitalizacja odsetek {month:02d}/{year}",
    refund="ZWROT {name}",
    savings="Oszczędności {month:02d}/{year}",
    card_repayment="Spłata karty {month:02d}/{year}",
)

CZECHIA = Place(
    country="CZ",
    price_level=25,
    shops=(
        Shop("Kavárna U Žluťoučkého koně", "NÁKUP KAVÁRNA U ŽLUŤOUČKÉHO KONĚ PRAHA", "cafe", "5814", 55, 190),
        Shop("Pekařství Křupavá kůrka", "NÁKUP PEKAŘSTVÍ KŘUPAVÁ KŮRKA BRNO", "groceries", "5462", 24, 150),
        Shop("Potraviny Šťastný", "NÁKUP POTRAVINY ŠŤASTNÝ & SYN PRAHA 4", "groceries", "5411", 90, 1400),
        Shop("Vlaky Vltava", "NÁKUP VLAKY VLTAVA JÍZDENKA PRAHA", "transport", "4112", 38, 640),
        Shop("Knihkupectví Ďáblík", "NÁKUP KNIHKUPECTVÍ ĎÁBLÍK OLOMOUC", "shopping", "5942", 190, 900),
    ),
    abroad=(
        Shop(
            "Gasthaus Zum Bären",
            "NÁKUP GASTHAUS ZUM BAEREN DRESDEN",
            "restaurant",
            "5812",
            14,
            70,
            "EUR",
            Decimal("25.1374"),
        ),
    ),
    bills=(
        Bill("Energie Vysočina a.s.", "Záloha elektřina {month:02d}/{year}", "utilities", 6, 1850),
        Bill("Telefon Havran s.r.o.", "Vyúčtování služeb {month:02d}/{year}", "telephone", 14, 399),
    ),
    friends=(
        ("Přemysl Řezníček", "Za pizzu 🍕 & pivo, <díky> {month:02d}/{year}"),
        ("Siân O'Hara", "vratka lístky {month:02d}/{year}"),
    ),
    payers=("Vymyšlený Software s.r.o.", "Loděnice Nikde a.s."),
    landlord="Bytové družstvo Šeřík",
    salary="Mzda {month:02d}/{year}",
    rent="Nájemné {month:02d}/{year}",
    cash="VÝBĚR Z BANKOMATU PRAHA NÁM. SMYŠLENÉ",
    fee="Poplatek za vedení účtu {month:02d}/{year}",
    interest="Připsané úroky {month:02d}/{year}",
    refund="VRÁCENÍ PLATBY {name}",
    savings="Spoření {month:02d}/{year}",
    card_repayment="Splátka karty {month:02d}/{year}",
)

AUSTRALIA = Place(
    country="AU",
    price_level=1,
    shops=(
        Shop("Flat White & Sons", "FLAT WHITE & SONS NEWTOWN NS AUS", "cafe", "5814", 4, 13),
        Shop("Galah Grocers", "GALAH GROCERS 2207 MARRICKVILLE NS AUS", "groceries", "5411", 12, 165),
        Shop("Bruno's Deli", "BRUNO'S DELI LEICHHARDT NS AUS", "groceries", "5411", 6, 48),
        Shop("Harbour Ferries & Trains", "HARBOUR FERRIES & TRAINS TAP SYDNEY NS AUS", "transport", "4111", 3, 17),
        Shop("Wombat Fuel", "WOMBAT FUEL 88 PARRAMATTA NS AUS", "transport", "5541", 38, 110),
        Shop("The Drunken Kookaburra", "THE DRUNKEN KOOKABURRA <BAR> SURRY HILLS", "restaurant", "5812", 18, 96),
        Shop("Billabong Books", "BILLABONG BOOKS GLEBE NS AUS", "shopping", "5942", 14, 80),
    ),
    abroad=(
        Shop("Kererū Coffee", "KERERU COFFEE WELLINGTON NZ", "cafe", "5814", 5, 21, "NZD", Decimal("0.9187")),
        Shop("Palo Alto Cloud Co", "PALO ALTO CLOUD CO CA USA", "software", "7372", 9, 140, "USD", Decimal("1.5312")),
    ),
    bills=(
        Bill("Southern Spark Energy", "DIRECT DEBIT SOUTHERN SPARK {month:02d}{year}", "utilities", 7, 138),
        Bill("Cockatoo Mobile", "DIRECT DEBIT COCKATOO MOBILE {month:02d}{year}", "telephone", 11, 45),
        Bill("Gumtree Health Fund", "DIRECT DEBIT GUMTREE HEALTH FUND", "insurance", 18, 164),
    ),
    friends=(
        ("Siobhan O'Reilly", "Pizza 🍕 & beers <3 ta {month:02d}/{year}"),
        ("Jürgen Weiß", "Footy tickets {month:02d}/{year}"),
    ),
    payers=("Hooli Pty Ltd", "Raviga Partners", "Aviato Services"),
    landlord="Banksia Property Mgmt",
    salary="SALARY {name} {month:02d}{year}",
    rent="RENT {month:02d}/{year} UNIT 4/17",
    cash="ATM WITHDRAWAL 1 FICTION ST SYDNEY",
    fee="MONTHLY ACCOUNT FEE",
    interest="CREDIT INTEREST",
    refund="REFUND {name}",
    savings="TRANSFER TO SAVINGS {month:02d}/{year}",
    card_repayment="CREDIT CARD REPAYMENT {month:02d}/{year} THANK YOU",
    bookmakers=(
        Shop("Lucky Dingo Bets", "LUCKY DINGO BETS DARWIN NT AUS", "gambling", "7995", 10, 250),
        Shop("Two-Up Online", "TWO-UP ONLINE <WAGERS> HOBART TAS AUS", "gambling", "7995", 5, 120),
    ),
    lending=Lending(
        repayment="LOAN REPAYMENT {name} {month:02d}/{year}",
        received="REPAYMENT RECEIVED {month:02d}/{year} THANK YOU",
        interest="INTEREST CHARGED",
        matured="INTEREST AT MATURITY, TERM ROLLED OVER",
    ),
)

# Whom only some Australians deal with.
BENEFITS_OFFICE = Party(
    "Commonwealth Benefits Office", "COMMONWEALTH BENEFITS JOB SEEKING {month:02d}{year}", "unemployment_benefit"
)
RIDES = Party("Wombat Rides", "WOMBAT RIDES DRIVER PAYOUT {month:02d}{year}", "gig")
DELIVERIES = Party("Dingo & Daughters Couriers", "DINGO & DAUGHTERS COURIER PAYOUT {month:02d}{year}", "gig")
LETTING_AGENT = Party("Currawong Lettings", "CURRAWONG LETTINGS RENT 12 FABLE ST {month:02d}{year}", "rental_income")
OTHER_LETTING_AGENT = Party("Lyrebird Realty", "LYREBIRD REALTY RENT 3/8 YARN RD {month:02d}{year}", "rental_income")
CLIENT = Party("Pied Piper Pty Ltd", "PIED PIPER PTY LTD INVOICE {month:02d}{year}", "business_income")
OTHER_CLIENT = Party("Endframe & Co", "ENDFRAME & CO RETAINER {month:02d}{year}", "business_income")
STAFF = Party("Payroll", "PAYROLL {month:02d}/{year} 2 EMPLOYEES", "wages")
TAX_OFFICE = Party("Revenue Office", "REVENUE OFFICE BUSINESS TAX {month:02d}{year}", "tax")
SUPPLIER = Party("Bandicoot Office Supplies", "BANDICOOT OFFICE SUPPLIES INV {month:02d}{year}", "office")
# Buy now, pay later: not a bank, so that all one sees of it are its instalments.
PAY_LATER = Party("Platypay", "PLATYPAY INSTALMENT SYDNEY NS AUS", "pay_later")

PLACES = {place.country: place for place in (GERMANY, POLAND, CZECHIA, AUSTRALIA)}
