# fmt: off
"""独立核验免申即享的兑付证明 / Check the proof of a payment without application with nothing but Python and this file.
    python verify_proof.py FILE [--head ROW_HASH]          exit 0: everything agrees; 2: something does not
It reads the rule from its text, decides again from the facts that a register proves, and computes the amount again. What
it does not know it refuses by name; it never says yes by default. docs/verify.md: what a proof shows, and what it cannot.
Answers are True, False or None (unknown). A fact is one value or None: a figure (分, 1 = 100 %, ㎡, day ordinal, month
number) is a fraction; a choice, flag or code is text. An amount is 分, or None where it hangs on something not proved.
Set by hand, to fit on a few pages; without types, because it reads JSON of any shape and refuses the rest."""
# ruff: noqa: E401, E701, I001
# mypy: ignore-errors
import calendar, hashlib, json, math, operator, re, sys
from datetime import date
from fractions import Fraction
from pathlib import Path

FIGURES = ("money", "count", "ratio", "score", "area", "date", "month")
UNITS = {"money": {"分": 1, "元": 100, "千元": 10**5, "万元": 10**6, "亿元": 10**10},
         "ratio": {"%": Fraction(1, 100), "": 1}, "area": {"㎡": 1, "平方米": 1, "亩": Fraction(2000, 3), "公顷": 10**4}}
ZONES = {"JK": "320400", "TN": "320402", "ZL": "320404", "XB": "320411", "WJ": "320412", "JT": "320413", "LY": "320481"}
COMPARE = {"at_least": operator.ge, "on_or_after": operator.ge, "more_than": operator.gt, "is": operator.eq,
           "at_most": operator.le, "less_than": operator.lt, "before": operator.lt,
           "between": lambda have, low, high: low <= have <= high}
OPERATORS = (*COMPARE, "one_of", "stage_at_least", "within_tree", "within_region", "has_any", "on_list")
BOUNDS = ("at_most", "less_than", "at_least", "more_than", "one_of", "within_tree", "is")
VERBS = {"sum": lambda *terms: sum(terms), "mean": lambda *terms: sum(terms) / len(terms), "last": lambda *terms: terms[-1],
         "least": lambda *terms: min(terms), "greatest": lambda *terms: max(terms), "product": lambda *terms: math.prod(terms),
         "difference": operator.sub, "days_between": lambda one, two: two - one, "ratio": lambda one, two: one / two if two else None}
FORMS = {  # case, what the rule writes, and the fact it is a share of: 分
    "fixed": lambda case, f, base: money(f),
    "rate": lambda case, f, base: lift(lambda have: max(have, 0) * ratio(f), case.value(base)),
    "tiers": lambda case, f, base: lift(lambda have: tiered(f, max(have, 0)), case.value(f["of"])),
    "sum_of": lambda case, f, base: lift(VERBS["sum"], *(case.amount(part, base) for part in f.values())),
    "best_of": lambda case, f, base: lift(VERBS["greatest"], *(case.amount(part, base) for part in f)),
    "choose": lambda case, f, base: agreed([case.amount(row, base) for row in case.reached(
        f.get("when") or [*f["rows"], {"fixed": "0元"}], f.get("by"))]),
    "increment": lambda case, f, base: lift(lambda new, old: max(new - old, 0) * ratio(f["rate"]), *map(case.value, (f["of"], f["over"]))),
    "top_up": lambda case, f, base: lift(lambda paid: max(money(f["to"]) - paid, 0), case.value(f["less"])),
    "per_unit": lambda case, f, base: lift(lambda have: max(have, 0) * money(f["amount"]) * f.get("times", 1), case.value(f["of"])),
}
class Refused(Exception):
    """What does not agree, or what this verifier cannot read, in Chinese."""
def need(holds, what):
    if not holds: raise Refused(what)
