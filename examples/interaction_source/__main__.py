"""Capture a workspace with a key in a vault that Purview knows already."""

import pulumi
from purview_ai import InteractionSource, PurviewAccount, settings
from purview_ai.interaction_source import Care, Key
from purview_ai.interaction_wishes import Place
from purview_ai.settings.source import SourceSettings

account = PurviewAccount("purview", tenant="contoso", place=None, azure=settings.azure_of_stack())
source = SourceSettings.model_validate(pulumi.Config().require_object("source"))
InteractionSource(
    "chatgpt",
    tenant="contoso",
    source=source,
    names=source.names("chatgpt"),
    place=Place(account.account_id, "ai-interactions"),
    key=Key("contoso-chatgpt", connection="contoso-vault", secret="chatgpt-compliance-key", version=""),
    care=Care(protect=False),
)
