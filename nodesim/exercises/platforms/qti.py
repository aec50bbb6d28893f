"""Sheets as a package of QTI 2.1, for platforms other than Moodle: OpenOlat, Opal, TAO, Canvas, Blackboard and more.

Version 2.1 is the one that most of them take: OpenOlat and Opal keep tests in it, TAO, Canvas and Blackboard read it.
Moodle reads none, and ILIAS 1.2 only.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

from nodesim.exercises.platforms.asked import Asked, check_pictures, papers_of, picture, titles
from nodesim.exercises.platforms.qti_item import Item, root
from nodesim.showing import in_markup

_CONTENT = "http://www.imsglobal.org/xsd/imscp_v1p1"
_SCHEMA = "http://www.imsglobal.org/xsd/qti/qtiv2p1/qtiv2p1_imscpv1p2_v1p0.xsd"
# The same bytes at any time: the first day that an archive can name.
_DATE = (1980, 1, 1, 0, 0, 0)
_TEST = "test.xml"


def qti(sheets: Asked | Sequence[Asked], *, pictures: str = "svg") -> bytes:
    """Return sheets as a package of QTI 2.1: one item for each, and a test of all if there are several.

    Every blank is scored by itself, as right or wrong: what follows correctly from a wrong number is wrong there.
    Numbers are written with a decimal point in it, as QTI has them; where the language has a comma, the item says so.

    Parameters
    ----------
    sheets : Sheet or sequence of Sheet
    pictures : {"svg", "png"}
        PNG needs the extra ``png``.

    Returns
    -------
    bytes
        What the .zip file holds; the same for the same sheets.

    Raises
    ------
    ArgumentError
        If there is no sheet, or one without a blank.
    MissingExtraError
        For PNG without the extra ``png``.
    """
    kind = check_pictures(pictures)
    papers = papers_of(sheets)
    files: dict[str, bytes] = {}
    items: list[tuple[Item, list[str]]] = []
    for place, (paper, title) in enumerate(zip(papers, titles(papers)), 1):
        item = Item(paper, f"sheet-{place}", title, f"sheet-{place}-network", kind)
        files[f"{item.identifier}.xml"] = item.written().encode()
        files |= {name: picture(drawing, kind) for name, drawing in item.drawings.items()}
        items.append((item, list(item.drawings)))
    if len(items) > 1:
        files[_TEST] = _test([item for item, _ in items], papers[0].title).encode()
    return _archive({"imsmanifest.xml": _manifest(items).encode(), **files})


def _test(items: Sequence[Item], title: str) -> str:
    """Return a test of all items, in any order, with the sum of their scores."""
    references = "\n".join(
        f'<assessmentItemRef identifier="item-{place}" href="{item.identifier}.xml"/>'
        for place, item in enumerate(items, 1)
    )
    score = '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float"/>'
    total = '<sum><testVariables variableIdentifier="SCORE"/></sum>'
    part = (
        '<testPart identifier="part" navigationMode="nonlinear" submissionMode="simultaneous">\n'
        f'<assessmentSection identifier="section" title="{in_markup(title)}" visible="true">\n{references}\n'
        "</assessmentSection>\n</testPart>"
    )
    processing = f'<outcomeProcessing><setOutcomeValue identifier="SCORE">{total}</setOutcomeValue></outcomeProcessing>'
    return root("assessmentTest", f"{score}\n{part}\n{processing}", identifier="sheets", title=title)


def _manifest(items: Sequence[tuple[Item, list[str]]]) -> str:
    resources = [
        _resource(item.identifier, "imsqti_item_xmlv2p1", [f"{item.identifier}.xml", *names]) for item, names in items
    ]
    if len(items) > 1:
        needed = [item.identifier for item, _ in items]
        resources.insert(0, _resource("sheets", "imsqti_test_xmlv2p1", [_TEST], needed))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<manifest xmlns="{_CONTENT}" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="{_CONTENT} {_SCHEMA}" identifier="manifest">\n'
        "<metadata><schema>QTIv2.1 Package</schema><schemaversion>1.0.0</schemaversion></metadata>\n"
        f"<organizations/>\n<resources>\n{chr(10).join(resources)}\n</resources>\n</manifest>\n"
    )


def _resource(identifier: str, kind: str, files: Sequence[str], needed: Sequence[str] = ()) -> str:
    inner = "".join(f'<file href="{name}"/>' for name in files)
    inner += "".join(f'<dependency identifierref="{name}"/>' for name in needed)
    return f'<resource identifier="{identifier}" type="{kind}" href="{files[0]}">{inner}</resource>'


def _archive(files: dict[str, bytes]) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _DATE)
            # Else an archive tells which system made it.
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)
    return memory.getvalue()
