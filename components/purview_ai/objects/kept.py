"""The places of objects with which a deployment goes on, and of those that it is about to end."""

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


class GoingPlaces:
    """Places of objects that another one replaces, by what the program wishes.

    What stands in such an object, as a scan in its data source, goes with it.
    """

    def __init__(self) -> None:
        """None yet."""
        self._places: set[str] = set()

    def add(self, place: str) -> None:
        """What stands there is about to go."""
        self._places.add(place.lower())

    def around(self, place: str) -> bool:
        """Whether what stands at a place goes, by itself or with what it stands in."""
        return any(f"{place.lower()}/".startswith(f"{one}/") for one in self._places)
