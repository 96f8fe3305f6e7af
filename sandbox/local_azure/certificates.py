"""A private certificate authority, trusted by the sandbox's child processes and by nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trustme

from local_azure.hosts import certificate_names

if TYPE_CHECKING:
    from pathlib import Path


def ensure_certificates(folder: Path) -> tuple[Path, Path]:
    """The authority's certificate (to be trusted) and the server's key with its chain.

    Made once per folder, and again where it was made for other hosts.
    """
    authority_file, server_file = folder / "ca.pem", folder / "server.pem"
    names_file, names = folder / "server.names", "\n".join(certificate_names())
    if not server_file.exists() or not names_file.exists() or names_file.read_text() != names:
        authority = trustme.CA(organization_name="purview-ai sandbox")
        server = authority.issue_cert(*certificate_names())
        authority.cert_pem.write_to_path(authority_file)
        server.private_key_and_cert_chain_pem.write_to_path(server_file)
        server_file.chmod(0o600)
        names_file.write_text(names)
    return authority_file, server_file
