"""GitHub's GraphQL API, as far as pipelines use it: who has reviewed a pull request (docs/facts.md, graph 140 to 142).

The schema is a part of GitHub's own, by its names; a reference implementation of GraphQL answers by it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import graphql
from graphql import GraphQLError, build_schema

from local_azure.call import Answer, Call, JsonObject, Operation
from local_azure.github import NOT_ACCESSIBLE, Asked, Collaborator, Commit, Entry, Ticket, token_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

LONGEST_PAGE = 100
_SCHEMA = build_schema("""
scalar DateTime
scalar GitObjectID
interface Actor { login: String! }
type User implements Actor { login: String! }
type Bot implements Actor { login: String! }
type GitActor { email: String user: User }
type GitActorConnection { totalCount: Int! nodes: [GitActor] }
type Commit { authors(first: Int): GitActorConnection! committer: GitActor oid: GitObjectID! }
type PullRequestCommit { commit: Commit! }
type PullRequestCommitConnection { totalCount: Int! nodes: [PullRequestCommit] }
enum PullRequestReviewState { PENDING COMMENTED APPROVED CHANGES_REQUESTED DISMISSED }
type PullRequestReview {
  author: Actor body: String! commit: Commit lastEditedAt: DateTime state: PullRequestReviewState!
}
type PullRequestReviewConnection { totalCount: Int! nodes: [PullRequestReview] }
type PullRequest {
  author: Actor
  commits(first: Int): PullRequestCommitConnection!
  headRefOid: GitObjectID!
  latestOpinionatedReviews(first: Int): PullRequestReviewConnection
}
type Repository { pullRequest(number: Int!): PullRequest }
type Query { repository(owner: String!, name: String!): Repository }
""")
_CO_AUTHOR = re.compile(r"^co-authored-by:.*<([^<>]+)>\s*$", re.IGNORECASE | re.MULTILINE)
_OPINIONS = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")


@dataclass(frozen=True)
class _Root:
    """Answers fields by their names; what is callable is called with the field's arguments."""

    asked: Asked

    def repository(self, _info: Any, *, owner: str, name: str) -> JsonObject:
        wanted = f"{owner}/{name}"
        if self.asked.token.repository.lower() != wanted.lower():
            says = f"Could not resolve to a Repository with the name '{wanted}'."
            raise _error(says, "NOT_FOUND")

        def pull(_info: Any, *, number: int) -> JsonObject:
            return self._pull(wanted, number)

        return {"pullRequest": pull}

    def _pull(self, repository: str, number: int) -> JsonObject:
        if not (self.asked.may("read", "pull-requests") and self.asked.may("read", "contents")):
            raise _error(NOT_ACCESSIBLE, "FORBIDDEN")
        found = self.asked.azure.store.get(Ticket, f"{repository}#{number}")
        if found is None or not found.head:
            says = f"Could not resolve to a PullRequest with the number of {number}."
            raise _error(says, "NOT_FOUND")
        return {
            "author": _actor(found.login, found.kind),
            "headRefOid": found.head,
            "commits": self._connection([{"commit": self._commit(repository, one)} for one in found.commits]),
            "latestOpinionatedReviews": self._connection([_review(one) for one in _newest(found.reviews)]),
        }

    def _commit(self, repository: str, commit: Commit) -> JsonObject:
        authors = [commit.author, *_CO_AUTHOR.findall(commit.message)]
        return {
            "authors": self._connection([self._somebody(repository, one) for one in authors]),
            "committer": self._somebody(repository, commit.committer),
        }

    def _somebody(self, repository: str, address: str) -> JsonObject:
        """Nobody's address has no user."""
        users = (one for one in self.asked.azure.store.all(Collaborator) if one.repository == repository)
        login = next((one.login for one in users if one.address.lower() == address.lower()), None)
        return {"email": address, "user": {"login": login} if login else None}

    def _connection(self, found: list[JsonObject]) -> Callable[..., JsonObject]:
        def page(_info: Any, first: int | None = None) -> JsonObject:
            if first is None:
                says = "You must provide a `first` or `last` value to properly paginate."
                raise _error(says, "MISSING_PAGINATION_BOUNDARIES")
            if first > LONGEST_PAGE and self.asked.azure.rules.on("github-graphql-page"):
                says = f"Requesting {first} records exceeds the `first` limit of {LONGEST_PAGE} records."
                raise _error(says, "EXCESSIVE_PAGINATION")
            return {"totalCount": len(found), "nodes": found[:first]}

        return page


def _newest(reviews: Sequence[Entry]) -> Iterator[Entry]:
    """What each has judged last; a comment is no judgement."""
    yield from {one.login: one for one in reviews if one.state in _OPINIONS}.values()


def _review(one: Entry) -> JsonObject:
    return {
        "author": _actor(one.login, one.kind),
        "body": one.text,
        "commit": {"oid": one.commit},
        "lastEditedAt": one.edited_at or None,
        "state": one.state,
    }


def _actor(login: str, kind: str) -> JsonObject:
    return {"__typename": kind, "login": login.removesuffix("[bot]")}


def _error(says: str, type_: str) -> GraphQLError:
    return GraphQLError(says, extensions={"type": type_})


def ask(call: Call) -> Answer:
    """``POST /graphql``: what is refused is told in a 200, too."""
    query, variables = str(call.body.get("query") or ""), call.body.get("variables")
    # Its types leave open what runs asynchronously, which nothing here does.
    found = graphql.graphql_sync(  # pyright: ignore[reportUnknownMemberType]
        _SCHEMA, query, _Root(Asked(call, token_of(call))), variable_values=variables
    )
    told: JsonObject = {"data": found.data}
    if found.errors:
        told["errors"] = [{**(one.extensions or {}), "message": one.message} for one in found.errors]
    return Answer(200, told)


OPERATIONS = [Operation("POST", "/graphql", ask)]
