"""The platform answers as its own description says, to requests of every shape, with and without the right keys."""

import os
import subprocess
import sys
from pathlib import Path

from support.platform import running_platform, sqlite_url
from support.schemathesis_hooks import CLAIM, INTEGRATION, KEY, TOKEN
from support.window import Window

from central_platform import viewer
from central_platform.documents import publish_region
from central_platform.identity import load_identity
from central_platform.rules.running import run_once
from central_platform.rules.told import take_cases, take_ratings
from central_platform.times import now_ms
from central_platform.viewer import create_token

TESTS = Path(__file__).resolve().parents[1]
EXAMPLES = "25"
"""Per operation; the whole run stays below a minute."""
SETTINGS = """
[checks]
# 413 is how a batch of too many entries is refused.
negative_data_rejection.expected-statuses = [400, 401, 404, 405, 409, 413]
[warnings]
fail-on = true
"""


def test_the_platform_keeps_to_its_own_description(tmp_path: Path) -> None:
    """issue, done when: schemathesis runs clean against the platform's own OpenAPI."""
    with running_platform(sqlite_url(tmp_path)) as platform:
        claim = platform.claim()
        window = Window(platform.url).enroll(claim)
        window.send(window.chain().session(2, 1))
        told = [
            {"case": "2026TA000001", "as_of": "2026-10-01", "finished_at": "2026-10-01"},
            {"case": "2026TA000009", "as_of": "2026-10-01", "received_at": "2026-10-01", "region": "guangdong"},
        ]
        rated = [{"id": "sms-1", "channel": "sms", "level": 2, "at": "2026-10-02", "case": "2026TA000001"}]
        with platform.database.connect() as connection, connection.begin():
            identity = load_identity(connection)
            publish_region(connection, identity, "guangdong")
            assert [one.status for one in take_cases(connection, told, now_ms())] == ["accepted"] * 2
            assert [one.status for one in take_ratings(connection, rated, now_ms())] == ["accepted"]
            token = create_token(connection, replace=True, name=viewer.INTEGRATION)
        done = run_once(platform.database)
        assert (done.defaults, done.told) == (1, 2)
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)]),
            "SCHEMATHESIS_HOOKS": "support.schemathesis_hooks",
            KEY: window.key.private_bytes_raw().hex(),
            TOKEN: platform.viewer_token,
            INTEGRATION: str(token),
            CLAIM: claim,
        }
        (tmp_path / "schemathesis.toml").write_text(SETTINGS, encoding="utf-8")
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", f"{platform.url}/openapi.json"),
                *("--checks", "all", "--mode", "all", "--max-examples", EXAMPLES, "--seed", "7", "--no-color"),
            ],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=110,
        )
        assert done.returncode == 0, done.stdout
        assert "No issues found" in done.stdout, done.stdout
        assert window.statuses(window.chain().session(3, case="2026TA000002")) == ["accepted"] * 3
