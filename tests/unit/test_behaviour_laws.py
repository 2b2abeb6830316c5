"""Laws of the window's behaviour that hold for every sequence of events, with slow and failing disks and late timers.

Sources: design §4, §5; product rules 1–3 of the regions; the screen, principles 1 and 2.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.behaviour import CATALOGUE, DAY, LI, WANG, ZHAO, Turn, Window, folded, presented, rules

from terminal_app.domain import administration as a
from terminal_app.domain import session as s
from terminal_app.domain.behaviour import step
from terminal_app.domain.journal import Draft, Kind
from terminal_app.domain.rating import Level, Outcome
from terminal_app.domain.ticket import Grouping, Refusal
from terminal_app.domain.turn import closed_by, current_session

STAFF = (
    s.CardLaid,
    s.LoginRequested,
    s.PauseRequested,
    s.ResumeRequested,
    s.LogoutRequested,
    s.CancelRequested,
    s.InviteRequested,
    s.MenuClosed,
    a.AdministrationRequested,
    a.DutyTaken,
    a.PinDigit,
    a.PinErased,
    a.PinSubmitted,
    a.PinChecked,
    a.PageChosen,
    a.TaskRequested,
    s.Enrolled,
    s.RulesChanged,
    s.Revoked,
    s.Reinstated,
)
REASONS = (Kind.REASON_TOGGLED, Kind.REASONS_CHOSEN)
OF_STAFF = (Kind.STAFF_LOGGED_IN, Kind.STAFF_LOGGED_OUT, Kind.PAUSED, Kind.RESUMED)


def _ticket(cases: str, device: str = "scanner", grouping: Grouping = Grouping.SINGLE) -> Callable[[Window], object]:
    """A ticket as the controller would hand it in: a fresh session, and what the journal says was rated."""

    def act(window: Window) -> None:
        rated = "".join(name for name in cases if _is_rated(window, name))
        window.send(presented(cases, device, rated=rated, session=f"{cases}{len(window.turns)}", grouping=grouping))

    return act


def _is_rated(window: Window, name: str) -> bool:
    sessions = window.sessions().values()
    return any(f"CASE-{name}" in _covered(drafts) and folded("", drafts).level for drafts in sessions)


def _covered(drafts: Sequence[Draft]) -> list[str]:
    """What the session's rating is about: what it opened with, or the last choice before its first star."""
    covered: list[str] = drafts[0].data["covered"]
    for draft in drafts:
        if draft.kind == Kind.STAR_CHOSEN:
            break
        covered = draft.data["covered"] if draft.kind == Kind.SCOPE_CHOSEN else covered
    return covered


def _send(event: s.Event) -> Callable[[Window], object]:
    return lambda window: window.send(event)


def _wait(ms: int) -> Callable[[Window], object]:
    return lambda window: window.wait(ms)


def _echo(window: Window) -> None:
    """Every timer that ever fired comes once more."""
    window.send(*window.fired)


def _recover(window: Window) -> None:
    if isinstance(closed_by(window.phase), s.OutOfOrder):
        window.recover()


def _answer(window: Window, denied: a.Denial | None) -> None:
    """A PIN is typed and checked, where one is asked for."""
    window.type().send(a.PinSubmitted())
    check = window.asked[-1].check if window.asked and isinstance(window.asked[-1], a.CheckPin) else -1
    window.send(a.PinChecked(check, denied))


def _invite(window: Window) -> None:
    """The controller presents the ticket again with what the journal says by now."""
    window.send(s.InviteRequested())
    for again in [effect for effect in window.asked if isinstance(effect, s.PresentAgain)]:
        window.asked.remove(again)
        names = "".join(one.number[-1] for one in again.ticket.ticket.cases)
        _ticket(names, again.ticket.device, again.ticket.ticket.grouping)(window)


