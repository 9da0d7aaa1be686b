"""Secrets are learned once, and masked only where they stand."""

import pytest

from datasphere_glue.commands.options import show_traceback
from datasphere_glue.evidence.hashed_lines import hashed_line, parse_hashed_line
from datasphere_glue.secrecy import LEAST, MOST, SECRETS, Secrets
from datasphere_glue.storage.store import json_body

SECRET = "k9-Test.Of-Secrecy/77"


@pytest.fixture
def secrets() -> Secrets:
    secrets = Secrets()
    secrets.learn(SECRET)
    return secrets


@pytest.mark.parametrize("short", ["a", "12345", " a b c ", ""])
def test_a_short_secret_is_not_masked(short: str) -> None:
    secrets = Secrets()
    secrets.learn(short, None)

    assert secrets.mask_foreign(f"alpha {short} 12345") == f"alpha {short} 12345"
    assert secrets.mask_text(f"alpha {short} 12345") == f"alpha {short} 12345"


def test_a_secret_of_the_least_length_is_masked() -> None:
    secrets = Secrets()
    secrets.learn("q" * LEAST)

    assert secrets.mask_text(f"is {'q' * LEAST}!") == "is ***!"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("a k9-Test.Of-Secrecy/77 b", "a *** b"),
        ("a k9-Test.Of-Sec", "a ***"),
        ("a k9-Test.Of-S", "a ***"),
        ("a k9-Test.Of-", "a k9-Test.Of-"),
        ("Basic aWQ6azktVGVzdC5PZi1TZWNyZWN5Lzc3, realm", "Basic ***, realm"),
        ("x=k9-Test.Of-Secrecy%2F77&y=1", "x=***&y=1"),
        ("Secrecy is a word, k9 another", "Secrecy is a word, k9 another"),
    ],
)
def test_only_the_secret_itself_is_masked(secrets: Secrets, text: str, masked: str) -> None:
    assert secrets.mask_foreign(text) == masked


def test_values_are_masked_in_keys_and_texts_alone(secrets: Secrets) -> None:
    value = {"n": 1, SECRET: [True, None, f"<{SECRET}>"]}

    assert secrets.mask_value(value) == {"n": 1, "***": [True, None, "<***>"]}


def test_only_the_newest_secrets_are_remembered(secrets: Secrets) -> None:
    secrets.learn(*(f"another-secret-{number:03}" for number in range(MOST)))

    assert secrets.mask_text(SECRET) == SECRET
    assert secrets.mask_text("another-secret-000") == "***"


def test_what_is_stored_and_printed_is_masked(capsys: pytest.CaptureFixture[str]) -> None:
    SECRETS.learn(SECRET)

    line, digest = hashed_line({"message": SECRET})
    show_traceback(ValueError(f"Bearer {SECRET}"))

    parsed = parse_hashed_line(line)
    assert parsed is not None
    assert (parsed.values, parsed.hash) == ({"message": "***"}, digest)
    assert b'"***"' in json_body({"message": SECRET})
    assert capsys.readouterr().err == "ValueError: Bearer ***\n"


def test_a_business_text_that_looks_like_a_token_is_masked_in_the_log_alone(
    secrets: Secrets,
) -> None:
    label = "Bearer share-2024, Basic material"

    assert secrets.mask_text(label) == label
    assert secrets.mask_value([label]) == [label]
    assert secrets.mask_logged({"label": label}) == {"label": "Bearer ***, Basic material"}
