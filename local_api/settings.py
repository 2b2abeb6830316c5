"""Who may talk to the local API, and where: what the configuration says of it. Holds no behaviour."""

from dataclasses import field

from terminal_app.domain.frozen import frozen

MAX_CLIENTS = 4
LEGACY_CLIENT = "legacy"


@frozen
class Client:
    """A business system: its name (the `device` of its entries), its token, and the origins of its pages, if it has pages."""

    name: str
    token: str = field(repr=False)
    origins: tuple[str, ...] = ()


@frozen
class ApiSettings:
    """TCP ports on 127.0.0.1 (`http_port` None: no plain HTTP). `legacy_origins`: pages that may speak the legacy dialect."""

    port: int
    http_port: int | None
    clients: tuple[Client, ...]
    legacy_origins: tuple[str, ...] = ()
