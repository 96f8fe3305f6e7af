"""The vendor's key on its way in: from a hidden prompt, a file or standard input, and never from a flag's value."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from purview_ai.settings.mistakes import HIDDEN, LIKE_A_KEY

STDIN = "-"


class KeyInputError(Exception):
    """There is no key that could be used; the message never shows what there was instead."""


def read_key(file: str | None, secret: str) -> str:
    """The key, from a prompt where no file is named; raises :class:`KeyInputError` where it is none."""
    if file is None:
        given = typer.prompt(f"The vendor's API key, kept as {secret} (not shown)", hide_input=True, err=True)
    elif file == STDIN:
        given = sys.stdin.read()
    else:
        given = _of_file(Path(file))
    return _usable(given)


def _of_file(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        if LIKE_A_KEY.match(file.name):
            msg = f"--key-file {HIDDEN}: this looks like the key itself; it wants a file that holds the key, or {STDIN}"
            raise KeyInputError(msg) from None
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        msg = f"--key-file {file}: {reason}"
        raise KeyInputError(msg) from None


def _usable(given: str) -> str:
    key = given.strip()
    if not key or len(key.split()) > 1 or not key.isprintable():
        msg = "the vendor's API key must be one line without blanks"
        raise KeyInputError(msg)
    return key
