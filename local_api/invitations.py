"""The invitations of all clients, on the main thread: calls become acts at the window, durable entries become outcomes.

An outcome is told once, at the first durable star of whichever level or at the close without one. Nothing after it tells how
long the citizen stayed: there is no word for the state of the window, pauses are answered before they take effect, and a case
is “not_again” from its invitation on, whether its session is still open or not.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from local_api.calls import Answer, Call, Ended, Method, Outcome
from terminal_app.application.controller import Controller
from terminal_app.domain.counter_command import CounterCommand, Order
from terminal_app.domain.journal import Entry, Kind
from terminal_app.domain.presented import stands_at_window
from terminal_app.domain.session import CancelRequested, Terminal
from terminal_app.domain.turn import current_session

KEPT = 64
"""So many invitations that have ended are remembered; clients ask for the outcome of their last one."""

_ALIKE = {"already_read": "not_again", "already_rated": "not_again"}
_ORDERS = {Method.PAUSE: Order.PAUSE, Method.RESUME: Order.RESUME}
_ENDS = {"timed_out": Ended.TIMED_OUT}

Reply = Callable[[Answer], None]


@dataclass(slots=True)
class _Invitation:
    """One invitation of a client. `opened`: its session was seen open. `cancel`: to be cancelled once it is."""

    client: str
    opened: bool = False
    cancel: bool = False
    ended: Ended | None = None
    waiting: list[Reply] = field(default_factory=list)


class Invitations:
    """Implements ports.Witness. `tell` gets a client's name and each outcome, once; it must not block."""

    def __init__(self, controller: Controller, tell: Callable[[str, Outcome], None]) -> None:
        self._controller = controller
        self._tell = tell
        self._known: dict[str, _Invitation] = {}

    def take(self, client: str, call: Call, reply: Reply) -> None:
        """Do what a client asks. `reply` is called once, at once or when an invitation's ticket was looked up, or has ended."""
        match call.method:
            case Method.INVITE:
                self._controller.invite(call.ticket, client, partial(self._invited, client, reply))
            case Method.WELCOME:
                member = self._controller.welcome(call.staff)
                reply(Answer(staff=member) if member else Answer("unknown_staff"))
            case Method.PAUSE | Method.RESUME:
                self._controller.command(CounterCommand(_ORDERS[call.method]))
                reply(Answer())
            case Method.CANCEL | Method.OUTCOME:
                self._about(client, call, reply)
            case Method.HEARTBEAT:
                reply(Answer())

    def _invited(self, client: str, reply: Reply, session: str, why_not: str) -> None:
        if why_not:
            reply(Answer(_ALIKE.get(why_not, why_not)))
            return
        for old in [session for session, found in self._known.items() if found.ended][: 1 - KEPT]:
            del self._known[old]
        self._known[session] = _Invitation(client, opened=self._is_open(self._controller.state, session))
        reply(Answer(invitation=session))

    def _about(self, client: str, call: Call, reply: Reply) -> None:
        found = self._known.get(call.invitation)
        if found is None or found.client != client:
            reply(Answer("unknown_invitation"))
        elif call.method is Method.CANCEL:
            self._cancel(call.invitation, found, reply)
        elif found.ended or not call.wait_s:
            reply(Answer(invitation=call.invitation, outcome=found.ended))
        else:
            found.waiting.append(reply)

    def _cancel(self, session: str, found: _Invitation, reply: Reply) -> None:
        """Of an invitation that stands: whether it came before the first tap is told by the outcome."""
        if found.ended:
            reply(Answer("ended"))
            return
        reply(Answer(invitation=session))
        if self._is_open(self._controller.state, session):
            self._controller.handle(CancelRequested())
        else:
            found.cancel = True

    # --- what the window tells ----------------------------------------------------------------------------------

    def saw(self, state: Terminal) -> None:
        for session, found in self._standing():
            if self._is_open(state, session):
                found.opened = True
                if found.cancel:
                    found.cancel = False
                    self._controller.handle(CancelRequested())
            elif not found.opened and not stands_at_window(state, session):
                self._end(session, Ended.NOT_RATED)

    def durable(self, entry: Entry) -> None:
        if entry.session is None:
            return
        if entry.kind == Kind.STAR_CHOSEN:
            self._end(entry.session, Ended.RATED)
        elif entry.kind == Kind.SESSION_CLOSED:
            self._end(entry.session, _ENDS.get(entry.data["outcome"], Ended.NOT_RATED))

    def recovered(self) -> None:
        for session, _ in self._standing():
            self._end(session, Ended.NOT_RATED)

    def _standing(self) -> list[tuple[str, _Invitation]]:
        return [(session, found) for session, found in self._known.items() if found.ended is None]

    def _end(self, session: str, ended: Ended) -> None:
        found = self._known.get(session)
        if found is None or found.ended:
            return
        found.ended = ended
        waiting, found.waiting = found.waiting, []
        for reply in waiting:
            reply(Answer(invitation=session, outcome=ended))
        self._tell(found.client, Outcome(session, ended))

    @staticmethod
    def _is_open(state: Terminal, session: str) -> bool:
        current = current_session(state.phase)
        return current is not None and current.id == session
