"""`rating-terminal region`: the regions' packs for people: list, show, explain a rule, compare two, validate one's own file.

Reads packs, never a terminal's data: what a window does is in the platform's signed document.
"""

import argparse
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from terminal_app.commands.shared import FOUND, OK, USAGE, CommandError, add_json, is_chinese, parser, say, tell

if TYPE_CHECKING:
    from terminal_app.regions.pack import Pack, Rule

ENGLISH, CHINESE = "en", "zh-CN"
_SOURCE = {CHINESE: "来源", ENGLISH: "source"}
_WORDS = {
    CHINESE: {None: "无", True: "是", False: "否"},
    ENGLISH: {None: "none", True: "yes", False: "no"},
}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    added = parser(
        subparsers,
        "region",
        "the regions' rules: list, show, explain, diff, validate",
        "rating-terminal region show taian\n  rating-terminal region explain default_rating --language zh-CN",
        config=False,
    )
    acts = added.add_subparsers(dest="act", required=True)
    _act(acts, "list", "list the regions", "rating-terminal region list", perform_list)
    show = _act(acts, "show", "show a region's rules with their sources", "rating-terminal region show taian", perform_show)
    show.add_argument("region", metavar="REGION", help="id of a region, or a pack's file (*.toml)")
    explain = _act(
        acts,
        "explain",
        "say what a rule is in each region, and why",
        "rating-terminal region explain default_rating --region guangdong",
        perform_explain,
    )
    explain.add_argument("rule", metavar="RULE", help="name of a rule, as `region show` has it")
    explain.add_argument("--region", metavar="REGION", help="only this region, or a pack's file (*.toml)")
    diff = _act(
        acts, "diff", "show the rules in which two regions differ", "rating-terminal region diff zhejiang taian", perform_diff
    )
    diff.add_argument("regions", nargs=2, metavar="REGION", help="id of a region, or a pack's file (*.toml)")
    validate = _act(acts, "validate", "check a pack's file", "rating-terminal region validate ours.toml", perform_validate)
    validate.add_argument("files", nargs="+", metavar="FILE", help="a pack (*.toml)")


def _act(acts: Any, name: str, summary: str, example: str, perform: Any) -> argparse.ArgumentParser:
    added = parser(acts, name, summary, example, config=False)
    added.add_argument(
        "--language",
        choices=(CHINESE, ENGLISH),
        default=CHINESE if is_chinese() else ENGLISH,
        help="language of names and explanations (default: that of the locale)",
    )
    add_json(added)
    added.set_defaults(perform=perform)
    return added


def perform_list(arguments: argparse.Namespace) -> int:
    from terminal_app.regions.library import regions

    packs = [_load(region) for region in regions()]
    rows = [_heading(pack) for pack in packs]
    lines = [
        f"{pack.id:<12} {pack.version:<8} {pack.name[arguments.language]}, {_title(pack)}{_ended(pack, arguments.language)}"
        for pack in packs
    ]
    say(arguments, {"regions": rows}, "\n".join(lines))
    return OK


def perform_show(arguments: argparse.Namespace) -> int:
    pack, language = _load(arguments.region), arguments.language
    rules = {name: _as_json(rule) for name, rule in pack.rules.items()}
    lines = [f"{pack.id} {pack.version}  {pack.name[language]}, {_title(pack)}{_ended(pack, language)}"]
    for rule in pack.rules.values():
        lines += ["", *_told(rule, rule.name, language)]
    say(arguments, {**_heading(pack), "rules": rules, "after_bad": [dict(row) for row in pack.after_bad]}, "\n".join(lines))
    return OK


def perform_explain(arguments: argparse.Namespace) -> int:
    from terminal_app.regions.library import regions
    from terminal_app.regions.pack import rule_names, rule_title

    if arguments.rule not in rule_names():
        raise CommandError(f"there is no rule {arguments.rule!r}; there are: {', '.join(rule_names())}.", USAGE)
    found = {pack.id: pack.rules[arguments.rule] for pack in map(_load, [arguments.region] if arguments.region else regions())}
    lines = [f"{arguments.rule}: {rule_title(arguments.rule)}"]
    for region, rule in found.items():
        lines += ["", *_told(rule, region, arguments.language)]
    value = {"rule": arguments.rule, "regions": {region: _as_json(rule) for region, rule in found.items()}}
    say(arguments, value, "\n".join(lines))
    return OK


