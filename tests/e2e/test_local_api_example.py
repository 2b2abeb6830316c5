"""The documented client runs as it stands, and the descriptions of the API tell what it does (issue 6, point 7)."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from support.business_system import TOKEN, ask, heard
from support.local_api import local_api

from local_api.calls import Method

DOCS = Path(__file__).resolve().parents[2] / "docs"
EXAMPLE = DOCS / "examples" / "business_system.py"
CASE = "TA20261121000417"


def description(name: str) -> Any:
    return json.loads((DOCS / f"local-api.{name}.json").read_text("utf-8"))


def test_the_example_runs_and_is_short() -> None:
    lines = [line for line in EXAMPLE.read_text("utf-8").splitlines() if line.strip()]
    assert len(lines) <= 20
    with local_api() as (counter, ports):
        client = subprocess.Popen(
            [sys.executable, str(EXAMPLE), str(ports.socket), CASE],
            env={**os.environ, "RATING_TOKEN": TOKEN},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert counter.wait_for("AwaitStars")
        counter.tap(1)
        out, err = client.communicate(timeout=30)
    assert (out, err, client.returncode) == ("rated\n", "", 0)


@pytest.mark.parametrize("name", ["openapi", "asyncapi"])
def test_descriptions_point_to_what_is_there(name: str) -> None:
    whole = description(name)
    for reference in set(re.findall(r'"\$ref": ?"#/([^"]+)"', json.dumps(whole))):
        place = whole
        for step in reference.split("/"):
            assert step in place, reference
            place = place[step]


def test_descriptions_name_every_method() -> None:
    methods = {method.value for method in Method}
    assert {path.removeprefix("/v1/") for path in description("openapi")["paths"]} == methods
    assert set(description("asyncapi")["components"]["messages"]) == methods | {"answer", "ended"}


def test_openapi_is_openapi() -> None:
    """By the published rules of OpenAPI 3.1 that a client's tools depend on: version, paths, responses, unique operations."""
    whole = description("openapi")
    assert whole["openapi"] == "3.1.0"
    operations = [operation for path in whole["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["responses"]["200"]["description"] for operation in operations)
    for schema in whole["components"]["schemas"].values():
        jsonschema_rs.validator_for({**schema, "components": whole["components"]})


def checked(name: str, schema: Any, value: Any) -> None:
    """Raises ValidationError."""
    jsonschema_rs.validate({**schema, "components": description(name)["components"]}, value)


CALLS: dict[str, dict[str, Any]] = {
    "welcome": {"staff": "001"},
    "heartbeat": {},
    "pause": {},
    "resume": {},
    "invite": {"ticket": {"case": CASE}},
    "outcome": {"invitation": "session-1"},
    "cancel": {"invitation": "none"},
}


def test_what_is_answered_is_what_is_described() -> None:
    assert set(CALLS) == {method.value for method in Method}
    posts, messages = description("openapi")["paths"], description("asyncapi")["components"]["messages"]
    with local_api() as (counter, ports):
        socket = ports.open()
        for method, fields in CALLS.items():
            checked("asyncapi", messages[method]["payload"], {"method": method, **fields})
            checked("asyncapi", messages["answer"]["payload"], ask(socket, method, **fields))
            operation = posts[f"/v1/{method}"]["post"]
            checked("openapi", operation["requestBody"]["content"]["application/json"]["schema"], fields)
            status, answer = ports.post(method, fields)
            checked("openapi", operation["responses"][str(status)]["content"]["application/json"]["schema"], answer)
        counter.tap(4)
        ended = heard(socket)
        checked("asyncapi", messages["ended"]["payload"], ended)
        with pytest.raises(jsonschema_rs.ValidationError):
            checked("asyncapi", messages["ended"]["payload"], {**ended, "level": 4})
        socket.close()
