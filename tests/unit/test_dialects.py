"""Whatever a client says is a call or a refusal: an error in a dialect would put the window out of order.

Source: docs/local-api.md, “Calls” and “The legacy dialect”.
"""

import contextlib
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from local_api.calls import Answer, BadCall, Call, Ended, Method, Outcome
from local_api.dialect import OwnDialect
from local_api.legacy import LegacyDialect

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["Pause", "Resume"])
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)
WORDS = ("id", "method", "ticket", "staff", "invitation", "wait_s", "params", "operate", "rateId", "transactor", "item", "date")
METHODS = (*(method.value for method in Method), "RateQuest", "RateOperate", "HeartBeat")
fields = st.dictionaries(st.sampled_from(WORDS), values)
messages = st.builds(lambda said, method: {**said, "method": method}, fields, st.sampled_from(METHODS) | values)


@pytest.mark.parametrize("dialect", [OwnDialect, LegacyDialect])
@given(message=messages | values)
@example(message={"method": "RateOperate", "operate": ["Pause"]})
@example(message={"method": "RateOperate", "params": {"operate": {}}})
def test_any_message_is_a_call_or_is_refused(dialect: type[OwnDialect | LegacyDialect], message: object) -> None:
    spoken = dialect()
    with contextlib.suppress(BadCall):
        call = spoken.read(json.dumps(message))
        assert isinstance(call, Call)
        json.loads(spoken.answer(call, Answer(invitation="one")))
        assert spoken.outcome(Outcome("one", Ended.RATED)) is not None or call.method is not Method.INVITE


@pytest.mark.parametrize("dialect", [OwnDialect, LegacyDialect])
@given(message=st.binary(max_size=80) | st.text(max_size=80))
def test_what_is_no_message_harms_nobody(dialect: type[OwnDialect | LegacyDialect], message: bytes | str) -> None:
    with contextlib.suppress(BadCall):
        dialect().read(message)
