"""The OpenAPI document as users need it: parameters explained in Chinese with an example, errors as they are answered.

A route declares types and a summary; what a parameter means stands here once for all routes, by its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from fastapi import FastAPI

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
PROBLEM_TYPE = "application/problem+json"
PROBLEM = {"$ref": "#/components/schemas/Problem"}
TAGS = {
    "查找": "用自己的话找措施和文件，不用登录",
    "文件": "措施所在的文件",
    "措施": "每项措施的条款、条件和待遇",
    "项目": "一个库里的项目和企业，以及它们与各项措施的匹配",
    "试算": "用一份没有入库的资料比对，不保存",
    "免申即享": "不用申请就能享受的待遇，办到哪一步",
    "办理": "登记项目、推进跟踪点、补充事实；同一请求可带 Idempotency-Key 重发",
    "审核": "要人看过才算数的匹配",
    "报告": "停滞、目标、预警、比对和月度调度",
    "名单": "一次判定很多主体以后留下的名单，按主体或措施查",
    "清单": "上市后备、融资、岗位、培训等按步骤走的事",
    "消息": "发给本人和本企业的消息、回应，收不收哪些",
    "变更与订阅": "什么变了，以及让别的系统自动知道",
    "运行": "服务是否正常",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a parameter means, and a value that works; None: shown without one."""

    text: str
    example: str | None = None


DAY = Meaning("以哪一天为准，写成 YYYY-MM-DD；不写为今天", "2026-03-10")
MEANINGS: Mapping[str, Meaning] = {
    "q": Meaning("要找的字", "设备"),
    "as_of": DAY,
    "limit": Meaning("一次最多几条", "5"),
    "offset": Meaning("从第几条起，第一条是 0", "0"),
    "cursor": Meaning("上一页的 next_cursor，原样带回；查询、筛选和日期都不要改"),
    "library": Meaning("哪个库：real 真实项目库，demo 示范库（示范数据）", "real"),
    "kind": Meaning("哪一种：project 项目，enterprise 企业，person 个人", "project"),
    "topic": Meaning("主题的编号", "equipment_subsidy"),
    "family": Meaning("类别，如 奖补、税收、金融", "奖补"),
    "mode": Meaning("办法：msjx 免申即享，jsjx 即申即享，apply 需申报，service 服务", "apply"),
    "region": Meaning("地区的名称或六位代码；连同上级地区给它的一起找", "武进区"),
    "in_force": Meaning("是否施行中：true 是，false 否，unknown 待核实", "true"),
    "package": Meaning("文件包的编号"),
    "level": Meaning("层级：national 国家，province 省，city 市，district 辖市区，zone 园区", "city"),
    "target": Meaning("给谁：enterprise 企业，project 项目，person 个人", "enterprise"),
    "version": Meaning("第几版；不写为当日施行的一版"),
    "district": Meaning("辖市区的代码；unknown 为不详"),
    "track": Meaning("赛道的名称；unknown 为赛道未知", "氢能"),
    "stage": Meaning("阶段的代码；unknown 为不详"),
    "tier": Meaning("投资分档的代码；unknown 为不详"),
    "industry": Meaning("行业门类或大类的代码；unknown 为不详"),
    "words": Meaning("几个词，全都要有：在名称、建设内容和主要产品里找", "电池"),
    "sort": Meaning("按什么排：id 编号，investment 总投资从高到低，eligible 符合项从多到少，name 名称", "eligible"),
    "verdicts": Meaning("只要哪些结论，用逗号隔开", "eligible,unknown"),
    "all_reasons": Meaning("true 为列出每个条件，不写只列决定结论的", "true"),
    "state": Meaning("办到哪一步：代码或名称"),
    "measure": Meaning("哪项措施，写编号"),
    "number": Meaning("办件编号，见办件列表"),
    "reason": Meaning("为什么要看，记入审计记录"),
    "unread": Meaning("true 为只看没有读过的", "true"),
    "mine": Meaning("true 为只看自己认领的", "true"),
    "review_id": Meaning("待审匹配的编号，见待审列表"),
    "month": Meaning("哪个月，写成 YYYY-MM", "2026-02"),
    "project_id": Meaning("项目或企业的编号", "P001"),
    "measure_id": Meaning("措施的编号", "specialised_sme"),
    "subject_id": Meaning("统一社会信用代码或项目编号"),
    "verdict": Meaning("eligible 符合，open 待定（缺数据或要人工判断）；不写为符合", "eligible"),
    "policy_id": Meaning("文件的编号，见文件目录"),
}
# Where a name means something else at one address.
AT: Mapping[tuple[str, str], Meaning] = {
    ("/api/v1/search", "q"): Meaning("要问的话、词或文号", "买设备能补多少钱"),
    ("/api/v1/search", "kind"): Meaning("measure 只要措施，document 只要文件", "measure"),
    ("/api/v1/policies", "q"): Meaning("标题或文号里的字", "技改"),
    ("/api/v1/projects", "q"): Meaning("编号、名称或企业名称里的字", "电池"),
    ("/api/v1/pipelines/{kind}", "kind"): Meaning("哪种清单", "job_posting"),
    ("/api/v1/pipelines/{kind}/{number}", "kind"): Meaning("哪种清单", "job_posting"),
    ("/api/v1/pipelines/{kind}/{number}", "number"): Meaning("号，见清单"),
}
SCHEMES: dict[str, Json] = {
    "key": {"type": "http", "scheme": "bearer", "description": "接口密钥，形如 pmk_…"},
    "session": {"type": "apiKey", "in": "cookie", "name": "pm_session", "description": "登录以后的页面"},
}
METHODS = ("get", "post", "put", "patch", "delete")


