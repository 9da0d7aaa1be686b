"""`sam build` and `sam deploy` of the template as it is, to the emulator."""

import json
import os
import platform
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Final

import pytest

from e2e.emulator_client import REGION, ROOT, Emulator
from local.tenant.embedded import EmbeddedTenant

BUCKET: Final = "artefacts"
_ARCHITECTURES: Final = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


class Sam:
    """The SAM command line with its own environment, its files outside of the checkout."""

    def __init__(self, sam: Path, folder: Path, emulator: Emulator) -> None:
        self._sam = sam
        self._folder = folder / "build"
        self._packaged = folder / "packaged.yaml"
        self._emulator = emulator

    def build(self) -> float:
        """Build for this machine's processor, upload what was built; return the seconds it took."""
        began = monotonic()
        self._run(
            "build",
            f"--build-dir={self._folder}",
            "--parameter-overrides",
            f"Architecture={architecture()}",
        )
        self._emulator.client("s3").create_bucket(
            Bucket=BUCKET,
            CreateBucketConfiguration={"LocationConstraint": REGION},
        )
        self._run(
            "package",
            f"--template-file={self._folder / 'template.yaml'}",
            f"--output-template-file={self._packaged}",
            f"--s3-bucket={BUCKET}",
        )
        return monotonic() - began

    def deploy(self, name: str, parameters: Mapping[str, str]) -> "Deployed":
        """Deploy a stack by its change set and return it as it stands then."""
        began = monotonic()
        values = {"Architecture": architecture(), **parameters}
        self._run(
            "deploy",
            f"--template-file={self._packaged}",
            f"--stack-name={name}",
            f"--s3-bucket={BUCKET}",
            "--parameter-overrides",
            *(f'{key}="{value}"' for key, value in values.items()),
        )
        return Deployed(self._emulator, name, monotonic() - began)

    def _run(self, command: str, *arguments: str) -> None:
        done = subprocess.run(
            [
                self._sam,
                command,
                f"--config-file={ROOT / 'samconfig.toml'}",
                "--config-env=emulator",
                *arguments,
            ],
            cwd=ROOT,
            env=os.environ
            | self._emulator.environment()
            | {
                "SAM_CLI_TELEMETRY": "0",
                "SAM_CLI_POLL_DELAY": "0.2",
                "PATH": f"{self._sam.parent}:{os.environ['PATH']}",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            # Without a stack there is nothing to test, and one message is enough.
            pytest.exit(f"sam {command} failed:\n{done.stdout}\n{done.stderr}", returncode=1)


class Deployed:
    """A stack as it was deployed, and the ways to reach into it."""

    def __init__(self, emulator: Emulator, name: str, seconds: float) -> None:
        self.name = name
        self.seconds = seconds
        self._emulator = emulator
        stacks = emulator.client("cloudformation").describe_stacks(StackName=name)
        (stack,) = stacks["Stacks"]
        self.outputs: dict[str, str] = {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}
        self.status: str = stack["StackStatus"]

    @property
    def function(self) -> str:
        """The name of the function."""
        return self.outputs["FunctionName"]

    @property
    def review_function(self) -> str:
        """The name of the review function."""
        return self.outputs["ReviewFunctionName"]

    def fill_in_client(self, tenant: EmbeddedTenant) -> None:
        """Put the tenant's OAuth client into the secret that the stack made for it."""
        client = {"client_id": tenant.client_id, "client_secret": tenant.client_secret}
        self._emulator.client("secretsmanager").put_secret_value(
            SecretId=self.outputs["SecretArn"], SecretString=json.dumps(client)
        )

    def invoke(
        self, event: Mapping[str, Any] | None = None, function: str | None = None
    ) -> "Answer":
        """Invoke a function, the syncing one if none is named, and wait for its answer."""
        began = monotonic()
        response = self._emulator.client("lambda").invoke(
            FunctionName=function or self.function, Payload=json.dumps(event or {}).encode()
        )
        answer = json.loads(response["Payload"].read())
        return Answer(answer, response.get("FunctionError"), monotonic() - began)

    @contextmanager
    def configured(self, **settings: str) -> Iterator[None]:
        """Have the function run with other settings inside the block, each time on a cold start."""
        client = self._emulator.client("lambda")
        configuration = client.get_function_configuration(FunctionName=self.function)
        own = configuration["Environment"]["Variables"]
        self._configure(own | settings)
        try:
            yield
        finally:
            self._configure(own)

    def depth(self, queue: str) -> int:
        """Return how many messages a queue of the stack holds, those being worked on included."""
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        attributes = self._emulator.client("sqs").get_queue_attributes(
            QueueUrl=self.outputs[queue], AttributeNames=list(names)
        )
        return sum(int(attributes["Attributes"][name]) for name in names)

    def _configure(self, variables: Mapping[str, str]) -> None:
        self._emulator.client("lambda").update_function_configuration(
            FunctionName=self.function, Environment={"Variables": dict(variables)}
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What an invocation answered, the kind of error if it was one, and the seconds it took."""

    body: Any
    error: str | None
    seconds: float


def architecture() -> str:
    """Return this machine's processor, as the template names it."""
    return _ARCHITECTURES[platform.machine()]
