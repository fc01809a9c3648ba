"""Records as other departments would hold them, made from the projects of the corpus with a seed.

A library of the corpus's projects and of invented sisters (further phases and works of the same firms) gets invented
codes with right check digits. Each record is either one of its projects, worn as such records are (letters lost,
doubled, swapped, heard wrongly; short forms; traditional letters; other units; codes missing or wrong; firms renamed
or written short), or a project the library does not hold, as like one of them as can be: its next phase, its
dormitory, another work of its firm, its namesake elsewhere.
"""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from policy_match.identifiers import USCC_ALPHABET, region_name, uscc_check_letter
from policy_match.linkage.records import ProjectRecord
from policy_match.linkage.traditional import _SIMPLIFIED, _TRADITIONAL

CORPUS = Path(__file__).resolve().parents[2] / "corpus" / "projects.csv"
SOURCES = ("工改系统", "在线审批平台", "固定资产投资项目库", "企业数字档案库", "招商签约台账", "政企通")
NUMERALS = "一二三四五六七八九"
HEARD = dict(["锂里", "源原", "鑫新", "汽气", "电店", "智志", "裕欲", "常长", "材才", "阳杨", "天添", "能龙", "精晶", "华花",
              "金今", "中忠", "光广", "州洲", "星兴", "氢轻", "池迟", "料科", "导道", "维唯", "溧栗", "器气", "恒横", "科可",
              "品拼", "机几", "健建", "达大", "车东", "通同", "博勃", "高搞", "线现", "产铲", "械戒", "膜模"])  # fmt: skip
OLD = dict(zip(_SIMPLIFIED, _TRADITIONAL, strict=True))
ALIASES = {
    "320402": ("天宁", "天宁区", "常州市天宁区"),
    "320404": ("钟楼", "钟楼区", "常州市钟楼"),
    "320411": ("新北", "新北区", "常州高新区", "常州国家高新技术产业开发区"),
    "320412": ("武进", "武进区", "武高新", "武进经开区", "常州市武进区"),
    "320413": ("金坛", "金坛区", "常州市金坛", "金坛经开区"),
    "320481": ("溧阳", "溧阳市", "江苏中关村", "江苏省溧阳市"),
    "JK": ("常州经开区", "经开区", "常州经济开发区"),
}
SUPPORT = ("配套宿舍及食堂工程", "厂区屋顶分布式光伏发电项目", "综合办公楼项目", "配套污水处理站工程", "倒班宿舍楼项目")
SISTERS = (
    "研发检测中心项目",
    "智慧仓储物流项目",
    "固废资源化利用项目",
    "余热回收节能项目",
    "检验测试平台项目",
    "废水零排放项目",
)


@dataclass(frozen=True)
class World:
    """A library, the records of the others, and the partner of each (None: not in the library) with what was done."""

    library: list[ProjectRecord]
    others: list[ProjectRecord]
    truth: dict[str, str | None]
    done: dict[str, str]


def world(seed: int, records: int, unknown_share: float = 0.2) -> World:
    """A world of so many records, `unknown_share` of them without a partner; same seed, same world."""
    chance = random.Random(seed)
    library = _library(chance)
    others: list[ProjectRecord] = []
    truth: dict[str, str | None] = {}
    done: dict[str, str] = {}
    for number in range(records):
        row, identity = chance.choice(library), f"M{number:05d}"
        if chance.random() < unknown_share:
            made, partner = _stranger(row, library, chance), None
        else:
            made, partner = (row, ""), row.id
        worn, wear = _worn(made[0], chance, () if partner else ("short", "by_output", "slip", "no_firm"))
        others.append(replace(worn, id=identity))
        truth[identity], done[identity] = partner, f"{made[1]};{wear}"
    return World(library, others, truth, done)


def _library(chance: random.Random) -> list[ProjectRecord]:
    rows: list[ProjectRecord] = []
    codes: dict[str, str] = {}
    with CORPUS.open(encoding="utf-8-sig") as source:
        for row in csv.DictReader(source):
            firm, region = row["企业名称"], row["所在辖市区"]
            key = firm or row["项目编号"]
            codes.setdefault(key, uscc(chance, region))
            amount = row["总投资（亿元）"] if re.fullmatch(r"[\d.]+", row["总投资（亿元）"]) else ""
            started = row["开工日期"] if re.fullmatch(r"\d{4}(-\d{2}){0,2}", row["开工日期"]) else ""
            identity = (
                row["项目编号"],
                row["项目名称"],
                firm,
                codes[key],
                project_code(chance, region),
                region_name(region),
            )
            rows.append(ProjectRecord(*identity, row["x_镇街或园区"], amount, "亿元", started, row["x_行业原文"]))
    return rows + _sisters(rows, chance)


