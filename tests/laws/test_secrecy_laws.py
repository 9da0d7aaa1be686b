"""Any secret, in any encoding, between any texts, never survives."""

import base64
import html
import json
import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus

from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.errors import excerpt
from datasphere_glue.secrecy import LEAST, SECRETS, Secrets
from tests.effort import examples

Encode = Callable[[str], str]


def wrapped(text: str, width: int = 5) -> str:
    return "\r\n ".join(text[at : at + width] for at in range(0, len(text), width))


def basic(login: str) -> str:
    return base64.b64encode(login.encode()).decode()


def lower_codes(text: str) -> str:
    return re.sub("%..", lambda code: code[0].lower(), quote(text, safe=""))


def mixed_codes(text: str) -> str:
    return re.sub("%(.)(.)", lambda code: f"%{code[1].lower()}{code[2]}", quote(text, safe=""))


ENCODINGS: dict[str, Encode] = {
    "plain": str,
    "quote": lambda text: quote(text, safe=""),
    "quote_plus": quote_plus,
    "lower percent codes": lower_codes,
    "mixed percent codes": mixed_codes,
    "all percent codes": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "html": html.escape,
    "decimal entities": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "hex entities": lambda text: "".join(f"&#x{ord(char):04X};" for char in text),
    "json": lambda text: json.dumps(text)[1:-1],
    "json with slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "json codes": lambda text: "".join(f"\\u{ord(char):04x}" for char in text),
    "base64": basic,
    "base64 without padding": lambda text: basic(text).rstrip("="),
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64 of id and secret": lambda text: basic(f"sb-1!b2|x:{text}"),
    "base64 of secret and id": lambda text: basic(f"{text}:id"),
    "hex": lambda text: text.encode().hex(),
    "upper hex": lambda text: text.encode().hex(":").upper(),
    "wrapped": wrapped,
    "wrapped base64": lambda text: wrapped(basic(text)),
    "base64 in json": lambda text: basic(text).replace("/", "\\/").replace("=", "\\u003d"),
    "base64 in a form": lambda text: quote_plus(basic(text)),
}
BASIC_PLANE = st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs", "Zs", "Cc"])
ANY_SECRET = st.one_of(
    st.text("abcXYZ012/+=-_&<>\"'%\\;#u!$ ", min_size=LEAST + 4, max_size=24),
    st.text(BASIC_PLANE, min_size=LEAST, max_size=16),
).filter(lambda text: "*" not in text and len("".join(text.split())) >= LEAST)
TEXTS = st.text('aB1 /+=-_&<"%\\;#u,:{}\n', max_size=8)


def secrets_of(secret: str) -> Secrets:
    secrets = Secrets()
    secrets.learn(secret)
    return secrets


@given(ANY_SECRET, TEXTS, TEXTS, st.sampled_from(sorted(ENCODINGS)))
@examples(150)
def test_no_encoding_of_a_secret_survives_between_any_texts(
    secret: str, before: str, after: str, name: str
) -> None:
    written = ENCODINGS[name](secret)

    masked = secrets_of(secret).mask_foreign(before + written + after)

    assert written not in masked
    assert secret not in masked


@given(ANY_SECRET, st.sampled_from(sorted(ENCODINGS)), st.sampled_from(sorted(ENCODINGS)))
@examples(150)
def test_no_encoding_of_an_encoding_survives(secret: str, inner: str, outer: str) -> None:
    written = ENCODINGS[outer](ENCODINGS[inner](secret))

    masked = secrets_of(secret).mask_foreign(f"refused: {written}, try later")

    assert written not in masked


@given(ANY_SECRET, st.sampled_from(sorted(ENCODINGS)))
@examples(150)
def test_no_encoding_of_a_secret_survives_in_a_document(secret: str, name: str) -> None:
    written = ENCODINGS[name](secret)
    document = f'{{"label": "Orders", "text": "Bearer {written}"}}'

    masked = secrets_of(secret).mask_document(document.encode()).decode()

    assert written not in masked
    assert masked.startswith('{"label": "Orders", "text": "')
    assert masked.endswith('"}')


@given(st.text(st.characters(exclude_categories=[]), max_size=60))
@examples(100)
def test_a_text_without_secrets_stays_as_it_is(text: str) -> None:
    secrets = secrets_of("qQ7-never-part-of-a-text")

    assert secrets.mask_text(text) == text
    assert secrets.mask_value({"key": [text, 1, None]}) == {"key": [text, 1, None]}


LEARNED = "zQ9-the-secret-of-the-cuts-8x"


@given(st.integers(0, 300), st.integers(13, 80), st.sampled_from(["x", "x ", " ", "\n"]))
@examples(60)
def test_a_cut_leaves_no_beginning_of_a_secret(before: int, limit: int, filler: str) -> None:
    SECRETS.learn(LEARNED)

    cut = excerpt(filler * before + LEARNED, limit)

    assert LEARNED[:6] not in cut
    assert len(cut) <= limit


def test_a_long_text_shows_no_beginning_where_the_search_ends() -> None:
    SECRETS.learn(LEARNED)

    cuts = [excerpt("y" * length + LEARNED, 4_000) for length in range(2_010, 2_050)]

    assert not [cut for cut in cuts if LEARNED[:6] in cut]
