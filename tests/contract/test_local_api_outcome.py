"""What a business system is told of an invitation: once, at the first durable star, alike for every level (issue 6)."""

import json
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from support.behaviour import WANG
from support.business_system import LEGACY_PAGE, OTHER_TOKEN, ask, heard
from support.local_api import Counter, local_api

from local_api.calls import Answer, Call, Ended, Method, Outcome
from local_api.invitations import Invitations
from terminal_app.domain import session as s
from terminal_app.domain.rating import Level

CASE, OTHER_CASE = "TA20261121000417", "TA20261121000418"


class Watched(Counter):
    """A counter that writes down, in order, what is written, what is durable and what a business system is told."""

    def __init__(self) -> None:
        super().__init__()
        self.order: list[str] = []
        self.invitations = Invitations(self.controller, lambda client, told: self.order.append(f"told {told.ended}"))
        self.controller.tell(self.invitations)

    def post(self, act: Callable[[], None]) -> None:
        act()
        self.write_all()

    def write_all(self) -> None:
        while self.journal.is_waiting:
            self.journal.answer_one()
            self.order.append(f"{len(self.journal.durable)} durable")

    def ask(self, method: Method, **fields: Any) -> list[Answer]:
        answers: list[Answer] = []
        self.post(lambda: self.invitations.take("hall-system", Call(method, **fields), answers.append))
        return answers

    def invited(self, case: str = CASE) -> str:
        (answer,) = self.ask(Method.INVITE, ticket=case.encode())
        assert answer.invitation
        return answer.invitation


def story(level: int) -> tuple[list[str], list[str]]:
    """What happens up to the outcome, and everything that a business system can learn after it until the window is free."""
    at = Watched()
    invitation = at.invited()
    at.controller.handle(s.StarTapped(Level(level)))
    at.order.append("tapped")
    at.write_all()
    at.journal.rated = frozenset(at.journal.keys)
    until_told, learned = list(at.order), []
    at.order.clear()
    for _ in range(12):
        at.scheduler.pass_ms(10_000)
        learned += [repr(at.ask(Method.OUTCOME, invitation=invitation)), repr(at.ask(Method.CANCEL, invitation=invitation))]
        learned += [repr(at.ask(Method.INVITE, ticket=CASE.encode()))]
        learned += [word for word in at.order if word.startswith("told")]
    assert isinstance(at.controller.state.phase, s.Idle)
    return until_told, learned


def test_every_level_tells_the_same_at_the_same_moment() -> None:
    """The order of events, not the time on a clock: told right after the star is durable, and never again."""
    stories = {level: story(level) for level in range(1, 6)}
    assert all(told == stories[5] for told in stories.values())
    until_told, learned = stories[5]
    assert until_told[until_told.index("tapped") :] == ["tapped", "told rated", "2 durable"]
    assert len(set(learned)) == 3, "one answer to each question, however long the citizen stays"


def test_the_same_case_is_not_again_from_its_invitation_on() -> None:
    """Whether a session is still open would tell how long a citizen stayed: bad ratings take longer."""
    at = Watched()
    at.invited()
    assert at.ask(Method.INVITE, ticket=CASE.encode())[0].error == "not_again"
    at.tap(1)
    assert at.ask(Method.INVITE, ticket=CASE.encode())[0].error == "not_again"
    at.scheduler.pass_ms(60_000)
    at.write_all()
    assert isinstance(at.controller.state.phase, s.Idle)


def test_a_change_of_mind_is_not_told() -> None:
    at = Watched()
    at.invited()
    at.tap(5)
    at.handle(s.ChangeRequested())
    at.tap(1)
    assert [word for word in at.order if word.startswith("told")] == ["told rated"]


