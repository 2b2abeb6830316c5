"""Builds `terminal_app/regions/working-days.csv` from `chinesecalendar`. Run by `./dev calendar`."""

from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from chinese_calendar import is_workday
from chinese_calendar.constants import holidays, workdays

from terminal_app.regions.working_days import FILE, write_years


def build() -> str:
    """The table's text: every year that the library knows."""
    source = f"chinesecalendar {version('chinesecalendar')}"
    years = sorted({day.year for day in holidays})
    return write_years(
        {
            "year": year,
            "off": [day.isoformat() for day in holidays if day.year == year and day.weekday() < 5 and not is_workday(day)],
            "work": [day.isoformat() for day in workdays if day.year == year and day.weekday() > 4 and is_workday(day)],
            "source": source,
        }
        for year in years
    )


def main() -> None:
    """Write the table into the source tree."""
    file = Path(str(files("terminal_app.regions"))) / FILE
    file.write_text(build(), encoding="utf-8")
    print(f"{file.name} is up to date")


if __name__ == "__main__":
    main()