CITIZEN: dict[str, Callable[[Window], object]] = {
    **{f"tap {level}": _send(s.StarTapped(Level(level))) for level in range(1, 6)},
    **{f"mark {code}": _send(s.ReasonToggled(code)) for code in ("101", "102", "201", "202", "501")},
    "overall": _send(s.OverallChosen()),
    "singles": _send(s.SinglesRequested()),
    "single B": _send(s.SingleChosen("CASE-B")),
    "single E": _send(s.SingleChosen("CASE-E")),
    "reselect": _send(s.ScopeReopened()),
    "submit": _send(s.ReasonsSubmitted()),
    "skip": _send(s.ReasonsSkipped()),
    "change": _send(s.ChangeRequested()),
    "more time": _send(s.MoreTimeRequested()),
    "finish": _send(s.Finished()),
    "english": _send(s.LanguageChosen("en")),
    "large print": _send(s.LargePrintToggled()),
    "contrast": _send(s.ContrastChosen(True)),
    "voice": _send(s.VoiceChosen(True)),
    "touch": _send(s.ScreenTouched()),
}
STAFF_ACTS: dict[str, Callable[[Window], object]] = {
    "card 001": _send(s.CardLaid(LI)),
    "card 002": _send(s.CardLaid(WANG)),
    "card unknown": _send(s.CardLaid(None)),
    "pause": _send(s.PauseRequested()),
    "resume": _send(s.ResumeRequested()),
    "logout": _send(s.LogoutRequested()),
}
OTHER_STAFF_ACTS: dict[str, Callable[[Window], object]] = {
    "login": _send(s.LoginRequested()),
    "cancel": _send(s.CancelRequested()),
    "menu close": _send(s.MenuClosed()),
    "card 009": _send(s.CardLaid(ZHAO)),
    "duty 009": _send(a.DutyTaken(ZHAO)),
    "administration": _send(a.AdministrationRequested()),
    "right PIN": lambda window: _answer(window, None),
    "wrong PIN": lambda window: _answer(window, a.Denial.WRONG),
    "page": _send(a.PageChosen(a.Page.DEVICES)),
    "task": _send(a.TaskRequested(a.Task.SELF_TEST)),
    "invite": lambda window: _invite(window),
    "new rules": _send(s.RulesChanged(rules("2"))),
    "revoked": _send(s.Revoked("revoked")),
    "reinstated": _send(s.Reinstated()),
}
REST: dict[str, Callable[[Window], object]] = {
    "ticket A": _ticket("A"),
    "ticket A again": _ticket("A", "ticket line"),
    "ticket B": _ticket("B"),
    "ticket BC": _ticket("BC"),
    "ticket D": _ticket("D", "ticket line"),
    "chain BEF": _ticket("BEF", grouping=Grouping.CHAIN),
    "chain EG": _ticket("EG", "ticket line", Grouping.CHAIN),
    "unreadable": _send(s.TicketUnreadable(Refusal.MALFORMED)),
    "write": Window.write_one,
    "write all": Window.write,
    "fail": Window.fail_one,
    "fault": _send(s.FaultRaised("internal")),
    "recover": _recover,
    "echo": _echo,
    "a moment": _wait(500),
    "a while": _wait(13_000),
    "a minute": _wait(61_000),
}
ACTS = CITIZEN | STAFF_ACTS | OTHER_STAFF_ACTS | REST
OFTEN = {
    "write all": 30,
    "write": 6,
    "a moment": 3,
    "ticket A": 6,
    "ticket B": 3,
    "chain BEF": 3,
    "recover": 4,
    "reinstated": 4,
    "resume": 3,
    "change": 10,
    "overall": 3,
    "single E": 3,
    "card 009": 3,
    "right PIN": 4,
    **dict.fromkeys(("singles", "single B", "reselect"), 1),
}
DECK = [name for name in ACTS for _ in range(OFTEN.get(name, 3 if name in CITIZEN else 1))]

Script = Sequence[str]
scripts = st.lists(st.sampled_from(DECK), min_size=30, max_size=90)
for_all_scripts = settings(max_examples=80)


def play(script: Script, window: Window | None = None) -> Window:
    window = window or Window()
    for act in script:
        ACTS[act](window)
    return window


def come_home(window: Window) -> Window:
    """Nothing more happens at the window: what is on its way gets through, and time passes."""
    for _ in range(3):
        _recover(window.write())
        window.wait(300_000)
    return window.write()


def _closes(drafts: Sequence[Draft]) -> list[Draft]:
    return [draft for draft in drafts if draft.kind == Kind.SESSION_CLOSED]


def _stars(drafts: Sequence[Draft]) -> list[Draft]:
    return [draft for draft in drafts if draft.kind == Kind.STAR_CHOSEN]


