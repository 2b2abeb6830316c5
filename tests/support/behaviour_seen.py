"""What may be seen of a step of the behaviour, in the words of its table (tests/unit/test_behaviour_table.py tells them)."""

from collections.abc import Iterator

from support.behaviour import Turn

from terminal_app.domain import administration as a
from terminal_app.domain import session as s
from terminal_app.domain.journal import Draft, Kind


def _session(session: s.Session) -> str:
    star = str(int(session.star)) if session.star else ""
    marked = "+" + ",".join(session.toggled) if session.toggled else ""
    scope = "/" + "".join(case.number[-1] for case in session.covered) if session.scope else ""
    return f"{session.id}{scope}{star}{marked}{'!' if session.submitted else ''}{'x' if session.extended else ''}"


def phase_name(phase: s.Phase, now_ms: int) -> str:
    match phase:
        case s.Recording():
            return f"Recording {phase.wrote} {_session(phase.session)}"
        case s.AwaitScope():
            which = " which" if phase.listing else ""
            return f"AwaitScope {_session(phase.session)}{which} {(phase.until_ms - now_ms) // 1000}s"
        case s.AwaitStars() | s.AwaitReasons() | s.Thanks():
            return f"{type(phase).__name__} {_session(phase.session)} {(phase.until_ms - now_ms) // 1000}s"
        case s.StaffMenu() if phase.session:
            return f"StaffMenu {_session(phase.session)}"
        case s.OutOfOrder():
            return f"OutOfOrder {phase.reason}"
        case a.EnterPin():
            what = "checking" if phase.checking else phase.denied or "•" * len(phase.typed)
            return f"EnterPin {phase.member.number} {what}".strip() + _over(phase, now_ms)
        case a.Administration():
            return f"Administration {phase.page}" + _over(phase, now_ms)
        case _:
            return type(phase).__name__


def _over(phase: a.EnterPin | a.Administration, now_ms: int) -> str:
    return f" over {phase_name(phase.below, now_ms)}" if phase.below else ""


def _entry(draft: Draft) -> str:
    data = draft.data
    match draft.kind:
        case Kind.SESSION_OPENED:
            return f"{draft.session} opened"
        case Kind.SCOPE_CHOSEN:
            return f"{draft.session} {data['scope']} {''.join(number[-1] for number in data['covered'])}"
        case Kind.STAR_CHOSEN:
            return f"{draft.session} star {data['level']}"
        case Kind.REASON_TOGGLED:
            return f"{draft.session} toggle {'+' if data['on'] else '-'}{data['code']}"
        case Kind.REASONS_CHOSEN:
            codes = ",".join(row["code"] for row in data["reasons"])
            return f"{draft.session} reasons {codes}{'skipped' if data['skipped'] else ''}"
        case Kind.SESSION_CLOSED:
            return f"{draft.session} closed {data['outcome']}{' submitted' if data['submitted'] else ''}"
        case Kind.STAFF_LOGGED_IN | Kind.STAFF_LOGGED_OUT:
            return f"{'login' if draft.kind == Kind.STAFF_LOGGED_IN else 'logout'} {data['number']}"
        case _:
            return str(draft.kind)


def _kept(event: s.Event) -> str:
    match event:
        case s.TicketPresented():
            return f"ticket {event.session_id}"
        case a.DutyTaken():
            return f"duty {event.member.number}"
        case s.CardLaid():
            return f"card {event.member.number if event.member else 'unknown'}"
        case _:
            return type(event).__name__.removesuffix("Requested").lower()


def differences(turn: Turn) -> Iterator[str]:
    before, after = turn.before, turn.after
    if before.phase != after.phase:
        yield f"-> {phase_name(after.phase, turn.now_ms)}"
    for draft in turn.drafts:
        yield f"write {_entry(draft)}"
    yield from _asked(turn)
    if before.notice != after.notice:
        yield f"say {after.notice.what if after.notice else 'nothing'}"
    if before.remembered != after.remembered:
        yield f"keep {', '.join(map(_kept, after.remembered))}"
    if before.on_duty != after.on_duty:
        yield f"duty {after.on_duty.number if after.on_duty else 'none'}"
    if before.paused_since_ms != after.paused_since_ms:
        yield "pause ends" if after.paused_since_ms is None else "pause begins"
    if before.language != after.language:
        yield f"language {after.language}"
    if before.large_print != after.large_print:
        yield "large print"
    if before.high_contrast != after.high_contrast:
        yield "high contrast"
    if before.voice != after.voice:
        yield "voice"
    if before.recent_scans != after.recent_scans:
        latest = after.recent_scans[-1][1].cases if after.recent_scans else ()
        yield "scan " + ("".join(case.number[-1] for case in latest) or "forgotten")
    if before.rules != after.rules:
        yield f"rules {after.rules.policy.version if after.rules else 'none'}"


def _asked(turn: Turn) -> Iterator[str]:
    for effect in turn.effects:
        if isinstance(effect, a.CheckPin):
            yield f"check the PIN of {effect.number}"
        elif isinstance(effect, a.Perform):
            yield f"perform {effect.task}"
        elif isinstance(effect, s.PresentAgain):
            yield f"present {effect.ticket.session_id} again"
