"""Reading diagrams: suspicious of files, plain about what they say."""

from __future__ import annotations

from pathlib import Path

import pytest
from drawing import (
    boundary,
    call,
    catch,
    document,
    end,
    flows,
    gateway,
    lane,
    message,
    node,
    process,
    read,
    rule,
    service,
    start,
    sub,
    table,
    throw,
    timer,
    user,
)
from life import Life

from workflow.engine.source_file import SourceFile
from workflow.engine.spiff import Diagrams, DiagramUnreadable, parse
from workflow.errors import InvalidInput, NotFound

BODY = process("p", start(), end("e"), flows("start e"))
LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "lol">' for n in range(10)
)


def refused(content: bytes) -> DiagramUnreadable:
    with pytest.raises(DiagramUnreadable) as refusal:
        parse([SourceFile("bad.bpmn", content)], [])
    assert refusal.value.file == "bad.bpmn"
    assert isinstance(refusal.value, InvalidInput)
    assert refusal.value.code == "diagram_unreadable"
    return refusal.value


def with_doctype(doctype: str, inside: str = "") -> bytes:
    return (doctype + document(BODY).replace("<bpmn:process", f"{inside}<bpmn:process")).encode()


def test_a_file_cannot_make_the_server_read_another_one(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    doctype = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    refusal = refused(with_doctype(doctype, "<bpmn:documentation>&x;</bpmn:documentation>"))
    assert "the secret" not in str(refusal)


def test_a_small_file_cannot_grow_into_a_huge_one() -> None:
    refused(
        with_doctype(f"<!DOCTYPE d [{LAUGHS}]>", "<bpmn:documentation>&l9;</bpmn:documentation>")
    )


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE d>",
        '<!DOCTYPE d SYSTEM "http://example.org/d.dtd">',
        '<!DOCTYPE d [<!ENTITY % p SYSTEM "http://example.org/p"> %p;]>',
    ],
)
def test_no_doctype_is_accepted(doctype: str) -> None:
    refused(with_doctype(doctype))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not xml",
        b"<definitions",
        b"<?xml version='1.0' encoding='utf-16'?><d/>",
        b"<html/>",
        b"<a>" * 400 + b"</a>" * 400,
        b"<!-- " + b"x" * (2 * 1024 * 1024) + b" --><d/>",
    ],
)
def test_what_is_not_a_diagram_is_refused(content: bytes) -> None:
    refused(content)


def test_comments_and_an_xml_declaration_are_no_obstacle() -> None:
    text = '<?xml version="1.0" encoding="UTF-8"?>\n<!-- drawn by hand -->' + document(
        BODY
    ).replace("<bpmn:startEvent", "<!-- here --><bpmn:startEvent")
    assert Life(parse([SourceFile("p.bpmn", text.encode())], [])).ended == "e"


@pytest.mark.parametrize(
    ("element", "identifier"),
    [
        (node("task", "x"), "x"),
        (node("adHocSubProcess", "x"), "x"),
        (node("transaction", "x"), "x"),
        (node("complexGateway", "x"), "x"),
        (throw("x", "<bpmn:linkEventDefinition name='l'/>"), "x"),
        (throw("x", "<bpmn:compensateEventDefinition/>"), "x"),
        (call("x", "nowhere"), "x"),
        (node("subProcess", "x", start("s2") + end("e2"), triggeredByEvent="true"), "x"),
        (user("x", "<bpmn:ioSpecification id='io'/>"), "io"),
        (node("serviceTask", "x"), "x"),
        (catch("x", timer(" ")), "x"),
        (catch("x", message("undeclared")), "x"),
    ],
)
def test_what_would_not_run_as_it_is_drawn_is_refused(element: str, identifier: str) -> None:
    with pytest.raises(DiagramUnreadable) as refusal:
        read(process("p", start(), element, end("e"), flows("start x", "x e")))
    assert (refusal.value.file, refusal.value.element) == ("test.bpmn", identifier)


def test_a_process_that_a_token_could_not_leave_is_refused() -> None:
    with pytest.raises(DiagramUnreadable) as refusal:
        read(process("p", start(), user("x"), end("e"), flows("start x")))
    assert refusal.value.element == "x"


def test_a_process_with_two_starts_is_refused() -> None:
    with pytest.raises(DiagramUnreadable) as refusal:
        read(process("p", start(), start("other"), end("e"), flows("start e", "other e")))
    assert refusal.value.element == "p"


