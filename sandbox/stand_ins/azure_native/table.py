"""The resource types and functions that the program uses, with the API versions of SDK 3.29.0 (fact 3).

Names and shapes are the SDK's. Lengths, patterns, required properties and x-ms-identifiers are those of
the services' published API descriptions.
"""

from __future__ import annotations

from stand_ins.azure_native.types.managed_identities import FEDERATED_IDENTITY_CREDENTIAL, USER_ASSIGNED_IDENTITY
from stand_ins.azure_native.types.monitoring import DIAGNOSTIC_SETTING, GET_WORKSPACE, SCHEDULED_QUERY_RULE
from stand_ins.azure_native.types.purview_accounts import ACCOUNT, GET_ACCOUNT
from stand_ins.azure_native.types.resource_groups import RESOURCE_GROUP
from stand_ins.azure_native.types.role_assignments import ROLE_ASSIGNMENT
from stand_ins.azure_native.types.role_definitions import ROLE_DEFINITION
from stand_ins.azure_native.types.storage_accounts import BLOB_CONTAINER, BLOB_SERVICE, STORAGE_ACCOUNT
from stand_ins.azure_native.types.vaults import ACCESS_POLICY, GET_SECRET, GET_VAULT, KEY, SECRET, VAULT

GET_CLIENT_CONFIG = "azure-native:authorization:getClientConfig"

_RESOURCES = (
    RESOURCE_GROUP,
    VAULT,
    SECRET,
    ACCESS_POLICY,
    ROLE_ASSIGNMENT,
    ROLE_DEFINITION,
    DIAGNOSTIC_SETTING,
    SCHEDULED_QUERY_RULE,
    ACCOUNT,
    STORAGE_ACCOUNT,
    BLOB_SERVICE,
    BLOB_CONTAINER,
    KEY,
    USER_ASSIGNED_IDENTITY,
    FEDERATED_IDENTITY_CREDENTIAL,
)
_FUNCTIONS = (GET_ACCOUNT, GET_VAULT, GET_SECRET, GET_WORKSPACE)
RESOURCES = {found.name: found for found in _RESOURCES}
FUNCTIONS = {found.name: found for found in _FUNCTIONS}
