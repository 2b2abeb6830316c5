"""People on duty at a window. A card identifies, it proves nothing: administrators need a PIN as well."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from terminal_app.domain.frozen import frozen
from terminal_app.domain.pin import is_pin_hash


class Role(StrEnum):
    """What a member of staff may do at the terminal."""

    CLERK = "clerk"
    ADMINISTRATOR = "administrator"


@frozen
class StaffMember:
    """One member of staff: number (工号), name, post (岗位), role."""

    number: str
    name: str
    post: str
    role: Role = Role.CLERK


@frozen
class StaffRoster:
    """The staff directory as downloaded: version, members by canonical card UID (upper-case hex of the raw bytes), and what is
    kept of administrators' PINs (pin.py) by staff number."""

    version: str
    by_card: Mapping[str, StaffMember]
    pins: Mapping[str, str] = field(default_factory=dict, repr=False)

    @staticmethod
    def from_document(document: Mapping[str, Any]) -> "StaffRoster":
        """From the body of the platform's signed `staff` document. Raises KeyError, TypeError or ValueError.

        A card that two members share would put ratings on the wrong one, so such a roster is refused.
        """
        by_card: dict[str, StaffMember] = {}
        pins: dict[str, str] = {}
        for row in document["members"]:
            member = StaffMember(str(row["number"]), str(row["name"]), str(row["post"]), Role(row["role"]))
            if (pin := row.get("pin")) is not None:
                if not is_pin_hash(str(pin)):
                    raise ValueError("what is kept of a PIN is malformed")
                pins[member.number] = str(pin)
            for uid in row["cards"]:
                if by_card.setdefault(str(uid), member) != member:
                    raise ValueError("a card belongs to two members of staff")
        return StaffRoster(str(document["version"]), by_card, pins)

    def find(self, number: str) -> StaffMember | None:
        """The member with this staff number who has a card, if any."""
        return next((member for member in self.by_card.values() if member.number == number), None)
