"""Draws every screen on every canvas, in every language and print, into PNG files to look at.

`python tests/ui/gallery.py DIR [NAME…]` from the root of the repository.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    from dataclasses import replace

    from PySide6.QtWidgets import QApplication
    from support.window_samples import CANVASES, LANGUAGES, FixedClock, samples

    from ui.main_window import KioskWindow
    from ui.settings import DisplaySettings

    folder, wanted = Path(arguments[0]), arguments[1:]
    folder.mkdir(parents=True, exist_ok=True)
    application = QApplication([])
    for canvas in CANVASES:
        settings = DisplaySettings(canvas=canvas, fullscreen=False)
        for name, sample in samples().items():
            if wanted and name not in wanted:
                continue
            for language in LANGUAGES:
                for large in (False, True):
                    window = KioskWindow(lambda event: None, sample.facts, settings, FixedClock())
                    window.show(replace(sample.state, language=language, large_print=large))
                    window.open()
                    application.processEvents()
                    application.processEvents()
                    size = "large" if large else "normal"
                    path = folder / f"{name}_{canvas[0]}x{canvas[1]}_{language}_{size}.png"
                    window.widget.grab().save(str(path))
                    window.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
