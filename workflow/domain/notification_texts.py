"""What notifications say, in French: a subject and a body for each kind.

Every text may use the dossier's `number`, `service` and `company`; the other names are given
by the verb that notifies.
"""

from __future__ import annotations

from collections.abc import Mapping

from workflow.domain import hand_over_texts
from workflow.domain.phrases import days_in_french, delay_named, in_french, typeset

__all__ = ["TEXTS", "days_in_french", "delay_named", "in_french", "typeset"]

TEXTS: Mapping[str, tuple[str, str]] = {
    "deposit_received": (
        "Dossier {number} : dépôt reçu",
        "Votre candidature pour le service « {service} » a été reçue le {at}. Elle porte le"
        " numéro {number}. L’Agence contrôle maintenant sa complétude et son éligibilité.",
    ),
    "reapplication_received": (
        "Dossier {number} : nouvelle candidature reçue",
        "Votre nouvelle candidature pour le service « {service} » a été reçue le {at}. Elle porte"
        " le numéro {number} et fait suite au dossier {previous}.",
    ),
    "out_of_time": (
        "Dossier {number} : dépôt hors délai",
        "Votre candidature pour le service « {service} » a été reçue le {at}, hors de la période"
        " de dépôt : du {opens} inclus au {closes} exclu ({basis}). Elle ne peut pas être"
        " examinée.",
    ),
    "solicitation_admissibility": (
        "Dossier {number} : l’Agence vous sollicite",
        "L’Agence a besoin de précisions pour contrôler la recevabilité de votre dossier :\n"
        "{questions}\n"
        "Vous disposez de {delay} à compter de cette sollicitation. Sans réponse dans ce délai,"
        " la demande de référencement est rejetée (DSR 4.2).",
    ),
    "solicitation_instruction": (
        "Dossier {number} : l’Agence vous sollicite",
        "L’instructeur a besoin de précisions sur vos preuves :\n"
        "{questions}\n"
        "Le décompte du temps d’instruction est suspendu jusqu’à votre réponse. Sans réponse"
        " après {deprioritise}, votre place dans la file d’attente n’est plus garantie ; après"
        " {delay}, un retard important est à prévoir ; après {abandon}, la demande est"
        " considérée comme abandonnée (DSR 4.4).",
    ),
    "solicitation_answered": (
        "Dossier {number} : réponse reçue",
        "L’opérateur {company} a répondu à la sollicitation nº {solicitation}.",
    ),
    "admitted": (
        "Dossier {number} : recevable",
        "Votre dossier est complet et recevable. La convention de référencement est envoyée pour"
        " signature, et vous pouvez dès maintenant déposer les preuves de conformité.",
    ),
    "ineligible": (
        "Dossier {number} : irrecevable",
        "Votre dossier n’est pas éligible au référencement.{reason}",
    ),
    "exempt": (
        "Dossier {number} : dispense de référencement",
        "Votre service achète ses composants auprès d’un autre opérateur : vous êtes dispensé de"
        " référencement. Assurez-vous que votre opérateur développeur obtienne son numéro de"
        " référencement (DSR 2.1).",
    ),
    "rejected": (
        "Dossier {number} : demande rejetée",
        "Aucune réponse n’a été reçue dans le délai de {delay} après la sollicitation : la"
        " demande de référencement est rejetée (DSR 4.2).",
    ),
    "convention_sent": (
        "Dossier {number} : convention à signer",
        "La convention de référencement du service « {service} » vous est envoyée pour signature"
        " électronique.",
    ),
    "convention_reminder": (
        "Dossier {number} : convention toujours à signer",
        "La convention de référencement du service « {service} » vous a été envoyée le {sent}."
        " Elle attend votre signature. Ce rappel n’a pas d’autre effet : aucun délai n’est imparti"
        " pour signer, mais le collège ne décide qu’après les deux signatures.",
    ),
    "convention_signed": (
        "Dossier {number} : convention signée par l’opérateur",
        "Le représentant légal de {company} a signé la convention de référencement. Elle attend"
        " votre contresignature.",
    ),
    "convention_countersigned": (
        "Dossier {number} : convention en vigueur",
        "L’Agence a contresigné la convention de référencement du service « {service} ».",
    ),
    "proof_reminder": (
        "Dossier {number} : date prévisionnelle atteinte",
        "Vous aviez annoncé le dépôt de vos preuves pour le {planned}. Ce rappel n’a pas d’autre"
        " effet : aucun délai n’est imparti pour ce dépôt.",
    ),
    "proof_file_submitted": (
        "Dossier {number} : dossier de preuves reçu",
        "L’opérateur {company} a soumis un dossier de preuves complet pour le service"
        " « {service} ».",
    ),
    "proof_file_complete": (
        "Dossier {number} : dossier de preuves complet",
        "Votre dossier de preuves, complet, a été reçu le {at}. Il est inscrit dans la file"
        " d’attente. Le délai d’instruction, indicatif, est de {delay} (DSR 4.4).",
    ),
    "deprioritised": (
        "Dossier {number} : dépriorisé",
        "Sans réponse {delay} après la sollicitation, la place du dossier dans la file d’attente"
        " n’est plus garantie : son instruction est dépriorisée (DSR 4.4).",
    ),
    "significant_delay": (
        "Dossier {number} : retard important à prévoir",
        "Sans réponse {delay} après la sollicitation, un retard important sur l’instruction du"
        " dossier est à prévoir (DSR 4.4).",
    ),
    "admissibility_overdue": (
        "Dossier {number} : contrôle de recevabilité au-delà de la durée indicative",
        "Le contrôle de recevabilité dure depuis plus de {delay}. Cette durée est indicative"
        " (DSR 4.2).",
    ),
    "instruction_overdue": (
        "Dossier {number} : instruction au-delà du délai indicatif",
        "L’instruction a dépassé {delay} de temps décompté. Ce délai est indicatif (DSR 4.4).",
    ),
    "abandoned": (
        "Dossier {number} : demande abandonnée",
        "Sans réponse {delay} après la sollicitation, la demande de référencement est considérée"
        " comme abandonnée (DSR 4.4).",
    ),
    "decision_award": (
        "Dossier {number} : décision du collège",
        "Le collège technique a décidé l’attribution du référencement, sans réserve.",
    ),
    "decision_non_blocking": (
        "Dossier {number} : décision du collège, réserves non bloquantes",
        "Le collège technique n’attribue pas le référencement en l’état et formule des réserves"
        " non bloquantes :\n{reservations}\n"
        "Vous disposez de {delay} à compter de cette notification pour apporter les corrections,"
        " sous peine de vous voir refuser le référencement (DSR 4.5).{reason}",
    ),
    "decision_blocking": (
        "Dossier {number} : décision du collège, réserves bloquantes",
        "Le collège technique n’attribue pas le référencement : des réserves sont bloquantes."
        "\n{reservations}\n{reason}",
    ),
    "solicitation_withdrawn": (
        "Dossier {number} : sollicitation retirée",
        "L’Agence retire la sollicitation nº {solicitation} : vous n’avez plus à y répondre."
        " Motif : {reason}",
    ),
    "reminder_admissibility_solicitation": (
        "Rappel, dossier {number} : réponse attendue avant le rejet",
        "L’Agence vous a posé des questions le {sent} ; elle n’a pas reçu votre réponse. Répondez"
        " {when} au plus tard : passé ce délai, la demande de référencement est rejetée"
        " (DSR 4.2).",
    ),
    "reminder_solicitation_deprioritise": (
        "Rappel, dossier {number} : votre place dans la file",
        "L’Agence vous a posé des questions le {sent} ; elle n’a pas reçu votre réponse. Sans"
        " réponse {when}, la place du dossier dans la file d’attente n’est plus garantie : son"
        " instruction est dépriorisée (DSR 4.4).",
    ),
    "reminder_solicitation_delay": (
        "Rappel, dossier {number} : réponse attendue",
        "L’Agence vous a posé des questions le {sent} ; elle n’a pas reçu votre réponse. Sans"
        " réponse {when}, un retard important sur l’instruction du dossier est à prévoir"
        " (DSR 4.4).",
    ),
    "reminder_solicitation_abandon": (
        "Rappel, dossier {number} : réponse attendue avant l’abandon",
        "L’Agence vous a posé des questions le {sent} ; elle n’a pas reçu votre réponse. Sans"
        " réponse {when}, la demande de référencement sera considérée comme abandonnée"
        " (DSR 4.4).",
    ),
    "reminder_reservation_lifting": (
        "Rappel, dossier {number} : corrections attendues avant le refus",
        "Des réserves restent à lever :\n{reservations}\n"
        "Déposez vos corrections {when} au plus tard : passé ce délai, le référencement est refusé"
        " (DSR 4.5).",
    ),
    "file_infected": (
        "Dossier {number} : un fichier infecté est à remplacer",
        "L’antivirus a trouvé un programme malveillant ({threat}) dans le fichier « {file_name} »."
        " Personne ne peut l’ouvrir et il ne compte pas. Retirez-le et joignez un fichier sain ;"
        " après le dépôt, vous le ferez en réponse à la prochaine sollicitation de l’Agence.",
    ),
    "mentioned": (
        "Dossier {number} : une note vous mentionne",
        "{by} vous mentionne dans une note interne du dossier {number} (« {service} »). La note"
        " se lit dans l’outil, à la page Interne du dossier.",
    ),
    "corrections_received": (
        "Dossier {number} : corrections déposées",
        "L’opérateur {company} a déposé ses corrections. Elles sont à vérifier.",
    ),
    "corrections_asked_again": (
        "Dossier {number} : corrections à compléter",
        "Les corrections déposées ne suffisent pas.{reason} Il vous reste {remaining} pour les"
        " compléter.",
    ),
    "lifting_to_confirm": (
        "Dossier {number} : levée des réserves à confirmer",
        "L’instructeur juge les corrections suffisantes. La levée des réserves attend votre"
        " confirmation.",
    ),
    "lifted": (
        "Dossier {number} : réserves levées",
        "Les réserves formulées sur le service « {service} » sont levées.",
    ),
    "refused_blocking": (
        "Dossier {number} : référencement refusé",
        "Le référencement est refusé en raison de réserves bloquantes. Après avoir adapté votre"
        " service, vous pouvez candidater une nouvelle fois à partir du dépôt des preuves"
        " (DSR 4.5).",
    ),
    "refused_not_lifted": (
        "Dossier {number} : référencement refusé",
        "Les corrections n’ont pas été apportées dans le délai de {delay} à compter de la"
        " notification de la décision : le référencement est refusé (DSR 4.5). Vous pouvez"
        " candidater une nouvelle fois à partir du dépôt des preuves.",
    ),
    "listed": (
        "Dossier {number} : service référencé",
        "Le service « {service} » est référencé sous le numéro {listing}. Son attestation de"
        " conformité est disponible sur le dossier.",
    ),
    "withdrawn": (
        "Dossier {number} : désistement",
        "La candidature du service « {service} » est retirée à la demande de l’opérateur"
        " {company}.{reason}",
    ),
    "suspended": (
        "Dossier {number} : procédure suspendue",
        "La procédure de référencement du service « {service} » est suspendue (DSR 4.8). Aucun"
        " délai ne court jusqu’à sa reprise ; un désistement reste possible.{reason}",
    ),
    "dates_moved": (
        "Dossier {number} : des dates changent",
        "Les paramètres de la campagne ont changé (modification nº {change}). Les dates en cours"
        " de votre dossier suivent :\n"
        "{dates}\n"
        "Fondement : {basis}",
    ),
    "catalogue_corrected": (
        "Dossier {number} : le texte des exigences est corrigé",
        "La version {version} des exigences corrige le texte de la version précédente, sans en"
        " changer ni le périmètre ni le niveau. Elle s’applique à votre dossier : rien de plus ne"
        " vous est demandé.",
    ),
    "resumed": (
        "Dossier {number} : procédure reprise",
        "La procédure de référencement du service « {service} » reprend. Le temps de la suspension"
        " n’est pas compté : les nouvelles dates sont sur le dossier.{reason}",
    ),
    "reopened": (
        "Dossier {number} : dossier rouvert",
        "Le dossier {previous} est rouvert par l’Agence, sous le numéro {number}. La procédure"
        " reprend {restart}.{reason}",
    ),
    "correction_proposed": (
        "Dossier {number} : correction proposée",
        "L’Agence propose de corriger {fact} : « {old} » deviendrait « {new} ». Rien ne change"
        " sans votre accord, et aucun délai n’en dépend.{reason}",
    ),
    "correction_agreed": (
        "Dossier {number} : correction acceptée",
        "L’opérateur {company} a accepté de corriger {fact} : « {old} » est devenu « {new} ».",
    ),
    "correction_declined": (
        "Dossier {number} : correction refusée",
        "L’opérateur {company} refuse de corriger {fact}, qui reste « {old} ».{reason}",
    ),
    "correction_withdrawn": (
        "Dossier {number} : correction retirée",
        "L’Agence retire sa proposition de corriger {fact}, qui reste « {old} ».{reason}",
    ),
    "excluded": (
        "Dossier {number} : exclusion",
        "La candidature du service « {service} » est exclue du processus d’instruction"
        " (DSR 4.8).{reason}",
    ),
    **hand_over_texts.TEXTS,
}
"""Kind → (subject, body)."""
