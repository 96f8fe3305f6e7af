"""Everything that is wrong with a stack file, in one go."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from purview_ai.apps.catalogue import AppFileError, app_named
from purview_ai.json_values import is_object, take_from
from purview_ai.settings.files import NAMESPACE, TENANT, is_encrypted
from purview_ai.settings.key import SecretName, keys_of_pulumi
from purview_ai.settings.mistakes import HIDDEN, Mistake, encrypted_block
from purview_ai.settings.neighbours import Neighbour, neighbours
from purview_ai.settings.reading import Reading, read
from purview_ai.settings.surroundings import surroundings_of
from purview_ai.settings.whole_tenant import whole_tenant

if TYPE_CHECKING:
    from collections.abc import Collection

    from purview_ai.apps.app import App
    from purview_ai.apps.vendor import KeyForm
    from purview_ai.identity import AzureSettings
    from purview_ai.settings.files import Project
    from purview_ai.settings.surroundings import Surroundings
    from purview_ai.settings.tenant import TenantSettings


@dataclass(frozen=True)
class Checked:
    """What a stack file says, as far as it is right, and what is wrong with it."""

    settings: TenantSettings | None
    surroundings: Surroundings | None
    secrets: dict[str, list[App]]
    """The secrets that it names, whatever else may be wrong with it, and the apps whose keys they hold."""
    mistakes: list[Mistake]

    @property
    def warnings(self) -> list[str]:
        """What is allowed, but looks like a mistake."""
        found = self.surroundings.warnings() if self.surroundings else []
        return [*found, *(self.settings.warnings() if self.settings else ())]


def check(tenant: str, config: Collection[str], block: object, azure: AzureSettings, project: Project) -> Checked:
    """Everything but the keys themselves, which need the stack's passphrase.

    Args:
        tenant: The stack's name.
        config: The names of all settings of the stack.
        block: What stands under ``purview-ai:tenant``.
        azure: azure-native's settings.
        project: The project, for the stack files beside this one.
    """
    reading = _read(tenant, block)
    surroundings, wrong = surroundings_of(azure)
    mistakes = [*reading.mistakes, *wrong]
    if reading.settings:
        mistakes += whole_tenant(tenant, reading.settings, reading)
        ours = Neighbour(tenant, reading.settings, reading, azure.get("subscriptionId"))
        mistakes += neighbours(ours, project)
    usable, secrets = None if reading.mistakes else reading.settings, _secrets(block)
    return Checked(usable, surroundings, secrets, [*mistakes, *_unknown(config, secrets)])


def _unknown(config: Collection[str], secrets: Collection[str]) -> list[Mistake]:
    """Settings of this package's that nothing uses: misspelt, or a key that was forgotten there."""
    known = {TENANT.partition(":")[2], *secrets}
    found: list[Mistake] = []
    for name in config:
        namespace, _, own = name.partition(":")
        if namespace == NAMESPACE and own not in known:
            near = get_close_matches(own, known)
            fix = f"did you mean {NAMESPACE}:{near[0]}?" if near else f"remove it: pulumi config rm {name}"
            found.append(Mistake(name, HIDDEN, "no setting and no key of a source has that name", fix))
    return found


def _read(tenant: str, block: object) -> Reading:
    if is_encrypted(block):
        return Reading(mistakes=[encrypted_block(TENANT, tenant)])
    if is_object(block):
        return read(block)
    fix = "write the block as stacks/tenant.example.yaml shows it"
    return Reading(mistakes=[Mistake(TENANT, "", "the tenant's settings are missing", fix)])


def missing_key(tenant: str, secret: str) -> Mistake:
    """The vendor's key is not in the stack file."""
    return Mistake(f"{NAMESPACE}:{secret}", "", "the vendor's API key is missing", _set_key(tenant, secret))


def plain_key(tenant: str, secret: str) -> Mistake:
    """The vendor's key stands in the stack file for everybody to read."""
    reason = "the vendor's API key stands in plain text; whoever has seen the file has the key, so replace it"
    return Mistake(f"{NAMESPACE}:{secret}", HIDDEN, reason, _set_key(tenant, secret))


def key_of_a_wrong_kind(tenant: str, secret: str, app: App, form: KeyForm) -> Mistake:
    """The vendor's key is one that opens nothing."""
    fix = f"have a key made for {app.title} ({app.key.made_at}), then {_set_key(tenant, secret)}"
    return Mistake(f"{NAMESPACE}:{secret}", HIDDEN, _told_of(form), fix)


def key_warning(secret: str, app: App, form: KeyForm | None) -> str:
    """What to say of a key that may not do; empty where it does, or where nobody has said how a right one begins."""
    if form is not None:
        return f"{NAMESPACE}:{secret}: {_told_of(form)}" if form.reason else ""
    if not app.key.beginnings:
        return ""
    beginnings = " or ".join(app.key.beginnings)
    return f"{NAMESPACE}:{secret}: a key of {app.title} begins with {beginnings}, and this one does not"


def _told_of(form: KeyForm) -> str:
    """A kind of key by its beginning, which is no part of the secret."""
    return f"a key that begins with {form.prefix} is of the kind {form.kind}: {form.reason}"


def _set_key(tenant: str, secret: str) -> str:
    return f"pulumi config set --secret {NAMESPACE}:{secret} --stack {tenant}"


def _secrets(block: object) -> dict[str, list[App]]:
    """The secrets whose keys a block takes from the stack file, with their apps, whatever else may be wrong with it."""
    found: dict[str, list[App]] = {}
    for source, key in keys_of_pulumi(block).items():
        with contextlib.suppress(ValidationError):
            apps = found.setdefault(TypeAdapter(SecretName).validate_python(str(key.get("secret"))), [])
            apps += [app for app in _app_of(take_from(block, ("sources", source))) if app not in apps]
    return found


def _app_of(source: object) -> list[App]:
    """A source's app; none where that is wrong itself."""
    try:
        return [app_named(str(take_from(source, ("app",))))]
    except AppFileError:
        return []
