"""`rating-terminal region`: for people in both languages, for programs as JSON, with a remedy per trouble. Issue 4, point 1."""

import json
from pathlib import Path
from typing import Any

import pytest

from terminal_app.cli import run_command
from terminal_app.regions.library import regions
from terminal_app.regions.pack import rule_names


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


class Console:
    """Runs a subcommand of `region` and looks at what it said."""

    def __init__(self, captured: pytest.CaptureFixture[str]) -> None:
        self._captured = captured

    def __call__(self, *words: str, code: int = 0) -> tuple[str, str]:
        assert run_command(["region", *words]) == code
        said = self._captured.readouterr()
        return said.out, said.err

    def json(self, *words: str, code: int = 0) -> Any:
        return json.loads(self(*words, "--json", code=code)[0])


@pytest.fixture
def region(capsys: pytest.CaptureFixture[str]) -> Console:
    return Console(capsys)


def test_list_names_all_regions_and_the_one_that_has_ended(region: Console) -> None:
    told = region.json("list")["regions"]
    assert [row["id"] for row in told] == regions()
    assert [row["id"] for row in told if row["ended"]] == ["guangdong"]
    text, _ = region("list", "--language", "zh-CN")
    assert "泰安市, 泰政办发〔2020〕5号 (2020-07-24)" in text
    assert "2020-02-15到期" in text


def test_show_has_every_rule_with_value_source_and_sentence(region: Console) -> None:
    told = region.json("show", "taian")
    assert tuple(told["rules"]) == rule_names()
    assert told["rules"]["batch"]["source"] == "taian 二(四)2"
    text, _ = region("show", "taian")
    assert "batch = at_least 2; same_matter yes\n  Two or more cases of one matter" in text
    assert "source: product default (national)" in text


def test_explain_in_both_languages(region: Console) -> None:
    chinese, _ = region("explain", "default_rating", "--language", "zh-CN")
    english, _ = region("explain", "default_rating", "--region", "guangdong", "--language", "en")
    assert "来源: taian 二(四)4" in chinese and "zhejiang = 无" in chinese
    assert "7 calendar days" in english and "taian" not in english
    assert set(region.json("explain", "default_rating")["regions"]) == set(regions())


def test_the_language_is_that_of_the_locale(region: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "一次服务对应一次评价机会。" in region("explain", "rating_points")[0]


def test_diff_shows_what_differs_and_only_that(region: Console) -> None:
    differ = region.json("diff", "zhejiang", "taian", code=1)["differ"]
    assert differ["follow_ups"]["zhejiang"]["value"] == 1 and differ["follow_ups"]["taian"]["value"] == 0
    assert "levels" not in differ and "batch" not in differ
    assert (
        "follow_ups\n  zhejiang     1  [zhejiang 三(三)]\n  taian        0  [product default]"
        in region("diff", "zhejiang", "taian", code=1)[0]
    )
    assert "the same rules" in region("diff", "taian", "taian")[0]


def test_validate_names_each_flaw_and_goes_on(region: Console, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    head = 'version = "1"\nbase = "national"\nname = { zh-CN = "甲", en = "A" }\n'
    good.write_text(f'id = "good"\n{head}[rules]\n', "utf-8")
    bad.write_text(f'id = "bad"\n{head}[rules.page]\nvalue = "theirs"\nsource = "bad 1"\nzh-CN = "甲。"\nen = "A."\n', "utf-8")
    out, err = region("validate", str(bad), str(good), str(tmp_path / "none.toml"), code=1)
    assert out.strip() == "1 of 3 can be used"
    assert "bad.toml: rules.page.value: 'theirs' is not allowed; allowed: native, platform" in err
    assert "none.toml cannot be read: No such file or directory" in err
    assert list(region.json("validate", str(bad), code=1)["flaws"]) == [str(bad)]
    assert region.json("validate", str(good)) == {"good": 1, "flaws": {}}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("show", "atlantis"), "there is no region 'atlantis'; there are: guangdong"),
        (("explain", "colour"), "there is no rule 'colour'; there are: levels"),
        (("diff", "taian", "nowhere.toml"), "nowhere.toml cannot be read"),
    ],
)
def test_what_there_is_not_is_told_with_what_there_is(region: Console, words: tuple[str, ...], message: str) -> None:
    _, err = region(*words, code=2)
    assert message in err


@pytest.mark.parametrize("act", ["list", "show", "explain", "diff", "validate"])
def test_every_help_has_an_example(act: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run_command(["region", act, "--help"])
    assert f"example:\n  rating-terminal region {act}" in capsys.readouterr().out
