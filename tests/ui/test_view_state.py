"""What every state shows (design ui.md, “Screens” and “Say only what is true”), without Qt."""

import subprocess
import sys
from dataclasses import fields, replace

import pytest
from support.window_samples import (
    BARE_TICKET,
    BATCH,
    FACTS,
    LONG_TICKET,
    RULES,
    TICKET,
    await_reasons,
    await_scope,
    await_stars,
    chosen,
    follow_up,
    noticed,
    session,
    terminal,
    thanks,
)

from terminal_app.domain import session as s
from terminal_app.domain.rateable import Scope
from terminal_app.domain.rating import Level
from terminal_app.domain.ticket import CaseTicket, Grouping
from ui.view_state import derive_view
from ui.views import (
    ButtonView,
    CasesView,
    FooterView,
    IdleView,
    MenuView,
    MessageView,
    Problem,
    RateView,
    ReasonsView,
    ScopeView,
    ThanksView,
    ViewState,
)

BARE = replace(FACTS, rating_url=None, service_number=None)
SECRET = "storage"


def rate_of(view: ViewState) -> RateView:
    assert isinstance(view.body, RateView)
    return view.body


def reasons_of(view: ViewState) -> ReasonsView:
    assert isinstance(view.body, ReasonsView)
    return view.body


def thanks_of(view: ViewState) -> ThanksView:
    assert isinstance(view.body, ThanksView)
    return view.body


def menu_of(view: ViewState) -> MenuView:
    assert isinstance(view.body, MenuView)
    return view.body


def message_of(view: ViewState) -> MessageView:
    assert isinstance(view.body, MessageView)
    return view.body


def idle_of(view: ViewState) -> IdleView:
    assert isinstance(view.body, IdleView)
    return view.body


def names(buttons: tuple[ButtonView, ...]) -> list[str]:
    return [button.name for button in buttons]


