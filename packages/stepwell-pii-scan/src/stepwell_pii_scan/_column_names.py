"""What columns with personal data are called, in English and German."""

from __future__ import annotations

from stepwell_pii_scan._special_names import SPECIAL_NAMES, ColumnNames

COLUMN_NAMES = (
    ColumnNames(
        entity="EMAIL_ADDRESS",
        certain=("email", "e mail", "mailadresse", "mail address", "mail adresse", "mailaddress"),
        ambiguous=("mail",),
    ),
    ColumnNames(
        entity="PHONE_NUMBER",
        certain=(
            *("phone", "telephone", "cellphone", "cell phone", "mobile phone", "mobile number"),
            *("phonenumber", "phone number", "msisdn", "fax number", "faxnummer"),
            *("telefon", "telefonnummer", "telefonnr", "rufnummer", "mobilnummer", "handynummer"),
            *("handynr", "mobiltelefon", "durchwahl", "telefax"),
        ),
        ambiguous=("mobile", "mobil", "handy", "tel", "fax", "whatsapp"),
    ),
    ColumnNames(
        entity="IBAN_CODE",
        certain=("iban", "ibannummer"),
    ),
    ColumnNames(
        entity="BANK_ACCOUNT",
        certain=("bank account number", "kontonummer", "bankverbindung"),
        ambiguous=("account number", "account no", "bank account", "konto nr", "kontonr"),
    ),
    ColumnNames(
        entity="CREDIT_CARD",
        certain=(
            *("credit card number", "creditcard number", "card number", "cardnumber", "cc number"),
            *("kreditkartennummer", "kartennummer", "kreditkarten nr", "ccnum"),
        ),
        ambiguous=("credit card", "creditcard", "kreditkarte", "pan"),
    ),
    ColumnNames(
        entity="IP_ADDRESS",
        certain=(
            *("ip address", "ipaddress", "ip addr", "ip adresse", "ipadresse", "client ip"),
            *("remote ip", "remote addr", "source ip", "user ip", "ipv4", "ipv6"),
        ),
        ambiguous=("ip",),
    ),
    ColumnNames(
        entity="US_SSN",
        certain=("ssn", "social security number", "social security no"),
        ambiguous=("social security",),
    ),
    ColumnNames(entity="US_ITIN", certain=("itin",)),
    ColumnNames(
        entity="DE_SOCIAL_SECURITY",
        certain=(
            *("sozialversicherungsnummer", "sozialversicherungsnr", "rentenversicherungsnummer"),
            *("versicherungsnummer", "svnr", "sv nummer", "sv nr", "rvnr", "rv nummer"),
        ),
    ),
    ColumnNames(
        entity="DE_TAX_ID",
        certain=(
            *("steuer id", "steuerid", "steuer idnr", "steuer identifikationsnummer"),
            *("steueridentifikationsnummer", "steuerliche identifikationsnummer", "idnr"),
        ),
    ),
    ColumnNames(
        entity="DE_TAX_NUMBER",
        certain=("steuernummer", "steuernr", "steuer nr", "steuer nummer", "st nr", "stnr"),
    ),
    ColumnNames(
        entity="TAX_ID",
        certain=("tax id", "taxid", "tax number", "taxpayer id", "tax identification number"),
        ambiguous=("tin",),
    ),
    ColumnNames(
        entity="DATE_OF_BIRTH",
        certain=(
            *("date of birth", "birth date", "birthdate", "birthday", "dob", "birth day"),
            *("geburtsdatum", "geburtstag", "geb datum", "gebdatum", "geb dat", "geboren am"),
        ),
        ambiguous=("geboren", "born", "birth"),
    ),
    ColumnNames(
        entity="PERSON",
        certain=(
            *("first name", "firstname", "given name", "givenname", "forename", "middle name"),
            *("last name", "lastname", "surname", "family name", "familyname", "maiden name"),
            *("full name", "fullname", "customer name", "patient name", "employee name"),
            *("contact name", "cardholder", "card holder", "account holder"),
            *("vorname", "vornamen", "nachname", "familienname", "zuname", "geburtsname"),
            *("kundenname", "mitarbeitername", "patientenname", "ansprechpartner"),
            *("kontoinhaber", "karteninhaber", "name des kunden", "kunde name"),
        ),
        ambiguous=("name", "username", "user name", "benutzername", "nickname", "login"),
    ),
    ColumnNames(
        entity="LOCATION",
        certain=(
            *("home address", "street address", "postal address", "mailing address"),
            *("residential address", "anschrift", "wohnadresse", "privatadresse", "postanschrift"),
            *("strasse hausnummer", "strasse und hausnummer", "strasse hausnr", "strasse nr"),
        ),
        ambiguous=(
            *("address", "adresse", "street", "strasse", "hausnummer", "hausnr", "house number"),
        ),
    ),
    ColumnNames(
        entity="ID_DOCUMENT",
        certain=(
            *("passport number", "passport no", "passport", "reisepassnummer", "passnummer"),
            *("ausweisnummer", "personalausweisnummer", "personalausweis", "id card number"),
            *("driver license", "drivers license", "driving licence", "driver licence"),
            *("fuehrerscheinnummer", "national id", "reisepass"),
        ),
    ),
    ColumnNames(
        entity="MAC_ADDRESS",
        certain=("mac address", "macaddress", "mac addr", "mac adresse", "hardware address"),
    ),
    ColumnNames(
        entity="CRYPTO",
        certain=("bitcoin address", "btc address", "wallet address", "ethereum address"),
        ambiguous=("wallet",),
    ),
    ColumnNames(entity="BIC", ambiguous=("bic", "swift", "swift code", "bic code")),
    ColumnNames(
        entity="DE_HEALTH_INSURANCE",
        certain=("krankenversichertennummer", "versichertennummer", "kvnr", "egk nummer"),
    ),
    ColumnNames(
        entity="DE_KFZ",
        certain=("kfz kennzeichen", "autokennzeichen", "amtliches kennzeichen"),
        ambiguous=("kennzeichen",),
    ),
    ColumnNames(
        entity="VEHICLE_REGISTRATION",
        certain=("license plate", "licence plate", "number plate", "vehicle registration"),
        ambiguous=("plate", "vin", "fin", "fahrgestellnummer"),
    ),
    ColumnNames(entity="AT_SOCIAL_SECURITY", certain=("ecard nummer", "e card nummer")),
    ColumnNames(entity="AT_TAX_NUMBER", certain=("abgabenkontonummer", "abgabenkonto")),
    ColumnNames(entity="CH_SOCIAL_SECURITY", certain=("ahv", "ahv nummer", "ahv nr", "ahvn13")),
    ColumnNames(entity="UK_NINO", certain=("nino", "national insurance number", "ni number")),
    ColumnNames(entity="UK_NHS", certain=("nhs number", "nhs no", "nhs id")),
    ColumnNames(entity="UK_UTR", certain=("utr", "unique taxpayer reference")),
    ColumnNames(entity="FR_SOCIAL_SECURITY", certain=("numero securite sociale", "nir insee")),
    ColumnNames(entity="ES_NIF", certain=("dni", "dni number", "nif"), ambiguous=("nie",)),
    ColumnNames(entity="IT_FISCAL_CODE", certain=("codice fiscale", "codicefiscale")),
    ColumnNames(entity="NL_BSN", certain=("bsn", "burgerservicenummer", "sofinummer")),
    ColumnNames(entity="PL_PESEL", certain=("pesel", "numer pesel")),
    ColumnNames(entity="SE_PERSONNUMMER", certain=("personnummer", "personnr")),
    ColumnNames(entity="FI_PERSONAL_IDENTITY_CODE", certain=("hetu", "henkilotunnus")),
    ColumnNames(entity="US_MBI", certain=("medicare number", "mbi", "medicare id")),
    *SPECIAL_NAMES,
)

