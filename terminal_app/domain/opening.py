"""What a `session_opened` entry says (docs/wire.md)."""

from collections.abc import Mapping
from typing import Any

from terminal_app.domain.rateable import points_data
from terminal_app.domain.receipt import receipt_text
from terminal_app.domain.session import Session, TicketPresented
from terminal_app.domain.ticket import ticket_data


def opened_data(event: TicketPresented, session: Session) -> Mapping[str, Any]:
    """The data of the entry that opens this session."""
    covered = [case.number for case in session.covered]
    policy, catalogue = session.rules.policy, session.rules.catalogue
    return {
        "ticket": ticket_data(event.ticket),
        "covered": covered,
        "left_out": [case.number for case in event.ticket.cases if case not in session.covered],
        "points": points_data(session.offer),
        "follow_up": session.offer.follow_up,
        "source": event.source,
        "device": event.device,
        "on_duty": session.on_duty.number if session.on_duty else None,
        "policy": {"id": policy.id, "version": policy.version},
        "catalogue": {"id": catalogue.id, "version": catalogue.version},
        "person": event.person,
        "receipt": receipt_text(event.token) if event.token else None,
    }