# --- which screen ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phase", "screen"),
    [
        (s.Unenrolled(), "out_of_order"),
        (s.Locked("revoked"), "out_of_order"),
        (s.LoggedOut(), "nobody"),
        (s.Idle(), "idle"),
        (s.StaffLogin(3), "login"),
        (await_stars(), "rate"),
        (await_reasons(), "reasons"),
        (s.Recording(session(), 4, "opened", s.Idle()), "idle"),
        (s.Recording(session(), 4, "opened", s.LoggedOut()), "nobody"),
        (s.Recording(session(star=5), 4, "star", await_stars()), "rate"),
        (s.Recording(session(star=2), 4, "toggle", await_reasons()), "reasons"),
        (s.Recording(session(star=5), 4, "star", await_reasons()), "reasons"),
        (s.Recording(session(star=2), 4, "reasons", await_reasons()), "reasons"),
        (thanks(5), "thanks"),
        (s.Paused(), "paused"),
        (s.StaffMenu(3), "menu"),
        (s.StaffMenu(3, session()), "menu"),
        (s.OutOfOrder("internal"), "out_of_order"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_each_state_has_its_screen(phase: s.Phase, screen: str) -> None:
    view = derive_view(terminal(phase), FACTS)
    assert view.screen == screen
    assert view.still == isinstance(phase, s.Recording)


def test_it_knows_no_qt() -> None:
    code = "import sys, ui.view_state; sys.exit(any(name.startswith(('PySide6', 'shiboken6')) for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- who and where --------------------------------------------------------------------------------------------------


def test_idle_shows_hall_window_and_who_is_on_duty() -> None:
    view = derive_view(terminal(s.Idle()), FACTS)
    person = idle_of(view).person
    assert view.header.hall == "泰安市政务服务中心"
    assert view.header.window == "综合受理 · 08 号窗口"
    assert (person.initial, person.name, person.number) == ("王", "王慧敏", "工号 0823")
    assert person.in_service
    assert view.blank == s.ScreenTouched()


def test_a_window_without_a_place_says_none() -> None:
    view = derive_view(terminal(s.Unenrolled(), on_duty=None), replace(FACTS, hall="", window="", window_number=""))
    assert (view.header.hall, view.header.window) == ("", "")


@pytest.mark.parametrize("phase", [s.LoggedOut(), s.Idle()])
def test_nobody_on_duty_shows_no_person(phase: s.Phase) -> None:
    person = idle_of(derive_view(terminal(phase, on_duty=None), FACTS)).person
    assert (person.initial, person.number, person.in_service) == ("", "", False)


@pytest.mark.parametrize("phase", [s.Idle(), s.LoggedOut(), s.Paused(), s.OutOfOrder("storage"), s.Locked("x"), s.Unenrolled()])
def test_the_code_is_there_only_when_it_is_configured(phase: s.Phase) -> None:
    with_code, without = derive_view(terminal(phase), FACTS).body, derive_view(terminal(phase), BARE).body
    assert isinstance(with_code, IdleView | MessageView)
    assert isinstance(without, IdleView | MessageView)
    assert with_code.qr is not None
    assert with_code.qr.url == FACTS.rating_url
    assert without.qr is None


@pytest.mark.parametrize("phase", [s.OutOfOrder(SECRET), s.Locked(SECRET), s.Unenrolled()])
def test_error_screens_say_one_sentence_and_the_service_number_and_no_code(phase: s.Phase) -> None:
    view = derive_view(terminal(phase), FACTS)
    message = message_of(view)
    assert message.service == "服务热线 12345"
    assert SECRET not in repr(view)
    assert view.footer == FooterView()
    assert message_of(derive_view(terminal(phase), BARE)).service == ""


# --- a session ------------------------------------------------------------------------------------------------------


def test_rate_says_which_matter_by_whom_and_masks_the_case_number() -> None:
    view = derive_view(terminal(await_stars()), FACTS)
    rate = rate_of(view)
    assert rate.matter == "个体工商户设立登记"
    assert rate.case == "办件编号 TA2026····0417"
    assert rate.handled_by.replace("\u200b", "") == "承办 王慧敏 · 工号 0823"
    assert TICKET.first.number not in repr([view.header, rate.matter, rate.case, rate.pill, view.footer])


def test_missing_fields_are_left_out() -> None:
    rate = rate_of(derive_view(terminal(s.AwaitStars(session(BARE_TICKET, on_duty=None), 3, 0)), FACTS))
    assert rate.matter == "办件编号 TA2026····0417"
    assert (rate.case, rate.handled_by, rate.pill) == ("", "", "")


def test_the_clerk_of_the_ticket_counts_and_else_whoever_is_on_duty() -> None:
    other = rate_of(derive_view(terminal(await_stars(LONG_TICKET)), FACTS))
    own = rate_of(derive_view(terminal(await_stars(BARE_TICKET)), FACTS))
    assert "阿卜杜热西提·买买提" in other.handled_by
    assert "王慧敏" in own.handled_by


@pytest.mark.parametrize(
    ("grouping", "text"),
    [
        (Grouping.BATCH, "3 件同类事项 · 一次评价"),
        (Grouping.CHAIN, "3 件事项 · 整体评价"),
        (Grouping.SINGLE, "3 件事项 · 一次评价"),
    ],
)
def test_several_cases_say_for_how_many_one_rating_stands(grouping: Grouping, text: str) -> None:
    ticket = CaseTicket(BATCH.cases, grouping)
    assert rate_of(derive_view(terminal(await_stars(ticket)), FACTS)).pill == text
    only_one_left = s.AwaitStars(session(ticket, covered=ticket.cases[:1]), 3, 0)
    assert rate_of(derive_view(terminal(only_one_left), FACTS)).pill == ""


def test_two_equal_ways_to_rate_a_chain() -> None:
    """taian 二(四)3; a rated case is not offered again, and says so."""
    body = derive_view(terminal(await_scope(4, "101")), FACTS).body
    assert isinstance(body, ScopeView)
    assert [(one.button.text, one.line) for one in body.options] == [
        ("整体评价", "评价一次，适用于其余 3 件"),
        ("单项评价", "选其中一件单独评价"),
    ]
    listed = derive_view(terminal(await_scope(4, "101", listing=True)), FACTS).body
    assert isinstance(listed, CasesView)
    assert [(one.button.enabled, one.state) for one in listed.cases] == [(True, ""), (False, "已评价"), (True, ""), (True, "")]
    assert "TA20261121" not in repr([one.button.text + one.line for one in listed.cases])


def test_the_stars_say_what_they_are_about_and_the_choice_can_be_made_again() -> None:
    view = derive_view(terminal(chosen(Scope.SINGLE)), FACTS)
    assert rate_of(view).pill == "单项评价 · 3 件中的 1 件"
    assert view.footer.right[-1] == ButtonView("reselect", "重新选择", s.ScopeReopened())
    tapped = chosen(Scope.SINGLE)
    tapped = replace(tapped, session=replace(tapped.session, star=Level(3)))
    assert "reselect" not in names(derive_view(terminal(tapped), FACTS).footer.right)
    assert rate_of(derive_view(terminal(follow_up()), FACTS)).pill == "追评 · 整改之后"


def test_five_stars_from_one_to_five_and_none_preselected() -> None:
    rate = rate_of(derive_view(terminal(await_stars()), FACTS))
    assert [star.level for star in rate.stars] == [1, 2, 3, 4, 5]
    assert [star.button.event for star in rate.stars] == [s.StarTapped(level) for level in Level]
    assert rate.chosen == 0
    assert "finish" not in names(derive_view(terminal(await_stars()), FACTS).footer.right)


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5])
def test_while_changing_the_choice_is_shown_and_can_be_kept(level: int) -> None:
    view = derive_view(terminal(await_stars(star=level)), FACTS)
    assert rate_of(view).chosen == level
    assert view.footer.right[-1] == ButtonView("finish", "保持不变", s.Finished())


