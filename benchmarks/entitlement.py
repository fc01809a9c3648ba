"""免申即享 under stress: many random cases, bad facts of every sort, steps in random order, kills between steps.

`make campaign NAME=entitlement` runs 10,000 firms; `make test` a hundred. Whether a firm may be paid is decided when it is
made up (`Firm.is_owed`), before any code under test has seen it. What must hold at the end: nobody is paid without being
owed and without a proof that the stand-alone verifier accepts; nobody twice; every case that stopped says why; every
proof that was tampered with is refused.
"""

from __future__ import annotations

import json
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.report import machine
from policy_match import verify_proof
from policy_match.entitlement.states import Action, State
from policy_match.errors import PolicyMatchError
from policy_match.facts.observations import Observation
from policy_match.facts.read import read_text_cell
from policy_match.secret import Secret
from policy_match.store import cases, facts, subjects
from policy_match.store.case_tables import Budget, Case, Exclusion, ExclusionCheck, Instruction, Payment
from policy_match.store.database import Database
from policy_match.workflows.approve_case import approve_case
from policy_match.workflows.confirm_case import Consent, confirm_case, decline_case, reopen_case
from policy_match.workflows.export_payments import export_payments
from policy_match.workflows.find_candidates import Hunt, find_candidates
from policy_match.workflows.leave_case import hold_case, release_case
from policy_match.workflows.move_cases import move_cases
from policy_match.workflows.object_case import NewObjection, object_case
from policy_match.workflows.open_archive import Archive, open_archive
from policy_match.workflows.prove_case import proof_of
from policy_match.workflows.publish_notice import Notice, ask_firm, publish_notice
from policy_match.workflows.read_receipts import read_receipts
from policy_match.workflows.reconfirm_case import reconfirm_case
from policy_match.workflows.verify_case import verify_case
from policy_match.workflows.write_entry import By

ROOT = Path(__file__).resolve().parents[1]
SEED, FIRMS, SMALL = 20261128, 10_000, 100
LIBRARY = "real"
AWARD, REFUND = "cz_hnte_award", "job_stabilisation_refund"
UNITS = {AWARD: "science", REFUND: "labour"}
LAW_DAYS = {AWARD: date(2024, 6, 10), REFUND: date(2025, 12, 15)}
FIRST_DAY, DAYS = date(2026, 3, 2), 60
KILLED, WRONG_ORDER, WRONG_ACTOR = 0.05, 0.1, 0.05
# Of each fact: the source that proves it, its value for an eligible firm, one that ends it (None: none does), and the age
# in days that the rule still takes.
NEEDED: Mapping[str, Mapping[str, tuple[str, str, str | None, int]]] = {
    AWARD: {
        "registered_region": ("ENT", "320412", "310115", 366),
        "hnte_event": ("DEPT", "首次认定高企", "整体迁入", 730),
        "recognised_on": ("DEPT", "2023-11-06", "2021-11-06", 730),
    },
    REFUND: {
        "registered_region": ("ENT", "320412", "310115", 366),
        "unemployment_ins_months": ("ENT", "48", "3", 62),
        "insured_staff": ("ENT", "120", None, 62),
        "layoff_rate": ("ENT", "1%", "30%", 366),
        "unemployment_ins_paid_last_year": ("ENT", "10万元", None, 366),
        "entity_type": ("ENT", "企业法人", None, 366),
        "industry_code": ("ENT", "C3489", None, 366),
        "enterprise_size": ("ENT", "small", None, 366),
        "blacklisted": ("CREDIT", "否", "是", 7),
    },
}
# With 1 % laid off a firm of any size is under its limit, and a small firm gets 60 % whatever its form.
WITHOUT_WEIGHT = frozenset({"insured_staff", "entity_type"})
SPOILING = ("missing", "stale", "conflict", "purpose", "weak", "false")
OTHER_SOURCE = {"ENT": "SELF", "DEPT": "SELF", "CREDIT": "DEPT"}
OTHER_VALUE = {
    "registered_region": "310115", "hnte_event": "再次认定高企", "recognised_on": "2023-10-06",
    "unemployment_ins_months": "24", "insured_staff": "480", "layoff_rate": "9%",
    "unemployment_ins_paid_last_year": "90万元", "entity_type": "个体工商户", "industry_code": "C2611",
    "enterprise_size": "large", "blacklisted": "是",
}  # fmt: skip


