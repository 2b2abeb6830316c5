"""The gate of one finger as a law: whatever a finger does, only a release inside its own beginning chooses."""

from hypothesis import given
from hypothesis import strategies as st

from ui.contact import BLANK, GUARD_MS, ContactGate

TARGETS = st.sampled_from(["star-1", "star-5", "submit", BLANK])
STEPS = st.lists(
    st.tuples(st.sampled_from(["press", "release", "change", "cancel"]), TARGETS, st.integers(0, 2 * GUARD_MS)), max_size=40
)


@given(STEPS)
def test_a_choice_begins_and_ends_on_its_target_on_one_screen_after_the_guarded_time(
    steps: list[tuple[str, str, int]],
) -> None:
    gate, now = ContactGate(), 0
    began: tuple[str, int] | None = None
    changed: int | None = None
    for act, target, wait in steps:
        now += wait
        if act == "press":
            began = (target, now)
            gate.press(target, now)
        elif act == "change":
            began, changed = None, now
            gate.screen_changed(now)
        elif act == "cancel":
            began = None
            gate.cancel()
        else:
            guarded = began is not None and changed is not None and began[1] < changed + GUARD_MS
            expected = target if began and began[0] == target and not guarded else None
            assert gate.release(target, now) == expected
            began = None


def test_the_first_screen_needs_no_guarded_time() -> None:
    gate = ContactGate()
    assert gate.press("star-1", 0)
    assert gate.release("star-1", 0) == "star-1"


def test_a_finger_is_inside_only_where_it_began() -> None:
    gate = ContactGate()
    assert not gate.is_inside("star-1")
    gate.press("star-1", 0)
    assert gate.is_inside("star-1")
    assert not gate.is_inside("star-2")
    assert not gate.is_inside(BLANK)
