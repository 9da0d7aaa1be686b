"""Change events are merged into one run for each space; each message has its own result."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.errors import EventError
from datasphere_glue.events.parsing import parse_message
from datasphere_glue.events.request import Request, Trigger
from datasphere_glue.events.sqs import CoalescedRequest, coalesced_requests


def body(space: str, asset: str, action: str = "changed", number: str = "") -> str:
    detail = {"spaceId": space, "objectId": asset, "action": action}
    envelope = {"source": "sap.datasphere", "detail-type": "x", "detail": detail}
    return json.dumps(envelope | ({"id": number} if number else {}))


def batch(*bodies: Any) -> list[dict[str, Any]]:
    return [{"messageId": f"m{number}", "body": text} for number, text in enumerate(bodies)]


def requests(runs: Iterable[CoalescedRequest]) -> list[Request]:
    return [coalesced.request() for coalesced in runs]


def test_events_of_one_space_are_one_run_over_all_their_assets() -> None:
    [coalesced] = coalesced_requests(
        batch(body("A", "V1"), body("A", "V2", "deleted"), body("A", "V1", "deployed"))
    )
    assert coalesced.messages == ("m0", "m1", "m2")
    assert coalesced.request() == Request(
        trigger=Trigger.CHANGE, assets=frozenset({("A", "V1"), ("A", "V2")})
    )


def test_an_event_of_the_whole_space_includes_all_others_of_the_space() -> None:
    [coalesced] = coalesced_requests(batch(body("A", "V1"), body("A", "*"), body("A", "V2")))
    assert coalesced.request() == Request(trigger=Trigger.CHANGE, spaces=frozenset({"A"}))


def test_each_space_is_a_separate_run_in_the_order_of_events() -> None:
    runs = coalesced_requests(batch(body("B", "V"), body("A", "*"), body("B", "W"), body("C", "V")))
    assert [coalesced.messages for coalesced in runs] == [("m0", "m2"), ("m1",), ("m3",)]


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ("not an event", "body: is not JSON"),
        ("{}", "body: must be a change event"),
        (body("", "V"), "detail.spaceId"),
        (body("A", "V", "exploded"), "detail.action"),
        (None, "body"),
    ],
)
def test_an_invalid_message_fails_alone_with_its_field(bad: Any, field: str) -> None:
    *good, poison = coalesced_requests(batch(body("A", "V1"), bad, body("A", "V2")))
    assert [coalesced.messages for coalesced in good] == [("m0", "m2")]
    assert poison.messages == ("m1",)
    with pytest.raises(EventError, match=f"message m1: .*{field}"):
        poison.request()


def test_a_record_without_a_body_is_an_invalid_message() -> None:
    [coalesced] = coalesced_requests([{"messageId": "m0"}])
    with pytest.raises(EventError, match="message m0"):
        coalesced.request()


def test_the_cause_of_a_run_lists_each_event_once_and_counts_the_excess() -> None:
    few = coalesced_requests(batch(*(body("A", "V", number=n) for n in ("e1", "e2", "e1"))))
    many = coalesced_requests(batch(*(body("A", "V", number=f"e{n}") for n in range(50))))
    assert [request.cause for request in requests(few)] == ["e1, e2"]
    assert [request.cause for request in requests(many)] == [
        "e0, e1, e2, e3, e4, e5, e6, e7, e8, e9, and 40 more"
    ]


EVENTS = st.tuples(
    st.sampled_from("ABC"), st.sampled_from("*VW"), st.sampled_from(["changed", "deleted"])
).map(lambda parts: body(*parts))


@given(st.lists(EVENTS | st.just("bad"), max_size=12))
def test_every_message_is_in_exactly_one_result(bodies: list[str]) -> None:
    runs = coalesced_requests(batch(*bodies))
    messages = [message for coalesced in runs for message in coalesced.messages]
    assert sorted(messages) == sorted(f"m{number}" for number in range(len(bodies)))
    good = [coalesced.request() for coalesced in runs if isinstance(coalesced.outcome, Request)]
    assert len(good) <= 3
    for text in bodies:
        if text != "bad":
            one = parse_message(text)
            assert any(
                one.spaces <= run.spaces
                and all(space in run.spaces or (space, a) in run.assets for space, a in one.assets)
                for run in good
            )


@given(st.lists(EVENTS, max_size=8), st.randoms())
def test_neither_order_nor_repetition_changes_the_requested_scopes(
    bodies: list[str], chance: Any
) -> None:
    again = [*bodies, *bodies]
    chance.shuffle(again)

    def scopes(
        runs: Iterable[CoalescedRequest],
    ) -> set[tuple[frozenset[str], frozenset[tuple[str, str]]]]:
        return {(run.spaces, run.assets) for run in requests(runs)}

    assert scopes(coalesced_requests(batch(*again))) == scopes(coalesced_requests(batch(*bodies)))
