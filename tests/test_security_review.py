"""The security review names a test for each claim: each of them must be there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
REVIEW = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def known_tests() -> set[str]:
    files = [*ROOT.glob("tests/**/*.py"), *ROOT.glob("e2e/*.py")]
    return {
        name
        for file in files
        for name in re.findall(r"def (test_\w+)\(", file.read_text(encoding="utf-8"))
    }


def test_every_test_that_the_review_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", REVIEW))
    assert len(named) > 30
    assert named - known_tests() == set()


def test_the_review_states_what_each_writer_can_do_with_a_test_for_each() -> None:
    section = REVIEW.partition("What each of these writers can do")[2].partition("Each role")[0]
    lines = re.findall(r"^- \*\*(.+?)\.\*\*(.+?)(?=^- |\Z)", section, re.MULTILINE | re.DOTALL)
    assert [name for name, _ in lines] == [
        "The report place",
        "The exported files",
        "The configuration",
        "The bus, the queue and the webhook",
        "Glue",
    ]
    assert all(re.search(r"`test_\w+`", text) for _, text in lines)


def test_every_locked_package_has_a_hash() -> None:
    asked = sorted((ROOT / "requirements").glob("*.in"))
    assert len(asked) > 3
    for lock in (ROOT / "src" / "requirements.txt", *(file.with_suffix(".txt") for file in asked)):
        pinned = re.findall(r"^\S+==\S+.*(?:\n    .*)*", lock.read_text(), re.MULTILINE)
        assert pinned
        assert all("--hash=sha256:" in one for one in pinned), lock.name
        assert "://" not in lock.read_text()


def test_every_skipped_check_says_why() -> None:
    lines = (ROOT / "deploy" / "checkov.yaml").read_text().splitlines()
    skipped = [place for place, line in enumerate(lines) if line.strip().startswith("- CKV")]
    assert skipped
    assert all(lines[place - 1].strip().startswith("# ") for place in skipped)
