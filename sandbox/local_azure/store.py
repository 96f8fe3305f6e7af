"""Where the sandbox keeps what it was told: typed documents in one SQLite file.

Everything is in memory as well, so reading costs nothing; every change is written through, so that a killed
process forgets nothing that it had confirmed.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, TypeVar, cast

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from pathlib import Path


class Document(BaseModel):
    """A stored object. Its key is unique among the documents of its class."""

    # What cannot be read back must not be written, and what was sent is nobody's business.
    model_config = ConfigDict(validate_assignment=True, hide_input_in_errors=True)

    @property
    def key(self) -> str:
        """What finds this document; compared without regard to case, as Azure's own ids are."""
        raise NotImplementedError


D = TypeVar("D", bound=Document)


class Store:
    """Documents by class and key."""

    def __init__(self, file: Path) -> None:
        """Open (or begin) the store in this file."""
        # No fsync: the sandbox must survive its own death, not the machine's.
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS documents (class TEXT, key TEXT, body TEXT, PRIMARY KEY (class, key))"
        )
        self._memory: dict[type[Document], dict[str, Document]] = {}

    def _of(self, kind: type[Document]) -> dict[str, Document]:
        if kind not in self._memory:
            rows = self._db.execute("SELECT key, body FROM documents WHERE class = ? ORDER BY rowid", (kind.__name__,))
            self._memory[kind] = {key: kind.model_validate_json(body) for key, body in rows}
        return self._memory[kind]

    def get(self, kind: type[D], key: str) -> D | None:
        """One document, or None."""
        found = self._of(kind).get(key.lower())
        return cast("D", found.model_copy(deep=True)) if found else None

    def all(self, kind: type[D]) -> list[D]:
        """All documents of a class, oldest first."""
        return [cast("D", document.model_copy(deep=True)) for document in self._of(kind).values()]

    def put(self, *documents: Document) -> None:
        """Store documents, replacing those with the same key."""
        for document in documents:
            key = document.key.lower()
            self._of(type(document))[key] = document.model_copy(deep=True)
            self._db.execute(
                "INSERT INTO documents VALUES (?, ?, ?) ON CONFLICT (class, key) DO UPDATE SET body = excluded.body",
                (type(document).__name__, key, document.model_dump_json()),
            )

    def delete(self, *documents: Document) -> None:
        """Forget documents; one that is not there is no error."""
        for document in documents:
            self._of(type(document)).pop(document.key.lower(), None)
            self._db.execute(
                "DELETE FROM documents WHERE class = ? AND key = ?",
                (type(document).__name__, document.key.lower()),
            )

    def close(self) -> None:
        """Close the file."""
        self._db.close()