def digest(data):
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
def check_hashes(proof, head):
    """Texts against the manifest, the manifest against the body, the body against a step, each step against the next."""
    pieces, before = json.loads(proof["manifest"])["pieces"], None
    need(digest(proof["manifest"]) == proof["body"]["release"], "规则版本的清单与证明写的哈希不符")
    for name, text in proof["texts"].items(): need(pieces.get(name) == digest(text), f"文本被改动，或不属于这个规则版本：{name}")
    for link in proof["chain"]:
        seq, previous = link["row"]["seq"], link["row"]["prev_hash"]
        need(digest(link["row"]) == link["row_hash"], f"办件第 {seq} 步的内容被改动")
        need((seq == 1) == (previous == "0" * 64) and before in (None, (seq - 1, previous)), f"办件第 {seq} 步接不上前一步")
        before = seq, link["row_hash"]
    held, own = [json.loads(link["row"]["body"]).get("proof") for link in proof["chain"]], digest(proof["body"])
    need(own in held, "证明的内容与办件记录里的哈希不符")
    for mark, told in proof.get("opened", {}).items():  # a step holds the hash of 32 digits of salt and the value
        agrees = len(told["salt"]) == 32 and mark == "sealed:" + digest(told["salt"] + told["value"])
        need(agrees and any(f'"{mark}"' in link["row"]["body"] for link in proof["chain"]), f"打开的内容与办件记录里的哈希不符：{told['value']}")
    need(head is None or head in [link["row_hash"] for link in proof["chain"][held.index(own):]], "从写进证明的那一步起，没有库外留存的哈希")
# What a rule writes
def days(text):
    """First and last day of a day, a month or a year."""
    parts = [int(part) for part in text.split("-")]
    end = parts if len(parts) == 3 else [*(parts + [12])[:2], calendar.monthrange(*(parts + [12])[:2])[1]]
    return date(*(parts + [1, 1])[:3]).toordinal(), date(*end).toordinal()
def number(kind, written):
    """A figure: "3000万元", "5.5%", "12个月", "2025-03-01"."""
    if kind == "date": return days(written)[0]
    found = re.fullmatch(r"(\d+)-(\d+)" if kind == "month" else r"(-?\d+(?:\.\d+)?)(\D*)", str(written))
    scale = UNITS[kind].get(found[2]) if found and kind in UNITS else 1
    need(found and scale, f"读不懂的数“{written}”")
    return int(found[1]) * 12 + int(found[2]) - 1 if kind == "month" else Fraction(found[1]) * scale
def money(written): return number("money", written)
def ratio(written): return number("ratio", written)
def as_text(written): return str(written).lower() if isinstance(written, bool) else written
def around(place):
    """A place and all it lies in; the zones of Changzhou have names instead of codes."""
    zone = ZONES.get(place.split("-")[0])
    need(zone or re.fullmatch(r"\d{6}", place), f"不认识的地区“{place}”")
    return {place} | (around(zone) if zone else {place[:4] + "00", place[:2] + "0000", "000000"})
def in_tree(have, codes):
    """Whether an industry lies under one of the codes; None: it is so coarse a code that it may."""
    need(all(re.fullmatch(r"[A-T]\d*", code) for code in codes), f"不认识的行业代码“{codes}”")
    return some([True if have.startswith(code) else None if code.startswith(have) else False for code in codes])
def tiered(tiers, base):
    """分 of a base: each slice at the rate of its tier (marginal), or all of it by the tier in which it falls (whole)."""
    total = below = Fraction(0)
    for tier in tiers["rows"]:
        op = "at_most" if "at_most" in tier else "less_than"
        here = op not in tier or COMPARE[op](base, money(tier[op]))
        if here and tiers["method"] == "whole": return money(tier["fixed"]) if "fixed" in tier else base * ratio(tier["rate"])
        total += ((base if here else money(tier[op])) - below) * ratio(tier.get("rate", "0%"))
        if here: return total
        below = money(tier[op])
def rounded(fen, to="1分", mode="floor"):
    whole = {"floor": math.floor, "ceil": math.ceil, "half_up": lambda steps: math.floor(steps + Fraction(1, 2))}[mode]
    return int(whole(Fraction(fen) / money(to)) * money(to))
