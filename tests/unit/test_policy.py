"""A region's pack: what people write, and what the terminal gets (docs/wire.md, policy and catalogue; regions, taian)."""

from importlib.resources import files
from typing import Any

import pytest

from terminal_app.domain.pack import LEVEL_NAMES, PackError, catalogue_document, policy_document
from terminal_app.domain.policy import RegionPolicy
from terminal_app.domain.rating import Level, ReasonCatalogue
from terminal_app.domain.signed import canonical

REGIONS = files("terminal_app.regions")
TAIAN = (REGIONS / "taian.toml").read_text("utf-8")
REASONS = (REGIONS / "reasons-2020.csv").read_text("utf-8")


def taian() -> RegionPolicy:
    return RegionPolicy.from_document(policy_document(TAIAN))


def catalogue() -> ReasonCatalogue:
    policy = taian()
    return ReasonCatalogue.from_document(catalogue_document(REASONS, policy.catalogue_id, policy.catalogue_version))


# --- taian ----------------------------------------------------------------------------------------------------------


def test_bad_is_two_stars_and_fewer() -> None:
    """taian 二(三)."""
    assert [taian().is_bad(level) for level in sorted(Level)] == [True, True, False, False, False]


def test_reasons_open_by_themselves_and_nobody_has_to_choose_one() -> None:
    """taian 二(三)."""
    assert taian().reasons_required is False


def test_no_form_of_case_numbers_is_made_up() -> None:
    assert taian().case_pattern is None


def test_only_what_the_document_says_is_promised() -> None:
    """taian 二(五)1, 二(五)2: named persons respond at once; a return visit within 5 working days after rectification."""
    promises = taian().after_bad
    assert [promise.source for promise in promises] == ["taian 二(五)1", "taian 二(五)2"]
    assert all(set(promise.texts) == {"zh-CN", "en"} for promise in promises)
    assert "5个工作日内回访" in promises[1].texts["zh-CN"] and "5 working days" in promises[1].texts["en"]
    for text in (text for promise in promises for text in promise.texts.values()):
        assert "202" not in text and "日期" not in text


def test_every_rule_names_its_clause() -> None:
    document = policy_document(TAIAN)
    rules = {"levels", "bad_at_most", "reasons_required"}
    assert {rule: document["sources"][rule] for rule in rules} == dict.fromkeys(rules, "taian 二(三)")
    assert "taian" not in document["sources"]["catalogue"]  # the list at hand is never cited as the region's annex


def test_the_documents_are_as_on_the_wire() -> None:
    policy = policy_document(TAIAN)
    assert set(policy) == {
        *(
            "type",
            "id",
            "version",
            "name",
            "catalogue",
            "bad_at_most",
            "reasons_required",
            "case_pattern",
            "after_bad",
            "sources",
        )
    }
    assert (policy["type"], policy["id"]) == ("policy", "taian")
    reasons = catalogue_document(REASONS, "reasons-2020", "1")
    assert set(reasons) == {"type", "id", "version", "reasons"}
    assert all(set(row) == {"code", "level", "core", "texts"} for row in reasons["reasons"])
    assert canonical(policy) and canonical(reasons)


# --- the list in national use ---------------------------------------------------------------------------------------


def test_the_list_has_eight_reasons_per_level_and_three_of_them_first() -> None:
    reasons = catalogue().reasons
    assert len(reasons) == len({reason.code for reason in reasons}) == 40
    for level in Level:
        assert len(catalogue().of_level(level)) == 8
        assert [reason.core for reason in catalogue().of_level(level)] == [True] * 3 + [False] * 5
        assert {reason.code[0] for reason in catalogue().of_level(level)} == {str(int(level))}


def test_every_reason_has_its_own_text_in_both_languages() -> None:
    for language in ("zh-CN", "en"):
        texts = [reason.texts[language] for reason in catalogue().reasons]
        assert all(text == text.strip() and text for text in texts)
        assert len(set(texts)) == len(texts)
    assert all(reason.texts["en"].isascii() for reason in catalogue().reasons)
    assert not any(reason.texts["zh-CN"].isascii() for reason in catalogue().reasons)


def test_every_catalogue_a_region_names_is_there() -> None:
    packs = [file for file in REGIONS.iterdir() if file.name.endswith(".toml")]
    assert [pack.name for pack in packs] == ["taian.toml"]
    for pack in packs:
        document = policy_document(pack.read_text("utf-8"), pack.name)
        assert pack.name == f"{document['id']}.toml"
        assert (REGIONS / f"{document['catalogue']['id']}.csv").is_file()


# --- what is refused ------------------------------------------------------------------------------------------------

RULES = "[rules]"


