"""How often short codes may be asked for. issue 3, point 3: rate-limited."""

from central_platform.rate_limit import RateLimit


class HandClock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_address_gets_its_share_and_waits_for_the_next() -> None:
    clock = HandClock()
    limit = RateLimit(10, 1_000, clock)
    assert [limit.wait_s("a") for _ in range(10)] == [0] * 10
    assert limit.wait_s("a") == 6
    assert limit.wait_s("b") == 0
    clock.now += 5.9
    assert limit.wait_s("a") == 1
    clock.now += 0.1
    assert [limit.wait_s("a"), limit.wait_s("a")] == [0, 6]


def test_all_addresses_share_one_limit() -> None:
    clock = HandClock()
    limit = RateLimit(10, 60, clock)
    assert [limit.wait_s(str(n)) for n in range(60)] == [0] * 60
    assert limit.wait_s("fresh") == 1
    clock.now += 1
    assert [limit.wait_s("fresh"), limit.wait_s("other")] == [0, 1]


def test_what_is_remembered_of_addresses_stays_bounded() -> None:
    clock = HandClock()
    limit = RateLimit(10, 10**9, clock)
    for n in range(30_000):
        limit.wait_s(str(n))
    assert len(limit._addresses) <= 10_000
    clock.now += 60
    limit.wait_s("after a minute")
    assert limit.wait_s("29999") == 0
