"""`rating-terminal enroll` (issue 2, point 8): which window this is now, and a remedy for each trouble with a claim."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from support.commands import answered, findings, ran
from support.counter import Counter, Done, OpenKiosk, command, counter
from support.fault_server import FaultServer, Reply, make_certificate
from support.platform import RunningPlatform, running_platform, sqlite_url
from support.store_kit import enrolment_line

from terminal_app.store.opening import DATABASE

pytestmark = pytest.mark.usefixtures("english")


def enroll(at: Counter, claim: str, *words: str) -> Done:
    return command("enroll", "--config", at.config, "--claim", claim, *words)


def test_enrolment_says_which_window_this_is_now(bare_counter: Counter, platform: RunningPlatform) -> None:
    bare_counter.configure(platform.url)
    claim = platform.claim(hall="泰安市政务服务中心", name="不动产登记", number="12")
    told = answered(enroll(bare_counter, claim, "--json"))
    assert (told["hall"], told["window"], told["number"], told["region"]) == ("泰安市政务服务中心", "不动产登记", "12", "taian")
    assert re.fullmatch(r"[0-9a-f-]{36}", told["device"])
    again = answered(enroll(bare_counter, claim, "--json"))
    assert again == told, "the same claim with the same key gives the same answer again"


def claim_of_a_platform_elsewhere(platform: RunningPlatform, folder: Path) -> str:
    with running_platform(sqlite_url(folder)) as elsewhere:
        return elsewhere.claim()


def claim_used_by_another(platform: RunningPlatform, folder: Path) -> str:
    claim = platform.claim()
    with counter(folder / "other") as other:
        other.configure(platform.url)
        assert enroll(other, claim).code == 0
    return claim


CLAIMS: dict[str, tuple[Callable[[RunningPlatform, Path], str], int, str]] = {
    "mistyped": (lambda platform, folder: platform.claim()[:-1] + "!", 2, "mistyped or cut off. Check it"),
    "empty": (lambda platform, folder: "", 2, "mistyped or cut off"),
    "of another platform": (claim_of_a_platform_elsewhere, 3, "Check the claim and the platform's address"),
    "expired": (lambda platform, folder: platform.claim(valid_ms=-1), 3, "has expired. Ask the platform's administrator"),
    "used": (claim_used_by_another, 3, "Another terminal has used this claim. Ask for a new one"),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_that_does_not_work_is_explained(
    name: str, bare_counter: Counter, platform: RunningPlatform, tmp_path: Path
) -> None:
    bare_counter.configure(platform.url)
    make, code, remedy = CLAIMS[name]
    done = ran(enroll(bare_counter, make(platform, tmp_path)), code)
    assert remedy in done.err
    assert done.out == ""
    assert enroll(bare_counter, platform.claim()).code == 0, "a good claim works after a bad one"


def test_another_claim_for_an_enrolled_terminal_is_explained(at: Counter, platform: RunningPlatform) -> None:
    assert "enrolled with another claim before" in ran(enroll(at, platform.claim()), 3).err


def test_a_platform_that_is_not_there_is_explained(bare_counter: Counter, platform: RunningPlatform) -> None:
    bare_counter.configure("http://127.0.0.1:9")
    done = ran(enroll(bare_counter, platform.claim()), 3)
    assert "cannot be reached. Check the network and the platform's address. (no_connection)" in done.err


def test_a_platform_that_somebody_else_plays_is_explained(bare_counter: Counter, platform: RunningPlatform) -> None:
    """Design §9: the claim carries the fingerprint of the platform's key."""
    with FaultServer(Reply(200, enrolment_line())) as impostor:
        bare_counter.configure(impostor.url)
        done = ran(enroll(bare_counter, platform.claim()), 3)
    assert len(impostor.received) == 1
    assert "somebody may be impersonating the platform: report it." in done.err


def test_an_address_where_something_else_answers_is_explained(bare_counter: Counter, platform: RunningPlatform) -> None:
    with FaultServer(Reply(200, b"<html>It works!</html>")) as other:
        bare_counter.configure(other.url)
        assert (
            "does not send an enrolment record. Check the platform's address."
            in ran(enroll(bare_counter, platform.claim()), 3).err
        )


def test_a_platform_in_trouble_is_named_with_its_answer(bare_counter: Counter, platform: RunningPlatform) -> None:
    with FaultServer(Reply(503)) as ill:
        bare_counter.configure(ill.url)
        assert "Try again later. (http_503)" in ran(enroll(bare_counter, platform.claim()), 3).err


def test_a_certificate_that_is_not_trusted_is_explained(
    bare_counter: Counter, platform: RunningPlatform, tmp_path: Path
) -> None:
    with FaultServer(certificate=make_certificate(tmp_path, "self")) as server:
        bare_counter.configure(server.url)
        assert "Check this machine's clock and the ca_file setting." in ran(enroll(bare_counter, platform.claim()), 3).err
        assert server.received == []


def test_an_enrolment_that_was_cut_off_says_so_and_can_be_repeated(bare_counter: Counter, platform: RunningPlatform) -> None:
    """Issue 2: enrolment is complete when pack, catalogue and roster are stored."""
    claim = platform.claim()
    bare_counter.configure(platform.url)
    assert enroll(bare_counter, claim).code == 0
    with sqlite3.connect(bare_counter.data / DATABASE) as database:
        database.execute("DELETE FROM documents WHERE kind = 'catalogue'")
    database.close()
    assert enroll(bare_counter, claim).code == 0
    assert {row["state"] for row in findings(bare_counter) if row["name"] == "enrolment"} == {"ok"}


def test_enrolment_while_the_kiosk_runs_is_refused(kiosk: OpenKiosk, platform: RunningPlatform) -> None:
    done = ran(enroll(kiosk.counter, platform.claim()), 3)
    assert "stop the kiosk first" in done.err
