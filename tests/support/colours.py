"""How far two colours are apart for an eye: contrast as WCAG 2.1 computes it."""


def luminance(code: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.1)."""
    channels = [int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """From 1 to 21, of two #rrggbb."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