# --- the deck is worth playing --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def many() -> list[Window]:
    dealer = random.Random(7)
    return [come_home(play(dealer.choices(DECK, k=150))) for _ in range(220)]


def test_the_laws_are_tried_where_they_could_break(many: list[Window]) -> None:
    """Every phase, every kind of entry and every outcome turns up, and what is rare turns up often enough."""
    turns = [turn for window in many for turn in window.turns]
    assert {type(turn.after.phase) for turn in turns} == set(s.Phase.__args__) - {s.Unenrolled}
    journal = [draft for window in many for draft in window.journal]
    assert {draft.kind for draft in journal} == set(Kind) - {Kind.CHAIN_STARTED}
    outcomes = Counter(draft.data["outcome"] for draft in journal if draft.kind == Kind.SESSION_CLOSED)
    assert set(outcomes) == set(Outcome) and outcomes[Outcome.RATED] > 100
    assert sum(_is_after_first_tap(turn) and isinstance(turn.event, STAFF) for turn in turns) > 200
    assert sum(isinstance(act, s.TicketPresented) for turn in turns for act in turn.after.remembered) > 20
    assert sum(len(_stars(drafts)) > 1 for window in many for drafts in window.sessions().values()) > 50
    assert sum(draft.kind == Kind.SCOPE_CHOSEN for draft in journal) > 50
    assert any(window.closed_by_store for window in many)


# --- closing --------------------------------------------------------------------------------------------------------


@given(scripts)
@for_all_scripts
def test_every_session_is_closed_exactly_once(script: Script) -> None:
    """Design §4.4."""
    window = play(script)
    assert all(len(_closes(drafts)) <= 1 for drafts in window.sessions().values())
    come_home(window)
    assert current_session(window.phase) is None
    assert all(len(_closes(drafts)) == 1 for drafts in window.sessions().values())


@given(scripts)
@for_all_scripts
def test_entries_of_a_session_lie_between_its_opening_and_its_close(script: Script) -> None:
    """Design §4.2–§4.4; no reason without a star before it."""
    window = come_home(play(script))
    for drafts in window.sessions().values():
        kinds = [draft.kind for draft in drafts]
        inner = [kind for kind in kinds[1:-1] if kind != Kind.SCOPE_CHOSEN]
        assert (kinds[0], kinds[-1]) == (Kind.SESSION_OPENED, Kind.SESSION_CLOSED)
        assert set(inner) <= {Kind.STAR_CHOSEN, *REASONS}
        assert not inner or inner[0] == Kind.STAR_CHOSEN


@given(scripts)
@for_all_scripts
def test_a_session_is_rated_if_and_only_if_a_star_is_durable(script: Script) -> None:
    """Product rules 1 and 2; design §5: “after a tap it closes as `rated` with what is durable”."""
    for drafts in come_home(play(script)).sessions().values():
        (close,) = _closes(drafts)
        assert (close.data["outcome"] == Outcome.RATED) == bool(_stars(drafts))
        assert not close.data["submitted"] or _stars(drafts)


# --- the law above all others ---------------------------------------------------------------------------------------


def _is_after_first_tap(turn: Turn) -> bool:
    session = current_session(turn.before.phase)
    return session is not None and session.star is not None


@given(scripts)
@for_all_scripts
def test_after_the_first_tap_nothing_from_the_staff_side_changes_anything(script: Script) -> None:
    """Design §5. Not an entry, not the screen, not the time that is left."""
    for turn in play(script).turns:
        if _is_after_first_tap(turn) and isinstance(turn.event, STAFF):
            assert turn.after.phase == turn.before.phase
            assert turn.drafts == ()


@given(
    st.lists(st.sampled_from(list(CITIZEN)), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 12), st.sampled_from([*STAFF_ACTS, *OTHER_STAFF_ACTS])), max_size=8),
    st.sampled_from(Level),
)
@for_all_scripts
def test_what_staff_do_after_the_first_tap_leaves_the_rating_as_it_would_have_been(
    script: Script, disturbances: list[tuple[int, str]], first: Level
) -> None:
    """Design §5; product rule 3. The same citizen beside busy staff leaves the same entries, to the millisecond."""

    def rate(disturbed: bool) -> list[Draft]:
        window = Window().asks_stars().tap(first)
        for place, act in enumerate(script):
            for _, disturbance in (pair for pair in disturbances if disturbed and pair[0] == place):
                ACTS[disturbance](window)
            ACTS[act](window.wait(100))
            window.write()
        return come_home(window).sessions()["A"]

    assert rate(disturbed=True) == rate(disturbed=False)