OTHER_NAMES = frozenset(
    {
        *("file", "datei", "product", "produkt", "item", "artikel", "column", "spalten", "table"),
        *("company", "firmen", "firma", "host", "server", "domain", "model", "modell", "event"),
        *("brand", "marken", "category", "kategorie", "feature", "city", "country", "land", "team"),
        *("mac", "memory", "web", "url", "wallet", "class", "school", "variable", "metric", "job"),
    }
)
"""Words before `name` or `address` that say whose: no person's."""

ABOUT_BEFORE = frozenset(
    {
        *("has", "hat", "is", "ist", "no", "kein", "keine", "without", "ohne", "missing", "fehlt"),
        *("n", "num", "number", "anzahl", "count", "total", "sum", "valid", "days", "tage"),
    }
)
"""Words before a phrase that make it speak about personal data, not hold it: `has_phone`."""

ABOUT_AFTER = frozenset(
    {
        *("count", "counts", "anzahl", "type", "typ", "art", "kind", "flag", "verified", "valid"),
        *("verifiziert", "bestaetigt", "opt", "optin", "optout", "consent", "einwilligung"),
        *("vorhanden", "present", "available", "known", "missing", "fehlt", "length", "laenge"),
        *("provider", "anbieter", "status", "service", "plan", "brand", "model", "cost", "costs"),
        *("kosten", "limit", "sent", "opened", "bounced", "rate", "score", "minutes", "domain"),
        *("usage", "frequency", "year", "jahr", "month", "monat"),
    }
)
"""The same for words after a phrase: `email_opt_in`."""
