"""Tasks: what they call, show or ask exists."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.engine.diagram_checks.deployment import Deployment, called_decision
from workflow.engine.diagram_checks.graph import (
    Node,
    extension,
    extensions,
    form_key,
    operator,
    parameters,
)
from workflow.engine.diagram_checks.model import OperationShape
from workflow.engine.diagram_checks.reading import SPIFF
from workflow.engine.diagram_checks.rule import Finding, at, label, rule


def operation(deployment: Deployment, node: Node) -> OperationShape | None:
    """The operation a service task calls, None when there is none of that name."""
    element = operator(node)
    return None if element is None else deployment.context.operations.get(element.get("id", ""))


@rule("task_without_form")
def tasks_without_form(deployment: Deployment) -> Iterator[Finding]:
    """A user task has a form."""
    for node in deployment.nodes("userTask"):
        if not form_key(node):
            yield at(
                node,
                f"La tâche « {label(node)} » n'a pas de formulaire.",
                "Donnez-lui la propriété « formJsonSchemaFilename » avec la clé d'un formulaire.",
                f'The task "{label(node)}" has no form.',
                'Give it the property "formJsonSchemaFilename" with the key of a form.',
            )


@rule("unknown_form")
def unknown_forms(deployment: Deployment) -> Iterator[Finding]:
    """A form that is named exists."""
    for node in deployment.nodes():
        key = form_key(node)
        if key and key not in deployment.context.forms:
            yield at(
                node,
                f"« {label(node)} » demande le formulaire « {key} », qui n'existe pas.",
                "Corrigez la clé, ou ajoutez le formulaire.",
                f'"{label(node)}" asks for the form "{key}", which does not exist.',
                "Correct the key, or add the form.",
            )


@rule("task_without_operation")
def tasks_without_operation(deployment: Deployment) -> Iterator[Finding]:
    """A service task calls an operation."""
    for node in deployment.nodes("serviceTask"):
        element = operator(node)
        if element is None or not element.get("id"):
            yield at(
                node,
                f"La tâche de service « {label(node)} » n'appelle aucune opération.",
                "Donnez-lui un « serviceTaskOperator » dont l'identifiant est une opération.",
                f'The service task "{label(node)}" calls no operation.',
                'Give it a "serviceTaskOperator" whose id is an operation.',
            )


@rule("unknown_operation")
def unknown_operations(deployment: Deployment) -> Iterator[Finding]:
    """The operation a service task calls exists."""
    for node in deployment.nodes("serviceTask"):
        element = operator(node)
        name = "" if element is None else element.get("id", "")
        if name and name not in deployment.context.operations:
            yield at(
                node,
                f"« {label(node)} » appelle l'opération « {name} », qui n'existe pas.",
                "Choisissez une opération de la liste du projet.",
                f'"{label(node)}" calls the operation "{name}", which does not exist.',
                "Choose an operation of the project's list.",
            )


@rule("missing_parameter")
def missing_parameters(deployment: Deployment) -> Iterator[Finding]:
    """A service task gives a value to every parameter its operation requires."""
    for node in deployment.nodes("serviceTask"):
        found = operation(deployment, node)
        given = {p.get("id", "") for p in parameters(node) if p.get("value", "").strip()}
        for name in sorted(found.required - given) if found is not None else ():
            yield at(
                node,
                f"« {label(node)} » ne donne pas le paramètre « {name} » de l'opération.",
                f"Ajoutez le paramètre « {name} » avec une expression.",
                f'"{label(node)}" does not give the parameter "{name}" of the operation.',
                f'Add the parameter "{name}" with an expression.',
            )


@rule("unknown_parameter")
def unknown_parameters(deployment: Deployment) -> Iterator[Finding]:
    """A service task gives only parameters its operation has, each once."""
    for node in deployment.nodes("serviceTask"):
        found = operation(deployment, node)
        seen: set[str] = set()
        for parameter in parameters(node) if found is not None else ():
            name = parameter.get("id", "")
            if found is not None and (name not in found.parameters or name in seen):
                allowed = ", ".join(sorted(found.parameters)) or "—"
                yield at(
                    node,
                    f"« {label(node)} » donne le paramètre « {name} », que l'opération n'a pas "
                    "ou qui est déjà donné.",
                    f"Retirez-le. Paramètres de l'opération : {allowed}.",
                    f'"{label(node)}" gives the parameter "{name}", which the operation lacks or '
                    "which is given already.",
                    f"Remove it. Parameters of the operation: {allowed}.",
                )
            seen.add(name)


@rule("incomplete_parameter")
def incomplete_parameters(deployment: Deployment) -> Iterator[Finding]:
    """A parameter has a name and a type, a property a name and a value: the parser wants them."""
    wanted = {f"{{{SPIFF}}}parameter": ("id", "type"), f"{{{SPIFF}}}property": ("name", "value")}
    for node in deployment.nodes():
        for part in (p for holder in extensions(node.element) for p in holder.iter(*wanted)):
            for attribute in wanted[str(part.tag)]:
                if part.get(attribute) is None:
                    yield at(
                        node,
                        f"Un paramètre ou une propriété de « {label(node)} » n'a pas de "
                        f"« {attribute} ».",
                        f"Complétez « {attribute} ».",
                        f'A parameter or property of "{label(node)}" has no "{attribute}".',
                        f'Complete "{attribute}".',
                    )


@rule("unknown_decision")
def unknown_decisions(deployment: Deployment) -> Iterator[Finding]:
    """A business rule task calls a decision of the deployment."""
    for node in deployment.nodes("businessRuleTask"):
        name = called_decision(node)
        if deployment.decision(name) is None:
            yield at(
                node,
                f"« {label(node)} » demande la décision « {name} », qui n'est pas dans le "
                "déploiement.",
                "Corrigez l'identifiant de la décision, ou ajoutez sa table.",
                f'"{label(node)}" asks for the decision "{name}", which is not in the deployment.',
                "Correct the id of the decision, or add its table.",
            )


def _has_script(node: Node, *names: str) -> bool:
    return any(extension(node.element, name) is not None for name in names)


@rule("script_on_script_task")
def scripts_on_script_tasks(deployment: Deployment) -> Iterator[Finding]:
    """A script task has no pre-script nor post-script: they would be dropped (SPIKE trap 5)."""
    for node in deployment.nodes("scriptTask"):
        if _has_script(node, "preScript", "postScript"):
            yield at(
                node,
                f"Le pré-script ou post-script de « {label(node)} » ne serait jamais exécuté.",
                "Mettez ses entrées dans le script de la tâche.",
                f'The pre-script or post-script of "{label(node)}" would never run.',
                "Put its entries into the script of the task.",
            )


@rule("prescript_on_receive_task")
def prescripts_on_receive_tasks(deployment: Deployment) -> Iterator[Finding]:
    """What waits has no pre-script: it would run at every refresh (SPIKE trap 5)."""
    for node in deployment.nodes("receiveTask", "intermediateCatchEvent", "boundaryEvent"):
        if _has_script(node, "preScript"):
            yield at(
                node,
                f"Le pré-script de « {label(node)} » serait exécuté plusieurs fois pendant "
                "l'attente.",
                "Placez une tâche de script avant l'attente.",
                f'The pre-script of "{label(node)}" would run several times while it waits.',
                "Put a script task before the wait.",
            )
