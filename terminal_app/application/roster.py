"""The staff directory in force, as those who look cards up see it. Implements ports.StaffDirectory; reads no document."""

from terminal_app.domain.staff import StaffMember, StaffRoster


class Roster:
    """Replaced whole, by setting `current`, when a new directory was downloaded; None: there is none yet."""

    def __init__(self, roster: StaffRoster | None) -> None:
        self.current = roster

    def by_card(self, uid: str) -> StaffMember | None:
        """Who owns this card."""
        return self.current.by_card.get(uid) if self.current else None

    def find(self, number: str | None) -> StaffMember | None:
        """Who has this staff number."""
        return self.current.find(number) if self.current and number else None

    def pin_of(self, number: str) -> str | None:
        """The hash of an administrator's PIN, if there is one."""
        return self.current.pins.get(number) if self.current else None