ENDS: dict[str, tuple[Callable[[Watched, str], Any], str]] = {
    "nobody taps": (lambda at, _: (at.scheduler.pass_ms(60_000), at.write_all()), "timed_out"),
    "cancelled by its client": (lambda at, one: at.ask(Method.CANCEL, invitation=one), "not_rated"),
    "cancelled by staff": (lambda at, _: at.handle(s.CancelRequested()), "not_rated"),
    "paused": (lambda at, _: at.ask(Method.PAUSE), "not_rated"),
    "the next ticket": (lambda at, _: at.invited(OTHER_CASE), "not_rated"),
    "revoked": (lambda at, _: at.handle(s.Revoked("revoked")), "not_rated"),
    "out of order": (
        lambda at, _: (at.handle(s.FaultRaised("internal")), at.scheduler.pass_ms(3_000), at.write_all()),
        "not_rated",
    ),
}


@pytest.mark.parametrize("how", ENDS)
def test_how_an_invitation_ends_without_a_rating(how: str) -> None:
    end, word = ENDS[how]
    at = Watched()
    invitation = at.invited()
    end(at, invitation)
    assert next(told for told in at.order if told.startswith("told")) == f"told {word}"
    assert at.ask(Method.OUTCOME, invitation=invitation)[0].outcome == word


def test_a_cancel_that_overtakes_the_opening_is_kept() -> None:
    """An invitation whose opening entry is still on its way to the disk."""
    at, answers = Watched(), []
    at.invitations.take("hall-system", Call(Method.INVITE, ticket=CASE.encode()), answers.append)
    at.journal.answer_one()
    at.invitations.take("hall-system", Call(Method.CANCEL, invitation=answers[0].invitation), answers.append)
    at.write_all()
    assert at.order[-2:] == ["told not_rated", "2 durable"]
    assert isinstance(at.controller.state.phase, s.Idle)


def test_an_invitation_that_waits_can_be_cancelled_too() -> None:
    """Its ticket came while a star of the one before was on its way to the disk."""
    at, answers = Watched(), []
    first = at.invited()
    at.controller.handle(s.StarTapped(Level(4)))
    at.invitations.take("hall-system", Call(Method.INVITE, ticket=OTHER_CASE.encode()), answers.append)
    while not answers:
        at.journal._waiting.append(at.journal._waiting.pop(0))  # the look-up is answered before the star is durable
        at.journal.answer_one()
    at.invitations.take("hall-system", Call(Method.CANCEL, invitation=answers[0].invitation), answers.append)
    at.write_all()
    assert at.ask(Method.OUTCOME, invitation=first)[0].outcome == "rated"
    assert at.ask(Method.OUTCOME, invitation=answers[0].invitation)[0].outcome == "not_rated"


def test_after_the_first_tap_nothing_cancels() -> None:
    """Design §5."""
    at = Watched()
    invitation = at.invited()
    at.tap(1)
    assert at.ask(Method.CANCEL, invitation=invitation)[0].error == "ended"
    assert isinstance(at.controller.state.phase, s.AwaitReasons)


def test_a_client_learns_nothing_of_anothers_invitations() -> None:
    with local_api() as (counter, ports):
        one, other = ports.open(), ports.open(OTHER_TOKEN)
        invitation = ask(one, "invite", ticket=CASE)["invitation"]
        for method in ("cancel", "outcome"):
            assert ask(other, method, invitation=invitation)["error"] == "unknown_invitation"
        counter.tap(3)
        assert heard(one)["outcome"] == "rated"
        assert ask(other, "heartbeat") == {"id": None, "ok": True}
        one.close()
        other.close()


def test_over_a_socket_nobody_waits_for_an_answer() -> None:
    """The end of an invitation comes by itself; `wait_s` is for HTTP, and would hold answers back here."""
    with local_api() as (counter, ports):
        one = ports.open()
        invitation = ask(one, "invite", ticket=CASE)["invitation"]
        assert ask(one, "outcome", invitation=invitation, wait_s=25)["outcome"] is None
        counter.tap(2)
        assert heard(one) == {"event": "outcome", "invitation": invitation, "outcome": "rated"}
        one.close()


