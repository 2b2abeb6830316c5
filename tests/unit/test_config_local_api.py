"""[local_api] and [tickets] of terminal.toml: secrets, names and origins, and what is refused (issue 6, point 7)."""

import subprocess
import sys
from pathlib import Path

import pytest

from terminal_app.config import ConfigError, TerminalConfig, load

GOOD = 'data_dir = "/tmp/x"\n[platform]\nurl = "https://p.example"\n'
TOKEN = "t" * 32
CLIENT = f'[[local_api.clients]]\nname = "hall"\ntoken = "{TOKEN}"\n'
API = "[local_api]\n"


def read(tmp_path: Path, text: str, mode: int = 0o600) -> TerminalConfig:
    file = tmp_path / "terminal.toml"
    file.write_text(GOOD + text, "utf-8")
    file.chmod(mode)
    return load(file)


def test_without_a_table_there_is_no_local_api(tmp_path: Path) -> None:
    config = read(tmp_path, "", 0o644)
    assert (config.local_api, config.tickets) == (None, None)


def test_what_is_configured(tmp_path: Path) -> None:
    legacy = '[local_api.legacy]\norigins = ["http://old.example:8080"]\n'
    config = read(tmp_path, f'{API}port = 18000\nhttp_port = 18001\n{CLIENT}origins = ["https://oa.example"]\n{legacy}')
    assert config.local_api is not None
    assert (config.local_api.port, config.local_api.http_port) == (18000, 18001)
    assert [(client.name, client.origins) for client in config.local_api.clients] == [("hall", ("https://oa.example",))]
    assert config.local_api.legacy_origins == ("http://old.example:8080",)


def test_no_secret_is_shown(tmp_path: Path) -> None:
    config = read(tmp_path, f'{API}{CLIENT}[tickets]\nsecret = "{"s" * 40}"\n')
    assert TOKEN not in repr(config)
    assert "s" * 40 not in repr(config)


REFUSED = {
    "no client": (API, "local_api.clients", "is missing"),
    "no token": (API + '[[local_api.clients]]\nname = "hall"\n', "clients[1].token", "secrets.token_urlsafe"),
    "a short token": (API + CLIENT.replace(TOKEN, "t" * 31), "clients[1].token", "32 to 200"),
    "a token of other characters": (API + CLIENT.replace(TOKEN, "t" * 31 + " "), "clients[1].token", "32 to 200"),
    "the same token twice": (API + CLIENT + CLIENT.replace('"hall"', '"other"'), "clients", "same name or token"),
    "the same name twice": (API + CLIENT + CLIENT.replace(TOKEN, "u" * 32), "clients", "same name or token"),
    "five clients": (
        API + "".join(CLIENT.replace("hall", f"hall{n}").replace(TOKEN, str(n) * 32) for n in range(5)),
        "clients",
        "at most 4",
    ),
    "a reserved name": (API + CLIENT.replace("hall", "legacy"), "clients[1].name", "cannot be used"),
    "the null origin": (API + CLIENT + 'origins = ["null"]', "clients[1].origins", "https://"),
    "any origin": (API + CLIENT + 'origins = ["*"]', "clients[1].origins", "https://"),
    "an origin with a path": (API + CLIENT + 'origins = ["https://oa.example/"]', "clients[1].origins", "without a path"),
    "two servers on a port": (API + f"port = 18000\nhttp_port = 18000\n{CLIENT}", "http_port", "already"),
    "a port for administrators": (API + f"port = 80\n{CLIENT}", "port", "1024"),
    "a misspelt key": (API + f"prot = 18000\n{CLIENT}", "prot", "not a known key"),
    "a short secret": ('[tickets]\nsecret = "short"\n', "tickets.secret", "32 to 200"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_mistakes_are_told_with_key_and_remedy(tmp_path: Path, name: str) -> None:
    text, key, hint = REFUSED[name]
    with pytest.raises(ConfigError) as told:
        read(tmp_path, text)
    assert key in str(told.value)
    assert hint in str(told.value)
    assert "t" * 31 not in str(told.value)


@pytest.mark.parametrize("text", [API + CLIENT, f'[tickets]\nsecret = "{"s" * 32}"\n'])
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_secrets_that_others_can_read_are_refused(tmp_path: Path, text: str, mode: int) -> None:
    """Issue 6, point 7: shared secret in a file with 0600."""
    with pytest.raises(ConfigError, match="chmod 600"):
        read(tmp_path, text, mode)


def test_a_start_without_it_imports_nothing_of_it() -> None:
    """Cold start: what is not configured costs nothing before the first frame."""
    code = (
        "import sys, terminal_app.process, terminal_app.commands.run\n"
        "print([name for name in sys.modules if name.startswith(('local_api', 'websockets', 'http.server'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True
    )
    assert done.stdout == "[]\n"
