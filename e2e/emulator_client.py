"""The emulator of AWS as a process of this machine, reachable from nowhere else."""

import json
import os
import socket
import subprocess
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPSConnection
from pathlib import Path
from ssl import create_default_context
from threading import Event, Lock
from time import monotonic
from typing import Any, Final, Self

import boto3
from botocore.config import Config

ROOT: Final = Path(__file__).parent.parent
REGION: Final = "eu-central-1"
ACCOUNT: Final = "111122223333"
"""The account of the stacks. The emulator takes an access key of twelve digits for an account."""
OTHER_ACCOUNT: Final = "444455556666"
"""The account of the catalog across accounts."""

_LOOPBACK: Final = "127.0.0.1"
_READY_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision of IAM about one request of a role."""

    caller: str
    action: str
    resource: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class Worker:
    """A warm execution environment of a function.

    `credentials` are those of the role, as the function's own code sees them; `memory_mb` is the
    most memory that it ever had resident.
    """

    credentials: dict[str, str]
    memory_mb: float


class Emulator:
    """The emulator, running inside the `with` block; all it holds is gone afterwards."""

    def __init__(self, python: Path, folder: Path) -> None:
        self._python = python
        self._folder = folder
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = Lock()

    def __enter__(self) -> Self:
        # Nothing of this environment but what is named here: the functions inherit it.
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [self._python, "-m", "deploy.run_emulator"],
                cwd=ROOT,
                env=self._environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until(self._answers, _READY_S, "the emulator to answer")
        return self

    def __exit__(self, *_error: object) -> None:
        for client in self._clients.values():
            client.close()
        if self._process is not None:
            # Nothing is kept, so nothing has to be ended in order; its workers end with it.
            self._process.kill()
            self._process.wait()

    @property
    def url(self) -> str:
        """The endpoint of all services."""
        return f"https://{_LOOPBACK}:{self._port}"

    @property
    def log(self) -> Path:
        """The log file of the emulator."""
        return self._folder / "emulator.log"

    def environment(self, account: str = ACCOUNT) -> dict[str, str]:
        """Return the variables that direct AWS's tools here, as the root of an account."""
        return {
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_CA_BUNDLE": str(self.certificate),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def client(self, service: str, account: str = ACCOUNT) -> Any:
        """Return a client of a service, as the root of an account."""
        with self._lock:
            if (service, account) not in self._clients:
                self._clients[service, account] = self.client_as(
                    service, {"aws_access_key_id": account, "aws_secret_access_key": "test"}
                )
            return self._clients[service, account]

    def client_as(self, service: str, credentials: dict[str, str]) -> Any:
        """Return a client of a service with the given credentials, without retries."""
        session: Any = boto3.Session(region_name=REGION)
        return session.client(
            service,
            endpoint_url=self.url,
            verify=str(self.certificate),
            config=Config(retries={"total_max_attempts": 1}, read_timeout=300),
            **credentials,
        )

    def decisions(self) -> list[Decision]:
        """Return every decision of IAM about a role so far, in order."""
        path = self._decisions
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [Decision(**json.loads(line)) for line in lines]

    def workers(self, function: str) -> list[Worker]:
        """Return the warm execution environments of a function."""
        assert self._process is not None
        found = []
        for child in _children(self._process.pid):
            # One may end while it is looked at.
            with suppress(OSError, ValueError):
                variables = _variables(child)
                if variables.get("AWS_LAMBDA_FUNCTION_NAME") == function:
                    found.append(Worker(_credentials(variables), _peak_mb(child)))
        return found

    @property
    def certificate(self) -> Path:
        """The certificate that the emulator made for itself."""
        return self._folder / "ministack-tls" / "server.crt"

    @property
    def _decisions(self) -> Path:
        return self._folder / "decisions.jsonl"

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self._python.parent}:/usr/bin:/bin",
            "HOME": str(self._folder),
            "TMPDIR": str(self._folder),
            "BIND_HOST": _LOOPBACK,
            "MINISTACK_HOST": _LOOPBACK,
            "GATEWAY_PORT": str(self._port),
            "MINISTACK_REGION": REGION,
            # The owner of an unsigned request, such as a call of the webhook.
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            # The bucket's policy refuses what comes without TLS.
            "USE_SSL": "1",
            "SSL_CERT_FILE": str(self.certificate),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "AUTH": "true",
            "EMULATOR_DECISIONS": str(self._decisions),
        }

    def _answers(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"the emulator did not start:\n{self.log.read_text()[-4000:]}")
        try:
            trust = create_default_context(cafile=self.certificate)
            connection = HTTPSConnection(_LOOPBACK, self._port, timeout=2, context=trust)
            with closing(connection):
                connection.request("GET", "/_ministack/health")
                return connection.getresponse().status == HTTPStatus.OK
        except OSError:
            return False


def until(holds: Callable[[], Any], seconds: float, what: str) -> Any:
    """Poll `holds` and return its first truthy value.

    Raises:
        TimeoutError: it did not hold within that many seconds.

    """
    end, pause = monotonic() + seconds, Event()
    while monotonic() < end:
        if value := holds():
            return value
        pause.wait(0.1)
    raise TimeoutError(f"waited {seconds:g} s for {what}")


def _free_port() -> int:
    with socket.create_server((_LOOPBACK, 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _children(parent: int) -> list[Path]:
    """Return the processes of a process, as folders of /proc."""
    tasks = Path(f"/proc/{parent}/task").glob("*/children")
    return [Path("/proc", child) for task in tasks for child in task.read_text().split()]


def _variables(process: Path) -> dict[str, str]:
    pairs = (process / "environ").read_bytes().decode().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def _credentials(variables: dict[str, str]) -> dict[str, str]:
    names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    return {name: variables[name.upper()] for name in names}


def _peak_mb(process: Path) -> float:
    for line in (process / "status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"{process} has no peak of its memory")
