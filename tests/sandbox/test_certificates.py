"""The sandbox's own certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_azure.certificates import ensure_certificates
from local_azure.hosts import certificate_names

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folders_certificate_stays_until_there_are_other_hosts(tmp_path: Path) -> None:
    authority, server = ensure_certificates(tmp_path)
    first = (authority.read_bytes(), server.read_bytes())
    ensure_certificates(tmp_path)
    assert (authority.read_bytes(), server.read_bytes()) == first
    # As a folder looks that an older sandbox left behind.
    (tmp_path / "server.names").write_text("\n".join(certificate_names()[1:]))
    ensure_certificates(tmp_path)
    assert server.read_bytes() != first[1]
    (tmp_path / "server.names").unlink()
    second = server.read_bytes()
    ensure_certificates(tmp_path)
    assert server.read_bytes() != second