def describe(app: FastAPI) -> None:
    """Let the application answer /openapi.json with the document made better."""
    plain = app.openapi

    def described() -> dict[str, Json]:
        if app.openapi_schema is None:
            document: dict[str, Json] = plain()
            _improve(document)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _improve(document: dict[str, Json]) -> None:
    document["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    for method, path, operation in operations(document):
        for parameter in json_objects(operation.get("parameters")):
            _explain(path, parameter)
        for status, answer in json_object(operation.get("responses")).copy().items():
            content = json_object(json_object(answer).get("content"))
            # The framework's own refusal: errors.py answers 400 with a problem in its place.
            if status == "422" and PROBLEM_TYPE not in content:
                del json_object(operation["responses"])[status]
            elif PROBLEM_TYPE in content:
                json_object(answer)["content"] = {PROBLEM_TYPE: {"schema": {**PROBLEM}}}
        if path.startswith("/api/"):
            operation["security"] = _security(method, operation)
            json_object(operation["responses"])["401"] = {
                "description": "Unauthorized",
                "content": {PROBLEM_TYPE: {"schema": {**PROBLEM}}},
            }
    components = json_object(document.get("components"))
    components["securitySchemes"] = SCHEMES
    schemas = json_object(components.get("schemas"))
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)


def _security(method: str, operation: Mapping[str, Json]) -> list[Json]:
    """A key or a session; to read, neither is needed for what is public, nor for what asks for no right, as a what-if."""
    ways: list[Json] = [{"key": []}, {"session": []}]
    is_open = method == "get" or "403" not in json_object(operation.get("responses"))
    return [{}, *ways] if is_open else ways


def operations(document: Mapping[str, Json]) -> Iterator[tuple[str, str, dict[str, Json]]]:
    """Each operation with its method and path."""
    for path, item in json_object(document.get("paths")).items():
        for method, operation in json_object(item).items():
            if method in METHODS:
                yield method, path, json_object(operation)


def _explain(path: str, parameter: dict[str, Json]) -> None:
    name = str(parameter["name"])
    meaning = AT.get((path, name), MEANINGS.get(name))
    if meaning is not None:
        parameter.setdefault("description", meaning.text)
        if meaning.example is not None:
            parameter.setdefault("example", meaning.example)


def json_object(value: Json) -> dict[str, Json]:
    """The value where it is an object; an empty one where it is left out."""
    return value if isinstance(value, dict) else {}


def json_objects(value: Json) -> list[dict[str, Json]]:
    """The objects of a list; none where it is left out."""
    return [json_object(one) for one in value] if isinstance(value, list) else []