def _sisters(rows: list[ProjectRecord], chance: random.Random) -> list[ProjectRecord]:
    """Further projects of the firms, in the library too: a third phase, another work."""
    made: list[ProjectRecord] = []
    for row in chance.sample([row for row in rows if row.firm], 40):
        name = _next_phase(row.name, 1) if chance.random() < 0.5 else _firm_start(row) + chance.choice(SISTERS)
        if any(other.name == name for other in rows + made):
            continue
        code = project_code(chance, row.region)
        amount = f"{chance.choice([1.2, 2.5, 3, 5, 8, 10, 16.8])}"
        made.append(replace(row, id=f"S{row.id[1:]}", name=name, project_code=code, investment=amount, started=""))
    return made


def uscc(chance: random.Random, region: str) -> str:
    """An invented credit code with the right check letter."""
    digits = region if region.isdigit() else "320412"
    body = "91" + digits + "".join(chance.choice(USCC_ALPHABET) for _ in range(9))
    return body + uscc_check_letter(body)


def project_code(chance: random.Random, region: str) -> str:
    """An invented project code of the present form."""
    digits = next((code for code in ALIASES if region_name(code) == region), region)
    digits = digits if digits.isdigit() else "320412"
    time = f"{chance.randint(21, 25):02d}{chance.randint(1, 12):02d}"
    return f"{time}-{digits}-{chance.choice(['04', '07', '89'])}-{chance.choice(['01', '02'])}-{chance.randint(0, 999999):06d}"


def _next_phase(name: str, steps: int) -> str:
    found = re.search(f"([{NUMERALS}])期", name)
    if found:
        number = NUMERALS.index(found[1]) + steps
        return name.replace(found[0], f"{NUMERALS[min(number, 8)]}期")
    return name.removesuffix("项目") + f"{NUMERALS[steps]}期项目"


def _firm_start(row: ProjectRecord) -> str:
    return re.sub(r"^(江苏|常州市?|武进)|[(（].*?[)）]|(股份)?有限公司|集团|、.*$", "", row.firm)[:4] or row.firm


def _stranger(row: ProjectRecord, library: list[ProjectRecord], chance: random.Random) -> tuple[ProjectRecord, str]:
    """A project that is not in the library, made to look like one that is."""
    kind = chance.choice(["phase", "phase", "extension", "support", "support", "sister", "works", "namesake", "other"])
    names = {one.name for one in library}
    if kind == "works" and re.search("[技改扩迁建升]级?", row.name):
        kind = "support"
    name, firm, code, region = row.name, row.firm, row.uscc, row.region
    bare = row.name.removesuffix("项目")
    if kind == "phase":
        name = _next_phase(row.name, chance.randint(1, 3))
    elif kind == "extension":
        name = f"{bare}({chance.choice('三四五')}期)扩建项目"
    elif kind == "support":
        name = bare + chance.choice(SUPPORT)
    elif kind == "sister":
        name = (_firm_start(row) if row.firm else bare[:4]) + chance.choice(SISTERS)
    elif kind == "works":
        name = bare + chance.choice(["技术改造项目", "扩建项目", "智能化改造项目", "搬迁项目"])
    elif kind == "namesake":
        near = ("武进区", "常州经开区") if row.region in ("武进区", "常州经开区") else (row.region,)
        region = chance.choice([one.region for one in library if one.region not in near])
        firm, code = chance.choice(["示范精密制造有限公司", "江苏示范新能源科技有限公司"]), uscc(chance, "320400")
    else:
        other = chance.choice(library)
        name = _firm_start(row) + (other.industry or "新型材料") + "生产项目"
    if name in names and kind != "namesake":
        name, kind = bare + chance.choice(SUPPORT), "support"
    if chance.random() < 0.25:
        half = len(name) // 2
        name = _slip(name[:half], chance) + name[half:]
    amount = row.investment and f"{float(row.investment) * chance.choice([0.05, 0.1, 0.25, 0.3, 0.6, 0.8, 1.5, 2]):.4g}"
    project = project_code(chance, row.region) if chance.random() < 0.3 else ""
    industry = row.industry if chance.random() < 0.3 else ""
    return ProjectRecord("", name, firm, code, project, region, row.place, amount, "亿元", "", industry), kind


