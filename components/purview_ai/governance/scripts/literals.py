"""Values as PowerShell writes them."""

from __future__ import annotations

QUOTES = "'\u2018\u2019\u201a\u201b"
"""What PowerShell takes for a single quote (docs/facts.md, graph 46)."""
_DOUBLED = {ord(quote): quote * 2 for quote in QUOTES}


def literal(value: str | int) -> str:  # bool is an int
    """A value as a PowerShell literal: in single quotes nothing is expanded, and only quotes are doubled.

    Raises ValueError for what no PowerShell file can hold: NUL, and halves of characters.
    """
    if isinstance(value, bool):
        return "$true" if value else "$false"
    if isinstance(value, int):
        return str(value)
    if "\0" in value or any(0xD800 <= ord(one) <= 0xDFFF for one in value):  # noqa: PLR2004  # the surrogates
        msg = "a PowerShell file holds neither NUL nor halves of characters"
        raise ValueError(msg)
    return f"'{value.translate(_DOUBLED)}'"
