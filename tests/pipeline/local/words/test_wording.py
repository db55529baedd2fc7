import pytest

from pipeline.local.words.wording import Wording, closest, wording


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("policy_number", "Policy no."),
        ("policyNumber", "Polisnummer"),
        ("date_of_loss", "Loss date"),
        ("claimant name", "Name of claimant"),
        ("amount_claimed", "Claim amount"),
        ("pay_period_start", "Pay period from"),
        ("surname", "Last name"),
        ("versicherungsnummer", "Versicherung Nr."),
        ("date_of_birth", "Geburtsdatum"),
        ("weight_kg", "Weight (kg)"),
    ],
)
def test_one_meaning_in_other_words_is_alike(name: str, printed: str) -> None:
    assert wording(name).alike(wording(printed)) > 0.62


@pytest.mark.parametrize(
    ("name", "printed"),
    [("policy_number", "Claim number"), ("date_of_loss", "Date of issue"), ("net_pay", "Net weight")],
)
def test_a_word_that_many_names_share_makes_nothing_alike(name: str, printed: str) -> None:
    assert wording(name).alike(wording(printed)) < 0.62


def test_the_only_name_that_holds_all_words_of_a_key_is_meant() -> None:
    names: dict[str, tuple[Wording, ...]] = {
        name: (wording(name),) for name in ("employee_name", "gross_pay", "net_pay")
    }

    assert dict(closest(wording("Name"), names))["employee_name"] == 0.75
    assert max(score for _, score in closest(wording("Pay"), names)) < 0.75
