"""A pack's file: the schema, what is refused and how it is told, and what a region takes from its base. Issue 4, point 1."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from terminal_app.domain.platform_policy import PlatformPolicy
from terminal_app.domain.policy import RegionPolicy
from terminal_app.domain.signed import canonical
from terminal_app.regions.library import UnknownRegion, load_catalogue, load_file, load_pack, regions
from terminal_app.regions.pack import LANGUAGES, PackError, policy_document, read_pack, rule_names

REGIONS = files("terminal_app.regions")
TEXTS = {name: (REGIONS / f"{name}.toml").read_text("utf-8") for name in (*regions(), "national")}
TAIAN = TEXTS["taian"]
ALL = [*regions(), "national"]


def read(text: str, file: str = "taian.toml") -> Any:
    return read_pack(text, file, TEXTS.__getitem__)


@pytest.mark.parametrize("region", ALL)
def test_every_rule_has_a_source_of_its_own_and_a_sentence_in_both_languages(region: str) -> None:
    pack = load_pack(region)
    assert tuple(pack.rules) == rule_names()
    for rule in pack.rules.values():
        assert rule.source.startswith((f"{region} ", "common ground", "product "))
        assert set(rule.texts) == set(LANGUAGES)
        assert rule.texts["en"].isascii() or "“" in rule.texts["en"]
        assert rule.texts["zh-CN"].endswith("。") and rule.texts["en"].endswith(".")
    for row in pack.after_bad:
        assert row["source"].startswith(f"{region} ")


@pytest.mark.parametrize("region", regions())
def test_what_a_region_does_not_say_is_the_bases(region: str) -> None:
    own, base = load_pack(region), load_pack("national")
    silent = [name for name in rule_names() if own.rules[name].pack == "national"]
    assert silent
    assert all(own.rules[name] == base.rules[name] for name in silent)
    assert all(not own.rules[name].source.startswith(region) for name in silent)


@pytest.mark.parametrize("region", regions())
def test_both_readings_of_the_document_name_the_pack(region: str) -> None:
    document = policy_document(load_pack(region))
    assert canonical(document)
    for reading in (RegionPolicy.from_document(document), PlatformPolicy.from_document(document)):
        assert (reading.id, reading.version) == (region, load_pack(region).version)


def test_the_schema_is_a_schema() -> None:
    schema = json.loads((REGIONS / "policy-pack.schema.json").read_text("utf-8"))
    jsonschema_rs.meta.validate(schema)
    assert set(schema["properties"]["rules"]["properties"]) == set(rule_names())


BATCH = "value = { at_least = 2, same_matter = true }"
REPORT = (
    '[rules.report]\nvalue = { before_day = 30, short_month = "last_day", unfinished_month = "so_far" }\n'
    'source = "taian x"\nzh-CN = "x"\nen = "x"\n[[after_bad]]'
)


@pytest.mark.parametrize(
    ("before", "after", "key", "allowed"),
    [
        ('id = "taian"', 'id = "Tai An"', ": id:", "a-z0-9"),
        ('id = "taian"', "", ": id:", "the key id"),
        ('version = "2026.1"', "version = 2026.1", ": version:", "text"),
        ('version = "2026.1"', 'version = "2026.1"\ncolour = "red"', ": colour:", "the keys of the schema"),
        ('base = "national"', 'base = "prefecture"', ": base:", "a pack that is there"),
        ('base = "national"', 'base = "taian"', ": base:", "not built on this one"),
        ('base = "national"\n', "", "rules.catalogue", "here or in the base"),
        ('en = "Tai\'an"', 'fr = "Taian"', ": name.", "key"),
        ("dated = 2020-07-24", 'dated = "2020-07-32"', "document.dated", "a day that there is"),
        ("from = 2020-07-24", "from = 2020-07-24\nto = 2019-01-01", "validity.to", "2020-07-24 or later"),
        ("from = 2020-07-24", "from = 20200724", "validity.from", "text"),
        ("value = 2\n", "value = 5\n", "rules.bad_at_most.value", "at most 4"),
        ("value = 2\n", "value = 0\n", "rules.bad_at_most.value", "at least 1"),
        ("value = 2\n", "value = true\n", "rules.bad_at_most.value", "whole number"),
        ("value = 2\n", 'value = "2"\n', "rules.bad_at_most.value", "whole number"),
        ("[rules.bad_at_most]", "[rules.bad_at_least]", "rules.bad_at_least", "the keys of the schema"),
        ("[rules.bad_at_most]", "[rulez.bad_at_most]", ": rulez:", "the keys of the schema"),
        ("value = false\nsource", "value = 0\nsource", "rules.reasons_required.value", "true or false"),
        (
            "[rules.reasons_required]\nvalue = false\n",
            "[rules.reasons_required]\n",
            "rules.reasons_required.value",
            "the key value",
        ),
        ('source = "taian 二(三)"\nzh-CN = "五个', 'zh-CN = "五个', "rules.levels.source", "the key source"),
        ('en = "The five levels', 'EN = "The five levels', "rules.levels.", "key"),
        ('zh-CN = "五个等级对应一至五星。"', 'zh-CN = " "', "rules.levels.zh-CN", "text like"),
        ('"非常不满意", "不满意"', '"不满意", "非常不满意"', "rules.levels.value", "非常不满意, 不满意"),
        ('"taian 二(四)2"', '"guangdong 第八条"', "rules.batch.source", "taian and a clause"),
        ('"taian 二(四)2"', '"hearsay"', "rules.batch.source", "text like"),
        (BATCH, "value = { at_least = 1, same_matter = true }", "rules.batch.value.at_least", "at least 2"),
        (BATCH, "value = { at_least = 2 }", "rules.batch.value.same_matter", "the key same_matter"),
        (BATCH, 'value = "never"', "rules.batch.value", "none, or a table"),
        (BATCH, "value = { at_least = 2, same_matter = true, level = 5 }", "rules.batch.value.level", "the keys of the schema"),
        ('once = "per_case"', 'once = "per_year"', "rules.rating_points.value.online.once", "per_case, per_service"),
        ("level = 4", "level = 6", "rules.default_rating.value.level", "at most 5"),
        ("level = 4\n", "", "rules.default_rating.value.level", "the key level"),
        (
            'starts = "case_finished"',
            'starts = "rating_received"',
            "rules.default_rating.value.starts",
            "service_received, case_finished",
        ),
        (
            'counting = "more_than"',
            'counting = "about"',
            "rules.default_rating.value.term.counting",
            "within, after, more_than",
        ),
        ('by = ["named_person"]', 'by = ["somebody"]', "rules.contact.value.by[1]", "named_person"),
        ("[[after_bad]]", REPORT.replace("30", "1"), "rules.report.value.before_day", "at least 2"),
        ("[[after_bad]]", REPORT.replace("last_day", "never"), "rules.report.value.short_month", "last_day, day_before"),
        ('source = "taian 二(五)2"\nzh-CN = "问题', 'zh-CN = "问题', "after_bad[2].source", "the key source"),
        (
            'source = "taian 二(五)2"\nzh-CN = "问题',
            'by = 1\nsource = "taian x"\nzh-CN = "问题',
            "after_bad[2].by",
            "keys of the schema",
        ),
        ("[[after_bad]]", "[after_bad]", "syntax", "TOML"),
        ("version =", "version", "syntax", "TOML"),
    ],
)
def test_an_error_names_file_key_and_what_is_allowed(before: str, after: str, key: str, allowed: str) -> None:
    assert before in TAIAN
    with pytest.raises(PackError) as caught:
        read(TAIAN.replace(before, after, 1))
    message = str(caught.value)
    assert message.startswith("taian.toml: ")
    assert key in message.partition("allowed: ")[0]
    assert allowed in message.partition("allowed: ")[2]


PATTERN = '[rules.case_pattern]\nvalue = {}\nsource = "taian by its office"\nzh-CN = "甲"\nen = "A"\n[[after_bad]]'


@pytest.mark.parametrize("pattern", ["'[0-9'", "'[0-9]*'"])
def test_a_pattern_of_case_numbers_compiles_and_matches_something(pattern: str) -> None:
    text = TAIAN.replace("[[after_bad]]", PATTERN.format(pattern), 1)
    with pytest.raises(PackError, match=r"rules\.case_pattern\.value.*does not match the empty text"):
        read(text)


def test_a_pattern_of_case_numbers() -> None:
    text = TAIAN.replace("[[after_bad]]", PATTERN.format("'3709[0-9]{14}'"), 1)
    document = policy_document(read(text))
    pattern = RegionPolicy.from_document(document).case_pattern
    assert pattern is not None and pattern.fullmatch("370902202611210417")
    assert document["sources"]["case_pattern"] == "taian by its office"


def test_an_error_in_the_base_names_the_base() -> None:
    texts = TEXTS | {"national": TEXTS["national"].replace("value = 2\n", "value = 7\n", 1)}
    with pytest.raises(PackError, match=r"^national\.toml: rules\.bad_at_most\.value: 7 "):
        read_pack(TAIAN, "taian.toml", texts.__getitem__)


def test_two_packs_built_on_each_other_are_refused() -> None:
    texts = {
        "a": TAIAN.replace("taian", "a").replace("national", "b"),
        "b": TAIAN.replace("taian", "b").replace("national", "a"),
    }
    with pytest.raises(PackError, match=r"base: 'a' is not allowed"):
        read_pack(texts["a"], "a.toml", texts.__getitem__)


SIXTH = """
id = "hainan"
version = "1"
base = "{base}"
name = {{ zh-CN = "海南省", en = "Hainan" }}
[rules.follow_ups]
value = 1
source = "hainan 第一条"
zh-CN = "可以追评一次。"
en = "There is one follow-up rating."
"""


def test_a_sixth_region_is_a_file(tmp_path: Path) -> None:
    """Issue 4: a sixth is a file, not a release; also one that builds on a fifth of its own."""
    (tmp_path / "hainan.toml").write_text(SIXTH.format(base="national"), "utf-8")
    (tmp_path / "haikou.toml").write_text(
        SIXTH.format(base="hainan").replace('id = "hainan"', 'id = "haikou"').replace('"hainan 第', '"haikou 第'), "utf-8"
    )
    pack = load_pack(str(tmp_path / "hainan.toml"))
    assert RegionPolicy.from_document(policy_document(pack)).follow_ups == 1
    assert load_catalogue(pack) is not None
    assert load_file(tmp_path / "haikou.toml").rules["follow_ups"].pack == "haikou"


@pytest.mark.parametrize(("content", "message"), [(None, "No such file"), (b"\xff\xfe", "UTF-8")])
def test_a_file_that_cannot_be_read_is_told(content: bytes | None, message: str, tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises((UnknownRegion, PackError), match=message):
        load_pack(str(file))


def test_an_unknown_region_is_told_with_those_that_there_are() -> None:
    with pytest.raises(UnknownRegion, match="guangdong, jiangsu, taian, xian-huyi, zhejiang"):
        load_pack("atlantis")
    with pytest.raises(UnknownRegion):
        load_pack("../../pyproject")
