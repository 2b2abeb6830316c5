"""What every run begins with, made once: a platform's database with staff and claims, and an enrolled data folder."""

from dataclasses import dataclass
from pathlib import Path

from campaign.platform_server import PlatformServer

from terminal_app.demo.stage import NUMBER, SERVICE_NUMBER, STAFF, WINDOW, run_json


@dataclass(frozen=True, slots=True)
class Template:
    """`fresh`: the database before anybody enrolled, where `claim` is good. `platform` and `terminal`: after it."""

    fresh: Path
    claim: str
    platform: Path
    terminal: Path


def make_template(folder: Path) -> Template:
    """Make it in `folder`, with a real platform and a real `rating-terminal enroll`."""
    made = Template(folder / "fresh.sqlite", "", folder / "platform.sqlite", folder / "terminal")
    with PlatformServer(made.platform, folder / "platform.log") as server:
        server.start()
        staff = folder / "staff.csv"
        staff.write_text(STAFF, "utf-8")
        run_json(["central_platform", "staff", "import", str(staff), "--db", server.address_of_database, "--json"])
        place = ["--hall", "泰安市政务服务中心", "--window", WINDOW, "--number", NUMBER, "--service-number", SERVICE_NUMBER]
        claim = run_json(["central_platform", "claim", "create", "--db", server.address_of_database, *place, "--json"])["claim"]
        server.back_up(made.fresh)
        config = folder / "terminal.toml"
        config.write_text(f'data_dir = "{made.terminal}"\n[platform]\nurl = "{server.url}"\n', "utf-8")
        run_json(["terminal_app", "enroll", "--config", str(config), "--claim", claim, "--json"])
    return Template(made.fresh, claim, made.platform, made.terminal)
