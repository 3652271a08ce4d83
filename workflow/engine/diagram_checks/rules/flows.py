"""Flows: who may choose among them, and by what."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.engine.diagram_checks.deployment import Deployment
from workflow.engine.diagram_checks.graph import CHOOSING, GATEWAYS, UNSUPPORTED
from workflow.engine.diagram_checks.rule import Finding, at, label, rule


@rule("several_outgoing_flows")
def several_outgoing_flows(deployment: Deployment) -> Iterator[Finding]:
    """Only a gateway splits a path: a task or an event has one outgoing flow."""
    for node in deployment.nodes():
        if len(node.outgoing) > 1 and node.kind not in GATEWAYS | UNSUPPORTED:
            yield at(
                node,
                f"{len(node.outgoing)} flux sortent de « {label(node)} », qui n'est pas une "
                "passerelle.",
                "Faites-en sortir un seul, vers une passerelle exclusive ou parallèle.",
                f'{len(node.outgoing)} flows leave "{label(node)}", which is no gateway.',
                "Let one leave it, to an exclusive or a parallel gateway.",
            )


@rule("condition_ignored")
def conditions_ignored(deployment: Deployment) -> Iterator[Finding]:
    """A condition stands on a flow that leaves an exclusive or inclusive gateway only."""
    for node in deployment.nodes():
        if node.kind in CHOOSING | UNSUPPORTED:
            continue
        for flow in node.outgoing:
            if flow.condition is not None:
                yield at(
                    flow,
                    f"La condition du flux « {label(flow)} » serait ignorée : il sort de "
                    f"« {label(node)} », qui ne choisit pas.",
                    "Mettez une passerelle exclusive entre les deux, ou retirez la condition.",
                    f'The condition of the flow "{label(flow)}" would be ignored: it leaves '
                    f'"{label(node)}", which does not choose.',
                    "Put an exclusive gateway between them, or remove the condition.",
                )


def _without_default(deployment: Deployment, kind: str, fr: str, en: str) -> Iterator[Finding]:
    for node in deployment.nodes(kind):
        if node.is_diverging_choice and not node.element.get("default"):
            yield at(
                node,
                f"La passerelle {fr} « {label(node)} » n'a pas de flux par défaut : si aucune "
                "condition n'est vraie, le dossier s'arrête en erreur.",
                "Marquez l'un des flux sortants comme flux par défaut.",
                f'The {en} gateway "{label(node)}" has no default flow: when no condition is '
                "true, the dossier stops in error.",
                "Mark one of the outgoing flows as the default flow.",
            )


@rule("exclusive_gateway_without_default")
def exclusive_gateways_without_default(deployment: Deployment) -> Iterator[Finding]:
    """An exclusive gateway that chooses has a default flow."""
    yield from _without_default(deployment, "exclusiveGateway", "exclusive", "exclusive")


@rule("inclusive_gateway_without_default")
def inclusive_gateways_without_default(deployment: Deployment) -> Iterator[Finding]:
    """An inclusive gateway that chooses has a default flow."""
    yield from _without_default(deployment, "inclusiveGateway", "inclusive", "inclusive")


@rule("default_flow_with_condition")
def default_flows_with_condition(deployment: Deployment) -> Iterator[Finding]:
    """A default flow has no condition: it is taken when no other is."""
    for node in deployment.nodes(*CHOOSING):
        for flow in node.outgoing:
            if flow.id == node.element.get("default") and flow.condition is not None:
                yield at(
                    flow,
                    f"Le flux par défaut « {label(flow)} » porte une condition, qui ne serait "
                    "jamais lue.",
                    "Retirez la condition, ou choisissez un autre flux par défaut.",
                    f'The default flow "{label(flow)}" has a condition, which would never be read.',
                    "Remove the condition, or choose another default flow.",
                )


@rule("flow_without_condition")
def flows_without_condition(deployment: Deployment) -> Iterator[Finding]:
    """A flow that leaves a gateway that chooses has a condition, unless it is the default."""
    for node in deployment.nodes(*CHOOSING):
        default = node.element.get("default")
        if not node.is_diverging_choice:
            continue
        bare = [f for f in node.outgoing if f.condition is None and f.id != default]
        for flow in bare if default else bare[1:]:
            yield at(
                flow,
                f"Le flux « {label(flow)} » n'a pas de condition et n'est pas le flux par défaut.",
                "Donnez-lui une condition, ou faites-en le flux par défaut.",
                f'The flow "{label(flow)}" has no condition and is not the default flow.',
                "Give it a condition, or make it the default flow.",
            )


@rule("event_gateway_target")
def event_gateway_targets(deployment: Deployment) -> Iterator[Finding]:
    """An event-based gateway leads to at least two catch events, and to nothing else."""
    for node in deployment.nodes("eventBasedGateway"):
        targets = [node.scope.find(flow.target) for flow in node.outgoing]
        known = [target for target in targets if target is not None]
        wrong = [
            target
            for target in known
            if target.kind != "intermediateCatchEvent" or len(target.incoming) > 1
        ]
        for target in wrong:
            yield at(
                target,
                f"La passerelle événementielle « {label(node)} » mène à « {label(target)} », qui "
                "n'est pas un événement intermédiaire attendu d'elle seule.",
                "Faites-la mener à un message ou à une échéance, puis à la suite.",
                f'The event-based gateway "{label(node)}" leads to "{label(target)}", which is no '
                "catch event awaited by it alone.",
                "Let it lead to a message or a timer, then to what follows.",
            )
        if len(node.outgoing) < 2:
            yield at(
                node,
                f"La passerelle événementielle « {label(node)} » n'attend pas plusieurs choses.",
                "Faites-la mener à deux événements au moins, ou retirez-la.",
                f'The event-based gateway "{label(node)}" does not wait for several things.',
                "Let it lead to two events at least, or remove it.",
            )