@given(st.lists(st.sampled_from(list(STAFF_ACTS)), max_size=8), st.sampled_from(Level), st.integers(0, 8))
@for_all_scripts
def test_what_staff_did_meanwhile_is_done_once_and_in_order_when_the_session_has_ended(
    acts: Script, level: Level, tap_at: int
) -> None:
    """Design §5: “after a tap they are remembered and applied when the session has ended”."""
    meanwhile = Window().asks_stars().send(s.StarTapped(level))
    for place, act in enumerate(acts):
        if place == tap_at:
            meanwhile.write()
        ACTS[act](meanwhile)
    meanwhile.write().wait(20_000 if level > 2 else 46_000)
    afterwards = play(acts)

    def done(window: Window) -> tuple[object, ...]:
        entries = [(draft.kind, draft.data.get("number")) for draft in window.write().journal if draft.kind in OF_STAFF]
        state = window.state
        return entries, state.on_duty, state.paused_since_ms is None, type(state.phase), state.remembered

    assert done(meanwhile) == done(afterwards)
    assert meanwhile.rating().outcome == Outcome.RATED


# --- the record and the screen --------------------------------------------------------------------------------------


@given(scripts)
@for_all_scripts
def test_the_screen_shows_what_is_recorded(script: Script) -> None:
    """Design §4.3: the next screen is shown when the tap is durable; the rating is the fold, and nothing else."""
    window = Window()
    for act in script:
        play([act], window)
        if isinstance(window.phase, s.AwaitStars | s.AwaitReasons | s.Thanks):
            session = window.phase.session
            rating = window.rating(session.id)
            assert (rating.level, set(rating.reasons)) == (session.star, set(session.toggled))
            assert rating.outcome is None


@given(scripts)
@for_all_scripts
def test_the_last_star_that_a_citizen_tapped_is_the_level(script: Script) -> None:
    """Design §4.4: the fold's last star. Only taps make stars, each with its own level, at the moment of the tap."""
    window = come_home(play(script))
    written = [draft for turn in window.turns for draft in turn.drafts if draft.kind == Kind.STAR_CHOSEN]
    taps = [turn.event for turn in window.turns if any(draft.kind == Kind.STAR_CHOSEN for draft in turn.drafts)]
    assert all(isinstance(event, s.StarTapped) for event in taps)
    assert [draft.data["level"] for draft in written] == [event.level for event in taps if isinstance(event, s.StarTapped)]
    for session, drafts in window.sessions().items():
        stars = _stars(drafts)
        rating = window.rating(session)
        assert rating.level == (stars[-1].data["level"] if stars else None)
        assert [offset for _, offset in rating.stars] == sorted(offset for _, offset in rating.stars)


@given(scripts)
@for_all_scripts
def test_reasons_are_of_the_level_that_they_explain(script: Script) -> None:
    """Design §5: “reasons of another level are dropped”; none is ever written without its citizen."""
    for drafts in come_home(play(script)).sessions().values():
        level = None
        for draft in drafts:
            level = draft.data["level"] if draft.kind == Kind.STAR_CHOSEN else level
            codes = {Kind.REASON_TOGGLED: lambda data: [data["code"]], Kind.REASONS_CHOSEN: _codes}
            for code in codes.get(draft.kind, lambda _: [])(draft.data):
                reason = CATALOGUE.get(code)
                assert reason is not None and reason.level == draft.data["level"] == level


def _codes(data: dict[str, list[dict[str, str]]]) -> list[str]:
    return [row["code"] for row in data["reasons"]]


@given(scripts)
@for_all_scripts
def test_no_case_is_rated_twice_at_this_terminal(script: Script) -> None:
    """Design §5; taian 二(四)1: once. Also when the look-up is older than the star that is being written."""
    rated = Counter(
        number for drafts in come_home(play(script)).sessions().values() if _stars(drafts) for number in _covered(drafts)
    )
    assert all(times == 1 for times in rated.values())


