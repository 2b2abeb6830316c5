"""Appointments for who is sent away (issue 3, Build 5; wire: 429 with `Retry-After`)."""

from hypothesis import given
from hypothesis import strategies as st

from central_platform.admission import AGAIN_S, PACE, Appointments

SOONEST, LATEST = AGAIN_S


def test_each_is_given_a_moment_behind_the_one_before() -> None:
    """Two thousand windows with 12 kB each are asked back over the time that their bytes take, and not at once."""
    appointments = Appointments()
    given_s = [appointments.book(12_000, 100.0) for _ in range(2_000)]
    assert given_s == sorted(given_s)
    assert given_s[0] == SOONEST
    assert given_s[-1] == SOONEST + 2_000 * 12_000 // PACE
    fullest = max(given_s.count(second) for second in set(given_s))
    assert fullest * 12_000 <= PACE + 12_000


def test_what_was_booked_passes() -> None:
    appointments = Appointments()
    for _ in range(10):
        appointments.book(PACE, 0.0)
    assert appointments.book(PACE, 8.0) == SOONEST + 3
    assert appointments.book(PACE, 1_000.0) == SOONEST + 1


def test_slow_work_makes_appointments_longer_and_quick_work_shorter() -> None:
    slow, quick = Appointments(), Appointments()
    for _ in range(100):
        slow.done(PACE, 10.0)
        quick.done(PACE, 0.1)
    assert slow.book(PACE, 0.0) == SOONEST + 9
    assert quick.book(PACE, 0.0) == SOONEST


@given(st.lists(st.tuples(st.integers(1, 1 << 26), st.floats(0, 1e6), st.floats(0, 1e6)), max_size=50))
def test_no_appointment_is_before_or_after_the_limits(story: list[tuple[int, float, float]]) -> None:
    appointments = Appointments()
    for size, took_s, now_s in story:
        appointments.done(size, took_s)
        assert SOONEST <= appointments.book(size, now_s) <= LATEST