def test_a_still_picture_shows_the_new_star_and_nothing_else_new() -> None:
    before = derive_view(terminal(await_stars()), FACTS)
    still = derive_view(terminal(s.Recording(session(star=2), 4, "star", await_stars())), FACTS)
    assert rate_of(still).chosen == 2
    assert replace(rate_of(still), chosen=0) == before.body
    assert still.footer == before.footer
    assert still.picture == before.picture


def test_a_still_picture_of_reasons_shows_the_new_mark_and_never_another_levels_reasons() -> None:
    marked = derive_view(terminal(s.Recording(session(star=2, toggled=("208",)), 4, "toggle", await_reasons())), FACTS)
    assert [chip.marked for chip in reasons_of(marked).chips] == [False, True, False, False, False, False, False, False]
    changed = derive_view(terminal(s.Recording(session(star=5), 4, "star", await_reasons())), FACTS)
    assert changed.body == derive_view(terminal(await_reasons()), FACTS).body


def test_reasons_of_the_level_core_first_with_marks() -> None:
    reasons = reasons_of(derive_view(terminal(await_reasons(2, ("212",))), FACTS))
    assert [chip.button.name for chip in reasons.chips] == [f"reason-{code}" for code in range(207, 215)]
    assert [chip.button.name for chip in reasons.chips if chip.marked] == ["reason-212"]
    assert reasons.chosen == 2
    assert reasons.change == ButtonView("change", "修改", s.ChangeRequested())
    assert reasons.submit == ButtonView("submit", "提交（已选 1 项）", s.ReasonsSubmitted())


def test_reasons_without_a_mark_can_be_skipped_and_not_submitted() -> None:
    reasons = reasons_of(derive_view(terminal(await_reasons()), FACTS))
    assert not reasons.submit.enabled
    assert reasons.skip == ButtonView("skip", "跳过", s.ReasonsSkipped())


def test_a_region_that_requires_reasons_offers_no_skip() -> None:
    rules = replace(RULES, policy=replace(RULES.policy, reasons_required=True))
    reasons = reasons_of(derive_view(terminal(await_reasons(rules=rules)), FACTS))
    assert reasons.skip is None
    assert not reasons.submit.enabled


