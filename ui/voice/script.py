"""What is said, when: a pure function of two pictures after each other. No Qt, no clock, nothing remembered.

Two ways to be heard. What a loudspeaker says is heard by the staff too: it never names a level or a reason, and from the
first star on it says one phrase, the same after every level and on whatever screen follows, once. Earphones say all that a
person who sees nothing has to know. Neither says that something is recorded before it is.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from terminal_app.domain import session as s
from terminal_app.domain.turn import current_session
from ui.views import (
    ButtonView,
    CasesView,
    ChipView,
    IdleView,
    LoginView,
    MessageView,
    OptionView,
    RateView,
    ReasonsView,
    ScopeView,
    ThanksView,
    ViewState,
)


class Shown(NamedTuple):
    """A text as it stands on the screen; `instead`: the phrases where nobody recorded it."""

    text: str
    instead: tuple[str, ...] = ()


Utterance = tuple[str | Shown, ...]
"""What is said in one go: phrases by name, and texts of the screen."""


class Picture(NamedTuple):
    """What was on the screen at one moment, nothing being written."""

    state: s.Terminal
    view: ViewState

    @property
    def session(self) -> s.Session | None:
        return current_session(self.state.phase)

    @property
    def star(self) -> int:
        """The durable star of the open session; 0: none."""
        return int(self.session.star or 0) if self.session else 0


_MESSAGES: Final[Mapping[type, str]] = {s.Paused: "paused", s.Locked: "locked", s.Unenrolled: "unenrolled"}


def news(before: Picture | None, now: Picture, private: bool) -> Utterance:
    """What to say now that this picture followed that one; nothing for what was said already. `private`: into earphones."""
    if before is None or not now.view.voice:
        return ()
    if before.view.session != now.view.session:
        if before.star and not private and now.session is None:
            return ()
        speaks = _is_unasked(before, now, private)
        return (*_ending(before, now, private), *(where_we_are(now, private) if speaks else ()))
    if _was_asked(before, now):
        return where_we_are(now, private)
    is_new = where_we_are(now, private) != where_we_are(before, private) and _is_unasked(before, now, private)
    return (
        *(where_we_are(now, private) if is_new else ()),
        *(_changed(before, now) if private else ()),
        *_banner(before, now, private),
    )


def _was_asked(before: Picture, now: Picture) -> bool:
    """Whether somebody chose to hear it, or to hear it in this language; both go back by themselves, too."""
    unmuted = now.state.voice is not None and not before.view.voice
    return unmuted or (now.state.language is not None and now.view.language != before.view.language)


def where_we_are(now: Picture, private: bool) -> Utterance:
    """All that there is to say of a picture, as for somebody who asks again."""
    state, body = now.state, now.view.body
    if now.view.notice and state.notice:
        return (f"notice-{state.notice.what}",)
    if now.star and not private:
        return ("screen-recorded",)
    match body:
        case RateView():
            return _rate(now, private)
        case ScopeView():
            return ("screen-scope", *_keys("choose", private))
        case CasesView():
            return ("screen-cases", *_keys("choose", private))
        case ReasonsView():
            keys = "keys-reasons" if body.skip else "keys-reasons_required"
            return ("private-recorded", f"star-{now.star}", "private-reasons", keys)
        case ThanksView():
            return _thanks(now, body)
        case IdleView():
            return (f"screen-{now.view.screen}",)
        case MessageView():
            return (f"screen-{_MESSAGES.get(type(state.phase), 'out_of_order')}",)
        case LoginView():
            return ("screen-login",)
        case _:
            return ("screen-staff",)


def _keys(name: str, private: bool) -> Utterance:
    return (f"keys-{name}",) if private else ()


def _rate(now: Picture, private: bool) -> Utterance:
    if now.star:
        return ("private-your_choice", f"star-{now.star}", "keys-change")
    follow_up = now.session is not None and now.session.offer.follow_up
    return ("screen-rate_follow_up" if follow_up else "screen-rate", *_keys("rate", private))


def _thanks(now: Picture, body: ThanksView) -> Utterance:
    reasons = len(now.session.toggled) if now.session else 0
    told = ("private-with_reasons", *_number(reasons)) if reasons else ()
    return ("private-recorded", f"star-{now.star}", *told, *map(Shown, body.promises), "keys-thanks")


def _number(count: int) -> tuple[str, ...]:
    """A number, digit by digit."""
    return tuple(f"number-{digit}" for digit in str(count))


def _is_unasked(before: Picture, now: Picture, private: bool) -> bool:
    """Whether a picture speaks for itself. What waits for somebody is quiet, and an end may not tell when it came."""
    if now.view.notice or now.view.screen == "login":
        return True
    if now.view.screen == "out_of_order":
        return before.view.session is not None
    return now.view.session is not None and (private or now.view.screen != "menu")


def _ending(before: Picture, now: Picture, private: bool) -> Utterance:
    """Earphones tell how a session ended, where it is known."""
    ended = before.view.session is not None and now.view.session is None
    if not (private and ended) or now.view.screen == "out_of_order":
        return ()
    return ("private-finished",) if before.star else ("private-not_rated",)


def _changed(before: Picture, now: Picture) -> Utterance:
    """What changed within one screen: marks, and the time that was given."""
    parts: list[str | Shown] = []
    if before.session and now.session and now.session.extended and not before.session.extended:
        parts.append("private-more_time")
    was, body = before.view.body, now.view.body
    if isinstance(was, ReasonsView) and isinstance(body, ReasonsView) and was.chosen == body.chosen:
        pairs = zip(was.chips, body.chips, strict=False)
        changed = [(place, chip) for place, (old, chip) in enumerate(pairs, 1) if old.marked != chip.marked]
        for place, chip in changed:
            parts += [_reason(place, chip), "private-marked" if chip.marked else "private-unmarked"]
    return tuple(parts)


def _reason(place: int, chip: ChipView) -> Shown:
    return Shown(chip.button.text, (*_number(place), "private-no_recording"))


def _banner(before: Picture, now: Picture, private: bool) -> Utterance:
    notice = now.state.notice
    if not now.view.banner or not notice or now.view.banner == before.view.banner or (now.star and not private):
        return ()
    return (f"notice-{notice.what}",)


# --- what the keypad marks ------------------------------------------------------------------------------------------


_OF_CITIZENS: Final = (RateView, ScopeView, CasesView, ReasonsView, ThanksView, IdleView, MessageView)


def focus(now: Picture, button: ButtonView, private: bool) -> Utterance:
    """What the keypad's mark stands on; nothing on a staff screen, where it may be a digit of a PIN. A loudspeaker names what
    everybody has on the screen before a choice, nothing else."""
    body = now.view.body
    if not now.view.voice or not isinstance(body, _OF_CITIZENS):
        return ()
    if private:
        if isinstance(body, RateView) and button.name.startswith("star-"):
            marked = ("private-marked",) if button.name == f"star-{now.star}" else ()
            return (button.name, *marked)
        if isinstance(body, ReasonsView) and button.name.startswith("reason-"):
            return _focused_reason(body, button)
        if isinstance(body, CasesView) and button.name.startswith("case-"):
            return _focused_case(body, button)
        if isinstance(body, ReasonsView) and button.name == "submit":
            return ("control-submit", "private-marked", *_number(sum(chip.marked for chip in body.chips)))
    elif now.star or button.name.startswith(("star-", "reason-", "case-")):
        return ()
    return (Shown(button.accessible.replace("\u200b", "")),)


def _focused_reason(body: ReasonsView, button: ButtonView) -> Utterance:
    for place, chip in enumerate(body.chips, 1):
        if chip.button.name == button.name:
            return (_reason(place, chip), *(("private-marked",) if chip.marked else ()))
    return ()


def _focused_case(body: CasesView, button: ButtonView) -> Utterance:
    for place, case in enumerate(body.cases, 1):
        if case.button.name == button.name:
            return ("private-case", *_number(place), "private-ending", *_tail(case))
    return ()


def _tail(case: OptionView) -> Utterance:
    """The last digits of a case number, of which the screen shows as many."""
    event = case.button.event
    number = event.number if isinstance(event, s.SingleChosen) else ""
    return tuple(f"number-{sign}" for sign in number[-4:] if sign.isascii() and sign.isdigit())


# --- time -----------------------------------------------------------------------------------------------------------

WARNING_MS: Final = 15_000
_TIMED: Final = ("scope", "cases", "rate", "reasons")


def warning_at(now: Picture, private: bool) -> int | None:
    """When earphones tell that time is running out, in monotonic milliseconds. A loudspeaker would betray a choice by it."""
    ring = now.view.footer.ring
    if not (private and now.view.voice and ring and now.view.screen in _TIMED):
        return None
    return ring.until_ms - WARNING_MS


def warning(now: Picture) -> Utterance:
    """What is told then."""
    return ("private-time_short",) if now.view.footer.left else ("private-time_short_last",)
