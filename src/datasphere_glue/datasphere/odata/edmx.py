"""Reads the XML of a `$metadata` document, and repairs what can be repaired. Pure.

Repaired: bytes that are not in the declared encoding, characters that XML forbids, references to
entities that no document declares, and namespaces of other OData versions. A document that is not
whole, or declares a document type or entities, is refused.
"""

import re
from typing import Final
from xml.etree.ElementTree import Element as Node
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from datasphere_glue.datasphere.odata.expressions import EDM
from datasphere_glue.datasphere.odata.vocabulary import EDMX
from datasphere_glue.errors import DocumentError, excerpt

MAX_DOCUMENT: Final = 50 * 1024 * 1024

_BOM: Final = b"\xef\xbb\xbf"
_REPLACED: Final = "\ufffd"
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NUMBERED: Final = re.compile(r"&#(?:x([0-9A-Fa-f]{1,9})|([0-9]{1,9}));")
_NO_ENTITY: Final = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,9}|#x[0-9A-Fa-f]{1,9});)")
_LAST: Final = 0x10FFFF
_BROKEN: Final = (ParseError, ValueError, LookupError)
_SCHEMA: Final = "Schema"


def read_root(document: bytes) -> tuple[Node, tuple[str, ...]]:
    """Return the root of a document, with the names of EDMX and EDM, and notes of repairs.

    Raises:
        DocumentError: it is too large, not whole XML, no EDMX document, or declares XML entities or
            a document type.

    """
    if len(document) > MAX_DOCUMENT:
        raise DocumentError(f"metadata of {len(document)} bytes; at most {MAX_DOCUMENT} are read")
    notes = []
    try:
        root = _parse(document.removeprefix(_BOM).lstrip())
    except _BROKEN as err:
        try:
            root = _parse(_repaired(document))
        except _BROKEN:
            raise DocumentError(f"metadata is not whole XML ({err})") from err
        notes.append(f"characters of the metadata cannot be read and were replaced ({err})")
    foreign = _with_names_of_odata_4(root)
    if foreign:
        notes.append(f"the metadata has the namespace {excerpt(foreign, 80)}, read as OData 4")
    return root, tuple(notes)


def _parse(document: bytes | str) -> Node:
    try:
        root: Node = fromstring(document, forbid_dtd=True)
    except DefusedXmlException as err:
        raise DocumentError("metadata declares a document type or entities") from err
    return root


def _repaired(document: bytes) -> str:
    """Return the text of a document in UTF-8 without what XML forbids.

    A document in UTF-16 that declares another encoding stays no XML: its encoding is a guess.
    """
    text = document.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    text = _FORBIDDEN.sub(_REPLACED, text)
    return _NO_ENTITY.sub("&amp;", _NUMBERED.sub(_allowed, text))


def _allowed(reference: re.Match[str]) -> str:
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    forbidden = number > _LAST or _FORBIDDEN.match(chr(number))
    return _REPLACED if forbidden else reference[0]


def _with_names_of_odata_4(root: Node) -> str:
    """Rename the nodes of other versions to those of OData 4, and return one such namespace.

    Raises:
        DocumentError: the root is no EDMX document.

    """
    namespace, name = _split(root)
    if name != "Edmx":
        raise DocumentError(f"metadata is no edmx:Edmx document but {root.tag[:80]}")
    namespaces = {namespace: EDMX}
    for service in root:
        for schema in service:
            inner, inner_name = _split(schema)
            if inner_name == _SCHEMA:
                namespaces.setdefault(inner, EDM)
    foreign = {one for one, name in namespaces.items() if one != name}
    if not foreign:
        return ""
    for node in root.iter():
        inner, inner_name = _split(node)
        if inner in namespaces:
            envelope = inner_name in {"Edmx", "DataServices", "Reference", "Include"}
            node.tag = (EDMX if envelope else EDM) + inner_name
    return min(foreign).strip("{}")


def _split(node: Node) -> tuple[str, str]:
    """Return the namespace of a node, in braces or empty, and its name without it."""
    namespace, brace, name = node.tag.rpartition("}")
    return namespace + brace, name
