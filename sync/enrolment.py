"""Enrolment: turn a one-time claim into a trusted platform, a device id and all documents.

May be repeated after any interruption: the same claim with the same key gets the same answer. Must never trust a
platform other than the one that issued the claim.
"""

from typing import Protocol

from sync.downloads import DocumentSource, Downloads
from sync.outcome import Nonsense, NotAuthorised, Revoked, ServerTrouble, Trouble, WrongCertificate, code
from terminal_app.application.documents import ENROLMENT, load_identity
from terminal_app.domain.enrolment import BadClaim, BadEnrolment, Claim, EnrolmentRecord
from terminal_app.ports import DocumentStore


class EnrolmentSource(DocumentSource, Protocol):
    """The part of the platform client that enrolment needs."""

    def claim_identity(self, claim: str) -> bytes | Trouble: ...


class EnrolmentFailed(Exception):
    """Enrolment did not complete. `problem` is stable; `texts` says in zh-CN and en what is wrong and what to do."""

    def __init__(self, problem: str, detail: str = "") -> None:
        self.problem = problem
        self.detail = detail
        self.texts = dict(zip(("zh-CN", "en"), _TEXTS[problem], strict=True))
        super().__init__(self.texts["en"] + (f" ({detail})" if detail else ""))


def enroll(source: EnrolmentSource, claim_text: str, store: DocumentStore) -> EnrolmentRecord:
    """Enrol with the platform behind `source`; returns once the record and all documents are stored. Raises EnrolmentFailed."""
    try:
        claim = Claim.parse(claim_text)
    except BadClaim as error:
        raise EnrolmentFailed("claim_malformed", str(error)) from None
    line = source.claim_identity(claim.text)
    if not isinstance(line, bytes):
        raise _failure(line)
    record = _trusted(line, claim)
    store.put(ENROLMENT, "", record.line)
    trouble = Downloads(source, store, record.platform_key).refresh().trouble
    if trouble is not None and load_identity(store) is None:
        raise EnrolmentFailed("incomplete", code(trouble))
    return record


def _trusted(line: bytes, claim: Claim) -> EnrolmentRecord:
    try:
        record = EnrolmentRecord.from_line(line)
    except BadEnrolment as error:
        raise EnrolmentFailed("nonsense", str(error)) from None
    if not record.is_from(claim.fingerprint):
        raise EnrolmentFailed("other_platform")
    return record


def _failure(trouble: Trouble) -> EnrolmentFailed:
    match trouble:
        case ServerTrouble(problem="claim-unknown"):
            return EnrolmentFailed("claim_unknown")
        case ServerTrouble(problem="claim-expired"):
            return EnrolmentFailed("claim_expired")
        case ServerTrouble(problem="claim-used"):
            return EnrolmentFailed("claim_used")
        case ServerTrouble(problem="key-enrolled"):
            return EnrolmentFailed("key_enrolled")
        case WrongCertificate(detail):
            return EnrolmentFailed("wrong_certificate", detail)
        case NotAuthorised() | Revoked():
            return EnrolmentFailed("not_accepted", code(trouble))
        case ServerTrouble() | Nonsense():
            return EnrolmentFailed("platform_trouble", code(trouble))
    return EnrolmentFailed("unreachable", code(trouble))


_TEXTS = {
    "claim_malformed": (
        "登记码不完整或有误。请核对后重新输入,字母大小写和连字符不影响。",
        "The claim is mistyped or cut off. Check it and enter it again; case and hyphens do not matter.",
    ),
    "claim_unknown": (
        "平台不认识此登记码。请核对登记码和平台地址,或请平台管理员重新生成。",
        "The platform does not know this claim. Check the claim and the platform's address, or ask for a new claim.",
    ),
    "claim_expired": (
        "登记码已过期。请平台管理员重新生成。",
        "The claim has expired. Ask the platform's administrator for a new one.",
    ),
    "claim_used": (
        "登记码已被另一台终端使用。请平台管理员重新生成,并查明是哪一台终端使用过。",
        "Another terminal has used this claim. Ask for a new one, and find out which terminal used it.",
    ),
    "key_enrolled": (
        "本机已用另一个登记码登记过。请使用当时的登记码,或清空数据目录后重新登记。",
        "This terminal was enrolled with another claim before. Use that claim, or enrol with an empty data folder.",
    ),
    "other_platform": (
        "该地址不是签发登记码的平台。请核对平台地址;若地址无误,连接可能被冒充,请报告管理员。",
        "This is not the platform that issued the claim. Check the address; if it is right, somebody may be impersonating "
        "the platform: report it.",
    ),
    "wrong_certificate": (
        "平台证书不可信。请检查本机时间和 ca_file 设置;请勿在问题解决前继续登记。",
        "The platform's certificate is not trusted. Check this machine's clock and the ca_file setting.",
    ),
    "unreachable": (
        "无法连接平台。请检查网络和平台地址。",
        "The platform cannot be reached. Check the network and the platform's address.",
    ),
    "not_accepted": (
        "平台拒绝了本机的签名。请核对平台地址;若中间有代理,请确认它不改写请求。",
        "The platform refused this terminal's signature. Check the platform's address and that no proxy rewrites requests.",
    ),
    "platform_trouble": ("平台暂时无法处理。请稍后重试。", "The platform cannot answer properly now. Try again later."),
    "nonsense": (
        "该地址的应答不是登记记录。请核对平台地址。",
        "What answers at this address does not send an enrolment record. Check the platform's address.",
    ),
    "incomplete": (
        "已登记,但规则、原因目录或人员名单尚未取得。请用同一登记码重试。",
        "Enrolled, but policy, catalogue or roster are not here yet. Run it again with the same claim.",
    ),
}
