"""Texts with personal data from Faker, and where in them what stands: one JSON object a line.

    python generate.py TEXTS SEED SHARE

Runs in an environment of its own and knows nothing of anybody's patterns: values are what Faker's
providers for twelve countries give, the sentences are in their languages, some name what the value
is and some do not, and between them stand numbers of things. SHARE of the texts hold something.
"""

import json
import random
import sys
from collections.abc import Callable, Iterator

from faker import Faker

LOCALES = (
    *("de_DE", "de_AT", "de_CH", "en_US", "en_GB", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL"),
    *("sv_SE", "fi_FI"),
)

IDENTITY = {
    "de_AT": "AT_SOCIAL_SECURITY",
    "de_CH": "CH_SOCIAL_SECURITY",
    "en_US": "US_SSN",
    "fr_FR": "FR_SOCIAL_SECURITY",
    "it_IT": "IT_FISCAL_CODE",
    "nl_NL": "NL_BSN",
    "pl_PL": "PL_PESEL",
    "sv_SE": "SE_PERSONNUMMER",
    "fi_FI": "FI_PERSONAL_IDENTITY_CODE",
}
"""What Faker's `ssn` is in each locale; its British ones begin with ZZ, and are nobody's."""

CARDS = ("visa16", "visa19", "mastercard", "amex", "discover", "diners")
"""The brands whose numbers Faker makes as they are given out today."""

SENTENCES = {
    "EMAIL_ADDRESS": (
        "Please write to {} and I will answer tomorrow.",
        "Meine neue Adresse ist {}, die alte geht nicht mehr.",
        "contact={};status=ok",
        "{} asked for the invoice again",
        "Envoyez-le à {}.",
        "(cc {})",
    ),
    "IBAN_CODE": (
        "Bitte überweisen Sie auf {} bis Freitag.",
        "my account is {}, thanks",
        "IBAN: {}",
        "Le virement sur {} est parti hier.",
        "refund to {}.",
    ),
    "CREDIT_CARD": (
        "He paid with {} at the counter.",
        "Kartennummer {} wurde abgelehnt",
        "card {}, expires 04/29",
        "{}",
        "Meine Kreditkarte {} ist weg!",
    ),
    "IP_ADDRESS": (
        "login from {} failed",
        "Der Zugriff kam von {}.",
        "{} - - GET /index.html 200",
        "blocked {}, retry in 5 s",
    ),
    "MAC_ADDRESS": ("the printer with {} is offline", "device={} joined", "Gerät {} gemeldet"),
    "PHONE_NUMBER": (
        "Call me back on {} after six.",
        "Sie erreichen mich unter {}.",
        "Tel. {}",
        "my number is {}, ask for Jo",
        "Rückruf erbeten: {}",
        "phone: {}",
    ),
    "DE_SOCIAL_SECURITY": (
        "Meine Rentenversicherungsnummer lautet {}.",
        "RVNR {} liegt bei",
        "Unterlagen zu {} fehlen noch.",
    ),
    "DE_HEALTH_INSURANCE": (
        "Versichertennummer {} bitte prüfen",
        "Die KVNR der Patientin ist {}.",
    ),
    "ES_NIF": ("Mi DNI es {}.", "El titular con NIF {} ha firmado", "{} solicita la baja"),
    "ES_NIE": ("NIE: {}", "La señora con {} no vino."),
    "AT_SOCIAL_SECURITY": ("SVNR {} ist schon gemeldet", "Sozialversicherungsnummer: {}"),
    "CH_SOCIAL_SECURITY": ("AHV-Nummer {}", "Versicherte Person {} zieht um."),
    "US_SSN": ("My SSN is {}.", "social security {}", "the form said {} in box a"),
    "FR_SOCIAL_SECURITY": ("Numéro de sécurité sociale : {}", "le dossier {} est complet"),
    "IT_FISCAL_CODE": ("codice fiscale {}", "La pratica di {} è chiusa."),
    "NL_BSN": ("Mijn BSN is {}.", "burgerservicenummer {}"),
    "PL_PESEL": ("PESEL: {}", "numer PESEL pacjenta to {}", "wniosek osoby {} przyjęto"),
    "SE_PERSONNUMMER": ("personnummer {}", "Kunden med {} har ringt."),
    "FI_PERSONAL_IDENTITY_CODE": ("henkilötunnus {}", "Asiakas {} soitti."),
}

OTHER = (
    "The order {order} of {price} EUR was paid on {date} at {time}.",
    "Paket {ean} ist am {date} angekommen, Lager {small}.",
    "ISBN {isbn} is out of print.",
    "build {version} of {date}, commit {hash}",
    "request {uuid} took {small} ms",
    "{words}",
    "Rechnung {order} über {price} Euro vom {date}",
    "sensor at {latitude}, {longitude} reported {price}",
    "{words}",
    "event {timestamp} in queue {small}",
    "Article {ean} costs {price}; {small} pieces left",
    "{words} {small} {words}",
)


def main() -> None:
    """Print the texts."""
    count, seed, share = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    chance = random.Random(seed)
    Faker.seed(seed)
    fakers = {locale: Faker(locale) for locale in LOCALES}
    for number in range(count):
        text = other(fakers["en_US"], chance)
        spans = []
        if chance.random() < share:
            text, spans = with_value(fakers, chance, text)
        print(json.dumps({"id": number, "text": text, "spans": spans}, ensure_ascii=False))


def with_value(fakers: dict[str, Faker], chance: random.Random, around: str) -> tuple[str, list]:
    """A sentence with a value, with another text before or after it, and where the value stands."""
    entity, value = chance.choice(tuple(values(fakers, chance)))()
    before, after = chance.choice((("", ""), (f"{around} ", ""), ("", f" {around}")))
    opening, closing = chance.choice(SENTENCES[entity]).split("{}")
    start = len(before) + len(opening)
    text = f"{before}{opening}{value}{closing}{after}"
    span = {"start": start, "end": start + len(value), "entity": entity, "value": value}
    return text, [span]


def values(
    fakers: dict[str, Faker], chance: random.Random
) -> Iterator[Callable[[], tuple[str, str]]]:
    """What can be asked of Faker: each gives an entity and a value."""
    locale = chance.choice(LOCALES)
    faker = fakers[locale]
    german, spanish = fakers["de_DE"], fakers["es_ES"]
    yield lambda: ("EMAIL_ADDRESS", chance.choice((faker.email, faker.company_email))())
    yield lambda: ("IBAN_CODE", grouped(faker.iban(), chance))
    card = chance.choice(CARDS)
    yield lambda: ("CREDIT_CARD", grouped(faker.credit_card_number(card), chance, digits=True))
    yield lambda: (
        "IP_ADDRESS",
        chance.choice((faker.ipv4_public, faker.ipv4_private, faker.ipv6))(),
    )
    yield lambda: ("MAC_ADDRESS", faker.mac_address())
    yield lambda: ("PHONE_NUMBER", faker.phone_number())
    yield lambda: ("PHONE_NUMBER", faker.phone_number())
    yield lambda: ("DE_SOCIAL_SECURITY", german.rvnr())
    yield lambda: ("DE_HEALTH_INSURANCE", german.kvnr())
    yield lambda: ("ES_NIF", spanish.nif())
    yield lambda: ("ES_NIE", spanish.nie())
    for place, entity in IDENTITY.items():
        yield lambda place=place, entity=entity: (entity, fakers[place].ssn())


def grouped(value: str, chance: random.Random, *, digits: bool = False) -> str:
    """The value as it is, or in groups of four as people write it."""
    style = chance.choice(("", " ", "-" if digits else " "))
    if digits and len(value) != 16:
        return value
    return style.join(value[start : start + 4] for start in range(0, len(value), 4))


def other(faker: Faker, chance: random.Random) -> str:
    """A text about things."""
    return chance.choice(OTHER).format(
        order=chance.randrange(10**5, 10**12),
        price=f"{chance.randrange(10**7) / 100:.2f}",
        date=faker.date(chance.choice(("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y"))),
        time=faker.time(),
        ean=faker.ean13(),
        small=chance.randrange(10_000),
        isbn=faker.isbn13(),
        version=".".join(str(chance.randrange(30)) for _ in range(chance.choice((3, 4)))),
        hash=faker.sha1(),
        uuid=faker.uuid4(),
        words=faker.sentence(),
        latitude=faker.latitude(),
        longitude=faker.longitude(),
        timestamp=chance.randrange(1_600_000_000_000, 1_800_000_000_000),
    )


if __name__ == "__main__":
    main()
