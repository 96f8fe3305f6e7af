"""Key vaults and their secrets."""

from __future__ import annotations

from dataclasses import replace

from stand_ins.azure_native import access_policy, secret, vault_key
from stand_ins.azure_native.metadata import Autoname, Function, Parameter, Property, ResourceType, Shape, Steps
from stand_ins.azure_native.types.words import (
    FLAG,
    GROUP,
    NUMBER,
    SYSTEM_DATA,
    TAGS,
    TEXT,
    a_list,
    an_object,
    flattened,
    texts,
)

_ACCESS_POLICY = an_object(
    Shape(
        {
            **texts("tenantId", "objectId", "applicationId"),
            "permissions": an_object(Shape(dict.fromkeys(access_policy.PERMISSIONS, a_list(TEXT)))),
        },
        required=("tenantId", "objectId", "permissions"),
    )
)
_ACCESS_POLICIES = a_list(_ACCESS_POLICY, identifiers=("tenantId", "objectId", "permissions"))
_NETWORK_ACLS = an_object(
    Shape(
        {
            **texts("bypass", "defaultAction"),
            "ipRules": a_list(an_object(Shape(texts("value"), required=("value",)))),
            "virtualNetworkRules": a_list(
                an_object(Shape({"id": TEXT, "ignoreMissingVnetServiceEndpoint": FLAG}, required=("id",))),
                identifiers=("id",),
            ),
        }
    )
)
_VAULT_PROPERTIES = {
    "accessPolicies": _ACCESS_POLICIES,
    "enablePurgeProtection": FLAG,
    "enableRbacAuthorization": FLAG,
    "enableSoftDelete": FLAG,
    "enabledForDeployment": FLAG,
    "enabledForDiskEncryption": FLAG,
    "enabledForTemplateDeployment": FLAG,
    "networkAcls": _NETWORK_ACLS,
    "publicNetworkAccess": TEXT,
    "sku": an_object(Shape(texts("family", "name"), required=("name", "family"))),
    "softDeleteRetentionInDays": NUMBER,
    "tenantId": TEXT,
}
_PRIVATE_ENDPOINT_CONNECTIONS = a_list(
    an_object(
        Shape(
            {
                **texts("id", "etag"),
                **flattened(
                    {
                        "provisioningState": TEXT,
                        "privateEndpoint": an_object(Shape(texts("id"))),
                        "privateLinkServiceConnectionState": an_object(
                            Shape(texts("actionsRequired", "description", "status"))
                        ),
                    }
                ),
            }
        )
    )
)
_VAULT_NAME = Property(pattern="^[a-zA-Z0-9-]{3,24}$")

VAULT = ResourceType(
    name="azure-native:keyvault:Vault",
    path="/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
    "/providers/Microsoft.KeyVault/vaults/{vaultName}",
    api_version="2024-11-01",
    parameters={
        "resourceGroupName": GROUP,
        "vaultName": Parameter(_VAULT_NAME, autoname=Autoname.RANDOM),
    },
    body=Shape(
        {
            "location": TEXT,
            "properties": an_object(Shape({**_VAULT_PROPERTIES, "createMode": TEXT}, required=("tenantId", "sku"))),
            "tags": TAGS,
        },
        required=("location", "properties"),
    ),
    answer=Shape(
        {
            **texts("id", "location", "name", "type"),
            "properties": an_object(
                Shape(
                    {
                        **_VAULT_PROPERTIES,
                        **texts("hsmPoolResourceId", "provisioningState", "vaultUri"),
                        "privateEndpointConnections": _PRIVATE_ENDPOINT_CONNECTIONS,
                    }
                )
            ),
            "systemData": SYSTEM_DATA,
            "tags": TAGS,
        }
    ),
    long_running=frozenset({"PUT"}),
    maintained=(("properties", "accessPolicies"),),
)

_SECRET_ATTRIBUTES = {
    "enabled": FLAG,
    "expires": replace(NUMBER, wire="exp"),
    "notBefore": replace(NUMBER, wire="nbf"),
}

