"""A tenant as a plain object below a requests session: it answers as told and remembers."""

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse

from datasphere_glue.datasphere.auth import Credentials, TokenSource
from datasphere_glue.datasphere.budget import RateBudget
from datasphere_glue.datasphere.client import DatasphereClient, Limits, Surroundings
from datasphere_glue.datasphere.source import DatasphereSource

URL = "https://acme.eu10.hcs.cloud.sap"
TOKEN_URL = "https://acme.authentication.eu10.hana.ondemand.com/oauth/token"
NEW = "/api/v1/datasphere/consumption/catalog"
OLD = "/api/v1/dwc/catalog"
SPACES = f"{NEW}/spaces"
START = datetime(2026, 5, 4, 8, 0, 0, tzinfo=UTC)
LOGIN_PAGE = b"\xef\xbb\xbf\n<!DOCTYPE html><html><body>Sign in</body></html>"
UNKNOWN_USER = b"Please contact your system administrator and ensure you have an active account."
EDMX = (
    '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">'
    '<edmx:DataServices><Schema Namespace="S" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
    '{}<EntityType Name="V"><Property Name="ID" Type="Edm.Int32"/></EntityType>'
    "</Schema></edmx:DataServices></edmx:Edmx>"
)


class Time:
    """A clock that only moves when somebody sleeps; it knows how long everybody slept."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds - 1000.0)


@dataclass(frozen=True)
class Reply:
    """One answer; a dict or list becomes JSON."""

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Answer = Reply | Exception | Callable[["Seen"], "Reply"]


@dataclass(frozen=True)
class Seen:
    """One request as it left."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: str
    timeout: tuple[float, float]
    thread: int

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.url).path)

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}


class FakeTenant(BaseAdapter):
    """Answers each path with the replies it was given, the last of them for good."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Seen] = []
        self.answers: dict[str, list[Answer]] = defaultdict(list)
        self.sessions: list[requests.Session] = []
        self.trust_env = False
        self.lock = threading.Lock()
        self.on("/oauth/token", token("T1"))

    def on(self, path: str, *answers: Answer) -> None:
        self.answers[path] = list(answers)

    def asked(self, path: str) -> list[Seen]:
        return [seen for seen in self.seen if seen.path == path]

    @property
    def data(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.path != "/oauth/token"]

    def session(self) -> requests.Session:
        made = requests.Session()
        made.trust_env = self.trust_env
        made.mount("https://", self)
        self.sessions.append(made)
        return made

    def send(self, request: requests.PreparedRequest, **sending: Any) -> requests.Response:
        seen = Seen(
            request.method or "",
            request.url or "",
            dict(request.headers),
            str(request.body or ""),
            sending["timeout"],
            threading.get_ident(),
        )
        with self.lock:
            self.seen.append(seen)
            waiting = self.answers.get(seen.path) or [Reply(404, {"error": "no such path"})]
            answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, Exception):
            raise answer
        reply = answer if isinstance(answer, Reply) else answer(seen)
        response = requests.Response()
        response.status_code = reply.status
        response.headers = CaseInsensitiveDict(reply.headers)
        response.raw = HTTPResponse(
            BytesIO(reply.content), reply.headers, reply.status, preload_content=False
        )
        response.url = seen.url
        response.request = request
        return response

    def close(self) -> None:
        pass


def token(value: str, **more: Any) -> Reply:
    return Reply(200, {"access_token": value, "token_type": "bearer", "expires_in": 3600, **more})


def page(*names: str, **controls: Any) -> Reply:
    odata = {f"@odata.{key}": value for key, value in controls.items()}
    return Reply(200, {**odata, "value": [{"name": name} for name in names]})


def asset(space: str, name: str, *forms: str, label: str | None = None) -> dict[str, Any]:
    """Return a catalog entry with the URLs of the given forms, the others null."""
    entry: dict[str, Any] = {"name": name, "label": label, "spaceName": space}
    for form in ("Relational", "Analytical"):
        path = metadata_path(space, name, form.lower())
        entry[f"asset{form}MetadataUrl"] = URL + path if form.lower() in forms else None
    return entry


def metadata_path(space: str, name: str, form: str = "relational") -> str:
    return f"/api/v1/dwc/consumption/{form}/{space}/{name}/$metadata"


def assets_path(space: str, root: str = NEW) -> str:
    return f"{root}/spaces('{space}')/assets"


class Reader:
    """A client, its time and the tenant it reads, put together for one test."""

    def __init__(
        self, *, per_minute: int = 100_000, until: float = float("inf"), **limits: Any
    ) -> None:
        self.tenant = FakeTenant()
        self.time = Time()
        self.reads: list[bool] = []
        self.secrets = ["first", "second"]
        self.budget = RateBudget(per_minute, clock=self.time.clock, sleep=self.time.sleep)
        self.tokens = TokenSource(TOKEN_URL + "?x=1", self.credentials, clock=self.time.clock)
        self.client = DatasphereClient(
            URL,
            self.tokens,
            self.budget,
            until=until,
            limits=Limits(**limits),
            surroundings=Surroundings(self.time.clock, self.time.sleep, lambda: 0.5, self.time.now),
            new_session=self.tenant.session,
        )

    def credentials(self, fresh: bool) -> Credentials:  # noqa: FBT001 - the seam's own signature
        self.reads.append(fresh)
        return Credentials("sb-client!b1|client!b2", self.secrets[1 if fresh else 0])

    def source(self, workers: int = 4) -> DatasphereSource:
        return DatasphereSource(self.client, workers=workers)

    def serve(self, **spaces: list[dict[str, Any]]) -> None:
        """Serve these spaces with their entries, each asset with a small document."""
        listed = [{"name": name, "label": f"Space {name}"} for name in spaces]
        self.tenant.on(SPACES, Reply(200, {"@odata.count": len(listed), "value": listed}))
        for space, entries in spaces.items():
            answer = Reply(200, {"@odata.count": len(entries), "value": entries})
            self.tenant.on(assets_path(space), answer)
            for entry in entries:
                for form in ("relational", "analytical"):
                    path = metadata_path(space, entry["name"], form)
                    self.tenant.on(path, Reply(200, EDMX.format("").encode()))
