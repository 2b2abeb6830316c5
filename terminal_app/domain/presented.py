"""What became of a ticket that was presented: it stands at the window, or it was not taken, and why."""

from terminal_app.domain import session as s
from terminal_app.domain.turn import current_session

_CLOSED = {s.Unenrolled: "not_enrolled", s.Locked: "locked", s.OutOfOrder: "out_of_order"}


def stands_at_window(state: s.Terminal, session_id: str) -> bool:
    """Whether this session is open, or its ticket waits until what is being written is durable."""
    session = current_session(state.phase)
    waiting = (event.session_id for event in state.remembered if isinstance(event, s.TicketPresented))
    return (session is not None and session.id == session_id) or session_id in waiting


def why_not_taken(before: s.Terminal, after: s.Terminal) -> str:
    """Why a ticket that does not stand at the window was not taken: a notice's word, or a word for a closed window."""
    if after.notice and after.notice != before.notice:
        return after.notice.what
    return _CLOSED.get(type(after.phase), "already_read")
