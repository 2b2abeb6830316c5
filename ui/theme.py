"""The look as data: every colour, size, duration and font name of the window. Knows neither Qt nor what is shown.

Sizes are in dp of the reference canvas (1280×800, portrait 800×1280); `ui.look` turns them into pixels.
"""

from typing import Any, Final

from terminal_app.domain.frozen import frozen

FONT_FAMILY: Final = "Noto Sans CJK SC"


@frozen
class Palette:
    """Colours as #rrggbb. Pairs that carry text are listed in TEXT_PAIRS and checked for contrast."""

    paper: str
    card: str
    ink: str
    quiet: str
    line: str
    outline: str
    track: str
    primary: str
    primary_pressed: str
    on_primary: str
    wash: str
    wash_pressed: str
    star: str
    star_outline: str
    star_empty: str
    star_empty_outline: str
    service: str
    service_wash: str
    resting: str
    resting_wash: str
    monogram_top: str
    monogram_bottom: str
    disabled: str
    disabled_ink: str
    shadow: str
    qr: str
    qr_paper: str


LIGHT: Final = Palette(
    paper="#F6F7F9",
    card="#FFFFFF",
    ink="#14213D",
    quiet="#51607A",
    line="#DDE3EC",
    outline="#8A94A6",
    track="#DDE3EC",
    primary="#1D4E9E",
    primary_pressed="#163D7D",
    on_primary="#FFFFFF",
    wash="#E8EFF9",
    wash_pressed="#D6E3F5",
    star="#F2A516",
    star_outline="#9A6400",
    star_empty="#FFFFFF",
    star_empty_outline="#8A94A6",
    service="#176B3A",
    service_wash="#E6F2EA",
    resting="#51607A",
    resting_wash="#ECEFF4",
    monogram_top="#2C65C0",
    monogram_bottom="#183C7A",
    disabled="#E4E8EF",
    disabled_ink="#51607A",
    shadow="#14213D",
    qr="#14213D",
    qr_paper="#FFFFFF",
)

HIGH_CONTRAST: Final = Palette(
    paper="#FFFFFF",
    card="#FFFFFF",
    ink="#000000",
    quiet="#1F2937",
    line="#000000",
    outline="#000000",
    track="#C9D1DC",
    primary="#00338D",
    primary_pressed="#001E57",
    on_primary="#FFFFFF",
    wash="#FFFFFF",
    wash_pressed="#D9E5FA",
    star="#FFB000",
    star_outline="#000000",
    star_empty="#FFFFFF",
    star_empty_outline="#000000",
    service="#004B20",
    service_wash="#FFFFFF",
    resting="#1F2937",
    resting_wash="#FFFFFF",
    monogram_top="#00338D",
    monogram_bottom="#00338D",
    disabled="#E5E7EB",
    disabled_ink="#1F2937",
    shadow="#000000",
    qr="#000000",
    qr_paper="#FFFFFF",
)

DARK: Final = Palette(
    paper="#0E1524",
    card="#172033",
    ink="#F2F5FA",
    quiet="#B4C0D4",
    line="#2C3A55",
    outline="#8A97AE",
    track="#2C3A55",
    primary="#8FB8FF",
    primary_pressed="#B5D0FF",
    on_primary="#0B1526",
    wash="#223152",
    wash_pressed="#2C3F69",
    star="#F2A516",
    star_outline="#FFD27A",
    star_empty="#172033",
    star_empty_outline="#8A97AE",
    service="#8FDDB0",
    service_wash="#173828",
    resting="#B4C0D4",
    resting_wash="#232E45",
    monogram_top="#B5D0FF",
    monogram_bottom="#7FA8EE",
    disabled="#232E45",
    disabled_ink="#B4C0D4",
    shadow="#000000",
    qr="#0E1524",
    qr_paper="#FFFFFF",
)

THEMES: Final = {"light": LIGHT, "high-contrast": HIGH_CONTRAST, "dark": DARK}

