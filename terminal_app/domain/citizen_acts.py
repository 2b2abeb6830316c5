"""What a citizen does at the window: scope, stars, reasons, changes of mind, more time, preferences. Never anything of staff.

Source of the rules: design §4 and §5. Every level is written at once and in the same way; what is chosen can be changed.
"""

from dataclasses import replace
from typing import Any

from terminal_app.domain import session as s
from terminal_app.domain.journal import Kind
from terminal_app.domain.rateable import Scope
from terminal_app.domain.rating import Outcome, Reason
from terminal_app.domain.ticket import Case
from terminal_app.domain.turn import Turn


class CitizenActs(Turn):
    """The rules for what comes from the citizen's side."""

    def overall_chosen(self, _: s.OverallChosen) -> None:
        phase = self.state.phase
        if isinstance(phase, s.AwaitScope) and phase.session.offer.overall:
            self._choose_scope(phase.session, Scope.OVERALL, phase.session.offer.ratable)

    def single_chosen(self, event: s.SingleChosen) -> None:
        phase = self.state.phase
        if isinstance(phase, s.AwaitScope):
            chosen = tuple(case for case in phase.session.offer.ratable if case.number == event.number)
            if chosen:
                self._choose_scope(phase.session, Scope.SINGLE, chosen)

    def _choose_scope(self, session: s.Session, scope: Scope, covered: tuple[Case, ...]) -> None:
        data = {"scope": scope, "covered": [case.number for case in covered]}
        self.record(Kind.SCOPE_CHOSEN, replace(session, scope=scope, covered=covered), data, "scope")

    def singles_requested(self, _: s.SinglesRequested) -> None:
        phase = self.state.phase
        if isinstance(phase, s.AwaitScope) and not phase.listing:
            self.ask_scope(phase.session, listing=True)

    def scope_reopened(self, _: s.ScopeReopened) -> None:
        """Nothing has been rated yet, so nothing that was chosen holds; a star needs another choice first."""
        phase = self.state.phase
        listing = isinstance(phase, s.AwaitScope) and phase.listing and phase.session.offer.overall
        chosen = isinstance(phase, s.AwaitStars) and phase.session.scope is not None
        if (listing or chosen) and (session := self.open_before_tap()):
            self.ask(replace(session, scope=None, covered=session.offer.ratable))

    def star_tapped(self, event: s.StarTapped) -> None:
        phase = self.state.phase
        if not isinstance(phase, s.AwaitStars | s.AwaitReasons):
            return
        old = phase.session
        if isinstance(phase, s.AwaitReasons) and old.star == event.level:
            return
        toggled = old.toggled if old.star == event.level else ()
        session = replace(old, star=event.level, toggled=toggled, submitted=False)
        data: dict[str, Any] = {"level": int(event.level), "offset_ms": self.now - old.opened_ms, "source": event.source}
        if event.keys is not None:
            data["keys"] = event.keys
        self.record(Kind.STAR_CHOSEN, session, data, "star")

    def reason_toggled(self, event: s.ReasonToggled) -> None:
        phase = self.state.phase
        if not isinstance(phase, s.AwaitReasons):
            return
        old = phase.session
        reason = old.rules.catalogue.get(event.code)
        if reason is None or reason.level != old.star:
            return
        on = event.code not in old.toggled
        toggled = (*old.toggled, event.code) if on else tuple(code for code in old.toggled if code != event.code)
        data = {"level": int(reason.level), "code": reason.code, "text": self._seen(reason), "on": on}
        self.record(Kind.REASON_TOGGLED, replace(old, toggled=toggled), data, "toggle")

    def _seen(self, reason: Reason) -> str:
        return reason.text_in(self.state.language or self.state.default_language)

    def reasons_submitted(self, _: s.ReasonsSubmitted) -> None:
        phase = self.state.phase
        if isinstance(phase, s.AwaitReasons) and (phase.session.toggled or not phase.session.rules.policy.reasons_required):
            self._choose_reasons(phase.session, phase.session.toggled, skipped=False)

    def reasons_skipped(self, _: s.ReasonsSkipped) -> None:
        phase = self.state.phase
        if isinstance(phase, s.AwaitReasons) and not phase.session.rules.policy.reasons_required:
            self._choose_reasons(phase.session, (), skipped=True)

    def _choose_reasons(self, session: s.Session, codes: tuple[str, ...], *, skipped: bool) -> None:
        assert session.star is not None
        known = [reason for code in codes if (reason := session.rules.catalogue.get(code))]
        rows = [{"code": reason.code, "text": self._seen(reason)} for reason in known]
        data = {"level": int(session.star), "reasons": rows, "skipped": skipped}
        self.record(Kind.REASONS_CHOSEN, replace(session, toggled=codes, submitted=True), data, "reasons")

    def change_requested(self, _: s.ChangeRequested) -> None:
        phase = self.state.phase
        if isinstance(phase, s.AwaitReasons | s.Thanks):
            self.ask_stars(phase.session)

    def more_time_requested(self, _: s.MoreTimeRequested) -> None:
        phase = self.state.phase
        if not isinstance(phase, s.AwaitStars | s.AwaitReasons) or phase.session.extended:
            return
        ask = self.ask_stars if isinstance(phase, s.AwaitStars) else self.ask_reasons
        ask(replace(phase.session, extended=True), phase.until_ms + self.state.timing.extension_ms)

    def finished(self, _: s.Finished) -> None:
        phase = self.state.phase
        if isinstance(phase, s.Thanks):
            self.close(phase.session, Outcome.TIMED_OUT)
        elif isinstance(phase, s.AwaitStars) and phase.session.star:
            self.after_star(phase.session)

    def after_star(self, session: s.Session, until_ms: int = 0) -> None:
        assert session.star is not None
        if session.submitted or not session.rules.policy.is_bad(session.star):
            self.thank(session)
        else:
            self.ask_reasons(session, until_ms)

    def language_chosen(self, event: s.LanguageChosen) -> None:
        self._prefer(language=event.language)

    def large_print_toggled(self, _: s.LargePrintToggled) -> None:
        self._prefer(large_print=not self.state.large_print)

    def contrast_chosen(self, event: s.ContrastChosen) -> None:
        self._prefer(high_contrast=event.high)

    def voice_chosen(self, event: s.VoiceChosen) -> None:
        self._prefer(voice=event.on)

    def _prefer(self, **fields: Any) -> None:
        if self.is_closed_to_people():
            return
        self.change(**fields)
        self.change(preferences_arm=self.timer(self.state.timing.preferences_ms, "Preferences"))