def _worn(row: ProjectRecord, chance: random.Random, spared: tuple[str, ...]) -> tuple[ProjectRecord, str]:
    """The record as another department would hold it, and what was done to it.

    What makes a stranger a stranger (its phase, its dormitory) is never worn away: nobody could tell it then.
    """
    done: list[str] = []
    made = replace(row, source=chance.choice(SOURCES))
    for name, (share, wear) in WEAR.items():
        if chance.random() < share and name not in spared:
            before, made = made, wear(made, chance)
            if made != before:
                done.append(name)
    return made, ";".join(done)


def _slip(text: str, chance: random.Random) -> str:
    """One letter lost, doubled, swapped with the next, or heard wrongly."""
    if len(text) < 4:
        return text
    at = chance.randrange(1, len(text) - 2)
    heard = [place for place, letter in enumerate(text) if letter in HEARD]
    kind = chance.choice(["lost", "twice", "swapped", "heard", "heard"])
    if kind == "heard" and heard:
        place = chance.choice(heard)
        return text[:place] + HEARD[text[place]] + text[place + 1 :]
    if kind == "lost":
        return text[:at] + text[at + 1 :]
    if kind == "twice":
        return text[:at] + text[at] + text[at:]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _suffix(row: ProjectRecord, chance: random.Random) -> ProjectRecord:
    bare = row.name.removesuffix("项目")
    return replace(row, name=bare + chance.choice(["", "", "建设项目", "新建项目", "工程", "投资项目"]))


def _short(row: ProjectRecord, chance: random.Random) -> ProjectRecord:
    """A short form: the first of several things, or without the words every name has."""
    first = re.split("[、及和与]", row.name.removesuffix("项目"))[0]
    less = re.sub("智能|高端|新型|高性能|研发|产业化|生产|制造", "", row.name)
    name = chance.choice([first if len(first) >= 6 else row.name, less])
    return replace(row, name=name + ("" if name.endswith("项目") else "项目"))


def _by_output(row: ProjectRecord, chance: random.Random) -> ProjectRecord:
    if not row.industry or row.name.endswith(SISTERS):
        return row  # what a firm makes is not the output of its laboratory or boiler house
    amount = f"{chance.randint(1, 90)}{chance.choice(['万', ''])}{chance.choice(['套', '台', '吨', '件'])}"
    return replace(row, name=f"{chance.choice([_firm_start(row), ''])}年产{amount}{row.industry}项目")


def _by_place(row: ProjectRecord, chance: random.Random) -> ProjectRecord:
    """The place where the firm's name stood."""
    start = _firm_start(row)
    return (
        replace(row, name=row.name.replace(start[:2], row.region[:2], 1)) if row.firm and start[:2] in row.name else row
    )


def _phase_form(row: ProjectRecord, chance: random.Random) -> ProjectRecord:
    found = re.search(f"[(（]?([{NUMERALS}])期[)）]?", row.name)
    if not found:
        return row
    number = NUMERALS.index(found[1]) + 1
    form = chance.choice(
        [f"({found[1]}期)", f"{number}期", f"第{found[1]}期", f"{'I' * number if number < 4 else number}期"]
    )
    return replace(row, name=row.name.replace(found[0], form))


def _old_letters(row: ProjectRecord, chance: random.Random) -> ProjectRecord:
    both = chance.random() < 0.5
    old = "".join(OLD.get(letter, letter) for letter in row.name)
    return replace(row, name=old, firm="".join(OLD.get(letter, letter) for letter in row.firm) if both else row.firm)


def _wide(row: ProjectRecord, chance: random.Random) -> ProjectRecord:
    at = chance.randrange(1, max(2, len(row.name)))
    return replace(
        row,
        name=row.name[:at] + chance.choice(["\u3000", " ", "\u200b"]) + row.name[at:],
        firm=row.firm.replace("(", "（"),
    )


def _firm_short(row: ProjectRecord, chance: random.Random) -> ProjectRecord:
    bare = re.sub(r"[(（].*?[)）]|(股份)?有限公司|集团", "", row.firm)
    return replace(row, firm=chance.choice([bare, _firm_start(row), re.sub(r"^(江苏|常州市?)", "", bare)]))


def _renamed(row: ProjectRecord, chance: random.Random) -> ProjectRecord:
    new = chance.choice(["示范智造科技有限公司", "常州示范产业发展有限公司", "示范动力(江苏)股份有限公司"])
    return replace(row, firm=new, uscc=chance.choice([row.uscc, "", uscc(chance, "320400")]))


