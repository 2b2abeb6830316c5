"""What goes onto the forms of a region now, by its pack and reason catalogue as they are in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from central_platform.documents import CATALOGUE, POLICY, current, publish_region, read_document
from central_platform.identity import load_identity
from central_platform.paper.entering import TWO_PERSONS, reason_levels
from central_platform.paper.sheet import FormFace
from central_platform.paper_forms import Printing
from central_platform.rules.law import Law


class NoPaperForm(Exception):
    """The region's rules have no paper form; the message says whose."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which forms somebody wants; `base`: the address of this platform for telephones."""

    region: str
    language: str
    hall: str
    window: str
    base: str


def prepare(connection: Connection, asked: Asked) -> tuple[FormFace, Printing]:
    """Puts the region's rules in force, as for a claim. Raises NoPaperForm, UnknownRegion, PackError and NoCatalogue."""
    region = publish_region(connection, load_identity(connection), asked.region)
    held = current(connection, POLICY, region)
    assert held is not None, "it was just published"
    policy = read_document(held.line)
    law = Law.from_document(policy)
    form = law.platform.paper
    if form is None:
        raise NoPaperForm(f"the rules of {region} have no paper form ({law.sources['paper']}).")
    catalogue = (policy["catalogue"]["id"], policy["catalogue"]["version"])
    face = FormFace(
        language=asked.language,
        title=form.title[asked.language],
        note=form.note[asked.language],
        place=f"{asked.hall} · {asked.window}",
        base=asked.base,
        reasons=_reasons(connection, law, catalogue, asked.language),
        reason_wanted=law.window.reasons_required,
        entries=2 if form.entry == TWO_PERSONS else 1,
        rules=(f"{region} {law.platform.version}", " ".join(catalogue)),
    )
    return face, Printing(region, asked.language, asked.hall, asked.window, catalogue)


def _reasons(
    connection: Connection, law: Law, catalogue: tuple[str, str], language: str
) -> Mapping[int, Sequence[tuple[str, str]]]:
    held = current(connection, CATALOGUE, *catalogue)
    rows = read_document(held.line)["reasons"] if held else []
    offered = {
        level: [(row["code"], row["texts"][language]) for row in rows if row["level"] == level] for level in reason_levels(law)
    }
    return {level: reasons for level, reasons in offered.items() if reasons}