def test_more_time_is_offered_once() -> None:
    first = derive_view(terminal(await_reasons()), FACTS).footer
    second = derive_view(terminal(await_reasons(extended=True)), FACTS).footer
    assert first.left == ButtonView("more-time", "再给我一点时间", s.MoreTimeRequested())
    assert second.left is None


def test_recorded_is_said_only_where_it_is_true() -> None:
    offline = replace(FACTS, online=False)
    assert thanks_of(derive_view(terminal(thanks(4)), FACTS)).recorded == "已记录"
    assert thanks_of(derive_view(terminal(thanks(4)), offline)).recorded == "已记录，联网后自动上传"
    for phase in (await_stars(), s.Recording(session(star=4), 4, "star", await_stars()), s.Idle()):
        view = derive_view(terminal(phase), FACTS)
        said = [view.footer.line, *(getattr(view.body, each.name) for each in fields(view.body))]
        texts = [text for text in said if isinstance(text, str)]
        assert texts and not any(text == "已记录" or text.startswith("已记录，") for text in texts)


@pytest.mark.parametrize(("level", "promised"), [(1, 2), (2, 2), (3, 0), (4, 0), (5, 0)])
def test_promises_come_from_the_regions_rules_after_a_bad_rating_only(level: int, promised: int) -> None:
    body = thanks_of(derive_view(terminal(thanks(level)), FACTS))
    assert body.promises == tuple(row.texts["zh-CN"] for row in RULES.policy.after_bad)[:promised]


@pytest.mark.parametrize(("screen", "phase"), [("rate", await_stars()), ("thanks", thanks(5)), ("reasons", await_reasons())])
def test_the_screen_says_that_the_window_shows_no_choice_and_promises_no_more(screen: str, phase: s.Phase) -> None:
    shown = repr(derive_view(terminal(phase), FACTS))
    if screen != "reasons":
        assert "窗口端不显示您的选择" in shown
    assert "永远" not in shown


# --- language and print ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", [s.Idle(), s.LoggedOut(), s.Paused(), await_stars(), await_reasons(), thanks(2)])
def test_language_and_large_print_are_offered_where_people_read(phase: s.Phase) -> None:
    right = derive_view(terminal(phase), FACTS).footer.right
    assert right[0] == ButtonView("large-print", "大字", s.LargePrintToggled())
    assert right[1] == ButtonView("contrast", "高对比", s.ContrastChosen(True))
    assert right[2] == ButtonView("language", "English", s.LanguageChosen("en"))
    english = derive_view(terminal(phase, language="en", large_print=True), FACTS)
    assert english.language == "en"
    assert english.large_print
    assert english.footer.right[0].text == "Smaller"
    assert english.footer.right[2] == ButtonView("language", "中文", s.LanguageChosen("zh-CN"))


def test_without_a_choice_the_language_is_the_default_of_the_terminal() -> None:
    assert derive_view(terminal(s.Idle()), replace(FACTS, language="en")).language == "en"
    assert derive_view(terminal(s.Idle(), language="zh-CN"), replace(FACTS, language="en")).language == "zh-CN"


def test_one_language_offers_no_other() -> None:
    right = derive_view(terminal(s.Idle()), replace(FACTS, languages=("zh-CN",))).footer.right
    assert names(right) == ["large-print", "contrast"]


@pytest.mark.parametrize(
    ("set_up", "chosen", "theme"),
    [
        ({}, None, "light"),
        ({}, True, "high-contrast"),
        ({"high_contrast": True}, None, "high-contrast"),
        ({"high_contrast": True}, False, "light"),
        ({"dark_idle": True}, None, "dark"),
        ({"dark_idle": True}, True, "high-contrast"),
    ],
    ids=str,
)
def test_the_theme_is_as_set_up_until_somebody_chooses(set_up: dict[str, bool], chosen: bool | None, theme: str) -> None:
    """“Look”: a high-contrast theme and a dark idle theme beside it."""
    facts = replace(FACTS, **set_up)
    assert derive_view(terminal(s.Idle(), high_contrast=chosen), facts).theme == theme
    rating = derive_view(terminal(await_stars(), high_contrast=chosen), facts)
    assert rating.theme == ("light" if theme == "dark" else theme)
    button = next(button for button in rating.footer.right if button.name == "contrast")
    assert button.event == s.ContrastChosen(theme != "high-contrast")


