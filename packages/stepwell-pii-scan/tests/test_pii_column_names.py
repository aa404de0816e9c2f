import pytest

from stepwell_pii_scan._names import evidence_of, words_of

CERTAIN = {
    "EMAIL_ADDRESS": "email e_mail E-Mail eMail EMail2 kundenEMail EMAILADRESSE customer.email "
    "emails mail_address contacts[].email service_email",
    "PHONE_NUMBER": "telefon Telefonnummer telephone phone_no CellPhone MobileNumber handynummer "
    "Kundentelefon telefonnummern msisdn mobile_phone PHONE1",
    "IBAN_CODE": "iban IBAN kunden_iban IBANNummer",
    "CREDIT_CARD": "credit_card_number CreditCardNumber kartennummer Kreditkartennummer",
    "IP_ADDRESS": "ip_address IPAddress client_ip ipadresse remote_addr",
    "US_SSN": "ssn SSN social_security_number",
    "DE_TAX_ID": "steuer_id SteuerID steuerliche_identifikationsnummer idnr",
    "DE_TAX_NUMBER": "steuernummer Steuer-Nr st_nr",
    "DE_SOCIAL_SECURITY": "rvnr sv_nummer Sozialversicherungsnummer",
    "DATE_OF_BIRTH": "geburtsdatum Geburtstag dob date_of_birth birthdate GebDatum",
    "PERSON": "vorname nachname Familienname first_name lastName surname full_name customer_name",
    "LOCATION": "anschrift Wohnadresse home_address street_address strasse_hausnummer",
    "ID_DOCUMENT": "passport_number Personalausweisnummer Führerscheinnummer driver_license",
}
AMBIGUOUS = {
    "PERSON": "name Name username benutzername KundenName",
    "LOCATION": "address adresse strasse Straße STRASSE STRAßE Rechnungsadresse",
    "PHONE_NUMBER": "mobile handy fax tel",
    "IP_ADDRESS": "ip",
    "EMAIL_ADDRESS": "mail",
    "CREDIT_CARD": "credit_card pan",
}
NOTHING = (
    "personal_status_and_sex foreign_worker credit_amount age_in_years job housing purpose "
    "email_opt_in has_email n_emails email_domain phone_type is_phone_verified number_of_phones "
    "telefon_vorhanden anzahl_emails credit_card_limit product_name Dateiname company_name "
    "hostname ip_count description microphone smartphone id amount taliban birth_year "
    "x \u5b57"
)


def names(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, entity) for entity, listed in table.items() for name in listed.split()]


@pytest.mark.parametrize(("name", "entity"), names(CERTAIN))
def test_name_that_means_nothing_else_is_certain(name: str, entity: str) -> None:
    assert [(found.entity, found.certain) for found in evidence_of(name)] == [(entity, True)]


@pytest.mark.parametrize(("name", "entity"), names(AMBIGUOUS))
def test_name_that_may_mean_something_else_is_not_certain(name: str, entity: str) -> None:
    assert [(found.entity, found.certain) for found in evidence_of(name)] == [(entity, False)]


@pytest.mark.parametrize("name", ["", *NOTHING.split()])
def test_name_of_something_else_says_nothing(name: str) -> None:
    assert evidence_of(name) == ()


def test_name_can_speak_of_two_entities() -> None:
    found = [evidence.entity for evidence in evidence_of("email_or_phone")]
    assert found == ["EMAIL_ADDRESS", "PHONE_NUMBER"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("kundenEMail_2", ("kunden", "e", "mail")),
        ("IPAddress", ("ip", "address")),
        ("Führerschein-Nr.", ("fuehrerschein", "nr")),
        ("prénom", ("prenom",)),
        ("contact.phone[]", ("contact", "phone")),
    ],
)
def test_names_are_split_into_words(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words
