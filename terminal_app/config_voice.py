"""[voice] of terminal.toml: who hears the window, how loud, whose recordings, through which program."""

from pathlib import Path

from terminal_app.config_table import Table
from terminal_app.domain.frozen import frozen

MODES = ("off", "loudspeaker", "earphone")


@frozen
class VoiceConfig:
    """`mode`: one of MODES but off. `volume`: 0 to 100, of the mode. `unasked`: speaks without being asked to. `player`: the
    program and its arguments; empty: the system's. `recordings`: the hall's own."""

    mode: str
    volume: int
    unasked: bool = True
    recordings: Path | None = None
    player: tuple[str, ...] = ()


def voice_config(table: Table) -> VoiceConfig | None:
    """What the table says; None: the window does not speak. Raises ConfigError."""
    mode = table.choice("mode", "off", MODES)
    volumes = {name: int(table.number(f"{name}_volume", 70, 0, 100)) for name in MODES[1:]}
    unasked = table.boolean("unasked", True)
    recordings = table.existing_folder("recordings")
    player = table.texts("player")
    table.refuse_unknown()
    return None if mode == "off" else VoiceConfig(mode, volumes[mode], unasked, recordings, player)