SECRET = ResourceType(
    name="azure-native:keyvault:Secret",
    path=VAULT.path + "/secrets/{secretName}",
    api_version="2024-11-01",
    parameters={
        "resourceGroupName": GROUP,
        "vaultName": Parameter(_VAULT_NAME),
        "secretName": Parameter(Property(pattern="^[a-zA-Z0-9-]{1,127}$"), autoname=Autoname.COPY),
    },
    body=Shape(
        {
            "properties": an_object(
                Shape({**texts("contentType", "value"), "attributes": an_object(Shape(_SECRET_ATTRIBUTES))})
            ),
            "tags": TAGS,
        },
        required=("properties",),
    ),
    answer=Shape(
        {
            **texts("id", "location", "name", "type"),
            "properties": an_object(
                Shape(
                    {
                        **texts("contentType", "secretUri", "secretUriWithVersion", "value"),
                        "attributes": an_object(Shape({**_SECRET_ATTRIBUTES, "created": NUMBER, "updated": NUMBER})),
                    }
                )
            ),
            "tags": TAGS,
        }
    ),
    steps=Steps(create=secret.create, delete=secret.delete),
)

_KEY_PROPERTIES = {
    **texts("curveName", "kty"),
    "attributes": an_object(Shape({**_SECRET_ATTRIBUTES, "exportable": FLAG})),
    "keyOps": a_list(TEXT),
    "keySize": NUMBER,
}

KEY = ResourceType(
    name="azure-native:keyvault:Key",
    path=VAULT.path + "/keys/{keyName}",
    api_version="2024-11-01",
    parameters={
        "resourceGroupName": GROUP,
        "vaultName": Parameter(_VAULT_NAME),
        "keyName": Parameter(Property(pattern="^[a-zA-Z0-9-]{1,127}$"), autoname=Autoname.COPY),
    },
    body=Shape({"properties": an_object(Shape(_KEY_PROPERTIES)), "tags": TAGS}, required=("properties",)),
    answer=Shape(
        {
            **texts("id", "location", "name", "type"),
            **flattened(
                {
                    **_KEY_PROPERTIES,
                    **texts("keyUri", "keyUriWithVersion"),
                    "attributes": an_object(
                        Shape(
                            {
                                **_SECRET_ATTRIBUTES,
                                "created": NUMBER,
                                "exportable": FLAG,
                                "recoveryLevel": TEXT,
                                "updated": NUMBER,
                            }
                        )
                    ),
                }
            ),
            "tags": TAGS,
        }
    ),
    also_replacing=("properties.curveName", "properties.keySize", "properties.kty"),
    steps=Steps(delete=vault_key.delete),
)

ACCESS_POLICY = ResourceType(
    name="azure-native:keyvault:AccessPolicy",
    path=VAULT.path + "/accessPolicy/{policy.objectId}",
    api_version="",
    parameters={"resourceGroupName": GROUP, "vaultName": Parameter()},
    body=Shape({"policy": _ACCESS_POLICY}, required=("policy",)),
    answer=Shape({}),
    also_replacing=("policy.objectId",),
    steps=Steps(
        id_of=access_policy.id_of,
        create=access_policy.create,
        read=access_policy.read,
        update=access_policy.update,
        delete=access_policy.delete,
    ),
)

GET_VAULT = Function(
    name="azure-native:keyvault:getVault",
    path=VAULT.path,
    api_version=VAULT.api_version,
    parameters=dict.fromkeys(("resourceGroupName", "vaultName"), Parameter()),
    answer=VAULT.answer,
)

GET_SECRET = Function(
    name="azure-native:keyvault:getSecret",
    path=SECRET.path,
    api_version=SECRET.api_version,
    parameters=dict.fromkeys(("resourceGroupName", "vaultName", "secretName"), Parameter()),
    answer=SECRET.answer,
)
