"""A case with one search for what people said to ChatGPT Enterprise; both outlive the stack."""

from purview_ai import EdiscoveryCase
from purview_ai.settings.ediscovery import CaseSettings, EdiscoverySettings, SearchSettings

EdiscoveryCase(
    "ediscovery",
    tenant="contoso",
    settings=EdiscoverySettings(
        case=CaseSettings(name="AI interactions"),
        searches={"chatgpt": SearchSettings(app="chatgpt-enterprise")},
    ),
)