class Killed(Exception):
    """The process dies before its transaction is kept."""


@dataclass(frozen=True)
class Dying(Database):
    """A database whose writer dies now and then, after everything was written and before it is kept."""

    draw: random.Random = field(default_factory=random.Random)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """As the database writes, or not at all."""
        with super().writing() as session:
            yield session
            if self.draw.random() < KILLED:
                raise Killed


@dataclass(frozen=True, slots=True)
class Firm:
    """An invented firm. `spoiled`: what is wrong with which fact; `listed`: on an exclusion list; `paid`: by another system."""

    code: str
    name: str
    measure: str
    spoiled: Mapping[str, str]
    listed: bool
    paid: bool

    @property
    def is_owed(self) -> bool:
        """Whether it may be paid: nothing is wrong with a fact that matters, it is on no list and was not paid elsewhere."""
        return not self.spoiled.keys() - WITHOUT_WEIGHT and not self.listed and not self.paid


def made_up(draw: random.Random, count: int) -> list[Firm]:
    """Firms, half for each measure; two in five without a fault."""
    found = []
    for number in range(count):
        measure = (AWARD, REFUND)[number % 2]
        spoiled = {}
        if draw.random() < 0.5:
            for fact in draw.sample(sorted(NEEDED[measure]), draw.choice((1, 1, 1, 2))):
                ways = SPOILING if NEEDED[measure][fact][2] is not None else SPOILING[:-1]
                spoiled[fact] = draw.choice(ways)
        listed, paid = draw.random() < 0.05, draw.random() < 0.05
        found.append(Firm(f"演练{number:06d}", f"演练企业{number:06d}", measure, spoiled, listed, paid))
    return found


def told(firm: Firm, archive: Archive) -> Iterator[Observation]:
    """What the registers say of a firm on the law day of its measure."""
    day = LAW_DAYS[firm.measure]
    for fact, (source, good, bad, age) in NEEDED[firm.measure].items():
        fault = firm.spoiled.get(fact)
        if fault == "missing":
            continue
        value = bad if fault == "false" and bad is not None else good
        register = {"purpose": "FAI", "weak": "TEXT"}.get(fault or "", source)
        seen = day - timedelta(days=age + 1 if fault == "stale" else 1)
        yield _observation(archive, fact, value, register, seen)
        if fault == "conflict":
            yield _observation(archive, fact, OTHER_VALUE[fact], OTHER_SOURCE[source], seen)


def _observation(archive: Archive, fact: str, text: str, source: str, seen: date) -> Observation:
    value = read_text_cell(archive.vocabulary[fact], text, None, archive.vocabulary)
    if value is None:
        raise ValueError(f"{fact}: {text}")
    at = datetime(2026, 2, 1, tzinfo=UTC)
    confidence = archive.vocabulary.confidence(fact, source)
    return Observation(fact, value, source, seen, at, confidence=confidence)


def checked_rules(folder: Path) -> Path:
    """The shipped rules, in which both measures are taken as checked against the page: for this run alone."""
    rules = folder / "rules"
    shutil.copytree(ROOT / "rules", rules)
    for path in rules.rglob("*.yaml"):
        if path.name.startswith((f"{AWARD}.v", f"{REFUND}.v")):
            page = 'verified: {conditions: page, benefit: page, by: 演练, on: "2026-01-01"}'
            text = path.read_text("utf-8").replace("verified: {conditions: copy, benefit: copy}", page)
            path.write_text(text, "utf-8")
    return rules