def test_a_reason_without_a_translation_keeps_the_catalogues_own_words() -> None:
    catalogue = replace(
        RULES.catalogue, reasons=tuple(replace(row, texts={"zh-CN": row.texts["zh-CN"]}) for row in RULES.catalogue.reasons)
    )
    view = derive_view(terminal(await_reasons(rules=replace(RULES, catalogue=catalogue)), language="en"), FACTS)
    assert reasons_of(view).chips[0].button.text == "没有提供材料样本"


# --- staff ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", [s.Idle(), s.LoggedOut(), s.Paused()])
def test_login_is_reachable_where_nobody_rates(phase: s.Phase) -> None:
    assert derive_view(terminal(phase), FACTS).footer.left == ButtonView("staff", "工作人员", s.LoginRequested())


def test_the_menu_pauses_or_resumes_and_cancels_only_before_the_first_tap() -> None:
    def offered(**more: object) -> list[str]:
        below = more.pop("below", None)
        return names(menu_of(derive_view(terminal(s.StaffMenu(3, below), **more), FACTS)).buttons)  # type: ignore[arg-type]

    assert offered() == ["pause", "clean", "logout"]
    assert offered(paused_since_ms=5) == ["resume", "clean", "logout"]
    assert offered(below=session()) == ["cancel", "pause", "logout"]
    assert offered(below=session(star=2)) == ["pause", "logout"]


def test_the_menu_tells_the_upload_state_and_what_does_not_work() -> None:
    said = [
        menu_of(derive_view(terminal(s.StaffMenu(3)), replace(FACTS, online=online, backlog=backlog))).upload
        for online, backlog in ((True, 0), (True, 7), (False, 7), (False, 0))
    ]
    assert len(set(said)) == 4
    assert "7" in said[1]
    assert "7" in said[2]
    problems = (Problem("device_missing", "读卡器"), Problem("certificate"))
    told = menu_of(derive_view(terminal(s.StaffMenu(3)), replace(FACTS, problems=problems))).problems
    assert [words[:6] for words in told] == ["读卡器：未连", "平台证书不可"]


@pytest.mark.parametrize("phase", [s.Idle(), await_stars(), thanks(2), s.Paused()])
def test_citizens_are_never_told_of_the_networks_or_devices_troubles(phase: s.Phase) -> None:
    trouble = replace(FACTS, problems=(Problem("device_missing", "读卡器"),), backlog=99)
    assert derive_view(terminal(phase), trouble) == derive_view(terminal(phase), FACTS)


# --- notices ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "what", ["already_rated", "unreadable_ticket", "not_a_case_number", "unknown_card", "welcome", "show_ticket", "paused"]
)
def test_a_notice_is_a_full_card_while_nothing_goes_on(what: str) -> None:
    view = derive_view(noticed(what), FACTS)
    assert view.notice is not None
    assert view.notice.title
    assert view.notice.line
    assert view.banner == ""
    assert view.blank is None


@pytest.mark.parametrize("phase", [await_stars(), await_reasons(), thanks(3), s.StaffMenu(3)])
@pytest.mark.parametrize("what", ["already_read", "remembered", "already_rated"])
def test_a_notice_is_one_line_while_somebody_chooses(what: str, phase: s.Phase) -> None:
    view = derive_view(noticed(what, phase), FACTS)
    assert view.notice is None
    assert view.banner
    assert view.picture == derive_view(terminal(phase), FACTS).picture


def test_an_unknown_card_is_answered_on_the_login_screen_itself() -> None:
    view = derive_view(noticed("unknown_card", s.StaffLogin(3)), FACTS)
    assert view.notice is None
    assert "未找到" in repr(view.body)


def test_welcome_greets_by_name() -> None:
    view = derive_view(noticed("welcome"), FACTS)
    assert view.notice is not None
    assert view.notice.title == "您好，王慧敏"
