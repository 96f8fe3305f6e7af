"""The objects with which a deployment goes on, whatever they are called in the stack."""

from __future__ import annotations


class KeptPlaces:
    """Places of objects that an entry of the program wishes.

    An entry that goes away, because its object got another name in the stack, must not take the object with it. What
    the program wishes is known in each deployment: every entry is checked before the first one is deleted.
    """

    def __init__(self) -> None:
        """None yet."""
        self._places: set[str] = set()

    def add(self, place: str) -> None:
        """The deployment goes on with what stands there."""
        self._places.add(place.lower())

    def __contains__(self, place: str) -> bool:
        """Whether it does; ids do not tell small letters from capitals."""
        return place.lower() in self._places
