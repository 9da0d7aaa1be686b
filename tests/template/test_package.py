"""What the artefact check lets pass and what it refuses."""

import struct
from pathlib import Path

import pytest

from deploy import package

ARM64, X86_64 = 183, 62


def machine_code(machine: int) -> bytes:
    """Return the head of an ELF file for a processor."""
    return b"\x7fELF".ljust(18, b"\0") + struct.pack("<H", machine)


@pytest.fixture
def artefact(tmp_path: Path) -> Path:
    for name in ("datasphere_glue/handler.py", "requests/api.py", "requests-2.dist-info/RECORD"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")
    (tmp_path / "requests" / "fast.so").write_bytes(machine_code(ARM64))
    return tmp_path


def test_a_sound_artefact_has_no_problems(artefact: Path) -> None:
    assert package.problems(artefact, "arm64") == []


def test_the_size_of_a_package_includes_its_metadata(artefact: Path) -> None:
    assert package.contents(artefact) == {"requests": 30, "datasphere_glue": 5}


def test_machine_code_for_another_processor_is_refused(artefact: Path) -> None:
    assert package.problems(artefact, "x86_64") == [
        "requests/fast.so is machine code for another processor than x86_64"
    ]


@pytest.mark.parametrize("name", ["boto3", "aws_xray_sdk", "pytest"])
def test_forbidden_content_is_named(artefact: Path, name: str) -> None:
    (artefact / name).mkdir()
    (artefact / name / "__init__.py").write_bytes(b"1")
    (problem,) = package.problems(artefact, "arm64")
    assert problem.startswith(f"{name} is inside: ")


def test_an_artefact_over_the_limit_is_refused(artefact: Path) -> None:
    with (artefact / "large").open("wb") as file:
        file.truncate(package.LIMIT)
    (problem,) = package.problems(artefact, "arm64")
    assert problem == "16,000,035 bytes are more than 16,000,000"


def test_an_artefact_without_the_handler_is_refused(artefact: Path) -> None:
    (artefact / "datasphere_glue" / "handler.py").unlink()
    assert package.problems(artefact, "arm64") == ["datasphere_glue/handler.py is missing"]


def test_compiled_files_are_refused(artefact: Path) -> None:
    cache = artefact / "requests" / "__pycache__"
    cache.mkdir()
    (cache / "api.pyc").write_bytes(b"1")
    (problem,) = package.problems(artefact, "arm64")
    assert problem.endswith("is a left-over of the machine that built it")
