"""``…/testConnectivity``: whether a scan would reach its source (docs/facts.md, purview 2.8)."""

from __future__ import annotations

from local_azure.call import Answer, Call, Operation, part, require_version
from local_azure.errors import BareError, ServiceError
from local_azure.purview.accounts import SOURCE_ADMIN, require_role
from local_azure.purview.connectors import check_scan
from local_azure.purview.needs import object_at, open_workspace, read_key
from local_azure.purview.scan import collection_of

VERSION = "2018-12-01-preview"
"""The only one that was seen."""
FAILURES = ("KeyVaultNotFound", "KeyVaultAccessFailed", "SourceAuthenticationFailed")
"""What a run would have ended with. Others' statuses would read as the Data Map's own: 400 it is."""


def test_connectivity(call: Call) -> Answer:
    """``POST``: 200 without a body where all is well, else what a run would have said."""
    require_version(call, (VERSION,))
    account = require_role(call, (SOURCE_ADMIN,))
    if not account.circumstances.tests_connections:
        raise BareError(404)
    source = object_at(call.azure, account.name, f"datasources/{call.params['source']}")
    require_role(call, (SOURCE_ADMIN,), collection_of(source.body))
    scan, rules = part(call.body, "scan"), call.azure.rules
    check_scan(scan, kinds=rules.on("known-kinds"), properties=rules.on("known-properties"))
    if not rules.on("connection-test"):
        return Answer(200)
    try:
        open_workspace(call.azure, read_key(call.azure, account, scan), source.body)
    except ServiceError as error:
        if error.code not in FAILURES:
            raise
        raise ServiceError(400, error.code, error.message) from error
    return Answer(200)


OPERATIONS = [
    Operation("POST", "/scan/datasources/{source}/scans/{scan}/testConnectivity", test_connectivity),
]
