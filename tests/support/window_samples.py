"""Sample states of the window, for tests of the screens and for looking at them. Everybody in here is made up."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from terminal_app.application.inside import Check, Inside, SelfTest
from terminal_app.domain import administration as a
from terminal_app.domain import session as s
from terminal_app.domain.journal import ClockQuality, Moment
from terminal_app.domain.policy import After, ChainRule, Promise, RegionPolicy
from terminal_app.domain.rateable import Scope, make_offer
from terminal_app.domain.rating import Level, Reason, ReasonCatalogue
from terminal_app.domain.staff import Role, StaffMember
from terminal_app.domain.ticket import Case, CaseTicket, Grouping
from terminal_app.ports import DeviceReport, Link, SyncStatus
from ui.views import Facts, Problem

CANVASES = ((1280, 800), (1024, 600), (1920, 1080), (800, 1280))
LANGUAGES = ("zh-CN", "en")
NOW_MS = 100_000

REASONS = {
    1: (
        ("108", 1, "在办事指南之外增加新的审批条件", "New approval conditions beyond the service guide"),
        ("109", 1, "需提供办事指南之外的申报材料", "Documents were required that the service guide does not list"),
        ("110", 1, "无理由超过法定办理时间", "Took longer than the law allows, without a reason"),
        ("111", 0, "办事指南提供样本有错", "The sample in the service guide was wrong"),
        ("112", 0, "承诺在线收取申报材料实际无法收取", "Documents could not be handed in online although this was promised"),
        ("113", 0, "多头跑窗口和部门", "Had to go to several windows and departments"),
        ("114", 0, "跑动次数与承诺的不一致", "More visits were needed than promised"),
        ("115", 0, "服务态度差效率低", "Poor attitude and slow service"),
    ),
    2: (
        ("207", 1, "没有提供材料样本", "No sample of the documents was provided"),
        ("208", 1, "没有提供材料清单", "No list of the required documents was provided"),
        ("209", 1, "未在承诺时间内办结", "Not finished within the promised time"),
        ("210", 0, "同样内容的证明材料被要求多次提交", "Had to hand in the same proof more than once"),
        ("211", 0, "承诺网办但无法在线办理", "Online handling was promised but not possible"),
        (
            "212",
            0,
            "在线预约办理后到实体大厅重复取号排队",
            "Had to take a number and queue again in the hall after booking online",
        ),
        ("213", 0, "窗口人员业务不熟练", "Staff at the window were not well versed"),
        ("214", 0, "服务态度生硬", "The manner of service was unfriendly"),
    ),
}
CATALOGUE = ReasonCatalogue(
    "reasons-2020",
    "1",
    tuple(
        Reason(code, Level(level), bool(core), {"zh-CN": zh, "en": en})
        for level, rows in REASONS.items()
        for code, core, zh, en in rows
    ),
)
POLICY = RegionPolicy(
    "taian",
    "1",
    {"zh-CN": "泰安市", "en": "Tai'an"},
    "reasons-2020",
    "1",
    after_bad=(
        Promise(
            {"zh-CN": "责任单位会立即安排专人核实处理", "en": "The body in charge has it checked by a named person at once"},
            "taian 二(五)1",
        ),
        Promise(
            {
                "zh-CN": "整改后 5 个工作日内回访核实",
                "en": "Within 5 working days of rectification you are asked whether it worked",
            },
            "taian 二(五)2",
        ),
    ),
)
RULES = s.Rules(POLICY, CATALOGUE)
CLERK = StaffMember("0823", "王慧敏", "综合受理岗 · 政务服务专员")
FACTS = Facts(
    "泰安市政务服务中心",
    "综合受理",
    "08",
    "12345",
    "https://rating.example.gov.cn/w/370900-08",
    receipt_base="https://rating.example.gov.cn",
)
TOKEN = bytes(range(100, 116))
STAR_HASH = "5f" * 32
PASS = "0" + "13579" * 42 + "1"
TICKET = CaseTicket((Case("TA202611210417", None, "个体工商户设立登记"),), staff_number="0823", staff_name="王慧敏")
CHAIN_NAMES = (
    "个体工商户设立登记",
    "食品经营许可（餐饮服务经营者新办）",
    "公众聚集场所投入使用、营业前消防安全检查及告知承诺办理",
    "户外招牌设置备案",
    "税务登记信息确认",
)
BATCH = CaseTicket(
    tuple(Case(f"TA20261121041{n}", None, "个体工商户设立登记") for n in (7, 8, 9)),
    Grouping.BATCH,
    staff_number="0823",
    staff_name="王慧敏",
)
LONG_TICKET = CaseTicket(
    (Case("3709002026112100041712", None, "城镇污水排入排水管网许可证核发及排水户内部排水设施变更备案(含分期建设项目)"),),
    staff_number="0823",
    staff_name="阿卜杜热西提·买买提",
)
CHIEF = StaffMember("0009", "赵明远", "信息管理岗", Role.ADMINISTRATOR)
UNRATED = s.TicketPresented(TICKET, "serial", "ticket-line", "s-0", "2026-11-21")


def _device(name: str, role: str, last: str = "", state: str = "connected", frames: int = 12) -> DeviceReport:
    return DeviceReport(name, role, role, "/dev/ttyS0", state, "", 0, NOW_MS - 3_000 if frames else None, frames, 1, "", last)


INSIDE = Inside(
    now_ms=NOW_MS,
    wall="2026-11-21T10:32:07.500+08:00",
    quality=ClockQuality.SYNCHRONISED,
    version="1.2.0",
    device="0f8fad5b-d9cb-469f-a165-70867728950e",
    region="taian",
    platform_url="https://rating.example.gov.cn",
    data_dir="/var/lib/rating-terminal",
    free_mib=20_480,
    delivery=SyncStatus(Link.OFFLINE, "timeout", 12, 20_000, 2),
    devices=(
        _device("ticket-line", "case_ticket", "9999AAAAAAAA9999AAAA9999 … 9999<CR><LF> (512 B)"),
        _device("scanner", "barcode_scanner", "<STX>9999.999.AA<CR>"),
        _device("card-reader", "card_reader", "", "missing", 0),
        _device("evaluator", "button_evaluator", "••••••••"),
        _device("printer", "receipt_printer", "", "busy", 0),
    ),
)
TESTED = SelfTest(
    "2026-11-21T10:31:40.000+08:00",
    (
        Check("store", True, "7 ms"),
        Check("disk", True, "20480 MiB"),
        Check("clock", True, "synchronised"),
        Check("platform", False, "timeout"),
        Check("font", True),
        Check("device", True, "connected", "ticket-line"),
        Check("device", False, "missing", "card-reader"),
    ),
    "/var/lib/rating-terminal/self-test.txt",
)
BARE_TICKET = CaseTicket((Case("TA202611210417"),))


@dataclass(frozen=True)
class Sample:
    """A state with the facts beside it; `turned`: a control that only turns a page, and was touched."""

    state: s.Terminal
    facts: Facts = FACTS
    turned: str = ""


def session(ticket: CaseTicket = TICKET, star: int | None = None, toggled: tuple[str, ...] = (), **more: object) -> s.Session:
    level = Level(star) if star else None
    made = s.Session(
        *("s-1", ticket, ticket.cases, CLERK, RULES, NOW_MS - 5_000, "2026-11-21", level, toggled), words_pass=PASS
    )
    return replace(made, **more)  # type: ignore[arg-type]


def terminal(phase: s.Phase, **more: object) -> s.Terminal:
    return replace(s.Terminal(phase, RULES, on_duty=CLERK), **more)  # type: ignore[arg-type]


def await_stars(ticket: CaseTicket = TICKET, star: int | None = None) -> s.AwaitStars:
    return s.AwaitStars(session(ticket, star), 3, NOW_MS + 41_000)


def await_reasons(star: int = 2, toggled: tuple[str, ...] = (), **more: object) -> s.AwaitReasons:
    return s.AwaitReasons(session(star=star, toggled=toggled, **more), 3, NOW_MS + 18_000)


def chain(count: int, rated: str = "") -> s.Session:
    """A session of a chain of this many cases; `rated`: numbers of those that were rated alone before."""
    cases = tuple(Case(f"TA20261121{100 + n}", None, CHAIN_NAMES[n % len(CHAIN_NAMES)]) for n in range(count))
    ticket = CaseTicket(cases, Grouping.CHAIN, staff_number="0823", staff_name="王慧敏")
    policy = replace(POLICY, chain=ChainRule(overall=True, single=True, after=After.COMPLETION))
    offer = make_offer(ticket, policy, "2026-11-21", frozenset(f"TA20261121{number}|c" for number in rated.split()))
    return session(ticket, offer=offer, covered=offer.ratable)


def await_scope(count: int = 3, rated: str = "", *, listing: bool = False) -> s.AwaitScope:
    return s.AwaitScope(chain(count, rated), 3, NOW_MS + 41_000, listing)


def chosen(scope: Scope) -> s.AwaitStars:
    """The stars after a choice."""
    of = chain(3)
    covered = of.covered if scope is Scope.OVERALL else of.covered[1:2]
    return s.AwaitStars(replace(of, scope=scope, covered=covered), 3, NOW_MS + 41_000)


def follow_up() -> s.AwaitStars:
    ticket = replace(TICKET, grouping=Grouping.FOLLOW_UP)
    offer = make_offer(ticket, replace(POLICY, follow_ups=1), "2026-11-21", frozenset())
    return s.AwaitStars(session(ticket, offer=offer), 3, NOW_MS + 41_000)


def thanks(star: int) -> s.Thanks:
    return s.Thanks(session(star=star, submitted=True, token=TOKEN, star_hash=STAR_HASH), 3, NOW_MS + 9_000)


def noticed(what: str, phase: s.Phase | None = None, **more: object) -> s.Terminal:
    return terminal(phase or s.Idle(), notice=s.Notice(what, 9, CLERK if what == "welcome" else None), **more)


def administration_samples() -> Mapping[str, Sample]:
    """The PIN pad and every page of administration."""
    inside = replace(FACTS, inside=INSIDE, online=False, backlog=12, problems=(Problem("device_missing", "读卡器"),))
    tested = replace(inside, inside=replace(INSIDE, self_test=TESTED))
    exported = replace(
        inside, inside=replace(INSIDE, stick="/media/stick", exported="rating-terminal-0f8fad5b-2026-11-21T103207.log")
    )
    waits = a.EnterPin(3, CHIEF, denied=a.Denial.TOO_SOON, wait_s=3_600)
    return {
        "pin": Sample(terminal(a.EnterPin(3, CHIEF, "2806"))),
        "pin-wrong": Sample(terminal(waits, on_duty=CHIEF)),
        "pin-out-of-order": Sample(terminal(a.EnterPin(3, CHIEF, "2806", below=s.OutOfOrder("storage")))),
        "administration-storage": Sample(terminal(a.Administration(3, CHIEF, below=s.OutOfOrder("storage"))), inside),
        "administration-locked": Sample(terminal(a.Administration(3, CHIEF, below=s.Locked("revoked"))), inside),
        "administration-overview": Sample(terminal(a.Administration(3, CHIEF)), inside),
        "administration-devices": Sample(terminal(a.Administration(3, CHIEF, a.Page.DEVICES)), inside),
        "administration-self-test": Sample(terminal(a.Administration(3, CHIEF, a.Page.SELF_TEST)), tested),
        "administration-untested": Sample(terminal(a.Administration(3, CHIEF, a.Page.SELF_TEST)), inside),
        "administration-about": Sample(terminal(a.Administration(3, CHIEF, a.Page.ABOUT)), inside),
        "administration-exported": Sample(terminal(a.Administration(3, CHIEF, a.Page.ABOUT)), exported),
    }


def samples() -> Mapping[str, Sample]:
    """Every screen by name, with its variants."""
    away = replace(
        FACTS, online=False, backlog=12, problems=(Problem("device_missing", "读卡器"), Problem("device_busy", "条码扫描器"))
    )
    bare = replace(FACTS, rating_url=None, service_number=None)
    speaking = replace(FACTS, speaks=False)
    return {
        "idle": Sample(terminal(s.Idle())),
        "idle-no-qr": Sample(terminal(s.Idle()), bare),
        "idle-dark": Sample(terminal(s.Idle()), replace(FACTS, dark_idle=True)),
        "nobody": Sample(terminal(s.LoggedOut(), on_duty=None)),
        "rate": Sample(terminal(await_stars())),
        "rate-batch": Sample(terminal(await_stars(BATCH))),
        "rate-scope": Sample(terminal(await_scope())),
        "rate-scope-rest": Sample(terminal(await_scope(4, "101"))),
        "rate-cases": Sample(terminal(await_scope(3, "101", listing=True))),
        "rate-cases-many": Sample(terminal(await_scope(23, "101 104", listing=True))),
        "rate-overall": Sample(terminal(chosen(Scope.OVERALL))),
        "rate-single": Sample(terminal(chosen(Scope.SINGLE))),
        "rate-follow-up": Sample(terminal(follow_up())),
        "rate-long": Sample(terminal(await_stars(LONG_TICKET))),
        "rate-bare": Sample(terminal(await_stars(BARE_TICKET))),
        "rate-changing": Sample(terminal(await_stars(star=4))),
        "rate-voice": Sample(terminal(await_stars(star=4)), speaking),
        "reasons-voice": Sample(terminal(await_reasons(2, ("208",))), speaking),
        "thanks-voice": Sample(terminal(thanks(2)), speaking),
        "rate-already-read": Sample(noticed("already_read", await_stars())),
        "rate-after-rating": Sample(noticed("after_rating", await_stars())),
        "rate-remembered": Sample(noticed("remembered", await_stars())),
        "recording": Sample(terminal(s.Recording(session(star=2), 4, "star", await_stars()))),
        "reasons-1": Sample(terminal(await_reasons(1))),
        "reasons-2": Sample(terminal(await_reasons(2, ("208", "212")))),
        "reasons-phone": Sample(terminal(await_reasons(2, ("208",))), turned="phone"),
        "reasons-extended": Sample(terminal(await_reasons(2, ("208",), extended=True))),
        "thanks-1": Sample(terminal(thanks(1)), away),
        "thanks-2": Sample(terminal(thanks(2))),
        "thanks-5": Sample(terminal(thanks(5))),
        "thanks-no-receipt": Sample(terminal(thanks(2)), replace(FACTS, receipt_base=None)),
        "login": Sample(terminal(s.StaffLogin(3), on_duty=None)),
        "login-unknown": Sample(noticed("unknown_card", s.StaffLogin(3))),
        "menu": Sample(terminal(s.StaffMenu(3))),
        "menu-session": Sample(terminal(s.StaffMenu(3, session())), away),
        "menu-paused": Sample(terminal(s.StaffMenu(3), paused_since_ms=5)),
        "menu-administrator": Sample(terminal(s.StaffMenu(3), on_duty=CHIEF, unrated=UNRATED), away),
        **administration_samples(),
        "paused": Sample(terminal(s.Paused(), paused_since_ms=5)),
        "paused-no-qr": Sample(terminal(s.Paused(), paused_since_ms=5), bare),
        "out-of-order": Sample(terminal(s.OutOfOrder("storage"))),
        "out-of-order-bare": Sample(terminal(s.OutOfOrder("storage")), bare),
        "locked": Sample(terminal(s.Locked("revoked"))),
        "unenrolled": Sample(terminal(s.Unenrolled(), on_duty=None)),
        **{
            f"notice-{what.replace('_', '-')}": Sample(noticed(what))
            for what in (
                "already_rated",
                "not_yet_ratable",
                "no_follow_up",
                "unreadable_ticket",
                "not_a_case_number",
                "unknown_card",
                "welcome",
                "show_ticket",
                "remembered",
                "after_rating",
                "already_read",
            )
        },
        "notice-paused": Sample(noticed("paused", s.Paused(), paused_since_ms=5)),
    }


class FixedClock:
    """A clock that a test sets."""

    def __init__(self, mono_ms: int = NOW_MS, wall: str = "2026-11-21T10:32:07.500+08:00") -> None:
        self.now = mono_ms
        self.wall = wall

    def moment(self) -> Moment:
        return Moment(self.wall, self.now, "boot", ClockQuality.SYNCHRONISED)

    def local_time(self) -> str:
        return self.moment().wall

    def mono_ms(self) -> int:
        return self.now
