"""Stacks as resources of the Pulumi Kubernetes Operator (docs/facts.md, pulumi 22, 23 and 50 to 52)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from purview_ai.fleet.choosing import ChoiceError
from purview_ai.json_values import take_from
from purview_ai.settings.files import read_stack_file, read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from purview_ai.fleet.choosing import Member
    from purview_ai.settings.files import Project

API_VERSION, KIND = "pulumi.com/v1", "Stack"
SHORTEST_S = 60
"""More often than each so many seconds the operator does nothing."""
_LONGEST_NAME = 63
_LOOKS = "-drift"
"""What the name of the resource that only looks ends with."""
_LONGEST_OF_STACK = 52 - len("-workspace") - len(_LOOKS)
"""What the operator makes of a longer name has pods that Kubernetes refuses (docs/facts.md, pulumi 51)."""
_DIGITS = 8
"""Of a digest, so that names that are cut stay different."""
_NAME = re.compile(r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?\Z")
_COMMIT = re.compile(r"^[0-9a-f]{40}\Z")
_TOKEN_FILE = "/var/run/secrets/azure/tokens/azure-identity-token"  # noqa: S105  # a path, no token
LOOKS_FOR_DRIFT = {"purview-ai/looks-for": "drift"}
"""By which all resources that only look are found: the operator gives up on those that failed (docs/operator.md)."""
_USE_IDENTITY = {"azure.workload.identity/use": "true"}
_IN_STACK_FILE = {
    "ARM_CLIENT_ID": "azure-native:clientId",
    "ARM_TENANT_ID": "azure-native:tenantId",
    "ARM_SUBSCRIPTION_ID": "azure-native:subscriptionId",
}
_PASSPHRASE = "PULUMI_CONFIG_PASSPHRASE"  # noqa: S105  # a variable's name


class OperatorError(ChoiceError):
    """No resource can be written so; the message says why."""


@dataclass(frozen=True)
class Source:
    """Where the operator fetches the project from."""

    repository: str
    """The repository's address, with nothing in it that opens it."""
    branch: str = "main"
    commit: str = ""
    """40 hexadecimal digits; then the branch counts for nothing."""
    directory: str = ""
    """The project's folder in the repository; empty for its root."""
    token_secret: str = ""
    """The Kubernetes Secret whose key ``accessToken`` opens the repository; empty for one that is open to all."""


@dataclass(frozen=True)
class Cluster:
    """How stacks run in the cluster."""

    namespace: str = "purview-ai"
    service_account: str = ""
    """One for all stacks; empty: each has its own, called as the stack's resource."""
    image: str = ""
    """The workspace's image; empty: the operator's own."""
    every_s: int = 3600
    """How often the branch is asked for new commits, and each stack is looked at for drift."""
    retry_at_most_s: int = 3600
    """How long a stack that failed waits at most to be tried again; the operator itself gives up after a few times."""


@dataclass(frozen=True)
class Resources:
    """The resources of stacks, and what they take for granted."""

    documents: list[dict[str, Any]]
    secrets: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """The Kubernetes Secrets that somebody else makes, with their keys."""


def resources_of(
    project: Project, members: Sequence[Member], source: Source, cluster: Cluster, backend_for: Callable[[str], str]
) -> Resources:
    """Two resources for each stack, in the order of the stacks; raises :class:`OperatorError`.

    One deploys what is committed, the other looks whether it is still so and changes nothing.
    """
    _check(source, cluster)
    name_of_project = str(read_yaml(project.folder / "Pulumi.yaml").get("name") or "")
    found = Resources([])
    for name, stack in _named(members).items():
        backend = backend_for(stack)
        _check_backend(backend)
        file = read_stack_file(project.stack_file(stack))
        environment = _environment(name, file)
        keys = [one["secret"]["key"] for one in environment.values() if "secret" in one]
        if keys:
            found.secrets[name] = keys
        spec = {
            "stack": f"organization/{name_of_project}/{stack}",
            "backend": backend,
            **_secrets_provider(file),
            **_source(source),
            **_run(name, cluster),
            "envRefs": environment,
        }
        found.documents.append(_document(name, cluster, {**spec, **_DEPLOYS}))
        found.documents.append(_document(name + _LOOKS, cluster, {**spec, **_LOOKS_ONLY}, labels=LOOKS_FOR_DRIFT))
    if source.token_secret:
        found.secrets[source.token_secret] = ["accessToken"]
    return found


_DEPLOYS = {
    # Who deletes the resource wants the operator to let go, not the tenant to be destroyed.
    "destroyOnFinalize": False,
}
_LOOKS_ONLY = {
    # An update writes over what differs before it tells of it, and expectNoRefreshChanges is not heeded.
    "preview": True,
    "refresh": True,
    "continueResyncOnCommitMatch": True,
    "updateTemplate": {"spec": {"expectNoChanges": True}},
}


