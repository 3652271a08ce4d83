"""A process owner draws a decision table; it decides as its hit policy says."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from lxml import etree

from workflow.errors import InvalidInput
from workflow.feel import DecisionConflict, DecisionTable, OutputColumn, Rule

RISK = OutputColumn("risk", allowed='"high", "medium", "low"')


def table(hit_policy: str, aggregation: str | None = None, **more: Any) -> DecisionTable:
    rules = [
        Rule(["< 25"], ['"medium"', "10"]),
        Rule(["< 18"], ['"high"', "20"]),
        Rule(["> 60"], ['"low"', "30"]),
        Rule(["> 70"], ['"low"', "30"]),
    ]
    outputs = [RISK, OutputColumn("fee")]
    if aggregation:
        rules = [Rule(rule.tests, rule.outputs[1:]) for rule in rules]
        outputs = outputs[1:]
    return DecisionTable(
        "risk", ["age"], outputs, rules, hit_policy=hit_policy, aggregation=aggregation, **more
    )


def test_a_unique_table_answers_with_its_one_rule() -> None:
    decision = table("UNIQUE").decide({"age": 20})
    assert decision.outputs == {"risk": "medium", "fee": 10}
    assert decision.rules == [1]


def test_a_unique_table_refuses_two_hits_and_names_the_rules() -> None:
    with pytest.raises(DecisionConflict, match="rules 1, 2 all match") as refusal:
        table("UNIQUE").decide({"age": 10})
    assert refusal.value.rules == [1, 2]
    assert refusal.value.code == "decision_conflict"


def test_an_any_table_accepts_two_rules_that_agree_and_no_others() -> None:
    assert table("ANY").decide({"age": 80}).outputs == {"risk": "low", "fee": 30}
    with pytest.raises(DecisionConflict, match="rules 1, 2 answer differently"):
        table("ANY").decide({"age": 10})


@pytest.mark.parametrize(
    ("policy", "risks"),
    [
        ("FIRST", "medium"),
        ("PRIORITY", "high"),
        ("RULE ORDER", ["medium", "high"]),
        ("OUTPUT ORDER", ["high", "medium"]),
        ("COLLECT", ["medium", "high"]),
    ],
)
def test_a_hit_policy_chooses_among_the_hits(policy: str, risks: Any) -> None:
    assert table(policy).decide({"age": 10}).outputs["risk"] == risks


@pytest.mark.parametrize(
    ("aggregation", "fee"), [("SUM", 30), ("COUNT", 2), ("MIN", 10), ("MAX", 20)]
)
def test_a_collecting_table_adds_its_hits_up(aggregation: str, fee: int) -> None:
    assert table("COLLECT", aggregation).decide({"age": 10}).outputs == {"fee": fee}


def test_no_hit_leaves_null_or_nothing() -> None:
    assert table("UNIQUE").decide({"age": 40}).outputs == {"risk": None, "fee": None}
    assert table("COLLECT").decide({"age": 40}).outputs == {"risk": [], "fee": []}
    assert table("COLLECT", "COUNT").decide({"age": None}).outputs == {"fee": 0}


def test_no_hit_falls_back_on_the_default() -> None:
    only = DecisionTable("t", ["age"], [OutputColumn("risk", default='"?"')], [Rule(["1"], ["2"])])
    decision = only.decide({"age": 5})
    assert decision.outputs == {"risk": "?"}
    assert decision.rules == []


def test_every_fault_of_a_table_is_told_at_once_and_it_decides_nothing() -> None:
    broken = DecisionTable(
        "t", ["a +"], ["x"], [Rule(["> >"], ["1 +"]), Rule(["1", "2"], [])], hit_policy="LAST"
    )
    places = [fault.place for fault in broken.faults()]
    assert places == ["hit policy", "rule 2", "input 1", "rule 1, input 1", "rule 1, output 1"]
    with pytest.raises(InvalidInput, match="hit policy"):
        broken.decide({})


def test_a_cell_may_use_the_instant_and_lent_functions() -> None:
    asked = DecisionTable("t", ["day"], ["late"], [Rule(["< today()"], ["f(1)"])])
    decision = asked.decide(
        {"day": dt.date(2022, 10, 2)},
        now=dt.datetime(2022, 10, 3, 12, tzinfo=dt.UTC),
        functions={"f": lambda x: x + 1},
    )
    assert decision.outputs == {"late": 2}


XML = """
<definitions xmlns="{namespace}"><decision id="eligibility" name="Eligibility">
  <variable name="eligibility"/>
  <decisionTable hitPolicy="FIRST">
    <input label="Source"><inputExpression typeRef="string"><text>source</text></inputExpression>
    </input>
    <input><inputExpression><text>company.size</text></inputExpression></input>
    <output><outputValues><text>"yes","no"</text></outputValues></output>
    <annotation name="why"/>
    <rule>
      <inputEntry><text>"self","operator"</text></inputEntry>
      <inputEntry><text>&gt; 10</text></inputEntry>
      <outputEntry><text>"yes"</text></outputEntry>
      <annotationEntry><text>DSR 4.2</text></annotationEntry>
    </rule>
    <rule>
      <inputEntry><text>-</text></inputEntry>
      <inputEntry><text></text></inputEntry>
      <outputEntry><text>"no"</text></outputEntry>
    </rule>
  </decisionTable>
</decision></definitions>
"""


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_a_table_is_read_from_any_version_of_dmn(namespace: str) -> None:
    root = etree.fromstring(XML.format(namespace=namespace))
    read = DecisionTable.from_xml(root[0])
    assert read.faults() == []
    assert read.decide({"source": "self", "company": {"size": 11}}).outputs == {
        "eligibility": "yes"
    }
    assert read.decide({"source": "self", "company": {}}).outputs == {"eligibility": "no"}


def test_a_decision_without_a_table_is_refused() -> None:
    with pytest.raises(InvalidInput, match="decision table"):
        DecisionTable.from_xml(etree.fromstring('<decision id="d"/>'))
