"""The engine, and projects to run on it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from .project import CHECKOUT, ENGINE, VENV, Project

if TYPE_CHECKING:
    from pathlib import Path

RUNTIME = f"runtime: {{name: python, options: {{toolchain: uv, virtualenv: {VENV}}}}}\n"

# A file in the project's folder as a resource: easy to look at, and to change behind the engine's back.
NOTES = """
    from pathlib import Path

    import pulumi
    from pulumi.dynamic import CreateResult, DiffResult, ReadResult, ResourceProvider

    class NoteProvider(ResourceProvider):
        def create(self, props):
            Path(props["file"]).write_text(props["text"])
            return CreateResult(props["file"], props)

        def read(self, id_, props):
            return ReadResult(id_, {**props, "text": Path(id_).read_text()})

        def diff(self, id_, old, new):
            return DiffResult(changes=old["text"] != new["text"], replaces=["text"])

        def delete(self, id_, props):
            Path(id_).unlink()

    class Note(pulumi.dynamic.Resource):
        file: pulumi.Output[str]
        text: pulumi.Output[str]

        def __init__(self, name, text):
            file = str(Path(f"{name}.txt").absolute())
            super().__init__(NoteProvider(), name, {"file": file, "text": text})
    """


@pytest.fixture(scope="session")
def engine() -> Path:
    """The engine of this checkout; there in no time when it is installed already."""
    subprocess.run([sys.executable, "-m", "sandbox.engine.install"], cwd=CHECKOUT, check=True)
    return ENGINE


@pytest.fixture
def project(engine: Path, tmp_path: Path) -> Project:
    """A project with a stack, and a program that makes one note."""
    made = Project(tmp_path, engine)
    made.write("Pulumi.yaml", f"name: tiny\n{RUNTIME}")
    made.write("notes.py", NOTES)
    made.write(
        "__main__.py",
        """
        import pulumi
        from notes import Note

        config = pulumi.Config()
        note = Note("note", config.get("text") or "hello")
        pulumi.export("text", note.text)
        pulumi.export("where", f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}")
        pulumi.export("key", config.get_secret("key"))
        """,
    )
    made.init()
    return made
