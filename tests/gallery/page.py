"""The page over the pictures: one group per screen, one row per canvas, links relative to the page."""

from html import escape
from itertools import groupby
from pathlib import Path

from gallery.shots import Shot

_STYLE = """\
body { margin: 2rem; font: 16px/1.5 sans-serif; color: #14213d; background: #f6f7f9 }
nav a { margin-right: .75rem }
h2 { margin: 2.5rem 0 .5rem } h3 { margin: 1rem 0 .5rem; font-size: 1rem; color: #51607a }
figure { display: inline-block; margin: 0 1rem 1rem 0; vertical-align: top }
img { display: block; max-width: 30rem; max-height: 24rem; border: 1px solid #dde3ec; background: #fff }
figcaption { font-size: .875rem; color: #51607a }
"""


def write_page(folder: Path, shots: list[Shot]) -> None:
    """`index.html` in `folder`, over exactly these pictures."""
    names = list(dict.fromkeys(shot.name for shot in shots))
    links = "\n".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in names)
    groups = "\n".join(_group(name, [shot for shot in shots if shot.name == name]) for name in names)
    (folder / "index.html").write_text(
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Screens of the rating terminal</title>\n'
        f"<style>\n{_STYLE}</style>\n<h1>Screens of the rating terminal</h1>\n<nav>\n{links}\n</nav>\n{groups}\n</html>\n",
        encoding="utf-8",
    )


def _group(name: str, shots: list[Shot]) -> str:
    rows = "\n".join(
        f"<h3>{canvas[0]} × {canvas[1]}</h3>\n" + "\n".join(_figure(shot) for shot in row)
        for canvas, row in groupby(shots, key=lambda shot: shot.canvas)
    )
    return f'<h2 id="{escape(name)}">{escape(name)}</h2>\n{rows}'


def _figure(shot: Shot) -> str:
    file, caption = escape(shot.file), f"{shot.mode}, {shot.language}"
    picture = f'<a href="{file}"><img src="{file}" alt="{escape(shot.name)}, {caption}" loading="lazy"></a>'
    return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>"
