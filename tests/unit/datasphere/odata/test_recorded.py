"""All readers of OData on documents recorded from tenants, as they are and written otherwise."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from datasphere_glue.datasphere.odata.csdl import parse_metadata
from tests.unit.datasphere.odata.samples import original


def recorded(real: Path) -> Iterator[tuple[str, str]]:
    """Yield the name of the asset and the text of each recorded document."""
    for path in sorted((real / "recorded/edmx").glob("*.xml")):
        name = path.stem.removeprefix("relational_").removeprefix("analytical_")
        yield name, path.read_text(encoding="utf-8")


def test_recorded_documents_are_read_without_a_note(real: Path) -> None:
    read = {name: parse_metadata(text.encode(), name) for name, text in recorded(real)}
    assert len(read) >= 5
    for entity in read.values():
        assert (entity.notes, entity.whole, bool(entity.label)) == ((), True, True)
        assert all(one.unread is None and one.custom == () for one in entity.elements)
        assert entity.custom == ()
    assert {one.dimension_type for one in read.values()} == {"TIME", None}


def test_recorded_documents_say_the_same_under_other_aliases(real: Path) -> None:
    for name, text in recorded(real):
        other = re.sub(r'Alias="(\w+)"', r'Alias="x\1"', text)
        other = re.sub(r'Term="(\w+)\.', r'Term="x\1.', other)
        assert other != text
        assert parse_metadata(other.encode(), name) == parse_metadata(text.encode(), name)


def test_recorded_columns_of_other_names_keep_all_that_is_said_of_them(real: Path) -> None:
    for name, text in recorded(real):
        entity = parse_metadata(text.encode(), name)
        for column in (one.name for one in entity.elements):
            exact = f"0{column}"
            written = re.sub(rf'(Name="|/|Path=")({column})"', rf'\1_0{column}"', text)
            target = re.search(rf'Target="([^"]+/_0{column})"', written)
            if target is None:
                continue
            name_of = original(target[1], exact)
            named = written.replace("</Schema>", f"{name_of}</Schema>")
            renamed = parse_metadata(named.encode(), name)
            assert [one.name for one in renamed.elements] == [
                exact if one.name == column else one.name for one in entity.elements
            ]
            assert [replace(one, name="") for one in renamed.elements] == [
                replace(one, name="") for one in entity.elements
            ]
            for now, before in zip(renamed.hierarchies, entity.hierarchies, strict=True):
                assert now.levels == tuple(exact if x == column else x for x in before.levels)