# Three values
def every(answers): return False if False in answers else None if None in answers else True
def negated(answer): return None if answer is None else not answer
def some(answers): return negated(every([negated(answer) for answer in answers]))
def agreed(answers): return answers[0] if answers and all(answer == answers[0] for answer in answers) else None
def lift(function, *values): return None if None in values else function(*values)
class Case:
    """The rule, its facts and its day, read from the texts of a proof."""
    def __init__(self, proof):
        self.body, self.known, self.conditions, self.trees = proof["body"], {}, {}, {}
        self.texts = {name: json.loads(text, parse_float=str) for name, text in proof["texts"].items()}
        self.names, self.day = list(json.loads(proof["manifest"])["pieces"]), days(self.body["case"]["as_of"])[0]
        self.measure = self.one("/{measure}.v{version}.yaml".format(**self.body["case"]))
        for name in self.measure.get("use", []): self.take_up(name)
        self.conditions |= self.measure.get("conditions", {})
        for name, c in self.conditions.items(): need(c.get("op", "is") in OPERATORS, f"不能核验的运算词“{c.get('op')}”：条件 {name}")
    def one(self, end):
        found = [text for name, text in self.texts.items() if name.endswith(end)]
        need(len(found) == 1, f"缺少文本“{end}”")
        return found[0]
    def take_up(self, name):
        """A shared definition: its conditions stand under `definition.condition`."""
        definition = self.one(f"rules/definitions/{name}.yaml")
        for used in definition.get("use", []): self.take_up(used)
        self.conditions |= {f"{name}.{part}": written for part, written in definition.get("conditions", {}).items()}
        self.trees[name] = definition["holds_when"]
    # Facts
    def spec(self, fact): return self.one(f"rules/facts.yaml#{fact}")
    def proved(self, fact, spec):
        """The value that an accepted register gave in time and that may be used for a payment; else None."""
        given = self.body["facts"].get(fact)
        accepted = self.measure.get("no_application", {}).get("evidence", {}).get(fact)
        if not given or not accepted or given["source"] not in accepted["from"]: return None
        register = self.one("rules/facts.yaml#")["registers"][given["source"]]
        if isinstance(register, dict) and "payout" not in register.get("only_for", ["payout"]): return None
        if spec.get("needs_authorisation") and not given["authorised_by"]: return None
        age, late = self.day - days(given["observed_on"])[0], (given["received_at"] or "") > self.body["case"]["known_at"]
        if late or not 0 <= age <= min(spec.get("fresh_days", age), accepted["max_age_days"]): return None
        if spec["type"] == "series": return [Fraction(year) for year in given["value"]["years"]]
        return Fraction(given["value"]) if spec["type"] in FIGURES else given["value"]
    def value(self, fact):
        """A given fact as proved, a derived one by the first way that gives a value; None where the two differ."""
        if fact not in self.known:
            spec = self.spec(fact)
            ways = [self.derived(way) for way in [*spec.get("any_of", []), spec]]
            found = [self.proved(fact, spec), next((value for value in ways if value is not None), None)]
            self.known[fact] = agreed([value for value in found if value is not None])
        return self.known[fact]
    def derived(self, way):
        if "ladder" in way: return self.ladder(**way["ladder"])
        if "lookup" in way:
            have, is_code = self.value(way["lookup"]["by"]), self.spec(way["lookup"]["by"])["type"] == "industry"
            for row in [] if have is None else way["lookup"]["rows"]:
                lies = "one_of" not in row or (in_tree(have, row["one_of"]) if is_code else have in row["one_of"])
                if lies is not False: return as_text(row["value"]) if lies else None
        return self.operand(way["derive"]) if "derive" in way else None
    def ladder(self, by, classes, rows):
        """The first class whose bounds all figures reach; None while a figure that is not known may still change it."""
        best, worst = 0, 0 if self.value(by) in rows else None
        for fact, bounds in rows.get(self.value(by), {}).items():
            have, limits = self.value(fact), [number(self.spec(fact)["type"], bound) for bound in bounds]
            best = max(best, sum(have is not None and have < limit for limit in limits))
            worst = max(worst, sum(have is None or have < limit for limit in limits))
        return classes[best] if best == worst else None
    def operand(self, data):
        """A fact, as_of, a literal ("80%", "2/3"), or a verb over such; None while a part is not known."""
        if not isinstance(data, dict):
            literal = re.fullmatch(r"(-?\d+(?:\.\d+|/\d+)?)(%?)", str(data))
            if literal: return Fraction(literal[1]) / (100 if literal[2] else 1)
            return Fraction(self.day) if data == "as_of" else self.value(data)
        ((verb, inner),) = data.items()
        need(verb in VERBS, f"不能核验的推导“{verb}”")
        values = [self.operand(part) for part in (inner if isinstance(inner, list) else [inner])]
        if isinstance(values[0], list): values = values[0][-self.spec(inner).get("years", 0):]
        return lift(VERBS[verb], *values)
    # Conditions
    def test(self, c, written):
        op, wanted = c["op"], written if isinstance(written, list) else [written]
        have, spec = self.value(c["fact"]), self.spec(c["fact"])
        if have is None: return None
        if spec["type"] in FIGURES: return COMPARE[op](have, *(number(spec["type"], each) for each in wanted))
        if spec["type"] == "set":
            held = [self.counts(c, item) for item in have["items"] if item["name"] in wanted]
            return some([*held, False if have["complete"] else None])
        if op == "within_tree": return every([in_tree(have, wanted), negated(in_tree(have, c.get("except", [])))])
        if op == "within_region":
            return True if around(have) & {*wanted} else None if any(have in around(place) for place in wanted) else False
        if op == "stage_at_least": wanted = spec["options"][spec["options"].index(written):]
        return have in [as_text(each) for each in wanted]
    def counts(self, c, item):
        if c["op"] == "on_list": return True
        window, valid, answers = c.get("granted", {}), c.get("validity", "needed") == "needed", []
        first = days(window["from"])[0] if window.get("from") else 0
        last = min(days(window["through"])[1] if window.get("through") else math.inf, self.day if valid else math.inf)
        if valid: answers.append(lift(lambda day: day >= self.day, item.get("through")))
        if valid or window: answers.append(first <= last and lift(lambda day: first <= day <= last, item.get("granted")))
        if "level" in c: answers.append(lift(lambda level: level == c["level"], item.get("level")))
        return every(answers)
    def condition(self, c):
        if "op" not in c: return True if "assumed" in c else None  # nothing that a register proves; see check_payable
        return agreed([self.test(c, row["value"]) for row in (self.reached(c["rows"], c["by"]) if "rows" in c else [c])])
    def reached(self, rows, by=None):
        """Rows that may count: the bound may hold, and no earlier one surely does; a row without a bound holds."""
        found = []
        for row in rows:
            bound = next((op for op in BOUNDS if op in row), None)
            if "condition" in row: answer = self.condition(self.conditions[row["condition"]])
            else: answer = bound is None or self.test({"fact": by, "op": bound}, row[bound])
            if answer is not False: found.append(row)
            if answer: break
        return found
    def holds(self, tree, within=""):
        """Truth of a tree; `within`: the definition that it stands in, with a point."""
        if isinstance(tree, str) and within + tree in self.conditions: return self.condition(self.conditions[within + tree])
        if isinstance(tree, str): return self.holds(self.trees[tree], f"{tree}.")
        ((kind, parts),) = tree.items()
        need(kind in ("all", "any", "not", "at_least", "rows", "if_applicable"), f"不认识的组合“{kind}”")
        if kind == "rows": return agreed([self.holds(row["then"], within) for row in self.reached(parts["rows"], parts["by"])])
        if kind == "not": return negated(self.holds(parts, within))
        if kind == "if_applicable": kind, parts = "any", [{"not": parts["when"]}, parts["then"]]
        answers = [self.holds(part, within) for part in (parts["of"] if kind == "at_least" else parts)]
        if kind != "at_least": return every(answers) if kind == "all" else some(answers)
        return answers.count(True) >= parts["n"] or (None if len(answers) - answers.count(False) >= parts["n"] else False)
    # Amount and validity
    def amount(self, f, base=None):
        form = next((name for name in (*FORMS, "interest", "facility", "unseen") if name in f), None)
        need(form in (*FORMS, None), f"不能核验的金额形式“{form}”")
        found = None if form is None else FORMS[form](self, f[form], f.get("of", base))
        floor, cap = money(f.get("floor", "0元")), money(f["cap"]) if "cap" in f else math.inf
        return lift(lambda fen: min(max(fen, floor), cap), found)
    def total(self):
        benefit = self.measure.get("benefit") or {}
        need("switch" not in benefit, "不能核验的金额形式“switch”")
        caps = [money(cap["amount"]) for cap in benefit.get("caps", [])]
        return lift(lambda fen: rounded(min([fen, *caps]), **benefit.get("rounding", {})), self.amount(benefit))
    def in_force(self):
        written, (first, sure) = self.measure["effective"], days(self.measure["effective"]["from"])
        through, seen = written["through"], [days(day)[1] for day in written.get("seen_in_force_on", [])]
        sure = min([sure, *seen])
        if through == "superseded": surely, last = (day - 1 for day in days(self.superseded_from()))
        elif through in ("open", "unknown"): surely, last = {"open": math.inf}.get(through, max(seen, default=sure - 1)), math.inf
        else: surely, last = days(through)
        return False if not first <= self.day <= last else True if sure <= self.day <= surely else None
    def superseded_from(self):  # by the next version, or by the document that replaces the rule's own
        name, names = f"/{self.measure['id']}.v", "\n".join(self.names)
        newer = sorted(int(v) for v in re.findall(rf"{name}(\d+)\.yaml", names) if int(v) > self.measure["version"])
        own = self.one(f"corpus/documents/{self.measure['document']['id']}.yaml")
        after = self.one(f"{name}{newer[0]}.yaml" if newer else f"corpus/documents/{own['replaced_by']}.yaml")
        return after.get("effective", {}).get("from") or after["issued_on"]