def fill(archive: Archive, firms: Sequence[Firm]) -> None:
    """Keep the firms with their facts, lists, earlier payments and two years of money."""
    at = datetime(2026, 2, 1, tzinfo=UTC)
    with archive.database.writing() as session:
        rows = {
            subjects.add(session, LIBRARY, "enterprise", code=firm.code, name=firm.name, at=at).id: firm
            for firm in firms
        }
        observed = {number: list(told(firm, archive)) for number, firm in rows.items()}
        facts.keep(session, observed, archive.vocabulary, actor_id="importer")
        session.add_all(_listed(firm, at) for firm in firms if firm.listed)
        session.add_all(_paid(firm, at) for firm in firms if firm.paid)
        session.add_all(
            Budget(
                library=LIBRARY, measure=measure, year=2026, amount_fen=10**13, line="演练", recorded_at=at,
                reviewed_on=date(2026, 1, 5), reviewer="演练", actor_id="treasury",
            )
            for measure in NEEDED
        )  # fmt: skip


def _listed(firm: Firm, at: datetime) -> Exclusion:
    return Exclusion(
        library=LIBRARY, code=firm.code, kind="dishonest", record=firm.code, issuer="演练法院", basis="演练依据",
        since=date(2026, 1, 1), source="CREDIT", recorded_at=at, actor_id="data",
    )  # fmt: skip


def _paid(firm: Firm, at: datetime) -> Payment:
    period = "2023-11-06" if firm.measure == AWARD else "2025"
    return Payment(
        library=LIBRARY, reference=f"他处{firm.code}", measure=firm.measure, beneficiary=f"enterprise:{firm.code}",
        period=period, paid_on=date(2026, 1, 20), amount_fen=100, source="FIN", recorded_at=at,
    )  # fmt: skip


@dataclass
class Run:
    """One run at work: the archive that dies, the day, and what was refused or killed."""

    archive: Archive
    draw: random.Random
    folder: Path
    day: date = FIRST_DAY
    outcomes: Counter[str] = field(default_factory=Counter)
    killed: int = 0

    def by(self, actor: str) -> By:
        """Somebody asks at a random minute of the day's work."""
        hour = timedelta(hours=1, minutes=self.draw.randrange(540))
        return By(LIBRARY, actor, datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC) + hour)

    def attempt(self, what: Callable[[], object]) -> None:
        """Do it; a refusal is counted by its code and must say what is wrong."""
        try:
            what()
        except PolicyMatchError as error:
            if not all(issue.what and issue.code for issue in error.issues):
                raise AssertionError("a refusal without a word") from error
            self.outcomes[error.issues[0].code] += 1
        except Killed:
            self.killed += 1


def act(run: Run, case: Case, name: str) -> None:
    """One thing somebody does about a case: mostly what comes next, now and then anything by anybody."""
    draw, number, archive = run.draw, case.number, run.archive
    unit = UNITS[case.measure]
    officers = [unit, f"{unit}-2", f"{unit}-3"]
    officer = draw.choice(["industry", "treasury", "data"] if draw.random() < WRONG_ACTOR else officers)
    by, firm = run.by(officer), run.by("enterprise-320412")
    doings: dict[str, Callable[[], object]] = {
        "verify": lambda: verify_case(archive, number, by),
        "notice": lambda: publish_notice(
            archive, number, Notice("https://www.changzhou.gov.cn/", run.day, "0" * 64), by
        ),
        "ask": lambda: ask_firm(archive, number, by),
        "confirm": lambda: confirm_case(archive, number, Consent("演练", "演练", name, "32040000000001"), firm),
        "decline": lambda: decline_case(archive, number, "演练", "", firm),
        "reopen": lambda: reopen_case(archive, number, "演练", by),
        "approve": lambda: approve_case(archive, number, by),
        "hold": lambda: hold_case(archive, number, "演练", by),
        "release": lambda: release_case(archive, number, "演练", by),
        "object": lambda: object_case(archive, number, NewObjection("演练", "演练", "演练"), by),
        "reconfirm": lambda: reconfirm_case(archive, number, by),
    }
    following = {
        State.CANDIDATE: "verify", State.VERIFIED: "notice", State.CONSENT: "confirm", State.CONFIRMED: "approve",
        State.ON_HOLD: "release", State.EXPIRED: "reopen", State.DECLINED: "reopen", State.FAILED: "reconfirm",
    }  # fmt: skip
    chosen = following.get(State(case.state))
    if draw.random() < WRONG_ORDER:
        chosen = draw.choice(sorted(doings))
    if chosen is not None:
        run.attempt(doings[chosen])


