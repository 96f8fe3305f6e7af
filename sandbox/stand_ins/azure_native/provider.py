"""The provider's service: what the engine asks, and which module answers.

It speaks the engine's protocol itself. ``pulumi.provider.experimental`` keeps back what the facts need:
the old inputs of Diff, Update and Delete (facts 16 and 41), whether Read has inputs at all (fact 36),
the autonaming options (fact 8), and errors that carry a half-made resource (fact 33).
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2 as proto

from stand_ins import clouds
from stand_ins.azure_native import VERSION, checking, conversion, defaults, diffing, previewing
from stand_ins.azure_native.arm import Arm
from stand_ins.azure_native.client_config import client_config
from stand_ins.azure_native.lifecycle import Lifecycle
from stand_ins.azure_native.session import Session
from stand_ins.azure_native.table import FUNCTIONS, GET_CLIENT_CONFIG, RESOURCES
from stand_ins.azure_native.vault_data import VaultData
from stand_ins.failures import ProviderError
from stand_ins.patience import Patience
from stand_ins.serving import Plugin
from stand_ins.sign_in import Credential, Settings, application_of, cloud_of, required
from stand_ins.transport import Transport
from stand_ins.values import UNKNOWN, decode, encode

if TYPE_CHECKING:
    from stand_ins.azure_native.metadata import Function, ResourceType
    from stand_ins.engine_log import EngineLog
    from stand_ins.values import Values

OPERATION_S = 2 * 60 * 60
_CONFIG_PREFIX = "azure-native:config:"
_PARTNER = "a90539d8-a7a6-5826-95c4-1fbef22d4b22"
_GROUP_API_VERSION = "2020-10-01"


class AzureNative(Plugin):
    """The stand-in for azure-native."""

    def __init__(self, log: EngineLog) -> None:
        """Know nothing yet; Configure comes first."""
        super().__init__(VERSION, log)
        self._cancelled = threading.Event()
        self._session: Session | None = None

    def configure(self, request: proto.ConfigureRequest) -> proto.ConfigureResponse:
        """Take the configuration; secrets are not accepted (fact 1)."""
        if not (request.sends_old_inputs and request.sends_old_inputs_to_delete):
            msg = "Azure Native provider requires Pulumi CLI v3.74.0 or later"
            raise ProviderError(msg)
        variables = {name.removeprefix(_CONFIG_PREFIX): value for name, value in request.variables.items()}
        self._sign_in(Settings(variables))
        return proto.ConfigureResponse(supportsPreview=True, supports_autonaming_configuration=True)

    def _sign_in(self, settings: Settings) -> None:
        if (os.environ.get("PULUMI_ENABLE_AZCORE_BACKEND") or "true") != "true":
            msg = "PULUMI_ENABLE_AZCORE_BACKEND can only be 'true' in this version of the provider"
            raise ProviderError(msg)
        transport = Transport(_user_agent(settings))
        cloud = cloud_of(settings, transport, self._patience(0))
        application = application_of(settings)
        subscription = required(settings, "Subscription ID", "subscriptionId", "ARM_SUBSCRIPTION_ID")
        credential = Credential(application, cloud, transport)
        public = clouds.PUBLIC
        self._session = Session(
            settings=settings,
            subscription_id=subscription,
            cloud=cloud,
            transport=transport,
            credential=credential,
            arm=Arm(cloud.arm, cloud.arm_audience, credential, transport),
            public_arm=Arm(public.arm, public.arm_audience, credential, transport),
            vaults=VaultData(cloud.vault_suffix, credential, transport),
            log=self.log,
            cancelled=self._cancelled,
        )

    def check(self, request: proto.CheckRequest) -> proto.CheckResponse:
        """Add what the program left out, and refuse what cannot be (facts 5 to 11)."""
        resource = _resource(request.urn)
        olds, news = decode(request.olds), decode(request.news)
        naming = defaults.Naming(
            logical_name=request.urn.split("::")[-1],
            seed=request.randomSeed,
            options=request.autonaming if request.HasField("autonaming") else None,
        )
        defaults.add_names(resource, olds, news, naming)
        if "location" in resource.body.properties and "location" not in news:
            location = self._default_location(olds, news)
            if location is not None:
                news["location"] = location
        if resource.api_version:
            news.setdefault(diffing.API_VERSION, resource.api_version)
        reasons = checking.failures(resource, news)
        failures = [proto.CheckFailure(reason=reason) for reason in reasons]
        return proto.CheckResponse(inputs=encode(news), failures=failures)

    def _default_location(self, olds: Values, news: Values) -> object:
        """Of the old inputs, the configuration, or the resource group; failures do not count (fact 9)."""
        session = self._configured()
        if "location" in olds:
            return olds["location"]
        if "location" in session.settings.configured:
            return session.settings.configured["location"]
        group = news.get("resourceGroupName")
        if group is None or group is UNKNOWN:
            return group
        if group not in session.group_locations:
            group_id = f"/subscriptions/{session.subscription_id}/resourceGroups/{group}"
            try:
                found = session.arm.get(group_id, _GROUP_API_VERSION, self._patience(0))
            except ProviderError:
                return None
            session.group_locations[group] = found["location"]
        return session.group_locations[group]

    def diff(self, request: proto.DiffRequest) -> proto.DiffResponse:
        """Compare inputs with inputs (facts 16 to 23)."""
        resource = _resource(request.urn)
        state = decode(request.olds)
        known = state.get(diffing.API_VERSION)
        if isinstance(known, str) and known != resource.api_version:
            self.log.tell(
                request.urn,
                f"Resource API version has changed from {known} to {resource.api_version}. "
                "Run 'pulumi refresh --run-program' to update the resource state with the new API "
                "version schema.",
            )
        return diffing.verdict(resource, decode(request.old_inputs), state, decode(request.news)).answer()

    def create(self, request: proto.CreateRequest) -> proto.CreateResponse:
        """Make the resource, or say what would be known of it (facts 13 and 24)."""
        resource, inputs = _resource(request.urn), decode(request.properties)
        if request.preview:
            preview = previewing.of_create(resource.answer, inputs)
            return proto.CreateResponse(properties=encode(preview))
        resource_id, outputs = self._lifecycle(request.urn, request.timeout).create(inputs)
        return proto.CreateResponse(id=resource_id, properties=encode(outputs))

    def read(self, request: proto.ReadRequest) -> proto.ReadResponse:
        """Say what is there; an empty id where nothing is (fact 35)."""
        inputs = decode(request.inputs) if request.HasField("inputs") else None
        lifecycle = self._lifecycle(request.urn, request.timeout)
        found = lifecycle.read(request.id, decode(request.properties), inputs)
        if found is None:
            return proto.ReadResponse()
        outputs, known = found
        return proto.ReadResponse(id=request.id, properties=encode(outputs), inputs=encode(known))

    def update(self, request: proto.UpdateRequest) -> proto.UpdateResponse:
        """Change the resource, or say what would be known of it (facts 14 and 34)."""
        resource, inputs = _resource(request.urn), decode(request.news)
        if request.preview:
            preview = previewing.of_update(resource.answer, inputs, decode(request.olds))
            return proto.UpdateResponse(properties=encode(preview))
        outputs = self._lifecycle(request.urn, request.timeout).update(inputs)
        return proto.UpdateResponse(properties=encode(outputs))

    def delete(self, request: proto.DeleteRequest) -> Empty:
        """Take the resource away (fact 37)."""
        self._lifecycle(request.urn, request.timeout).delete(request.id, decode(request.old_inputs))
        return Empty()

    def invoke(self, request: proto.InvokeRequest) -> proto.InvokeResponse:
        """Answer a function (facts 38 and 47)."""
        if request.tok == GET_CLIENT_CONFIG:
            found = self._client_config()
        elif request.tok in FUNCTIONS:
            found = self._get(FUNCTIONS[request.tok], decode(request.args))
        else:
            msg = f"Invoke type {request.tok} not found (the stand-in serves only what the program uses)"
            raise ProviderError(msg)
        answer = proto.InvokeResponse()
        getattr(answer, "return").CopyFrom(encode(found))
        return answer

    def _client_config(self) -> Values:
        session = self._configured()
        try:
            return client_config(session, self._patience(0))
        except ProviderError as error:
            msg = f"getting client config: {error}"
            raise ProviderError(msg) from error

    def _get(self, function: Function, args: Values) -> Values:
        session = self._configured()
        resource_id = conversion.resource_id(function.path, function.parameters, args, session.subscription_id)
        try:
            answer = session.arm.get(resource_id, function.api_version, self._patience(0))
        except ProviderError as error:
            msg = f"request failed {resource_id}: {error}"
            raise ProviderError(msg) from error
        return {
            **conversion.outputs(function.answer, answer),
            diffing.API_VERSION: function.api_version,
        }

    def cancel(self, request: Empty) -> Empty:
        """End all waiting."""
        self._cancelled.set()
        return request

    def _configured(self) -> Session:
        if self._session is None:
            msg = "the provider is not configured yet"
            raise ProviderError(msg)
        return self._session

    def _lifecycle(self, urn: str, timeout: float) -> Lifecycle:
        return Lifecycle(self._configured(), _resource(urn), urn, self._patience(timeout))

    def _patience(self, timeout: float) -> Patience:
        return Patience(timeout or OPERATION_S, self._cancelled)


def _resource(urn: str) -> ResourceType:
    token = urn.split("::")[2].rsplit("$", maxsplit=1)[-1]
    try:
        return RESOURCES[token]
    except KeyError:
        msg = f"Resource type {token} not found (the stand-in serves only what the program uses)"
        raise ProviderError(msg) from None


def _user_agent(settings: Settings) -> str:
    """As the genuine provider names itself, so that a journal looks alike (fact 51)."""
    partner = settings.get("partnerId", "ARM_PARTNER_ID")
    if not partner and not settings.flag("disablePulumiPartnerId", "ARM_DISABLE_PULUMI_PARTNER_ID"):
        partner = _PARTNER
    parts = (
        f"pulumi-azure-native/{VERSION}"[:24],
        os.environ.get("AZURE_HTTP_USER_AGENT"),
        partner and f"pid-{partner}",
    )
    return " ".join(part for part in parts if part)
