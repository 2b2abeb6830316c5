"""[local_api] and [tickets] of terminal.toml: business systems, their tokens, and the secret of signed tickets."""

import re
import stat
from dataclasses import field

from local_api.settings import LEGACY_CLIENT, MAX_CLIENTS, ApiSettings, Client
from terminal_app.config_table import Table
from terminal_app.domain.frozen import frozen

PORT = 17810
WINDOW_S = 3600
_TOKEN = re.compile(r"[0-9A-Za-z_-]{32,200}")
_ORIGIN = re.compile(r"https?://[0-9a-z.-]+(:[0-9]{1,5})?")
_NAME = re.compile(r"[0-9A-Za-z_-]{1,40}")
_MAKE_ONE = "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"


@frozen
class TicketSettings:
    """The secret that business systems share with this terminal, and how far a ticket's time may be from its clock."""

    secret: bytes = field(repr=False)
    window_s: int = WINDOW_S


def api_settings(document: Table) -> ApiSettings | None:
    """The [local_api] table; None where there is none. Raises ConfigError."""
    if not document.has("local_api"):
        return None
    _refuse_readable_by_others(document)
    table = document.table("local_api")
    port = int(table.number("port", PORT, 1024, 65535))
    http_port = int(table.number("http_port", 0, 1024, 65535)) or None
    if http_port == port:
        raise table.error("http_port", f"{port} is the port of the WebSocket already", "Give another")
    legacy = table.table("legacy")
    settings = ApiSettings(port, http_port, tuple(map(_client, table.tables("clients"))), _origins(legacy))
    legacy.refuse_unknown()
    table.refuse_unknown()
    _refuse_confusion(table, settings)
    return settings


def ticket_settings(document: Table) -> TicketSettings | None:
    """The [tickets] table; None where there is none. Raises ConfigError."""
    if not document.has("tickets"):
        return None
    _refuse_readable_by_others(document)
    table = document.table("tickets")
    secret = _token(table, "secret")
    window_s = int(table.number("window_s", WINDOW_S, 60, 86_400))
    table.refuse_unknown()
    return TicketSettings(secret.encode(), window_s)


def _client(table: Table) -> Client:
    name = table.required_text("name", "Give the business system a short name")
    if not _NAME.fullmatch(name) or name == LEGACY_CLIENT:
        raise table.error(
            "name", f"{name!r} cannot be used", f"Use letters, digits, - and _, at most 40, and not {LEGACY_CLIENT}"
        )
    client = Client(name, _token(table, "token"), _origins(table))
    table.refuse_unknown()
    return client


def _token(table: Table, name: str) -> str:
    """The text of a secret; never part of a message."""
    token = table.required_text(name, _MAKE_ONE)
    if not _TOKEN.fullmatch(token):
        raise table.error(name, "must be 32 to 200 letters, digits, - and _", _MAKE_ONE)
    return token


def _origins(table: Table) -> tuple[str, ...]:
    origins = table.texts("origins")
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise table.error(
                "origins", f"{origin!r} is no origin", "Write it as https://host[:port] in small letters, without a path"
            )
    return origins


def _refuse_readable_by_others(document: Table) -> None:
    if stat.S_IMODE(document.file.stat().st_mode) & 0o077:
        raise document.error("", "holds secrets and can be read by others", f"Run: chmod 600 {document.file}")


def _refuse_confusion(table: Table, settings: ApiSettings) -> None:
    names = [client.name for client in settings.clients]
    tokens = [client.token for client in settings.clients]
    if not names and not settings.legacy_origins:
        raise table.error(
            "clients", "is missing", "Add a [[local_api.clients]] table with name and token, or remove [local_api]"
        )
    if len(names) > MAX_CLIENTS:
        raise table.error("clients", f"{len(names)} clients", f"Use at most {MAX_CLIENTS}")
    if len(set(names)) < len(names) or len(set(tokens)) < len(tokens):
        raise table.error("clients", "two have the same name or token", "Give each client its own")