@pytest.mark.parametrize(
    ("before", "after", "key", "allowed"),
    [
        ('id = "taian"', 'id = "Tai An"', ": id:", "a-z0-9"),
        ('id = "taian"', "", ": id:", "text like"),
        ('version = "2020.1"', "version = 2020.1", ": version:", "text like"),
        ('version = "2020.1"', 'version = "2020.1"\ncolour = "red"', ": colour:", "id, version, name"),
        ('en = "Tai\'an"', 'fr = "Taian"', "name.fr", "zh-CN, en"),
        (', en = "Tai\'an"', "", "name.en", "some text"),
        ("bad_at_most = { value = 2", "bad_at_most = { value = 5", "rules.bad_at_most.value", "1, 2, 3, 4"),
        ("bad_at_most = { value = 2", "bad_at_most = { value = 0", "rules.bad_at_most.value", "1, 2, 3, 4"),
        ("bad_at_most = { value = 2", "bad_at_most = { value = true", "rules.bad_at_most.value", "1, 2, 3, 4"),
        ("bad_at_most = { value = 2", 'bad_at_most = { value = "2"', "rules.bad_at_most.value", "1, 2, 3, 4"),
        ("bad_at_most =", "bad_at_least =", "rules.bad_at_least", "bad_at_most"),
        ("reasons_required = { value = false", "reasons_required = { value = 0", "rules.reasons_required.value", "true, false"),
        ('{ value = false, source = "taian 二(三)" }', "{ value = false }", "rules.reasons_required.source", "some text"),
        ('{ value = false, source = "taian 二(三)" }', "false", "rules.reasons_required", "value, source"),
        ('"非常不满意", "不满意"', '"不满意", "非常不满意"', "rules.levels.value", "非常不满意, 不满意"),
        (
            RULES,
            f'{RULES}\ncase_pattern = {{ value = "[0-9", source = "x" }}',
            "rules.case_pattern.value",
            "regular expression",
        ),
        (RULES, f'{RULES}\ncase_pattern = {{ value = "[0-9]*", source = "x" }}', "rules.case_pattern.value", "empty text"),
        (RULES, "[rulez]", "rulez", "rules"),
        ('source = "national list in use since 2020"', "", "catalogue.source", "some text"),
        ('id = "reasons-2020"', "id = 2020", "catalogue.id", "text like"),
        ('source = "taian 二(五)2"\n', "", "after_bad[2].source", "some text"),
        ('source = "taian 二(五)2"', 'source = "taian 二(五)2"\nby = 2026-01-01', "after_bad[2].by", "source, zh-CN, en"),
        ("[[after_bad]]", "[after_bad]", "syntax", "TOML"),
        ("version =", "version", "syntax", "TOML"),
    ],
)
def test_an_error_names_file_key_and_what_is_allowed(before: str, after: str, key: str, allowed: str) -> None:
    assert before in TAIAN
    with pytest.raises(PackError) as caught:
        policy_document(TAIAN.replace(before, after), "taian.toml")
    message = str(caught.value)
    assert message.startswith("taian.toml: ")
    assert key in message
    assert allowed in message.partition("allowed: ")[2]


@pytest.mark.parametrize("after_bad", ["after_bad = 1", "after_bad = [1]"])
def test_promises_are_tables(after_bad: str) -> None:
    with pytest.raises(PackError, match="after_bad"):
        policy_document(f"{after_bad}\n{TAIAN.partition('# What the thanks')[0]}")


def test_a_region_without_promises_promises_nothing() -> None:
    assert policy_document(TAIAN.partition("# What the thanks")[0])["after_bad"] == []


def test_a_pattern_of_case_numbers() -> None:
    rule = 'case_pattern = { value = "3709[0-9]{14}", source = "taian, by its office" }'
    document = policy_document(TAIAN.replace(RULES, f"{RULES}\n{rule}"))
    pattern = RegionPolicy.from_document(document).case_pattern
    assert document["sources"]["case_pattern"] == "taian, by its office"
    assert pattern is not None and pattern.fullmatch("370902202611210417")


@pytest.mark.parametrize(
    ("lines", "key", "allowed"),
    [
        ([], "line 1", "code,level,core,text,text_en"),
        (["code,level,core,text"], "line 1", "code,level,core,text,text_en"),
        (["108,1,1,甲"], "line 2", "5 columns"),
        (["108,1,1,甲,a,b"], "line 2", "5 columns"),
        (["", "108,1,1,甲,a"], "line 2", "5 columns"),
        (["1x8,1,1,甲,a"], "line 2: code", "three digits"),
        (["108,6,1,甲,a"], "line 2: level", "1, 2, 3, 4, 5"),
        (["108,,1,甲,a"], "line 2: level", "1, 2, 3, 4, 5"),
        (["108,1,yes,甲,a"], "line 2: core", "0, 1"),
        (["108,1,1,,a"], "line 2: text", "some text"),
        (["108,1,1,甲, "], "line 2: text_en", "some text"),
        (["108,1,1,甲,a", "109,1,1,乙,b", "108,1,1,丙,c"], "line 4: code", "no other line"),
    ],
)
def test_a_malformed_list_names_file_line_and_what_is_allowed(lines: list[str], key: str, allowed: str) -> None:
    header = [] if key == "line 1" else ["code,level,core,text,text_en"]
    with pytest.raises(PackError) as caught:
        catalogue_document("\n".join([*header, *lines]), "c", "1", "c.csv")
    assert str(caught.value).startswith(f"c.csv: {key}: ")
    assert allowed in str(caught.value)


def test_a_quoted_comma_is_part_of_the_text() -> None:
    document = catalogue_document('code,level,core,text,text_en\n108,1,0,甲,"a, b"\n', "c", "1")
    assert document["reasons"] == [{"code": "108", "level": 1, "core": False, "texts": {"zh-CN": "甲", "en": "a, b"}}]


@pytest.mark.parametrize(
    "change",
    [{"name": None}, {"catalogue": "reasons"}, {"catalogue": {}}, {"bad_at_most": 9}, {"after_bad": [{}]}, {"sources": None}],
)
def test_malformed_policy_documents(change: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        RegionPolicy.from_document(policy_document(TAIAN) | change)


def test_the_levels_have_the_names_of_the_scale() -> None:
    """Common ground of the regions; taian 二(三) ties them to five…one stars."""
    assert LEVEL_NAMES == ("非常不满意", "不满意", "基本满意", "满意", "非常满意")
