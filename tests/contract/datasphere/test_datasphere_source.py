"""What a run learns of a tenant: every space in scope, complete or with the reason why not."""

import threading
from typing import Any

import pytest
import requests

from datasphere_glue.errors import (
    CredentialsRejected,
    OutOfTime,
    PermissionDenied,
    SourceUnavailable,
)
from datasphere_glue.model.asset import Issue, Kind, SpaceListing, Usage
from datasphere_glue.model.scope import Scope, everything
from tests.contract.datasphere.fake_tenant import (
    EDMX,
    LOGIN_PAGE,
    SPACES,
    UNKNOWN_USER,
    Reader,
    Reply,
    Seen,
    asset,
    assets_path,
    metadata_path,
    page,
    token,
)

DIMENSION = (
    '<Annotations Target="S.V"><Annotation Term="Analytics.dimensionType" String="#TIME"/>'
    '<Annotation Term="Common.Label" String="From EDMX"/></Annotations>'
)


def read(reader: Reader, scope: Scope | None = None) -> dict[str, SpaceListing]:
    return {one.space: one for one in reader.source().read(scope or everything())}


def unread(reader: Reader) -> Issue:
    """Return the one issue of SALES.BAD, beside which SALES.GOOD was read."""
    listing = read(reader)["SALES"]
    assert [one.name for one in listing.assets] == ["GOOD"]
    assert listing.listed == {"BAD", "GOOD"}
    assert listing.complete
    (issue,) = listing.unread
    assert issue.subject == "SALES.BAD"
    assert "SALES.BAD" in issue.message
    assert issue.remedy
    return issue


def two_assets(reader: Reader, *answers: Any) -> None:
    bad, good = asset("SALES", "BAD", "relational"), asset("SALES", "GOOD", "relational")
    reader.serve(SALES=[good, bad])
    reader.tenant.on(metadata_path("SALES", "BAD"), *answers)


def test_spaces_and_assets_come_sorted_whatever_the_order_of_the_answers() -> None:
    reader = Reader()
    entries = {
        space: [asset(space, f"V_{n}", "relational") for n in (2, 0, 1)]
        for space in ("ZOO", "ALPHA", "MID")
    }
    reader.serve(**entries)

    listings = reader.source(workers=3).read(everything())

    assert [one.space for one in listings] == ["ALPHA", "MID", "ZOO"]
    assert [one.label for one in listings] == ["Space ALPHA", "Space MID", "Space ZOO"]
    for one in listings:
        assert one.complete
        assert one.unread == ()
        assert [a.name for a in one.assets] == ["V_0", "V_1", "V_2"]
        assert {a.space for a in one.assets} == {one.space}


def test_assets_are_read_by_at_most_so_many_at_a_time() -> None:
    reader = Reader()
    entries = [asset("SALES", f"V_{n}", "relational") for n in range(12)]
    reader.serve(SALES=entries)
    together = threading.Barrier(3)

    def answer(_: Seen) -> Reply:
        together.wait(timeout=10)
        return Reply(200, EDMX.format("").encode())

    for entry in entries:
        reader.tenant.on(metadata_path("SALES", entry["name"]), answer)

    reader.source(workers=3).read(everything())

    readers = {seen.thread for seen in reader.tenant.seen if "$metadata" in seen.path}
    assert len(readers) == 3


FORMS = {
    "view": (("relational",), "", Kind.VIEW, None),
    "dimension": (("relational",), DIMENSION, Kind.VIEW, Usage.DIMENSION),
    "dataset": (("relational", "analytical"), "", Kind.VIEW, Usage.FACT),
    "both, dimension": (("relational", "analytical"), DIMENSION, Kind.VIEW, Usage.DIMENSION),
    "model": (("analytical",), "", Kind.ANALYTIC_MODEL, Usage.CUBE),
}


@pytest.mark.parametrize(("forms", "said", "kind", "usage"), FORMS.values(), ids=FORMS)
def test_kind_and_usage_follow_from_the_services_and_what_they_say(
    forms: tuple[str, ...], said: str, kind: Kind, usage: Usage | None
) -> None:
    reader = Reader()
    reader.serve(SALES=[asset("SALES", "V", *forms)])
    for form in forms:
        document = EDMX.format(said).encode()
        reader.tenant.on(metadata_path("SALES", "V", form), Reply(200, document))

    (found,) = read(reader)["SALES"].assets

    assert (found.kind, found.usage) == (kind, usage)
    assert [element.name for element in found.elements] == ["ID"]


def test_the_label_of_the_listing_wins_and_provenance_names_what_has_a_value() -> None:
    reader = Reader()
    named = asset("SALES", "A", "relational", label="From the list")
    reader.serve(SALES=[named, asset("SALES", "B", "relational")])
    for name in "AB":
        document = Reply(200, EDMX.format(DIMENSION).encode())
        reader.tenant.on(metadata_path("SALES", name), document)

    first, second = read(reader)["SALES"].assets

    assert (first.label, second.label) == ("From the list", "From EDMX")
    fields = ("custom", "elements", "label", "usage")
    assert first.provenance == tuple((name, "odata") for name in fields)


