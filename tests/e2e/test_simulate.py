"""`rating-terminal simulate` and `devices record` as an integrator uses them: real processes, real lines (issue 6, point 9)."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from support.counter import DEADLINE_S, Counter, command
from support.devices import reading, wait_for

MAIN = [sys.executable, "-m", "terminal_app"]


def started(*words: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*MAIN, "simulate", *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def told_address(process: "subprocess.Popen[str]") -> str:
    """What the simulator proposes for terminal.toml."""
    assert process.stdout is not None
    text = "".join(process.stdout.readline() for _ in range(4))
    (device,) = tomllib.loads(text)["devices"]
    return str(device["address"])


def test_lines_that_are_typed_are_done_at_once(tmp_path: Path) -> None:
    with started("barcode_scanner", "--link", tmp_path / "scanner") as simulator:
        address = told_address(simulator)
        assert address == str(tmp_path / "scanner")
        with reading("barcode_scanner", address) as (reader, log):
            wait_for(lambda: reader.status().state == "connected")
            assert simulator.stdin is not None
            print("open\nscan TA-000001\nscna TA-2\nscan TA-000003", file=simulator.stdin, flush=True)
            wait_for(lambda: log.payloads == [b"TA-000001", b"TA-000003"])
            print("unplug", file=simulator.stdin, flush=True)
            wait_for(lambda: reader.status().state == "missing")
        _, errors = simulator.communicate(timeout=DEADLINE_S)
        assert (simulator.returncode, "'scna' is no word of barcode_scanner" in errors) == (0, True)


def test_a_script_behind_a_serial_server(tmp_path: Path) -> None:
    (tmp_path / "day.txt").write_text("open\nticket case=TA-000001|name=户口迁移\n", "utf-8")
    with started("case_ticket", "--tcp", "--script", tmp_path / "day.txt") as simulator:
        address = told_address(simulator)
        assert re.fullmatch(r"socket://127\.0\.0\.1:\d+", address)
        with reading("case_ticket", address) as (_, log):
            wait_for(lambda: log.payloads == ["case=TA-000001|name=户口迁移".encode()])
        simulator.communicate(timeout=DEADLINE_S)
        assert simulator.returncode == 0


WRONG = {
    "no such word": ("scna 1", "line 2: 'scna' is no word of barcode_scanner; it knows scan"),
    "nothing scanned": ("scan", "line 2: scan TEXT is expected"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_script_is_told_with_its_line(what: str, tmp_path: Path) -> None:
    line, words = WRONG[what]
    (tmp_path / "day.txt").write_text(f"# day\n{line}\n", "utf-8")
    done = command("simulate", "barcode_scanner", "--script", tmp_path / "day.txt")
    assert (done.code, words in done.err) == (2, True)


def test_what_cannot_be_had_is_told(tmp_path: Path) -> None:
    missing = command("simulate", "barcode_scanner", "--script", tmp_path / "none.txt")
    assert (missing.code, "none.txt: No such file" in missing.err) == (2, True)
    (tmp_path / "file").write_text("mine")
    taken = command("simulate", "barcode_scanner", "--link", tmp_path / "file")
    assert (taken.code, "is no link" in taken.err, (tmp_path / "file").read_text()) == (2, True, "mine")
    nowhere = command("simulate", "barcode_scanner", "--link", tmp_path / "no" / "scanner")
    assert (nowhere.code, "No such file" in nowhere.err) == (3, True)
    none = command("simulate", "replay", tmp_path / "none.rec")
    assert (none.code, "none.rec: No such file or directory. Name a file" in none.err) == (2, True)
    both = command("simulate", "barcode_scanner", "--tcp", "--link", tmp_path / "scanner")
    assert (both.code, "not allowed with" in both.err) == (2, True)
    broken = command("simulate", "replay", tmp_path / "file")
    assert (broken.code, "does not begin like a recording" in broken.err) == (2, True)


def test_a_line_is_recorded_and_replayed(bare_counter: Counter, tmp_path: Path) -> None:
    bare_counter.configure("http://127.0.0.1:9")
    file = tmp_path / "line.rec"
    words = [*MAIN, "devices", "record", "ticket-line", "-o", file, "--seconds", "60", "--config", bare_counter.config]
    with subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as recorder:
        assert bare_counter.line.device.wait_until_open(DEADLINE_S)
        bare_counter.line.present({"case": "TA-000001"})
        assert recorder.stderr is not None
        told = [recorder.stderr.readline() for _ in range(3)]
        recorder.send_signal(2)
        out, _ = recorder.communicate(timeout=DEADLINE_S)
    assert recorder.returncode == 0
    assert "as it is: use tickets and cards that are nobody's" in told[0]
    assert out == f"17 bytes in {file}\n"
    again = command("devices", "record", "ticket-line", "-o", file, "--config", bare_counter.config)
    assert (again.code, "not there yet" in again.err) == (2, True)
    with started("replay", file, "--link", tmp_path / "again") as simulator:
        with reading("case_ticket", told_address(simulator)) as (_, log):
            wait_for(lambda: log.payloads == [b"case=TA-000001"])
        out, _ = simulator.communicate(timeout=DEADLINE_S)
        assert (simulator.returncode, out) == (0, "17 bytes sent\n")


def test_help_tells_the_words_of_a_device() -> None:
    done = command("simulate", "keypad", "--help")
    assert done.code == 0
    assert "press and release a key" in done.out
    assert "unplug" in done.out