def perform_diff(arguments: argparse.Namespace) -> int:
    one, other = (_load(region) for region in arguments.regions)
    names = [name for name in one.rules if one.rules[name].value != other.rules[name].value]
    language = arguments.language
    lines = []
    for name in names:
        lines.append(name)
        lines += [f"  {pack.id:<12} {_with_source(pack.rules[name], language)}" for pack in (one, other)]
    value = {name: {pack.id: _as_json(pack.rules[name]) for pack in (one, other)} for name in names}
    same = f"{one.id} and {other.id} have the same rules" if language == ENGLISH else f"{one.id} 与 {other.id} 的规则相同"
    say(arguments, {"differ": value}, "\n".join(lines) or same)
    return FOUND if names else OK


def perform_validate(arguments: argparse.Namespace) -> int:
    from terminal_app.regions.library import UnknownRegion, load_file
    from terminal_app.regions.pack import PackError

    flaws = {}
    for file in arguments.files:
        try:
            pack = load_file(Path(file))
        except (PackError, UnknownRegion) as error:
            flaws[file] = str(error)
            tell(str(error))
        else:
            tell(f"{file}: {pack.id} {pack.version} can be used")
    good = len(arguments.files) - len(flaws)
    say(arguments, {"good": good, "flaws": flaws}, f"{good} of {len(arguments.files)} can be used")
    return FOUND if flaws else OK


def _load(region: str) -> "Pack":
    from terminal_app.regions.library import UnknownRegion, load_pack
    from terminal_app.regions.pack import PackError

    try:
        return load_pack(region)
    except (UnknownRegion, PackError) as error:
        raise CommandError(str(error), USAGE) from None


def _heading(pack: "Pack") -> dict[str, Any]:
    return {
        "id": pack.id,
        "version": pack.version,
        "base": pack.base,
        "name": dict(pack.name),
        "document": dict(pack.document) if pack.document else None,
        "validity": dict(pack.validity),
        "ended": _has_ended(pack),
    }


def _title(pack: "Pack") -> str:
    return f"{pack.document['title']} ({pack.document['dated']})" if pack.document else pack.id


def _has_ended(pack: "Pack") -> bool:
    return pack.validity.get("to", "9999-12-31") < date.today().isoformat()


def _ended(pack: "Pack", language: str) -> str:
    if not _has_ended(pack):
        return ""
    to, after = pack.validity["to"], pack.validity.get("superseded_by", "")
    return f", ended {to}; {after}" if language == ENGLISH else f"，{to}到期；{after}"


def _as_json(rule: "Rule") -> dict[str, Any]:
    return {"value": rule.value, "source": rule.source, "pack": rule.pack, "texts": dict(rule.texts)}


def _told(rule: "Rule", heading: str, language: str) -> Sequence[str]:
    return (
        f"{heading} = {_shown(rule.value, language)}",
        f"  {rule.texts[language]}",
        f"  {_SOURCE[language]}: {rule.source}" + (f" ({rule.pack})" if not rule.source.startswith(rule.pack) else ""),
    )


def _with_source(rule: "Rule", language: str) -> str:
    return f"{_shown(rule.value, language)}  [{rule.source}]"


def _shown(value: Any, language: str) -> str:
    """A rule's value in a line."""
    if value is None or isinstance(value, bool):
        return _WORDS[language][value]
    if isinstance(value, list):
        return ", ".join(_shown(item, language) for item in value) or _WORDS[language][None]
    if isinstance(value, dict):
        return "; ".join(f"{key} {_nested(item, language)}" for key, item in value.items())
    return str(value)


def _nested(value: Any, language: str) -> str:
    return f"({_shown(value, language)})" if isinstance(value, dict) else _shown(value, language)
