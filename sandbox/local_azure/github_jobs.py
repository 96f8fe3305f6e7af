"""GitHub's issuer of tokens, as a workflow's job asks it who it is (docs/facts.md, graph 170 and 171)."""

from __future__ import annotations

import hashlib

from local_azure.call import Answer, Call, Operation
from local_azure.github import refusal
from local_azure.store import Document

LIFETIME_S = 300
"""Of a job's token (docs/facts.md, graph 171)."""


class GithubJob(Document):
    """A running job that may ask for its token; what it asks with is kept as a hash."""

    id: str
    request_token_sha256: str
    issuer: str
    subject: str

    @property
    def key(self) -> str:
        """The job's number."""
        return self.id

    @property
    def owner_url(self) -> str:
        """Whoever owns the repository: the audience of a token that was asked for without one."""
        _, repository, *_ = self.subject.split(":")
        return f"https://github.com/{repository.partition('/')[0].partition('@')[0]}"


def id_token(call: Call) -> Answer:
    """``GET /{job}/idtoken?audience=``: what GitHub says of this job, and of no other."""
    job = call.azure.store.get(GithubJob, call.params["job"])
    _, _, given = call.headers.get("authorization", "").partition(" ")
    is_its_own = job is not None and job.request_token_sha256 == hashlib.sha256(given.encode()).hexdigest()
    if job is None or not (is_its_own or not call.azure.rules.on("github-request-token")):
        raise refusal(401, "Bad credentials")
    audience = call.query.get("audience") or job.owner_url
    told = call.azure.signer.vouch(job.issuer, job.subject, audience, lifetime_s=LIFETIME_S)
    return Answer(200, {"value": told})


OPERATIONS = [Operation("GET", "/{job}/idtoken", id_token)]