def test_only_its_own_invitations_are_told_to_a_client() -> None:
    """Tickets of scanners and lines are nobody's business."""
    at = Watched()
    at.controller.ticket_read(CASE.encode(), "scanner", "scanner")
    at.write_all()
    at.tap(2)
    assert not [word for word in at.order if word.startswith("told")]


def test_bad_tickets_are_refused_in_a_word() -> None:
    at = Watched()
    refused = {b"": "empty", b"x" * 5000: "too_long", b'{"case"': "malformed", b"abc": "bad_case_number"}
    assert {ticket: at.ask(Method.INVITE, ticket=ticket)[0].error for ticket in refused} == refused


def test_staff_is_welcomed_once() -> None:
    """A second card of the same member would open the staff menu; a second welcome does not."""
    at = Watched()
    for _ in range(2):
        assert at.ask(Method.WELCOME, staff=WANG.number)[0].staff == WANG
    assert at.controller.state.on_duty == WANG
    assert isinstance(at.controller.state.phase, s.Idle)


# --- the legacy dialect -------------------------------------------------------------------------------------------------

QUEST = {"method": "RateQuest", "rateId": CASE, "transactor": "王慧敏", "item": "居住证", "date": "2026-11-22 10:00:00"}


def test_the_legacy_dialect_never_gives_the_star() -> None:
    """Issue 6, point 7: the legacy dialect as an adapter. In the field RateSubmit carries the level."""
    told = set()
    for level in range(1, 6):
        with local_api(legacy=True) as (counter, ports):
            page = ports.open("", "/", origin=LEGACY_PAGE)
            page.send(json.dumps(QUEST))
            assert heard(page) == {"method": "RateQuest", "code": 0, "msg": "", "rateId": CASE}
            opened = counter.journal.durable[0].data
            assert opened["ticket"]["cases"][0]["matter_name"] == "居住证"
            assert (opened["source"], opened["device"]) == ("api", "legacy")
            counter.tap(level)
            told.add(str(page.recv(timeout=10)))
            page.close()
    assert told == {f'{{"method": "RateSubmit", "rateId": "{CASE}", "code": 0, "msg": "rated"}}'}


def test_legacy_operations_and_codes() -> None:
    with local_api(legacy=True) as (counter, ports):
        page = ports.open("", "/", origin=LEGACY_PAGE)

        def say(**message: Any) -> int:
            page.send(json.dumps(message))
            return int(heard(page)["code"])

        assert say(method="HeartBeat") == 0
        assert say(method="RateOperate", params={"operate": "Pause"}) == 0
        assert counter.phase == "Paused"
        assert say(**QUEST) == 1003
        assert say(method="RateOperate", operate="Resume") == 0
        assert counter.phase == "Idle"
        assert say(method="Reboot") == 999
        assert say(method="RateQuest") == 1003
        counter.handle(s.Revoked("revoked"))
        assert say(**QUEST) == 1000
        page.close()


def test_a_timed_out_legacy_request_is_told() -> None:
    with local_api(legacy=True) as (counter, ports):
        page = ports.open("", "/", origin=LEGACY_PAGE)
        page.send(json.dumps(QUEST))
        heard(page)
        counter.post(lambda: counter.scheduler.pass_ms(60_000))
        assert heard(page) == {"method": "RateSubmit", "rateId": CASE, "code": 1003, "msg": "timed_out"}
        page.close()


def test_an_outcome_is_a_word_and_an_id() -> None:
    """Nothing else can be told, because there is no place for it."""
    outcome = Outcome("01a20428-9d6c-7000-ae67-348d5cf974bc", Ended.RATED)
    assert list(vars(outcome)) == ["invitation", "ended"]
    with pytest.raises(FrozenInstanceError):
        setattr(outcome, "level", 5)  # noqa: B010 - what a bug would do
