import pytest

from pipeline.local.words import codes


def test_an_iban_counts_only_with_right_check_digits() -> None:
    assert codes.iban("IBAN DE89 3704 0044 0532 0130 00 BIC X") == "DE89370400440532013000"
    assert codes.iban("IBAN DE88 3704 0044 0532 0130 00") == ""
    assert codes.iban("DE89 37O4 0044 0532 0130 00") == "DE89370400440532013000"
    assert codes.iban("IBANNL91 ABNA 0417 1643 00") == "NL91ABNA0417164300"
    assert codes.iban("NL91 A8NA 0417 1643 00") == "NL91ABNA0417164300"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("VAT no. GB 417 2093 58 Registered in England", "GB417209358"),
        ("DE123456789", "DE123456789"),
        ("NL999124887B01", "NL999124887B01"),
        ("FR 99 999 281 644", "FR99999281644"),
        ("ESB99910427", "ESB99910427"),
        ("CHE-999.204.118 MWST", "CHE-999.204.118MWST"),
        ("St.-Nr. 12/345/67890", "12/345/67890"),
        ("EIN 00-0417265", "00-0417265"),
        ("no number here", ""),
    ],
)
def test_tax_numbers_of_many_countries_are_found(text: str, number: str) -> None:
    assert codes.tax_id(text) == number


def test_mail_web_and_telephone_are_told_by_their_form() -> None:
    text = "Tel. +49 30 1234567, info@acme.example, www.acme.example."

    assert codes.email(text) == "info@acme.example"
    assert codes.url(text) == "www.acme.example"
    assert codes.phone(text) == "+49 30 1234567"