# A whole proof
def decide(proof):
    """What follows from the texts and the proved facts alone."""
    case, words = Case(proof), {True: "true", False: "false", None: "unknown"}
    force, truth = case.in_force(), case.holds(case.measure["eligible_when"])
    verdict = "not_in_force" if force is False else "ineligible" if truth is False else "eligible" if truth and force else "unknown"
    conditions = {name: words[case.condition(c)] for name, c in case.conditions.items()}
    return {"verdict": verdict, "conditions": conditions, "amount_fen": case.total() if verdict in ("eligible", "unknown") else None}
def check_payable(case):
    """The rule pays without application, and no exclusion held on the day of the look into the lists."""
    rule, head, seen = case.measure, case.body["case"], case.body["exclusions"]
    need((head["purpose"], rule["mode"], rule["status"]) == ("payout", "msjx", "active"), "不是施行中的免申即享措施")
    need((head["measure"], head["version"]) == (rule["id"], rule["version"]), "规则文本不是这个措施的这个版本")
    need(rule["verified"]["conditions"] == rule["verified"]["benefit"] == "page", "条件或金额没有对照原文核实")
    need(not (rule.get("fair_competition") or {}).get("flag"), "须作公平竞争审查，不能兑付")
    need(all("op" in c for c in case.conditions.values()), "含人工判断或前提，不能免申即享")
    need(rule["benefit"]["kind"] == "cash" and rule["benefit"].get("promise") != "ceiling", "不是写明算法的资金")
    effects = {kind["id"]: kind["effect"] for kind in case.one("rules/entitlement.yaml")["exclusions"]}
    for entry in seen["entries"]:
        holds = entry["since"] <= seen["on"] <= (entry["through"] or "9") and seen["on"] < (entry["ended_on"] or "9")
        named = effects[entry["kind"]] != "warn" and head["measure"] in (entry["measures"] or [head["measure"]])
        need(not (holds and named), f"在排除名单上：{entry['issuer']}，{entry['record']}")
