"""The embedded Glue Data Catalog: real HTTP for real boto3, as strict as the service.

moto accepts what Glue refuses (over-long comments, stale versions, pages of any size), so a test
against moto alone proves little. Here the catalog operations (databases, tables, versions:
`store`) are implemented in full, behind every constraint of the API model
(`limits`) and behind faults on request (`faults`). All other services (s3,
secretsmanager, sts, ssm, lakeformation...) and all other Glue operations go to moto on the same
endpoint; those Glue operations do not see the tables stored here. AppConfig's data plane, which
moto lacks, is in `services`.

    with EmbeddedCatalog() as catalog:
        glue = catalog.client("glue")
        catalog.faults.add(operation="UpdateTable", error="ThrottlingException", times=2)
        ...
        assert len(catalog.calls.writes) == 3
"""

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from io import BytesIO
from operator import itemgetter
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import boto3
from moto.iam.models import get_account_id_from
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from local.catalog.faults import CONNECTION_RESET, LOST_ANSWER, Calls, Faults
from local.catalog.limits import GlueError, check, service_model
from local.catalog.services import Configurations, name_of, refusal
from local.catalog.store import Caller, GlueStore, Snapshot
from local.serving import ServingThread

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from werkzeug.serving import BaseWSGIServer

REGION: Final = "eu-central-1"
ACCOUNT: Final = "123456789012"
"""The account of every access key that no assumed role owns, as in moto."""
MAX_PAYLOAD: Final = 512_000
"""Bytes of a request; Glue's cap is not published, refusals were reported from about 570 KB."""

_IDENTITY: Final = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
_TARGET: Final = "AWSGlue."
_CREDENTIAL: Final = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/")


class EmbeddedCatalog:
    """A Glue Data Catalog and the other services of AWS, on a free port of this machine.

    A context manager; nothing listens before and after. `latency` seconds pass before each Glue
    answer. `calls` are those of Glue, `other_calls` those of all other services.
    """

    def __init__(self, *, latency: float = 0.0) -> None:
        self.calls = Calls()
        self.other_calls = Calls()
        self.configurations = Configurations()
        self.faults = Faults()
        self.latency = latency
        self._store = GlueStore(time.time)
        self._moto = _Services(create_backend_app)
        self._server: BaseWSGIServer | None = None
        self._thread: ServingThread | None = None
        self._clients: dict[tuple[Any, ...], Any] = {}
        self._session = boto3.Session(region_name=REGION)

    def __enter__(self) -> Self:
        self._server = make_server(
            "127.0.0.1", 0, self._answer, threaded=True, request_handler=_Quiet
        )
        self._thread = ServingThread(self._server, "catalog")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for client in self._clients.values():
            client.close()
        if self._server and self._thread:
            self._thread.stop()
            self._server.server_close()
        self.reset()

    @property
    def endpoint_url(self) -> str:
        """Return where the catalog listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """Return the port on loopback."""
        if self._server is None:
            raise RuntimeError("the catalog listens only inside its `with` block")
        return self._server.server_port

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the environment variables that direct boto3 to this catalog."""
        return {
            **{name.upper(): value for name, value in _IDENTITY.items()},
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
        }

    def client(self, service: str, **options: Any) -> Any:
        """Return a boto3 client of this catalog; it is closed with the catalog.

        An equal call returns the same client: the creation of one takes 30 ms.
        """
        key = (service, *sorted(options.items(), key=itemgetter(0)))
        if key not in self._clients:
            # boto3 overloads `client` by the literal name of each service.
            create: Any = self._session.client
            arguments = {**_IDENTITY, "endpoint_url": self.endpoint_url, **options}
            self._clients[key] = create(service, **arguments)
        return self._clients[key]

    def reset(self) -> None:
        """Delete all data, faults and calls, those of moto's services included."""
        self._store.clear()
        self.faults.clear()
        self.calls.clear()
        self.other_calls.clear()
        self.configurations.clear()
        moto_api_backend.reset()

    def snapshot(self) -> Snapshot:
        """Return the databases and tables as they are now."""
        return self._store.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Make the databases and tables what they were when the snapshot was taken."""
        self._store.restore(snapshot)

    def _answer(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        if not target.startswith(_TARGET):
            return self._from_others(environ, start_response)
        operation = target.removeprefix(_TARGET)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        time.sleep(self.latency)
        try:
            content = self._glue(operation, body, _caller(environ))
        except GlueError as err:
            error = {"__type": err.code, "Message": err.message}
            return _json(start_response, err.status, error)
        if content is None:
            environ["wsgi.input"] = BytesIO(body)
            return self._from_moto(environ, start_response)
        return _json(start_response, 200, content)

    def _glue(self, operation: str, body: bytes, caller: Caller) -> Mapping[str, Any] | None:
        """Return the answer to a Glue request, None when moto has it."""
        request = json.loads(body or b"{}")
        self.calls.add(operation, request)
        hold = self.faults.hold_for(operation, request)
        if hold is not None and not hold.done:
            hold.wait()
        fault = self.faults.strike(operation, request)
        if fault == CONNECTION_RESET:
            raise ConnectionResetError
        if operation in service_model().operation_names:
            check(operation, request)
        if len(body) > MAX_PAYLOAD:
            raise GlueError("InvalidInputException", "Payload size of request exceeded limit")
        if fault is not None and fault != LOST_ANSWER:
            return {}
        if not self._store.knows(operation):
            return None
        answer = self._store.answer(operation, request, caller)
        if hold is not None and hold.done:
            hold.wait()
        if fault is not None:
            raise ConnectionResetError
        return answer

    def _from_others(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Return the answer of any service but Glue, unless a fault waits for it."""
        operation = name_of(environ)
        self.other_calls.add(operation, {})
        try:
            reset = self.faults.strike(operation, {})
            content = self.configurations.answer(operation, environ)
        except GlueError as err:
            return refusal(err, environ, start_response)
        if reset is not None:
            raise ConnectionResetError
        if content is None:
            return self._from_moto(environ, start_response)
        return content(start_response)

    def _from_moto(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        # moto has no annotations here.
        answer: Iterable[bytes] = self._moto(environ, start_response)
        return answer


class _Services(DomainDispatcherApplication):
    """moto's services, each looked up once: moto lists its folder for each request."""

    def __init__(self, create_app: Callable[..., Any]) -> None:
        super().__init__(create_app)
        self._backends: dict[str | None, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        """Return the name of the service at a host, None if there is none."""
        if host not in self._backends:
            self._backends[host] = super().get_backend_for_host(host)
        return self._backends[host]


class _Quiet(MotoRequestHandler):
    """moto's handler of HTTP requests, without a line on the console for each."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Print nothing."""

    def connection_dropped(self, _error: BaseException, _environ: object = None) -> None:
        """End the connection, as a fault that raises ConnectionResetError requires."""
        self.close_connection = True


def _caller(environ: "WSGIEnvironment") -> Caller:
    """Return the account and Region of a signed request; an assumed role has its own account."""
    match = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    if match is None:
        raise GlueError("MissingAuthenticationTokenException", "Missing Authentication Token", 403)
    return Caller(account=get_account_id_from(match[1]), region=match[2])


def _json(
    start_response: "StartResponse", status: int, content: Mapping[str, Any]
) -> Iterable[bytes]:
    body = json.dumps(content).encode()
    headers = [
        ("Content-Type", "application/x-amz-json-1.1"),
        ("Content-Length", str(len(body))),
    ]
    start_response(f"{status} {HTTPStatus(status).phrase}", headers)
    return [body]
