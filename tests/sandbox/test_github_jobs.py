"""What GitHub tells a job that asks who it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jwt
from local_azure.github_jobs import LIFETIME_S
from state_estate import ISSUER, SUBJECT

if TYPE_CHECKING:
    import httpx
    from local_azure.process import LocalAzure

URL, ASKS_WITH = "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"


def asked(azure: LocalAzure, url: str, asks_with: str) -> httpx.Response:
    """The answer to a job, as GitHub's own documentation has it ask."""
    with azure.client() as client:
        return client.get(url, headers={"authorization": f"bearer {asks_with}"})


def test_a_job_is_told_of_itself_alone(azure: LocalAzure) -> None:
    job, other = azure.github_job(SUBJECT), azure.github_job(f"{SUBJECT}-production")
    assert asked(azure, job[URL], job[ASKS_WITH]).status_code == 200
    for asks_with in (other[ASKS_WITH], "nothing"):
        refused = asked(azure, job[URL], asks_with)
        assert refused.status_code == 401
        assert "value" not in refused.json()


def test_a_jobs_token_has_its_subject_the_wished_audience_and_five_minutes(azure: LocalAzure) -> None:
    job = azure.github_job(SUBJECT)
    for wished, audience in (("&audience=api%3A%2F%2FAzureADTokenExchange", "api://AzureADTokenExchange"), ("", "")):
        told = asked(azure, job[URL] + wished, job[ASKS_WITH]).json()["value"]
        claims = jwt.decode(told, options={"verify_signature": False})
        assert (claims["iss"], claims["sub"]) == (ISSUER, SUBJECT)
        assert claims["aud"] == (audience or "https://github.com/contoso")
        assert claims["exp"] - claims["iat"] == LIFETIME_S == 300