def live(run: Run, names: Mapping[int, str]) -> None:
    """One day: lists of the day, what the calendar does, cases in random order, orders and receipts."""
    with Database.writing(run.archive.database) as session:
        session.add(
            ExclusionCheck(
                library=LIBRARY,
                checked_at=run.by("data").now.replace(hour=0),
                source="CREDIT",
                entries=0,
                actor_id="data",
            )
        )
    for measure in NEEDED:
        run.attempt(
            lambda measure=measure: find_candidates(
                run.archive, Hunt(LAW_DAYS[measure], (measure,)), run.by(UNITS[measure])
            )
        ) if run.day.toordinal() % 10 == FIRST_DAY.toordinal() % 10 else None
    run.attempt(lambda: move_cases(run.archive, run.by("science")))
    with run.archive.database.reading() as session:
        open_ = cases.every(session, LIBRARY, states=[s for s in State if s.value[0] != "X" and s is not State.PAID])
        open_ += cases.every(session, LIBRARY, states=[State.EXPIRED, State.DECLINED])
    run.draw.shuffle(open_)
    for case in open_:
        if run.draw.random() < 0.5:
            act(run, case, names[case.beneficiary_id])
    run.attempt(lambda: export_payments(run.archive, run.by("treasury")))
    answer(run)


def answer(run: Run) -> None:
    """The treasury answers what was ordered: most paid, some returned, some with a wrong sum, some twice, some never sent."""
    with run.archive.database.reading() as session:
        paying = {case.id: case for case in cases.every(session, LIBRARY, states=[State.PAYING])}
        orders = [one for one in session.scalars(select(Instruction)) if one.case_id in paying]
    lines = ["指令号,凭证号,金额（元）,日期,结果,原因"]
    for order in orders:
        fen, chance = order.amount_fen, run.draw.random()
        if chance < 0.05:
            lines.append(f"{order.id},,{_yuan(fen)},{run.day},退汇,账号有误")
            continue
        wrong = 1 if chance < 0.1 else 0
        voucher = f"凭证{order.id}-{run.day:%m%d}"
        lines += [f"{order.id},{voucher},{_yuan(fen - wrong)},{run.day},成功,"] * (2 if chance > 0.9 else 1)
    if run.draw.random() < 0.2:
        lines.append(f"没有这条-1,凭证X{run.day:%m%d},1.00,{run.day},成功,")
    path = run.folder / f"{run.day}.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    run.attempt(lambda: read_receipts(run.archive, path, run.by("treasury")))


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


# what must hold


def judge(run: Run, firms: Sequence[Firm]) -> dict[str, int]:
    """The counts of a run; AssertionError at the first law that does not hold."""
    by_code = {firm.code: firm for firm in firms}
    counts: Counter[str] = Counter()
    with run.archive.database.reading() as session:
        every = cases.every(session, LIBRARY)
        codes = {row.id: row.code for row in subjects.every(session, LIBRARY, "enterprise")}
        paid = [row for row in session.scalars(select(Payment)) if row.case_id is not None]
        steps = {case.id: cases.steps_of(session, case) for case in every}
    for case in every:
        _explained(case, steps[case.id])
        counts[case.state] += 1
    _never_twice(paid)
    for case in every:
        if State(case.state) is State.PAID:
            firm = by_code[codes[case.beneficiary_id]]
            if not firm.is_owed:
                raise AssertionError(f"{case.number} was paid though {firm}")
            tampered_refused(proof_of(run.archive, LIBRARY, case.number), counts)
    owed = sum(firm.is_owed for firm in firms)
    return {
        "firms": len(firms),
        "owed": owed,
        "cases": len(every),
        "killed": run.killed,
        **dict(sorted(counts.items())),
    }


