"""Who has approved a pull request of GitHub's, with which words, and who has a part in it.

It is asked by GraphQL: REST tells neither whether somebody has written into another's review, nor whose the addresses
of co-authors are (docs/facts.md, graph 141 and 142).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from purview_ai.code_hosts.host import lines_after
from purview_ai.json_values import take_from

if TYPE_CHECKING:
    from collections.abc import Iterator

    from purview_ai.json_values import JsonObject

MOST = 100
"""Of commits, of the people of one commit and of reviews: one page (docs/facts.md, graph 140)."""
QUERY = f"""
query ($owner: String!, $name: String!, $number: Int!) {{
  repository(owner: $owner, name: $name) {{
    pullRequest(number: $number) {{
      headRefOid
      author {{ login }}
      commits(first: {MOST}) {{
        totalCount
        nodes {{
          commit {{
            authors(first: {MOST}) {{ totalCount nodes {{ user {{ login }} }} }}
            committer {{ user {{ login }} }}
          }}
        }}
      }}
      latestOpinionatedReviews(first: {MOST}) {{
        totalCount
        nodes {{ author {{ __typename login }} state body lastEditedAt commit {{ oid }} }}
      }}
    }}
  }}
}}
"""


@dataclass(frozen=True)
class Review:
    """The newest judgement of one person that approves the newest commit."""

    login: str
    lines: tuple[str, ...]
    """What follows the word in its text."""
    edited: bool
    """Whether its text is another one than it was: whoever may write to the repository may change it."""


@dataclass(frozen=True)
class Reviewed:
    """A pull request with its people."""

    reviews: tuple[Review, ...]
    involved: frozenset[str]
    """The author, and whoever is author, co-author or committer of a commit, as far as GitHub knows them."""
    too_large: str
    """What there is more of than can be looked at; empty where all was looked at."""


def reviewed(pull: JsonObject, word: str) -> Reviewed:
    """What the query's pull request says; of reviews those that hold a line which begins with a word."""
    commits = [one["commit"] for one in pull["commits"]["nodes"]]
    return Reviewed(
        tuple(_approving(pull, word)),
        frozenset(_involved(pull["author"], commits)),
        next(_too_large(pull, commits), ""),
    )


def _approving(pull: JsonObject, word: str) -> Iterator[Review]:
    for one in pull["latestOpinionatedReviews"]["nodes"]:
        approves = one["state"] == "APPROVED" and take_from(one, ("commit", "oid")) == pull["headRefOid"]
        lines = tuple(lines_after(word, one["body"] or ""))
        # What a robot says is said by whoever wrote the workflow.
        if approves and lines and one["author"] and one["author"]["__typename"] == "User":
            yield Review(one["author"]["login"], lines, edited=one["lastEditedAt"] is not None)


def _involved(author: JsonObject | None, commits: list[JsonObject]) -> Iterator[str]:
    if author is not None:
        yield author["login"]
    for commit in commits:
        for actor in (commit["committer"], *commit["authors"]["nodes"]):
            if login := take_from(actor, ("user", "login")):
                yield login


def _too_large(pull: JsonObject, commits: list[JsonObject]) -> Iterator[str]:
    """What is not looked at wholly: somebody could hide there."""
    if pull["commits"]["totalCount"] > MOST:
        yield f"it has more than {MOST} commits"
    if any(one["authors"]["totalCount"] > MOST for one in commits):
        yield f"a commit of it has more than {MOST} authors"
    if pull["latestOpinionatedReviews"]["totalCount"] > MOST:
        yield f"more than {MOST} people have reviewed it"
