"""Names in the files of other programs: each comes back, also what XML, which many of these are, cannot hold."""

from __future__ import annotations

import json
import re

# What XML has not, and the carriage return, which its readers take for a line feed.
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
# Earlier versions wrote these as JSON text, too.
_AS_JSON = re.compile(rf"{_NOT_IN_XML.pattern}|[\t\n\x7f]")


def for_files(name: str) -> str:
    r"""Return a name as every format of graphs keeps it: as JSON text where it holds what XML has not, or looks so.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
        What `from_files` reads.

    Examples
    --------
    >>> print(for_files("H1"), for_files("bell\a"), for_files('"bell"'))
    H1 "bell\u0007" "bell"
    """
    return json.dumps(name) if _NOT_IN_XML.search(name) or from_files(name) != name else name


def from_files(text: str) -> str:
    r"""Return the name that `for_files` wrote.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> from_files("H1"), from_files(r'"bell\u0007"')
    ('H1', 'bell\x07')
    """
    if not (len(text) > 1 and text[0] == text[-1] == '"'):
        return text
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return str(found) if _AS_JSON.search(found) or from_files(found) != found else text