# (text, ground) by palette field: each pair that carries text somewhere in the window.
TEXT_PAIRS: Final = (
    ("ink", "paper"),
    ("ink", "card"),
    ("ink", "wash"),
    ("ink", "wash_pressed"),
    ("quiet", "paper"),
    ("quiet", "card"),
    ("primary", "paper"),
    ("primary", "card"),
    ("primary", "wash"),
    ("primary", "wash_pressed"),
    ("on_primary", "primary"),
    ("on_primary", "primary_pressed"),
    ("on_primary", "monogram_top"),
    ("on_primary", "monogram_bottom"),
    ("service", "service_wash"),
    ("resting", "resting_wash"),
    ("disabled_ink", "disabled"),
    ("qr", "qr_paper"),
)

# (shape, ground): outlines and fills that carry meaning without text (WCAG 1.4.11: at least 3:1).
SHAPE_PAIRS: Final = (
    ("star_outline", "card"),
    ("star_empty_outline", "card"),
    ("outline", "card"),
    ("primary", "card"),
    ("primary", "paper"),
)


@frozen
class Face:
    """A role of text: sizes in dp for normal and large print, in landscape and portrait; weight; ink by palette field."""

    normal: int
    large: int
    bold: bool = False
    ink: str = "ink"
    normal_portrait: int | None = None
    large_portrait: int | None = None

    def size(self, *, large: bool, portrait: bool) -> int:
        upright = self.large_portrait if large else self.normal_portrait
        return (portrait and upright) or (self.large if large else self.normal)


LINE_SPACING: Final = 1.4
TIGHT_LINE_SPACING: Final = 1.3
DESCENDER: Final = 0.28
"""What a line leaves below its baseline, in em: the longest tails of the font."""
BODY_DP: Final = 18
LARGE_BODY_DP: Final = 30

DISPLAY: Final = Face(48, 54, bold=True, large_portrait=52)
TITLE: Final = Face(44, 50, bold=True, normal_portrait=46)
HEADING: Final = Face(34, 40, bold=True)
SUBHEADING: Final = Face(28, 34, bold=True)
NAME: Final = Face(44, 50, bold=True)
LEAD: Final = Face(24, 32, ink="quiet", normal_portrait=26)
BODY: Final = Face(24, 32, normal_portrait=26)
STANDS_OUT: Final = Face(24, 32, bold=True, normal_portrait=26)
CAPTION: Final = Face(20, 30, ink="quiet", normal_portrait=22)
HALL: Final = Face(24, 32)
CLOCK: Final = Face(24, 30, ink="quiet")
PILL: Final = Face(20, 30, ink="primary")
SERVICE_PILL: Final = Face(20, 30, ink="service")
RESTING_PILL: Final = Face(20, 30, ink="resting")
LABEL: Final = Face(26, 34, normal_portrait=30)
CHIP: Final = Face(24, 32, normal_portrait=25)
LEVEL: Final = Face(30, 36, bold=True)
BUTTON: Final = Face(20, 30)
BUTTON_LARGE: Final = Face(28, 34)
BUTTON_PRIMARY: Final = Face(28, 34, bold=True, ink="on_primary")
BUTTON_DISABLED: Final = Face(28, 34, bold=True, ink="disabled_ink")
TAB_CHOSEN: Final = Face(20, 30, ink="on_primary")
BUTTON_TEXT: Final = Face(20, 30, ink="primary")
BUTTON_QUIET: Final = Face(20, 30, ink="quiet")
BANNER: Final = Face(26, 34, ink="on_primary")
CODE: Final = Face(34, 40, bold=True)
RECEIPT_TITLE: Final = Face(24, 32, bold=True)
STEP: Final = Face(22, 30, bold=True, ink="primary")
MONOGRAM: Final = Face(92, 92, ink="on_primary")
MONOGRAM_PART: Final = 0.44


