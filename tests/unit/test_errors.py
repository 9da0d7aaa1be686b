"""Parts of messages."""

import pytest

from datasphere_glue.errors import first_few


@pytest.mark.parametrize(
    ("names", "text"), [([], ""), (["a", "b"], "a, b"), (["a", "b", "c", "d"], "a, b and 2 more")]
)
def test_a_list_in_a_message_names_the_first_and_counts_the_rest(
    names: list[str], text: str
) -> None:
    assert first_few(names, 2) == text
