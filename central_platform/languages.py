"""The languages of pages and papers for citizens, and which of them somebody is answered in."""

CHINESE, ENGLISH = LANGUAGES = ("zh-CN", "en")


def language_of(wanted: str | None, accepted: str) -> str:
    """The language that was asked for, else the first of ours that the browser accepts, else Chinese."""
    if wanted in LANGUAGES:
        return str(wanted)
    for part in accepted.lower().split(","):
        if part.strip().startswith(("zh", "en")):
            return CHINESE if part.strip().startswith("zh") else ENGLISH
    return CHINESE


def other(language: str) -> str:
    """The language that a page offers beside its own."""
    return ENGLISH if language == CHINESE else CHINESE
