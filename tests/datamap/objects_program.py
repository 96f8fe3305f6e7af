"""A Pulumi program of single objects, on the real engine: what it makes stands in a file beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tenants import CHECKOUT, Tenant

if TYPE_CHECKING:
    from pathlib import Path

    from local_azure.process import LocalAzure

_PROJECT = f"""
name: objects
stackConfigDir: stack
runtime: {{name: python, options: {{toolchain: uv, virtualenv: {CHECKOUT / ".venv"}}}}}
"""
_PROGRAM = '''
"""Makes the objects of objects.json, each after those that it names."""

import json
from pathlib import Path

import pulumi
from purview_ai.dynamic import resources

CLASSES = {
    "Key Vault connection": resources.KeyVaultConnection,
    "credential": resources.Credential,
    "collection": resources.Collection,
    "collection role": resources.CollectionRole,
    "data source": resources.DataSource,
    "scan": resources.Scan,
    "trigger": resources.Trigger,
    "run": resources.Run,
}
made = {}
for name, fields in json.loads(Path("objects.json").read_text()).items():
    kind, after = fields.pop("object_kind"), fields.pop("after", [])
    options = pulumi.ResourceOptions(depends_on=[made[one] for one in after])
    made[name] = CLASSES[kind](name, options, **fields)
'''


@dataclass
class ObjectsProgram:
    """One stack of single objects."""

    tenant: Tenant

    @classmethod
    def of(cls, folder: Path, azure: LocalAzure) -> ObjectsProgram:
        """In a folder of its own."""
        folder.mkdir(parents=True)
        (folder / "Pulumi.yaml").write_text(_PROJECT)
        (folder / "__main__.py").write_text(_PROGRAM)
        return cls(Tenant(folder / "stack", azure, project=folder))

    def wish(self, objects: dict[str, dict[str, Any]]) -> Tenant:
        """The stack, once its program makes these objects."""
        (self.tenant.project / "objects.json").write_text(json.dumps(objects))
        return self.tenant
