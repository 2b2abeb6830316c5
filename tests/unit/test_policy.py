"""A region's pack: what people write, and what the terminal gets (docs/wire.md, policy and catalogue; regions, taian)."""

from importlib.resources import files
from typing import Any

import pytest

from terminal_app.domain.platform_policy import PlatformPolicy
from terminal_app.domain.policy import After, BatchRule, Once, Page, RatingPoint, RegionPolicy
from terminal_app.domain.rating import Level, ReasonCatalogue
from terminal_app.domain.signed import canonical
from terminal_app.regions.catalogue import catalogue_document
from terminal_app.regions.library import load_pack, regions
from terminal_app.regions.pack import PackError, policy_document

REGIONS = files("terminal_app.regions")
REASONS = (REGIONS / "reasons-2020.csv").read_text("utf-8")


def taian() -> RegionPolicy:
    return RegionPolicy.from_document(policy_document(load_pack("taian")))


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
    document = policy_document(load_pack("taian"))
    rules = {"levels", "bad_at_most", "reasons_required"}
    assert {rule: document["sources"][rule] for rule in rules} == dict.fromkeys(rules, "taian 二(三)")
    assert "taian" not in document["sources"]["catalogue"]  # the list at hand is never cited as the region's annex


def test_the_documents_are_as_on_the_wire() -> None:
    policy = policy_document(load_pack("taian"))
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
            "validity",
            "rules",
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
    assert regions() == ["guangdong", "jiangsu", "taian", "xian-huyi", "zhejiang"]
    for region in regions():
        pack = load_pack(region)
        assert pack.id == region
        assert (REGIONS / f"{pack.catalogue[0]}.csv").is_file()


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
        RegionPolicy.from_document(policy_document(load_pack("taian")) | change)


def test_a_document_of_before_there_were_rules_is_read() -> None:
    """Platforms of before publish it, and terminals keep it: then the window does what it did before."""
    document = policy_document(load_pack("guangdong"))
    del document["rules"], document["validity"]
    policy = RegionPolicy.from_document(document)
    assert set(policy.rating_points.values()) == {RatingPoint(Once.PER_SERVICE, After.SERVICE)}
    assert (policy.batch, policy.chain, policy.follow_ups, policy.page) == (BatchRule(2, True), None, 0, Page.NATIVE)
    assert PlatformPolicy.from_document(document).default_rating is None


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("rating_points", {}),
        ("rating_points", {"online": {"once": "per_case", "after": "never"}}),
        ("batch", {"at_least": 2}),
        ("chain", "none"),
        ("page", "theirs"),
    ],
)
def test_malformed_rules(rule: str, value: Any) -> None:
    document = policy_document(load_pack("taian"))
    with pytest.raises((KeyError, TypeError, ValueError)):
        RegionPolicy.from_document(document | {"rules": document["rules"] | {rule: value}})


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("default_rating", {"level": 9}),
        ("default_rating", {"level": 3, "starts": "birth", "term": {}}),
        ("contact", {"by": ["body"], "starts": "rating_received", "term": {"count": -1, "unit": "working_days"}}),
        ("findings", {"deleted": True}),
        ("office_ends", "late"),
    ],
)
def test_malformed_rules_of_the_platform(rule: str, value: Any) -> None:
    document = policy_document(load_pack("taian"))
    with pytest.raises((KeyError, TypeError, ValueError)):
        PlatformPolicy.from_document(document | {"rules": document["rules"] | {rule: value}})