def test_what_is_out_of_scope_is_listed_and_not_read() -> None:
    reader = Reader()
    reader.serve(SALES=[asset("SALES", n, "relational") for n in "AB"], HR=[])

    listings = read(reader, Scope(include=("SALES.A",)))

    assert list(listings) == ["SALES"]
    assert listings["SALES"].listed == {"A", "B"}
    assert [one.name for one in listings["SALES"].assets] == ["A"]
    assert not reader.tenant.asked(metadata_path("SALES", "B"))
    assert not reader.tenant.asked(assets_path("HR"))


def test_a_survey_lists_without_reading_any_metadata() -> None:
    reader = Reader()
    reader.serve(SALES=[asset("SALES", "A", "relational")])

    (listing,) = reader.source().survey(everything())

    assert listing.listed == {"A"}
    assert (listing.assets, listing.unread) == ((), ())
    assert not [seen for seen in reader.tenant.seen if "$metadata" in seen.path]


UNREAD: dict[str, tuple[list[Any], str, str]] = {
    "403": ([Reply(403)], "ASSET_UNREADABLE", "HTTP 403"),
    "404": ([Reply(404)], "ASSET_UNREADABLE", "HTTP 404"),
    "400": ([Reply(400)], "ASSET_UNREADABLE", "HTTP 400"),
    "429": ([Reply(429)], "ASSET_UNREADABLE", "HTTP 429"),
    "500": ([Reply(500)], "ASSET_UNREADABLE", "HTTP 500"),
    "redeploy": ([Reply(500, b"Result cannot be empty")], "ASSET_UNREADABLE", "cannot be empty"),
    "503": ([Reply(503)], "ASSET_UNREADABLE", "HTTP 503"),
    "time-out": ([requests.ReadTimeout()], "ASSET_UNREADABLE", "timed out"),
    "reset": ([requests.ConnectionError()], "ASSET_UNREADABLE", "connection failed"),
    "redirect": ([Reply(302)], "ASSET_UNREADABLE", "redirects"),
    "login page": ([Reply(200, LOGIN_PAGE)], "ASSET_UNREADABLE", "HTML"),
    "empty": ([Reply(200)], "DOCUMENT_INVALID", "not whole XML"),
    "json": ([Reply(200, {"value": []})], "DOCUMENT_INVALID", "not whole XML"),
    "truncated": ([Reply(200, EDMX.encode()[:-20])], "DOCUMENT_INVALID", "not whole XML"),
    "encoding": ([Reply(200, EDMX.format("\u00fc").encode("latin-1"))], "DOCUMENT_INVALID", "XML"),
    "cut off": ([Reply(200, b"<", {"Content-Length": "9"})], "ASSET_UNREADABLE", "cut off"),
}


@pytest.mark.parametrize(("answers", "code", "cause"), UNREAD.values(), ids=UNREAD)
def test_an_asset_that_cannot_be_read_is_an_issue_and_its_neighbour_is_read(
    answers: list[Any], code: str, cause: str
) -> None:
    reader = Reader()
    two_assets(reader, *answers)

    issue = unread(reader)

    assert issue.code == code
    assert cause in issue.message


def test_a_metadata_url_of_another_host_is_an_issue_of_that_asset() -> None:
    reader = Reader()
    bad = asset("SALES", "BAD", "relational")
    bad["assetRelationalMetadataUrl"] = "https://evil.example/$metadata"
    reader.serve(SALES=[bad, asset("SALES", "GOOD", "relational")])

    assert "evil.example" in unread(reader).message
    assert not [seen for seen in reader.tenant.seen if "evil.example" in seen.url]


def test_a_model_without_any_url_in_the_payload_is_found_by_the_built_ones() -> None:
    reader = Reader()
    reader.serve(SALES=[{"name": "M", "supportsAnalyticalQueries": True}])
    path = "/api/v1/datasphere/consumption/analytical/SALES/M/$metadata"
    reader.tenant.on(path, Reply(200, EDMX.format("").encode()))

    (found,) = read(reader)["SALES"].assets

    assert found.kind is Kind.ANALYTIC_MODEL


LISTS: dict[str, tuple[list[Any], str, str]] = {
    "403": ([Reply(403)], "SPACE_FORBIDDEN", "space HR may not be read"),
    "404": ([Reply(404)], "LISTING_INCOMPLETE", "HTTP 404"),
    "503": ([Reply(503)], "LISTING_INCOMPLETE", "HTTP 503"),
    "time-out": ([requests.ConnectTimeout()], "LISTING_INCOMPLETE", "timed out"),
    "login page": ([Reply(200, LOGIN_PAGE)], "LISTING_INCOMPLETE", "HTML"),
    "no value": ([Reply(200, {})], "LISTING_INCOMPLETE", "no array"),
    "truncated": ([Reply(200, b'{"value": [')], "LISTING_INCOMPLETE", "not whole JSON"),
    "encoding": ([Reply(200, b"\xff\xfe{")], "LISTING_INCOMPLETE", "not UTF-8"),
    "twice": ([page("A", "A", count=1)], "LISTING_INCOMPLETE", "lists a name twice"),
}


