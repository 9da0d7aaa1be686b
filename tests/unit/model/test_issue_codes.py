import pytest

from datasphere_glue.model.issue_codes import IssueCode, Severity


@pytest.mark.parametrize("code", IssueCode)
def test_every_code_has_a_meaning_and_a_remedy(code: IssueCode) -> None:
    assert code == code.name
    assert IssueCode(str(code)) is code
    assert code.meaning
    assert code.remedy


def test_a_code_that_is_not_in_the_catalogue_is_refused() -> None:
    with pytest.raises(ValueError, match="no such code"):
        IssueCode("no such code")


def test_only_definitions_weigh_less_as_a_note() -> None:
    lighter = {code for code in IssueCode if code.severity_as_note is not code.severity}

    assert lighter == {IssueCode.DEFINITIONS_UNAVAILABLE}
    assert IssueCode.DEFINITIONS_UNAVAILABLE.severity_as_note is Severity.NOTE


def test_what_happened_once_is_not_expected_of_the_next_run() -> None:
    assert IssueCode.SCHEMA_HELD.repeats
    assert not IssueCode.ROLLED_BACK.repeats