def verify(proof: dict, head: str | None = None) -> dict:
    """Refused at the first thing that does not agree."""
    need(proof["schema"] in ("proof/1", "proof/2"), "不认识的证明格式")
    check_hashes(proof, head)
    said, found, case = proof["body"]["decision"], decide(proof), Case(proof)
    check_payable(case)
    for key in found: need(found[key] == said[key], f"{key} 重新判定不符：证明写 {said[key]}，重新判定为 {found[key]}")
    need(found["verdict"] == "eligible" and found["amount_fen"] is not None, "凭已证明的数据不能判定符合并算出金额")
    caps, cuts = [money(cap["amount"]) for cap in case.measure["benefit"].get("caps", [])], said["cuts"]
    need([(cut["cap"], cut["limit_fen"]) for cut in cuts if cut["cap"] is not None] == list(enumerate(caps)), "台账没有逐项核对上限")
    left = [max(cut["limit_fen"] - cut["paid_fen"], 0) for cut in cuts]
    need(left == [cut["left_fen"] for cut in cuts], "台账的余额算得不对")
    need(said["pay_fen"] == min([said["amount_fen"], *left]), "兑付金额与台账的余额不符")
def main(arguments: list[str]) -> int:
    try:
        head = arguments[2] if arguments[1:2] == ["--head"] and len(arguments) == 3 else None
        need(len(arguments) == (3 if head else 1), "用法：python verify_proof.py 证明文件 [--head 库外留存的哈希]")
        proof = json.loads(Path(arguments[0]).read_text("utf-8"))
        verify(proof, head)
    except Exception as error:
        print(f"不通过：{error}" if isinstance(error, Refused) else f"不通过：读不懂（{type(error).__name__}：{error}）")
        return 2
    said, case = proof["body"]["decision"], proof["body"]["case"]
    print(f"通过：{case['number']} {case['beneficiary']['name']}，{case['measure']} 第 {case['version']} 版，判定日 {case['as_of']}",
          f"文本 {len(proof['texts'])} 份、条件 {len(said['conditions'])} 条，金额 {said['amount_fen']} 分，兑付 {said['pay_fen']} 分，重算一致",
          "从写进证明的那一步起，有库外留存的哈希" if head else "没有给出库外留存的哈希（--head），看不出整条记录是否被重写", sep="\n")
    return 0
if __name__ == "__main__": sys.exit(main(sys.argv[1:]))