@given(scripts)
@for_all_scripts
def test_what_a_rating_is_about_is_the_citizens_choice_and_stands_with_the_first_star(script: Script) -> None:
    """taian 二(四)3: overall or any single one. No star before the choice is durable, no choice after it, all of one offer."""
    window = come_home(play(script))
    for turn in window.turns:
        if any(draft.kind == Kind.SCOPE_CHOSEN for draft in turn.drafts):
            assert isinstance(turn.event, s.OverallChosen | s.SingleChosen)
    for drafts in window.sessions().values():
        kinds = [draft.kind for draft in drafts]
        scopes = [draft.data for draft in drafts if draft.kind == Kind.SCOPE_CHOSEN]
        offered = drafts[0].data["covered"]
        assert all(set(scope["covered"]) <= set(offered) for scope in scopes)
        assert all(scope["covered"] == offered for scope in scopes if scope["scope"] == "overall")
        assert all(len(scope["covered"]) == 1 for scope in scopes if scope["scope"] == "single")
        if Kind.STAR_CHOSEN in kinds:
            after = kinds[kinds.index(Kind.STAR_CHOSEN) :]
            assert Kind.SCOPE_CHOSEN not in after
            is_choice = drafts[0].data["ticket"]["grouping"] == Grouping.CHAIN and len(offered) > 1
            assert bool(scopes) == is_choice


# --- neutrality -----------------------------------------------------------------------------------------------------


def _shape(drafts: Sequence[Draft]) -> list[tuple[object, ...]]:
    """Entries without what the levels and the reasons are."""
    return [
        (draft.kind, sorted(draft.data), draft.data.get("offset_ms"), draft.data.get("outcome"))
        for draft in drafts
        if draft.kind not in REASONS
    ]


@given(
    st.lists(st.tuples(st.sampled_from(Level), st.sampled_from(Level)), min_size=1, max_size=6),
    st.lists(st.sampled_from([*STAFF_ACTS, *OTHER_STAFF_ACTS, "ticket A", "touch"]), max_size=4),
)
@for_all_scripts
def test_every_level_leaves_the_same_trace(pairs: list[tuple[Level, Level]], around: Script) -> None:
    """The screen, principle 1 and 2. Two citizens who do the same, each with other stars, leave entries of one shape,
    and whatever the window says to staff beside them is the same."""

    def rate(levels: Sequence[Level]) -> tuple[list[tuple[object, ...]], list[str | None], tuple[s.Event, ...]]:
        window, said = Window().asks_stars(), []
        for level in levels:
            window.wait(300).send(s.StarTapped(level))
            assert window.turns[-1].after.notice is None
            play(around, window.write())
            said.append(window.notice)
            window.send(s.ChangeRequested())
        remembered = window.state.remembered
        return _shape(come_home(window).sessions()["A"]), said, remembered

    assert rate([one for one, _ in pairs]) == rate([other for _, other in pairs])


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("source", ["touch", "keypad", "evaluator"])
def test_a_tap_is_written_at_once_in_the_same_way_for_every_level(level: Level, source: str) -> None:
    """Design §4.3: `star_chosen {level, offset}` at once, for every level alike."""
    window = Window().asks_stars().wait(2_345).send(s.StarTapped(level, source))
    assert window.turns[-1].drafts == (
        Draft(Kind.STAR_CHOSEN, "A", {"level": int(level), "offset_ms": 2_345, "source": source}),
    )
    assert [type(effect) for effect in window.turns[-1].effects] == [s.Append, s.StartTimer]
    assert isinstance(window.phase, s.Recording)


# --- time -----------------------------------------------------------------------------------------------------------


def _is_current(turn: Turn) -> bool:
    event, before = turn.event, turn.before
    session = current_session(before.phase)
    own = s.TimerFired(session.id if session else None, type(before.phase).__name__, getattr(before.phase, "arm", -1))
    notice = s.TimerFired(None, "Notice", before.notice.arm if before.notice else -1)
    others = (("Preferences", before.preferences_arm), ("Invitation", before.unrated_arm))
    return event in (own, notice, *(s.TimerFired(None, name, arm) for name, arm in others))


@given(scripts)
@for_all_scripts
def test_timers_of_old_arms_never_act(script: Script) -> None:
    """Design §5: “anything but the current one is ignored”."""
    for turn in come_home(play(script)).turns:
        if isinstance(turn.event, s.TimerFired) and not _is_current(turn):
            assert (turn.after, turn.effects) == (turn.before, ())