@pytest.mark.parametrize(("answers", "code", "cause"), LISTS.values(), ids=LISTS)
def test_a_space_that_cannot_be_listed_is_incomplete_and_the_others_are_read(
    answers: list[Any], code: str, cause: str
) -> None:
    reader = Reader()
    reader.serve(SALES=[asset("SALES", "A", "relational")], HR=[])
    reader.tenant.on(assets_path("HR"), *answers)

    listings = read(reader)

    assert listings["SALES"].complete
    assert len(listings["SALES"].assets) == 1
    issue = listings["HR"].incomplete
    assert issue is not None
    assert (issue.subject, issue.code) == ("HR", code)
    assert cause in issue.message
    assert code != "SPACE_FORBIDDEN" or "space HR" in issue.remedy


def test_an_incomplete_listing_keeps_what_was_listed() -> None:
    reader = Reader()
    reader.serve(SALES=[])
    entries = {"@odata.count": 5, "value": [asset("SALES", "A", "relational")]}
    reader.tenant.on(assets_path("SALES"), Reply(200, entries), page(count=5))
    document = Reply(200, EDMX.format("").encode())
    reader.tenant.on(metadata_path("SALES", "A"), document)

    listing = read(reader)["SALES"]

    assert not listing.complete
    assert listing.listed == {"A"}
    assert [one.name for one in listing.assets] == ["A"]


TENANT: dict[str, tuple[Any, type[Exception], str]] = {
    "401": (Reply(401), CredentialsRejected, "401"),
    "403": (Reply(403), PermissionDenied, "list of spaces was refused"),
    "404": (Reply(404), SourceUnavailable, "404"),
    "429": (Reply(429, headers={"Retry-After": "1"}), SourceUnavailable, "429"),
    "500": (Reply(500), SourceUnavailable, "500"),
    "time-out": (requests.ReadTimeout(), SourceUnavailable, "timed out"),
    "login page": (Reply(200, LOGIN_PAGE), CredentialsRejected, "does not know this identity"),
    "unknown user": (Reply(200, UNKNOWN_USER), CredentialsRejected, "does not know"),
    "truncated": (Reply(200, b'{"value": [{'), SourceUnavailable, "not whole JSON"),
    "no value": (Reply(200, {"x": []}), SourceUnavailable, "no array"),
    "incomplete": (page("A", nextLink="https://evil.example/"), SourceUnavailable, "evil.example"),
}


@pytest.mark.parametrize(("answer", "error", "cause"), TENANT.values(), ids=TENANT)
def test_without_the_list_of_spaces_there_is_no_run(
    answer: Any, error: type[Exception], cause: str
) -> None:
    reader = Reader()
    reader.tenant.on(SPACES, answer)

    with pytest.raises(error, match=cause) as raised:
        read(reader)
    assert "T1" not in str(raised.value)


def test_no_spaces_is_an_answer_too() -> None:
    reader = Reader()
    reader.serve()

    assert reader.source().read(everything()) == ()


def test_a_space_asked_for_by_name_that_is_not_listed_is_told_with_a_suggestion() -> None:
    reader = Reader()
    reader.serve(SALES=[], LOGISTICS=[])

    listings = read(reader, everything(["sales", "LOGISTIC", "XYZ", "SALES"]))

    assert list(listings) == ["LOGISTIC", "SALES", "XYZ", "sales"]
    assert listings["SALES"].complete
    told = {name: listing.incomplete for name, listing in listings.items() if listing.incomplete}
    assert {issue.code for issue in told.values()} == {"SPACE_NOT_LISTED"}
    assert "did you mean SALES?" in told["sales"].message
    assert "did you mean LOGISTICS?" in told["LOGISTIC"].message
    assert "did you mean" not in told["XYZ"].message


def test_a_refused_identity_ends_the_run_without_asking_for_the_rest() -> None:
    reader = Reader()
    reader.serve(SALES=[asset("SALES", f"V_{n:03}", "relational") for n in range(200)])
    for n in range(200):
        reader.tenant.on(metadata_path("SALES", f"V_{n:03}"), Reply(401))

    with pytest.raises(CredentialsRejected):
        reader.source(workers=2).read(everything())
    assert len(reader.tenant.seen) < 50


def test_a_token_endpoint_that_goes_down_ends_the_run() -> None:
    reader = Reader()
    two_assets(reader, Reply(401))
    reader.tenant.on("/oauth/token", token("T1"), Reply(503))

    with pytest.raises(SourceUnavailable, match="no token could be fetched"):
        read(reader)


def test_what_the_end_of_the_run_left_unread_is_told_as_such() -> None:
    reader = Reader(until=1005.0)
    two_assets(reader, Reply(429, headers={"Retry-After": "30"}))

    issue = unread_of_time(reader)

    assert issue.code == OutOfTime.code


def unread_of_time(reader: Reader) -> Issue:
    listing = read(reader)["SALES"]
    assert listing.complete
    return next(issue for issue in listing.unread if issue.subject == "SALES.BAD")