def _uscc_wrong(row: ProjectRecord, chance: random.Random) -> ProjectRecord:
    if not row.uscc:
        return row
    at = chance.randrange(8, 17)
    letter = chance.choice([one for one in USCC_ALPHABET if one != row.uscc[at]])
    forms = [row.uscc[:at] + letter + row.uscc[at + 1 :], row.uscc.replace("0", "O", 1), row.uscc[:-1]]
    return replace(row, uscc=chance.choice(forms))


def _code_form(row: ProjectRecord, chance: random.Random) -> ProjectRecord:
    wide = row.project_code.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    forms = [row.project_code.replace("-", ""), row.project_code.replace("-", "—"), wide, f" {row.project_code} "]
    return replace(row, project_code=chance.choice(forms))


def _code_wrong(row: ProjectRecord, chance: random.Random) -> ProjectRecord:
    return replace(row, project_code=chance.choice([row.project_code[:-1], "2.40932E+19"])) if row.project_code else row


def _amount_form(row: ProjectRecord, chance: random.Random) -> ProjectRecord:
    if not row.investment:
        return row
    amount = float(row.investment)
    wan = f"{amount * 10_000:.10g}"
    comma = f"{amount * 10_000:,.0f}"
    wide = wan.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    forms = [(wan, "万元"), (comma, "万元"), (wide, "万元"), (f"{row.investment}亿", ""), (f"约{row.investment}亿元", ""), (wan, ""),
             (f"{max(0.1, round(amount, 1 if amount < 10 else 0)):g}", "亿元"), (f"{amount / 7:.2f}亿美元", ""), ("", "")]  # fmt: skip
    investment, unit = chance.choice(forms)
    return replace(row, investment=investment, unit=unit)


def _amount_wrong(row: ProjectRecord, chance: random.Random) -> ProjectRecord:
    if row.unit != "亿元" or not re.fullmatch(r"[\d.]+", row.investment):
        return row
    wan = f"{float(row.investment) * 10_000:.10g}"
    return replace(row, investment=chance.choice([wan, wan, f"{float(row.investment) * 10:g}"]), unit="亿元")


def _date_form(row: ProjectRecord, chance: random.Random) -> ProjectRecord:
    if not row.started:
        return row
    parts = row.started.split("-")
    forms = [
        "",
        parts[0],
        row.started.replace("-", "."),
        row.started.replace("-", "/"),
        "年".join(parts[:2]) + ("月" if parts[1:] else "年"),
    ]
    return replace(row, started=chance.choice(forms))


def _region_form(row: ProjectRecord, chance: random.Random) -> ProjectRecord:
    code = next((code for code in ALIASES if region_name(code) == row.region), "")
    return replace(row, region=chance.choice(ALIASES[code])) if code else row


WEAR: dict[str, tuple[float, Callable[[ProjectRecord, random.Random], ProjectRecord]]] = {
    "by_output": (0.08, _by_output), "by_place": (0.03, _by_place), "short": (0.1, _short), "suffix": (0.5, _suffix),
    "slip": (0.25, lambda row, chance: replace(row, name=_slip(row.name, chance))),
    "phase_form": (0.6, _phase_form),
    "old_letters": (0.08, _old_letters), "wide": (0.12, _wide),
    "renamed": (0.03, _renamed), "firm_short": (0.35, _firm_short),
    "firm_slip": (0.12, lambda row, chance: replace(row, firm=_slip(row.firm, chance))),
    "no_firm": (0.1, lambda row, chance: replace(row, firm="")),
    "no_uscc": (0.45, lambda row, chance: replace(row, uscc="")),
    "uscc_case": (0.1, lambda row, chance: replace(row, uscc=row.uscc.lower())),
    "uscc_wrong": (0.08, _uscc_wrong),
    "no_code": (0.5, lambda row, chance: replace(row, project_code="")),
    "code_form": (0.4, _code_form), "code_wrong": (0.02, _code_wrong),
    "amount_form": (0.85, _amount_form), "amount_wrong": (0.03, _amount_wrong),
    "date_form": (0.7, _date_form), "region_form": (0.8, _region_form),
    "no_place": (0.6, lambda row, chance: replace(row, place="")),
    "no_industry": (0.45, lambda row, chance: replace(row, industry="")),
}  # fmt: skip