@given(scripts)
@for_all_scripts
def test_a_timer_acts_once(script: Script) -> None:
    """Design §5."""
    window = play(script)
    before = window.state
    _echo(window)
    assert window.state == before


@given(scripts, st.sampled_from([*STAFF_ACTS, *OTHER_STAFF_ACTS, *REST]))
@for_all_scripts
def test_only_citizens_get_more_time(script: Script, act: str) -> None:
    """Design §5: the same ticket is “已读取”, nothing else, no extension; the screen, “Measures”: after the last touch."""
    window = play(script)
    if isinstance(window.phase, s.AwaitReasons | s.Thanks):
        before = window.phase
        play([act], window)
        same = isinstance(window.phase, type(before)) and window.phase.session.id == before.session.id
        assert not same or window.phase == before


# --- people after each other ----------------------------------------------------------------------------------------


@given(scripts)
@for_all_scripts
def test_nothing_remains_for_the_next_person(script: Script) -> None:
    """The screen, principle 4: language, large print and sentences end with the session; what is said after it is new."""
    for turn in play(script).turns:
        left = current_session(turn.before.phase)
        now = current_session(turn.after.phase)
        if left and (now is None or now.id != left.id):
            assert (turn.after.language, turn.after.large_print) == (None, False)
            assert turn.after.notice is None or turn.after.notice.arm > turn.before.counter
    home = come_home(play(script)).state
    assert (home.language, home.large_print, home.notice) == (None, False, None)


@given(scripts)
@for_all_scripts
def test_a_paused_window_takes_no_ticket(script: Script) -> None:
    """Design §5; the screen, “Paused”."""
    for turn in play(script).turns:
        if turn.after.paused_since_ms is not None:
            assert current_session(turn.after.phase) is None
            assert all(draft.kind != Kind.SESSION_OPENED for draft in turn.drafts) or turn.before.paused_since_ms is None


@given(scripts)
@for_all_scripts
def test_the_staff_menu_never_lies_over_a_tapped_star(script: Script) -> None:
    """The screen, “Staff menu”: never a rating."""
    for turn in play(script).turns:
        if isinstance(turn.after.phase, s.StaffMenu) and turn.after.phase.session:
            assert turn.after.phase.session.star is None


@given(scripts)
@for_all_scripts
def test_a_session_keeps_what_was_frozen_into_it(script: Script) -> None:
    """Design §4.2: staff, pack and catalogue are frozen for the session when its ticket is read."""
    for turn in play(script).turns:
        before, after = current_session(turn.before.phase), current_session(turn.after.phase)
        if before and after and before.id == after.id:
            frozen = (after.ticket, after.offer, after.on_duty, after.rules, after.opened_ms, after.day)
            assert frozen == (before.ticket, before.offer, before.on_duty, before.rules, before.opened_ms, DAY)
            assert before.star is None or (after.covered, after.scope) == (before.covered, before.scope)


# --- the function itself --------------------------------------------------------------------------------------------


@given(scripts)
@for_all_scripts
def test_the_same_events_make_the_same_states_and_effects(script: Script) -> None:
    """Design §5: a pure reducer."""
    for turn in play(script).turns:
        assert step(turn.before, turn.event, turn.now_ms) == (turn.after, turn.effects)
    assert play(script).turns == play(script).turns


strange_events = st.one_of(
    st.builds(s.TimerFired, st.sampled_from([None, "A"]), st.sampled_from(["", "Notice", "Thanks"]), st.integers()),
    st.builds(s.AppendDone, st.integers(), st.just("a" * 64)),
    st.builds(s.AppendFailed, st.integers(), st.text()),
    st.builds(s.ReasonToggled, st.text()),
    st.builds(s.SingleChosen, st.text()),
    st.builds(s.LanguageChosen, st.text()),
    st.builds(s.Revoked, st.text()),
    st.builds(s.FaultRaised, st.text()),
)


@given(scripts, strange_events, st.integers())
@for_all_scripts
def test_no_event_raises_in_any_state(script: Script, event: s.Event, now_ms: int) -> None:
    """Design §5: every state × every event."""
    window = play(script)
    assert isinstance(step(window.state, event, now_ms)[0], s.Terminal)
    assert isinstance(step(replace(window.state, language="xx"), event, now_ms)[0], s.Terminal)
