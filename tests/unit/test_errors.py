"""Parts of messages."""

import pytest

from datasphere_glue.errors import first_few, plain_reason


@pytest.mark.parametrize(
    ("names", "text"), [([], ""), (["a", "b"], "a, b"), (["a", "b", "c", "d"], "a, b and 2 more")]
)
def test_a_list_in_a_message_names_the_first_and_counts_the_rest(
    names: list[str], text: str
) -> None:
    assert first_few(names, 2) == text


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Value error, is no Region", "is no Region"),
        ("Input should be a valid array", "must be a valid array"),
        ("String should match pattern 'x'", "must match pattern 'x'"),
        ("a list that should match", "a list that should match"),
    ],
)
def test_a_reason_reads_as_a_rule(message: str, reason: str) -> None:
    assert plain_reason(message) == reason
