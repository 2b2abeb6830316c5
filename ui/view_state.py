"""What is on the screen, derived from the state of the window: `derive_view`. Pure: no Qt, no clock, nothing remembered.

A view is made of words and events; what it looks like is for the screens.
"""

from typing import TYPE_CHECKING, Final

from terminal_app.domain import administration as a
from terminal_app.domain import session as s
from terminal_app.domain.rateable import RateableCase, Scope, Standing
from terminal_app.domain.rating import Level, Reason
from terminal_app.domain.receipt import receipt_hash, receipt_url, short_code
from terminal_app.domain.staff import StaffMember
from terminal_app.domain.ticket import Grouping, mask_case_number
from terminal_app.domain.words_pass import pass_url
from ui.views import (
    CORE_REASONS,
    FIRST_CASES,
    MORE_CASES,
    MORE_REASONS,
    PHONE,
    Body,
    ButtonView,
    CasesView,
    ChipView,
    Facts,
    FooterView,
    HeaderView,
    IdleView,
    MessageView,
    NoticeView,
    OptionView,
    PersonView,
    PhoneView,
    QrView,
    RateView,
    ReasonsView,
    ReceiptView,
    RingView,
    ScopeView,
    StarView,
    ThanksView,
    ViewState,
)
from ui.wording import FALLBACK, Wording, own_name, wording

if TYPE_CHECKING:
    from ui.staff_view_state import StaffViews


def derive_view(state: s.Terminal, facts: Facts) -> ViewState:
    """The view of a state."""
    return _Derivation(state, facts).view()


