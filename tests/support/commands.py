"""What the tests of single commands share: how a command ended, what `doctor` found, an entry that the platform refused."""

import json
from typing import Any

from support.counter import Counter, Done, command, kiosk_at
from support.fault_server import FaultServer, problem, result, results


def ran(done: Done, code: int = 0) -> Done:
    """The command, which ended with this exit code and without a traceback."""
    assert done.code == code, (done.code, done.err, done.out)
    assert "Traceback" not in done.err + done.out
    return done


def answered(done: Done, code: int = 0) -> Any:
    """The one JSON object that a command printed."""
    return json.loads(ran(done, code).out)


def findings(at: Counter) -> list[dict[str, str]]:
    """What `doctor` found, in its order: name, state, message, remedy."""
    done = command("doctor", "--config", at.config, "--json")
    assert done.code in (0, 1), done.err
    rows: list[dict[str, str]] = json.loads(done.out)["findings"]
    assert all(row["remedy"] for row in rows if row["state"] != "ok"), "a remedy per finding"
    assert done.code == (0 if all(row["state"] == "ok" for row in rows) else 1)
    return rows


def finding(at: Counter, name: str) -> dict[str, str]:
    """The one finding of this name."""
    (row,) = [row for row in findings(at) if row["name"] == name]
    return row


def quarantine(at: Counter) -> str:
    """Let a platform refuse the first entry; its id."""
    with FaultServer(lambda request: results([result(0, request.ids[0], "refused", "bad_signature")])) as server:
        at.configure(server.url)
        server.route("/v1/documents", problem(503, "busy"))
        with kiosk_at(at):
            server.wait_for(lambda: bool(server.batches()))
        return server.batches()[0][0]