def test_two_decisions_of_one_name_are_refused() -> None:
    decision = table("d", "FIRST", ["1"], ["x"], [["-", "1"]])
    with pytest.raises(DiagramUnreadable) as refusal:
        read(process("p", start(), end("e"), flows("start e")), tables=[decision, decision])
    assert refusal.value.element == "d"


def test_a_signal_at_an_end_event_is_refused() -> None:
    with pytest.raises(DiagramUnreadable) as refusal:
        read(process("p", start(), end("e", "<bpmn:signalEventDefinition/>"), flows("start e")))
    assert refusal.value.element == "e"


def test_a_condition_on_a_flow_out_of_a_task_is_refused_since_it_would_be_ignored() -> None:
    with pytest.raises(DiagramUnreadable) as refusal:
        read(process("p", start(), user("x"), end("e"), flows("start x", "x e false")))
    assert refusal.value.element == "f_x_e"


def described() -> Diagrams:
    return read(
        process(
            "p",
            '<bpmn:laneSet id="lanes">'
            + lane("operator", "Opérateur", "start", "u", "body")
            + lane("instructor", "Instructeur", "c")
            + "</bpmn:laneSet>",
            start(inside="<bpmn:outgoing>f_start_u</bpmn:outgoing>"),
            user("u", form="deposit.json"),
            boundary("late", "u", timer("now()"), interrupting=False, properties={"kind": "soft"}),
            call("c", "called"),
            sub(
                "body",
                start("s2"),
                user("inner", form="inner"),
                user("own", role="signatory"),
                rule("r", "d"),
                service("s", "a.b"),
                catch("m", message("answer"), {"roles": "operator"}),
                end("e2"),
                flows("s2 inner", "inner own", "own r", "r s", "s m", "m e2"),
            ),
            end("e"),
            end("e3"),
            flows("start u", "u c", "c body", "body e", "late e3"),
        ),
        process("called", start("cs"), end("ce"), flows("cs ce")),
        messages=["answer"],
        tables=[table("d", "FIRST", ["1"], ["x"], [["-", "1"]])],
    )


def test_a_process_tells_its_elements_in_the_order_of_the_document() -> None:
    drawn = described().process("p")
    assert (drawn.id, drawn.name, drawn.file) == ("p", "p", "test.bpmn")
    assert list(drawn.elements) == [
        "start", "u", "late", "c", "body", "s2", "inner", "own", "r", "s", "m", "e2", "e", "e3",
    ]  # fmt: skip


def test_an_element_tells_its_form_role_timer_operation_and_place() -> None:
    elements = described().process("p").elements
    assert (elements["u"].form_key, elements["u"].role) == ("deposit", "operator")
    late = elements["late"]
    assert (late.event, late.attached_to, late.interrupting) == ("timer", "u", False)
    assert late.properties == {"kind": "soft"}
    assert (elements["c"].called_process, elements["c"].role) == ("called", "instructor")
    assert (elements["inner"].role, elements["inner"].container) == ("operator", "body")
    assert (elements["own"].role, elements["own"].form_key) == ("signatory", None)
    assert (elements["s"].operation, elements["r"].decision) == ("a.b", "d")
    assert (elements["m"].event, elements["m"].message) == ("message", "answer")
    assert elements["u"].interrupting is None
    assert elements["start"].container is None


def test_an_open_task_tells_who_does_it_and_with_which_form() -> None:
    (task,) = Life(described()).flow().open_tasks()
    assert (task.element_id, task.role, task.form_key, task.process_id) == (
        "u", "operator", "deposit", "p",
    )  # fmt: skip


def test_a_listener_tells_the_properties_of_its_element() -> None:
    life = Life(described())
    for element in ("u", "inner", "own"):
        life.do(element)
    (listener,) = life.flow().listeners()
    assert (listener.message, listener.element_id, listener.boundary) == ("answer", "m", False)
    assert listener.properties == {"roles": "operator"}


def test_an_unknown_process_is_not_found() -> None:
    with pytest.raises(NotFound):
        described().process("nowhere")
    with pytest.raises(NotFound):
        Life(described(), "nowhere")


def test_a_gateway_behind_which_messages_wait_tells_their_elements() -> None:
    life = Life(
        read(
            process(
                "p",
                start(),
                gateway("g", "eventBased"),
                catch("a", message("yes"), {"roles": "operator"}),
                node("receiveTask", "b", messageRef="m_no"),
                end("e1"),
                end("e2"),
                flows("start g", "g a", "g b", "a e1", "b e2"),
            ),
            messages=["yes", "no"],
        )
    )
    assert [(heard.message, heard.element_id) for heard in life.flow().listeners()] == [
        ("yes", "a"),
        ("no", "b"),
    ]
