"""What Purview does for an app, cell by cell, each with the document that says so."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from purview_ai.apps.data import Data

UNDATED = "undated"
_DATE = re.compile(r"^(\d{4}(-\d{2}){0,2}|undated)\Z")
_NAME = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")


def _date(given: str) -> str:
    if not _DATE.match(given):
        msg = f"it must be a date, or as much of one as the document tells (2026-08), or {UNDATED}"
        raise ValueError(msg)
    return given


def _name(given: str) -> str:
    if not _NAME.match(given):
        msg = "a capability's name has lower-case letters and digits, with single hyphens between them"
        raise ValueError(msg)
    return given


class Document(Data):
    """Where a cell comes from."""

    title: str = Field(description="What the document calls itself.", min_length=1)
    link: str = Field(description="Its address.", pattern="^https://")
    date: Annotated[str, AfterValidator(_date)] = Field(
        description="The day, month or year that the document gives itself; undated where it gives none."
    )

    def __str__(self) -> str:
        """For a message."""
        return f"{self.title} ({self.date})"


class Answer(StrEnum):
    """What a document says of a capability."""

    YES = "yes"
    NO = "no"
    NOT_STATED = "not stated"
    """No document says anything; nothing is concluded from the others."""


class Cell(Data):
    """One capability of one app."""

    title: str = Field(description="What the document calls the capability.", min_length=1)
    answer: Answer = Field(description="What it says.")
    document: str = Field(description="The document that says so, or that leaves it open, by its name in the file.")
    reason: str = Field(default="", description="For a no: what a wish for it is told.")

    @model_validator(mode="after")
    def _a_no_has_its_reason(self) -> Cell:
        if (self.answer is Answer.NO) != bool(self.reason):
            msg = "a reason stands with each no, and with nothing else"
            raise ValueError(msg)
        return self


CapabilityName = Annotated[str, AfterValidator(_name)]
Cells = dict[CapabilityName, Cell]