def _document(
    name: str, cluster: Cluster, spec: dict[str, Any], *, labels: dict[str, str] | None = None
) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, "namespace": cluster.namespace}
    if labels:
        metadata["labels"] = dict(labels)
    return {"apiVersion": API_VERSION, "kind": KIND, "metadata": metadata, "spec": spec}


def _check(source: Source, cluster: Cluster) -> None:
    _check_address("--repository", source.repository)
    if source.commit and not _COMMIT.match(source.commit):
        msg = f"--commit: {source.commit} is no commit; say all 40 digits, as git rev-parse shows them"
        raise OperatorError(msg)
    for what, name in (
        ("--namespace", cluster.namespace),
        ("--service-account", cluster.service_account),
        ("--git-secret", source.token_secret),
    ):
        if name and not (_NAME.match(name) and len(name) <= _LONGEST_NAME):
            msg = f"{what}: {name} is no name of Kubernetes: 1 to {_LONGEST_NAME} small letters, digits and hyphens"
            raise OperatorError(msg)


def _check_backend(backend: str) -> None:
    _check_address("--backend", backend)
    if not urlsplit(backend).scheme or backend.startswith("file:"):
        msg = f"--backend: {backend or 'none'} is on no pod; say where the states are, as in azblob://<container>"
        raise OperatorError(msg)


def _check_address(what: str, address: str) -> None:
    parts = urlsplit(address)
    if parts.password or (parts.username and parts.scheme.startswith("http")):
        msg = f"{what}: it holds what opens it, which would stand in the cluster in plain. Leave that out of it"
        raise OperatorError(msg)


def _named(members: Sequence[Member]) -> dict[str, str]:
    """The stacks by the names of the resources that deploy them."""
    owners: dict[str, str] = {}
    names: dict[str, str] = {}
    for stack in (member.stack for member in members):
        name = _name(stack)
        names[name] = stack
        for one in (name, name + _LOOKS):
            if one in owners:
                msg = f"{owners[one]} and {stack} are both called {one} in Kubernetes: choose one of them"
                raise OperatorError(msg)
            owners[one] = stack
    return names


def _name(stack: str) -> str:
    """A name that also the operator's service and pods can have (docs/facts.md, pulumi 51)."""
    name = re.sub(r"[^a-z0-9-]", "-", stack.lower()).strip("-")
    if name[:1].isdigit():
        name = f"stack-{name}"
    if len(name) > _LONGEST_OF_STACK:
        kept = name[: _LONGEST_OF_STACK - _DIGITS - 1].rstrip("-")
        name = f"{kept}-{sha256(stack.encode()).hexdigest()[:_DIGITS]}"
    if not name:
        msg = f"{stack}: no name in Kubernetes can be made of it, which has small letters, digits and hyphens"
        raise OperatorError(msg)
    return name


def _secrets_provider(file: dict[str, Any]) -> dict[str, str]:
    said = file.get("secretsprovider")
    return {"secretsProvider": str(said)} if said and said != "passphrase" else {}


def _environment(name: str, file: dict[str, Any]) -> dict[str, Any]:
    """The pod's own identity signs in; what is secret, or a tenant's own, is only referred to."""
    found: dict[str, Any] = {
        "ARM_USE_OIDC": _literal("true"),
        "ARM_OIDC_TOKEN_FILE_PATH": _literal(_TOKEN_FILE),
    }
    for variable, setting in _IN_STACK_FILE.items():
        if not take_from(file, ("config", setting)):
            found[variable] = _in_secret(name, variable)
    if not _secrets_provider(file):
        found[_PASSPHRASE] = _in_secret(name, _PASSPHRASE)
    return found


def _literal(value: str) -> dict[str, Any]:
    return {"type": "Literal", "literal": {"value": value}}


def _in_secret(name: str, key: str) -> dict[str, Any]:
    return {"type": "Secret", "secret": {"name": name, "key": key}}


def _source(source: Source) -> dict[str, Any]:
    at = {"commit": source.commit} if source.commit else {"branch": source.branch}
    found: dict[str, Any] = {"projectRepo": source.repository, **at}
    if source.directory:
        found["repoDir"] = source.directory
    if source.token_secret:
        found["gitAuth"] = {"accessToken": _in_secret(source.token_secret, "accessToken")}
    return found


def _run(name: str, cluster: Cluster) -> dict[str, Any]:
    workspace: dict[str, Any] = {
        "securityProfile": "restricted",
        "podTemplate": {"metadata": {"labels": dict(_USE_IDENTITY)}},
    }
    if cluster.image:
        workspace["image"] = cluster.image
    return {
        "serviceAccountName": cluster.service_account or name,
        "workspaceTemplate": {"spec": workspace},
        # Thousands of idle pods cost more than a new one each time.
        "workspaceReclaimPolicy": "Delete",
        # A stack is made with its key, by purview-ai init; one that nobody made is a slip of the pen.
        "useLocalStackOnly": True,
        "resyncFrequencySeconds": cluster.every_s,
        "retryOnUpdateConflict": False,
        "retryMaxBackoffDurationSeconds": cluster.retry_at_most_s,
    }
