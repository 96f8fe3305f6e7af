"""Finds a secret in whatever was written down, also where it is encoded."""

from __future__ import annotations

import base64
import binascii
import contextlib
import gzip
import re
import threading
import zlib
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, quote_plus

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
_GZIP = b"\x1f\x8b\x08"
_DEPTH = 3


def forms_of(secret: str) -> dict[str, bytes]:
    """The secret as it may stand in a text."""
    raw = secret.encode()
    forms = {
        "plain": raw,
        "URL-encoded": quote(secret, safe="").encode(),
        "form-encoded": quote_plus(secret).encode(),
        "hexadecimal": raw.hex().encode(),
        "escaped as JSON": raw.replace(b"/", b"\\/"),
        "escaped as Go's JSON": _as_go_escapes(raw, b"\\"),
        "escaped as Go's JSON, within JSON": _as_go_escapes(raw, b"\\\\"),
    }
    for shift in range(3):
        # The part of the encoding that does not depend on what stands around the secret.
        encoded = base64.b64encode(b"\0" * shift + raw)
        first = -(-shift * 8 // 6)
        forms[f"base64, shifted by {shift}"] = encoded[first : len(raw) * 8 // 6 + first - 1]
        forms[f"URL-safe base64, shifted by {shift}"] = forms[f"base64, shifted by {shift}"].translate(
            bytes.maketrans(b"+/", b"-_")
        )
    return forms


def _as_go_escapes(raw: bytes, backslash: bytes) -> bytes:
    for letter in b"&<>":
        raw = raw.replace(bytes([letter]), backslash + b"u%04x" % letter)
    return raw


def leaks(data: bytes, secret: str, depth: int = _DEPTH) -> list[str]:
    """The forms in which a secret stands in some bytes, looking into base64 and gzip."""
    found = [form for form, needle in forms_of(secret).items() if needle in data]
    if depth and not found:
        for inner in _unpacked(data):
            found += [f"{form} inside" for form in leaks(inner, secret, depth - 1)]
    return found


def _unpacked(data: bytes) -> Iterator[bytes]:
    start = data.find(_GZIP)
    while start >= 0:
        with contextlib.suppress(zlib.error):
            yield zlib.decompressobj(wbits=31).decompress(data[start:])
        start = data.find(_GZIP, start + 1)
    for match in _BASE64.finditer(data):
        text = match[0].rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        with contextlib.suppress(binascii.Error):
            yield base64.b64decode(text + b"=" * (-len(text) % 4))


def packed(secret: str) -> dict[str, bytes]:
    """The secret, leaked on purpose in every form that must be found."""
    words = f"before {secret} after"
    return {
        "plain": words.encode(),
        "base64": base64.b64encode(words.encode()),
        "URL-encoded": quote(words, safe="").encode(),
        "in Go's JSON": words.replace("&", r"\u0026").encode(),
        "in Go's JSON, within JSON": words.replace("&", r"\\u0026").encode(),
        "gzipped": b"head" + gzip.compress(words.encode()) + b"tail",
        "gzipped in base64": base64.b64encode(gzip.compress(words.encode())),
    }


class CommandLines:
    """Collects the command lines of all processes while a block runs."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        self.seen: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(self, _type: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        """Stop looking."""
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            for process in psutil.process_iter(["cmdline"]):
                self.seen.add(" ".join(process.info["cmdline"] or []))