class Size:
    """Lengths in dp, on a grid of 8."""

    grid = 8
    margin = 40
    margin_portrait = 32
    header = 76
    header_large = 88
    header_row = 64
    footer = 84
    gap_min = 12
    gap_xs = 8
    gap_s = 16
    gap_m = 24
    gap_l = 32
    gap_xl = 48
    hair = 1
    stroke = 2
    stroke_bold = 3
    stroke_focus = 6
    star_stroke = 4
    target = 60
    button = 60
    button_large = 76
    button_menu = 88
    button_padding = 28
    button_min_width = 108
    button_large_min_width = 156
    radius = 16
    radius_card = 24
    radius_star_card = 22
    shadow = 24
    shadow_drop = 6
    pill_padding = 18
    pill_padding_y = 5
    star_card_max = 256
    star_card_height = 238
    star_card_height_portrait = 320
    star_glyph = 116
    star_glyph_portrait = 124
    star_glyph_small = 44
    star_glyph_thanks = 80
    star_gap_max = 24
    option_card_height = 200
    option_card_max = 560
    chip_min = 68
    chip_max = 96
    chip_max_large = 176
    chip_box = 30
    chip_box_radius = 8
    chip_padding = 22
    chip_padding_y = 8
    ring = 42
    ring_stroke = 5
    monogram = 208
    monogram_small = 132
    staff_card = 400
    icon = 64
    icon_large = 120
    step_icon = 84
    qr = 176
    qr_least = 200
    poster_least = 120
    qr_large = 232
    qr_phone = 400
    receipt_card = 380
    notice_width = 880
    notice_width_large = 1056
    menu_width = 1056
    notice_padding = 64
    pin_width = 960
    bullet = 12
    rule_height = 1


QR_QUIET: Final = 3
"""Modules left white around a code that stands on a dark card."""
SHADOW_ALPHA: Final = 0.05
SHADOW_FALL: Final = 0.5
STAR_INNER: Final = 0.50
STAR_ROUNDING: Final = 0.16
SMALLEST_SHRINK: Final = 0.75
TEXT_LINES_MAX: Final = 3
RECEIPT_LINES_MAX: Final = 8
NOTICE_LINES_MAX: Final = 6
POSTER_LINES_MAX: Final = 4
FACT_LINES_MAX: Final = 6
PROMISE_LINES: Final = 4
PROMISE_LINES_LARGE: Final = 4

SWEEP_MS: Final = 120
RING_MS: Final = 1_000
CLEANING_MS: Final = 30_000
SECOND_MS: Final = 1_000

# Shapes as points in a unit square.
TICK: Final = ((0.28, 0.52), (0.44, 0.68), (0.73, 0.35))
ICON_PART: Final = 0.52
ICON_STROKE: Final = 0.065
ICONS: Final[dict[str, tuple[tuple[Any, ...], ...]]] = {
    "ticket": (
        ("line", 0.18, 0.94, 0.18, 0.06, 0.82, 0.06, 0.82, 0.94, 0.66, 0.82, 0.5, 0.94, 0.34, 0.82, 0.18, 0.94),
        ("line", 0.36, 0.3, 0.64, 0.3),
        ("line", 0.36, 0.48, 0.64, 0.48),
    ),
    "scan": (
        ("line", 0.06, 0.28, 0.06, 0.06, 0.28, 0.06),
        ("line", 0.72, 0.06, 0.94, 0.06, 0.94, 0.28),
        ("line", 0.94, 0.72, 0.94, 0.94, 0.72, 0.94),
        ("line", 0.28, 0.94, 0.06, 0.94, 0.06, 0.72),
        ("line", 0.2, 0.5, 0.8, 0.5),
    ),
    "card": (
        ("box", 0.04, 0.18, 0.96, 0.82, 0.1),
        ("circle", 0.3, 0.43, 0.09),
        ("arc", 0.3, 0.72, 0.16, 20, 140),
        ("line", 0.58, 0.42, 0.8, 0.42),
        ("line", 0.58, 0.58, 0.74, 0.58),
    ),
    "person": (("circle", 0.5, 0.3, 0.2), ("arc", 0.5, 0.96, 0.38, 8, 164)),
    "pause": (("line", 0.34, 0.2, 0.34, 0.8), ("line", 0.66, 0.2, 0.66, 0.8)),
    "check": (("line", 0.14, 0.54, 0.4, 0.8, 0.88, 0.24),),
    "info": (("circle", 0.5, 0.5, 0.44), ("line", 0.5, 0.46, 0.5, 0.72), ("dot", 0.5, 0.29, 0.045)),
    "touch": (("circle", 0.5, 0.5, 0.16), ("circle", 0.5, 0.5, 0.42)),
}
CLOCK_EM: Final = 2.8
