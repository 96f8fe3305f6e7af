"""A secret in a text, also where an address, JSON, hexadecimal digits or base64 hide its letters."""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable

_LAYERS = 3
"""So many encodings around each other are undone, as of JSON in JSON in an address; it bounds what a text costs."""
_ESCAPES = re.compile(r'(?:\\(?:u[0-9A-Fa-f]{4}|["\\/bfnrt]))+')
"""What JSON may write for letters; in runs, since it takes two for some letters."""
_URL_SAFE = str.maketrans("+/", "-_")


def readings(text: str) -> set[str]:
    """A text as it stands, and with what addresses, forms and JSON write for letters undone; 40 at most."""
    found = newest = {text}
    for _ in range(_LAYERS):
        newest = {undone(one) for one in newest for undone in (unquote, unquote_plus, _without_escapes)} - found
        found = found | newest
    return found


def holds(texts: Iterable[str], secret: str) -> bool:
    """Whether a secret stands in one of the readings of a text."""
    return any(_stands_in(text, secret) for text in texts)


def _stands_in(text: str, secret: str) -> bool:
    # Mail breaks base64 into lines, and people break digits into groups.
    unbroken = "".join(text.split())
    return (
        secret in text
        or secret.encode().hex() in unbroken.lower()
        or any(form in unbroken for form in _in_base64(secret))
    )


@cache
def _in_base64(secret: str) -> frozenset[str]:
    """In base64 and its spelling for addresses, wherever in the encoded text it begins."""
    raw = secret.encode()
    forms = set[str]()
    for shift in range(3):
        # Without the characters that depend on what stands before and behind it.
        first, last = -(-shift * 8 // 6), (shift + len(raw)) * 8 // 6
        inner = base64.b64encode(bytes(shift) + raw).decode()[first:last]
        forms |= {inner, inner.translate(_URL_SAFE)}
    return frozenset(forms)


def _without_escapes(text: str) -> str:
    return _ESCAPES.sub(lambda run: json.loads(f'"{run[0]}"'), text)
