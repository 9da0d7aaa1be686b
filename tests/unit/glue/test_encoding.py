"""What is sent to Glue has the bytes that are counted."""

import json
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from datasphere_glue.glue.encoding import sending_utf8
from datasphere_glue.model.request_body import request_body


class Sent:
    """Answers every request in place of Glue, and keeps its bytes."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def __call__(self, request: Any, **_: Any) -> AWSResponse:
        self.bodies.append(request.body)
        return AWSResponse(request.url, 200, HTTPHeaders(), _Raw())


class _Raw:
    def stream(self, **_: Any) -> list[bytes]:
        return [b"{}"]


@pytest.fixture
def sent_with() -> tuple[Any, Sent]:
    client = boto3.client(
        "glue", "eu-central-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    sent = Sent()
    events: Any = sending_utf8(client).meta.events
    events.register("before-send.glue", sent)
    return client, sent


@pytest.mark.parametrize("text", ["Net amount", "Größe", "销售额", "👩"])
def test_a_request_is_sent_in_utf8(sent_with: tuple[Any, Sent], text: str) -> None:
    client, sent = sent_with
    request = {"DatabaseName": "sales", "TableInput": {"Name": "orders", "Description": text}}

    client.create_table(**request)

    assert sent.bodies == [request_body(request)]
    assert text.encode() in sent.bodies[0]


def test_what_utf8_cannot_hold_is_sent_escaped(sent_with: tuple[Any, Sent]) -> None:
    client, sent = sent_with

    client.create_table(DatabaseName="s", TableInput={"Name": "t", "Description": "ü\ud800"})

    assert json.loads(sent.bodies[0])["TableInput"]["Description"] == "ü\ud800"
    assert sent.bodies[0].isascii()