class _Derivation:
    """One view in the making."""

    def __init__(self, state: s.Terminal, facts: Facts) -> None:
        self.state = state
        self.facts = facts
        self.language = state.language or facts.language
        self.say: Wording = wording(self.language)

    @property
    def staff(self) -> "StaffViews":
        """Imported here: no start waits for what only staff sees."""
        from ui.staff_view_state import StaffViews

        return StaffViews(self.state, self.facts, self.say)

    def view(self) -> ViewState:
        phase, still = self.state.phase, isinstance(self.state.phase, s.Recording)
        session: s.Session | None = None
        if isinstance(phase, s.Recording):
            session = self.pictured(phase)
            phase = phase.shown
        elif isinstance(phase, s.AwaitScope | s.AwaitStars | s.AwaitReasons | s.Thanks | s.StaffMenu):
            session = phase.session
        screen, body, footer = self.screen(phase, session)
        notice, banner = self.notice(screen)
        return ViewState(
            screen,
            self.language,
            self.state.large_print,
            self.theme(screen),
            self.header(),
            body,
            footer,
            session.id if session else None,
            still,
            notice,
            banner,
            s.ScreenTouched() if screen in ("idle", "nobody", "administration") and not notice else None,
            self.voice,
        )

    @staticmethod
    def pictured(phase: s.Recording) -> s.Session | None:
        """The session as the still picture shows it: the new choice on its own screen, nothing of what comes next."""
        if isinstance(phase.shown, s.Idle | s.LoggedOut):
            return None
        elsewhere = phase.wrote == "star" and isinstance(phase.shown, s.AwaitReasons)
        return phase.shown.session if elsewhere else phase.session

    def screen(self, phase: s.Phase, session: s.Session | None) -> tuple[str, Body, FooterView]:
        match phase:
            case s.AwaitScope() if session and phase.listing:
                return "cases", self.cases(session), self.scope_footer(phase)
            case s.AwaitScope() if session:
                return "scope", self.scope(session), self.scope_footer(phase)
            case s.AwaitStars() if session:
                return "rate", self.rate(session, phase), self.rate_footer(phase)
            case s.AwaitReasons() if session:
                return "reasons", self.reasons(session), self.reasons_footer(phase, session)
            case s.Thanks() if session:
                return "thanks", self.thanks(session), self.thanks_footer(phase)
            case s.Idle():
                return "idle", self.idle(), self.idle_footer()
            case s.LoggedOut():
                return "nobody", self.nobody(), self.idle_footer()
            case s.StaffLogin():
                return "login", self.staff.login(), FooterView()
            case s.StaffMenu():
                return "menu", self.staff.menu(session), FooterView()
            case a.EnterPin():
                return "pin", self.staff.pin(phase), FooterView()
            case a.Administration():
                return "administration", self.staff.administration(phase), FooterView()
            case s.Paused():
                return "paused", self.paused(), self.idle_footer()
            case s.Locked():
                return "out_of_order", self.message("locked"), FooterView()
            case s.Unenrolled():
                return "out_of_order", self.message("unenrolled"), FooterView()
            case _:
                return "out_of_order", self.message("out_of_order"), FooterView()

    # --- what stands on every screen ----------------------------------------------------------------------------

    def header(self) -> HeaderView:
        number = self.facts.window_number
        parts = (self.facts.window, self.say("window.number", number=number) if number else "")
        return HeaderView(self.facts.hall, " · ".join(part for part in parts if part))

    @property
    def high_contrast(self) -> bool:
        chosen = self.state.high_contrast
        return self.facts.high_contrast if chosen is None else chosen

    @property
    def voice(self) -> bool:
        if self.facts.speaks is None:
            return False
        return self.facts.speaks if self.state.voice is None else self.state.voice

    def theme(self, screen: str) -> str:
        if self.high_contrast:
            return "high-contrast"
        return "dark" if self.facts.dark_idle and screen in ("idle", "nobody", "paused") else "light"

    def preferences(self) -> tuple[ButtonView, ...]:
        """Print, contrast, voice and language: on every screen of the citizen in the same place."""
        offered = self.facts.languages
        at = offered.index(self.language) if self.language in offered else -1
        following = offered[(at + 1) % len(offered)]
        size = "button.normal_print" if self.state.large_print else "button.large_print"
        large = ButtonView("large-print", self.say(size), s.LargePrintToggled())
        colours = "button.usual_colours" if self.high_contrast else "button.high_contrast"
        contrast = ButtonView("contrast", self.say(colours), s.ContrastChosen(not self.high_contrast))
        if len(offered) < 2:
            return (large, contrast, *self.voice_button())
        language = ButtonView("language", own_name(following), s.LanguageChosen(following))
        return (large, contrast, *self.voice_button(), language)

    def voice_button(self) -> tuple[ButtonView, ...]:
        if self.facts.speaks is None:
            return ()
        return (ButtonView("voice", self.say("button.mute" if self.voice else "button.voice"), s.VoiceChosen(not self.voice)),)

    def qr(self, title: str, line: str) -> QrView | None:
        url = self.facts.rating_url
        return QrView(url, self.say(title), self.say(line)) if url else None

    def button(self, name: str, key: str, event: s.Event | None) -> ButtonView:
        return ButtonView(name, self.say(f"button.{key}"), event)

    def ring(self, until_ms: int, total_ms: int) -> RingView:
        return RingView(until_ms, max(total_ms, 1))

    # --- waiting ------------------------------------------------------------------------------------------------

    def idle(self) -> IdleView:
        member = self.state.on_duty
        person = self.person(member) if member else self.nobody_there()
        return self.waiting(person, "idle")

    def nobody(self) -> IdleView:
        return self.waiting(self.nobody_there(), "nobody")

    def waiting(self, person: PersonView, table: str) -> IdleView:
        steps = tuple(self.say(f"idle.step_{step}") for step in (1, 2, 3))
        qr = self.qr("idle.qr_title", "idle.qr_line")
        posters = () if isinstance(self.state.phase, s.Recording) else self.facts.posters
        return IdleView(person, self.say(f"{table}.headline"), self.say(f"{table}.lead"), steps, qr, posters)

    def person(self, member: StaffMember) -> PersonView:
        number = self.say("idle.number", number=member.number)
        photo = dict(self.facts.photos).get(member.number, "")
        return PersonView(member.name[:1], member.name, member.post, number, self.say("idle.in_service"), True, photo)

    def nobody_there(self) -> PersonView:
        return PersonView("", self.say("nobody.name"), self.say("nobody.line"), "", self.say("nobody.state"), False)

    def idle_footer(self) -> FooterView:
        return FooterView(left=self.button("staff", "staff", s.LoginRequested()), right=self.preferences())

    # --- a session ----------------------------------------------------------------------------------------------

    def scope(self, session: s.Session) -> ScopeView:
        count, left = len(session.ticket.cases), len(session.offer.ratable)
        line = "scope.overall_line" if left == count else "scope.overall_line_rest"
        overall = self.button("scope-overall", "overall", s.OverallChosen())
        single = self.button("scope-single", "single", s.SinglesRequested())
        return ScopeView(
            self.say("scope.title"),
            self.say("scope.hint", count=count),
            (OptionView(overall, self.say(line, count=left)), OptionView(single, self.say("scope.single_line"))),
        )

    def cases(self, session: s.Session) -> CasesView:
        return CasesView(
            self.say("cases.title"),
            self.say("cases.hint"),
            tuple(self.case(number, one) for number, one in enumerate(session.offer.cases, start=1)),
            self.button(MORE_CASES, "more_cases", None),
            self.button(FIRST_CASES, "first_cases", None),
        )

    def case(self, place: int, one: RateableCase) -> OptionView:
        case, masked = one.case, self.say("rate.case", number=mask_case_number(one.case.number))
        state = "" if one.standing is Standing.OPEN else self.say(f"cases.{one.standing.value}")
        button = ButtonView(f"case-{place}", case.matter_name or masked, s.SingleChosen(case.number), enabled=not state)
        return OptionView(button, masked if case.matter_name else "", state)

    def scope_footer(self, phase: s.AwaitScope) -> FooterView:
        again = self.reselect() if phase.listing and phase.session.offer.overall else ()
        return FooterView(
            self.ring(phase.until_ms, self.state.timing.stars_ms),
            self.say("rate.footer"),
            right=(*self.preferences(), *again),
        )

    def reselect(self) -> tuple[ButtonView, ...]:
        return (self.button("reselect", "reselect", s.ScopeReopened()),)

    def rate(self, session: s.Session, phase: s.AwaitStars) -> RateView:
        """`phase` holds what was chosen before; `session` what is chosen now, while it is being written."""
        first = session.covered[0] if session.covered else session.ticket.first
        return RateView(
            self.say("rate.matter" if first.matter_name else "rate.matter_unnamed"),
            first.matter_name or self.say("rate.case", number=mask_case_number(first.number)),
            self.say("rate.case", number=mask_case_number(first.number)) if first.matter_name else "",
            self.handled_by(session),
            self.covered(session),
            self.say("rate.question_follow_up" if session.offer.follow_up else "rate.question"),
            self.say("rate.change_hint" if phase.session.star else "rate.hint"),
            tuple(StarView(self.star(level), int(level)) for level in Level),
            int(session.star or 0),
        )

    def star(self, level: Level) -> ButtonView:
        return ButtonView(
            f"star-{int(level)}",
            self.say(f"level.{int(level)}"),
            s.StarTapped(level),
            spoken=self.say(f"level_name.{int(level)}"),
        )

    def handled_by(self, session: s.Session) -> str:
        """The ticket's clerk counts where it names one, else whoever is on duty."""
        ticket, member = session.ticket, session.on_duty
        if ticket.staff_name or ticket.staff_number:
            name, number = ticket.staff_name, ticket.staff_number
        else:
            name, number = (member.name, member.number) if member else (None, None)
        if name and number:
            return self.say("rate.handled_by_number", name=name, number=number)
        if name:
            return self.say("rate.handled_by", name=name)
        return self.say("idle.number", number=number) if number else ""

    def covered(self, session: s.Session) -> str:
        count = len(session.covered)
        if session.offer.follow_up:
            return self.say("rate.follow_up")
        if session.scope is Scope.SINGLE:
            return self.say("rate.single", count=len(session.ticket.cases))
        key = {Grouping.BATCH: "batch", Grouping.CHAIN: "chain"}.get(session.ticket.grouping, "several")
        return self.say(f"rate.{key}", count=count) if count > 1 else ""

    def rate_footer(self, phase: s.AwaitStars) -> FooterView:
        again = self.reselect() if phase.session.scope else ()
        keep = (self.button("finish", "keep", s.Finished()),) if phase.session.star else again
        timing, session = self.state.timing, phase.session
        total = timing.stars_ms + (timing.extension_ms if session.extended else 0)
        return FooterView(
            self.ring(phase.until_ms, total),
            self.say("rate.footer"),
            self.more_time(session),
            right=(*self.preferences(), *keep),
        )

    def reasons(self, session: s.Session) -> ReasonsView:
        level = session.star or Level.VERY_DISSATISFIED
        offered = session.rules.catalogue.of_level(level)
        required = session.rules.policy.reasons_required
        return ReasonsView(
            int(level),
            self.say(f"level.{int(level)}"),
            self.say("reasons.recorded"),
            self.button("change", "change", s.ChangeRequested()),
            self.say("reasons.question"),
            self.say("reasons.hint_required" if required else "reasons.hint"),
            tuple(self.chip(reason, session) for reason in offered),
            self.button(MORE_REASONS, "more_reasons", None),
            self.button(CORE_REASONS, "core_reasons", None),
            None if required else self.button("skip", "skip", s.ReasonsSkipped()),
            self.submit(len(session.toggled)),
            self.phone(session),
        )

    def phone(self, session: s.Session) -> PhoneView | None:
        base, text = self.facts.receipt_base, session.words_pass
        if not (base and text):
            return None
        return PhoneView(
            pass_url(base, text),
            self.say("phone.title"),
            self.say("phone.line"),
            self.button(PHONE, "phone", None),
            self.button(PHONE, "back_to_reasons", None),
        )

    def chip(self, reason: Reason, session: s.Session) -> ChipView:
        text = reason.texts.get(self.language) or reason.texts.get(FALLBACK) or reason.code
        button = ButtonView(f"reason-{reason.code}", text, s.ReasonToggled(reason.code))
        return ChipView(button, reason.code in session.toggled)

    def submit(self, count: int) -> ButtonView:
        text = self.say("button.submit_some", count=count) if count else self.say("button.submit")
        return ButtonView("submit", text, s.ReasonsSubmitted(), enabled=count > 0)

    def reasons_footer(self, phase: s.AwaitReasons, session: s.Session) -> FooterView:
        timing = self.state.timing
        total = timing.reasons_ms + (timing.extension_ms if session.extended else 0)
        return FooterView(
            self.ring(phase.until_ms, total),
            self.say("reasons.footer" if session.extended else "reasons.think"),
            self.more_time(session),
            self.preferences(),
        )

    def more_time(self, session: s.Session) -> ButtonView | None:
        return None if session.extended else self.button("more-time", "more_time", s.MoreTimeRequested())

    def thanks(self, session: s.Session) -> ThanksView:
        level = session.star or Level.VERY_DISSATISFIED
        policy = session.rules.policy
        promised = policy.after_bad if policy.is_bad(level) else ()
        return ThanksView(
            int(level),
            self.say(f"level_name.{int(level)}"),
            self.say("thanks.title"),
            self.say("thanks.recorded" if self.facts.online else "thanks.recorded_offline"),
            self.say("thanks.private"),
            tuple(promise.texts.get(self.language) or promise.texts.get(FALLBACK, "") for promise in promised),
            self.say("thanks.change"),
            self.button("change", "change", s.ChangeRequested()),
            self.receipt(session),
        )

    def receipt(self, session: s.Session) -> ReceiptView | None:
        base, token, star = self.facts.receipt_base, session.token, session.star_hash
        if not (base and token and star):
            return None
        code = short_code(receipt_hash(token))
        address = receipt_url(base, token, star, session.words_pass)
        return ReceiptView(address, self.say("receipt.title"), code, self.say("receipt.line"))

    def thanks_footer(self, phase: s.Thanks) -> FooterView:
        return FooterView(
            self.ring(phase.until_ms, self.state.timing.thanks_ms),
            self.say("thanks.footer"),
            right=(*self.preferences(), self.button("finish", "finish", s.Finished())),
        )

    # --- nothing can be rated -----------------------------------------------------------------------------------

    def paused(self) -> MessageView:
        return MessageView(
            "pause", self.say("paused.title"), self.say("paused.line"), self.qr("paused.qr_title", "paused.qr_line"), ""
        )

    def message(self, table: str) -> MessageView:
        service = self.facts.service_number
        return MessageView(
            "info",
            self.say(f"{table}.title"),
            self.say(f"{table}.line"),
            self.qr("help.qr_title", "help.qr_line"),
            self.say("help.service", number=service) if service else "",
        )

    # --- notices ------------------------------------------------------------------------------------------------

    def notice(self, screen: str) -> tuple[NoticeView | None, str]:
        """A card where nothing is going on, one line where somebody is choosing."""
        notice = self.state.notice
        if notice is None:
            return None, ""
        if screen in ("scope", "cases", "rate", "reasons", "thanks", "menu", "pin", "administration"):
            return None, self.say(f"notice.{notice.what}", **self.named(notice.staff))
        if screen == "login" and notice.what == "unknown_card":
            return None, ""
        icon = _NOTICE_ICONS.get(notice.what, "info")
        if notice.what in _NOTICES_OF_ONE_LINE:
            return NoticeView(icon, self.say(f"notice.{notice.what}"), ""), ""
        values = self.named(notice.staff)
        return NoticeView(
            icon, self.say(f"notice.{notice.what}", **values), self.say(f"notice.{notice.what}_line", **values)
        ), ""

    def named(self, member: StaffMember | None) -> dict[str, object]:
        return {"name": member.name, "number": member.number} if member else {}


_NOTICE_ICONS: Final = {
    "already_rated": "check",
    "not_yet_ratable": "info",
    "no_follow_up": "info",
    "already_read": "check",
    "unreadable_ticket": "scan",
    "not_a_case_number": "ticket",
    "unknown_card": "card",
    "welcome": "person",
    "show_ticket": "ticket",
    "remembered": "check",
    "after_rating": "card",
    "paused": "pause",
}
_NOTICES_OF_ONE_LINE: Final = ("already_read", "remembered", "after_rating")