def _explained(case: Case, steps: Sequence[cases.CaseStep]) -> None:
    """Whoever ended or holds a case has said why; the chain of its steps holds."""
    if cases.first_break(steps) is not None:
        raise AssertionError(f"{case.number}: the chain is broken")
    last = next(step for step in reversed(steps) if step.action != Action.NOTE)
    silent = {State.DECLINED, State.EXPIRED, State.ON_HOLD}
    body = cases.body_of(last)
    if (
        case.state[0] == "X"
        and State(case.state) not in silent
        and not (body.get("why") or body.get("reason") or body.get("answer"))
    ):
        raise AssertionError(f"{case.number}: {case.state} without a word")


def _never_twice(paid: Sequence[Payment]) -> None:
    places = Counter((row.measure, row.beneficiary, row.period) for row in paid)
    twice = [place for place, times in places.items() if times > 1]
    if twice:
        raise AssertionError(f"paid twice: {twice[:3]}")


def tampered_refused(text: str, counts: Counter[str]) -> None:
    """The verifier accepts the proof and refuses it with any of the five things changed."""
    verify_proof.verify(json.loads(text))
    counts["proofs accepted"] += 1
    for name, tamper in TAMPERINGS.items():
        proof = json.loads(text)
        tamper(proof)
        try:
            verify_proof.verify(proof)
        except verify_proof.Refused:
            counts["tamperings refused"] += 1
        else:
            raise AssertionError(f"a proof with another {name} was accepted")


def _another_rule(proof: dict[str, dict[str, str]]) -> None:
    name = next(name for name in proof["texts"] if "/measures/" in name)
    proof["texts"][name] = proof["texts"][name].replace("20万元", "90万元").replace("60%", "90%")


def _another_fact(proof: dict) -> None:  # type: ignore[type-arg]
    fact = sorted(proof["body"]["facts"])[0]
    proof["body"]["facts"][fact]["observed_on"] = "2020-01-01"


def _another_amount(proof: dict) -> None:  # type: ignore[type-arg]
    proof["body"]["decision"]["pay_fen"] += 1


def _another_release(proof: dict) -> None:  # type: ignore[type-arg]
    proof["body"]["release"] = sha256(b"another").hexdigest()


def _another_order(proof: dict) -> None:  # type: ignore[type-arg]
    chain = proof["chain"]
    chain[0], chain[-1] = chain[-1], chain[0]


TAMPERINGS: Mapping[str, Callable[..., None]] = {
    "rule": _another_rule,
    "fact": _another_fact,
    "amount": _another_amount,
    "release": _another_release,
    "order": _another_order,
}


def run_once(count: int, seed: int = SEED, days: int = DAYS) -> dict[str, int]:
    """A whole run on SQLite; the counts. AssertionError if a law does not hold."""
    draw = random.Random(seed)  # noqa: S311 cases, not secrets
    with TemporaryDirectory(prefix="policy_match_stress_") as folder:
        place = Path(folder)
        archive = open_archive(
            f"sqlite:///{place / 'library.db'}",
            checked_rules(place),
            ROOT / "corpus",
            secret=Secret("of a run that nobody keeps"),
        )
        firms = made_up(draw, count)
        fill(archive, firms)
        dying = replace(archive, database=Dying(archive.database.engine, draw=draw))
        run = Run(dying, draw, place)
        with archive.database.reading() as session:
            names = {row.id: row.name or "" for row in subjects.every(session, LIBRARY, "enterprise")}
        for _ in range(days):
            live(run, names)
            run.day += timedelta(days=1)
        found = judge(run, firms)
        archive.database.close()
    return found | {f"refused {code}": times for code, times in sorted(run.outcomes.items())}


def main() -> list[str]:
    """The full run; the lines of the result."""
    started = time.monotonic()
    found = run_once(FIRMS)
    minutes = (time.monotonic() - started) / 60
    return [
        f"- {machine()}",
        f"- {FIRMS:,} invented firms, seed {SEED}, {DAYS} days, kills in {KILLED:.0%} of transactions; {minutes:.0f} minutes",
        "- payments without a complete proof: 0; double payments: 0; stops without an explanation: 0; "
        "tampered proofs accepted: 0",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {count:,} |" for name, count in found.items()),
    ]
