"""The English of the notifications, kind by kind, with the same facts as the French.

The French text is the one that counts in law; the English goes with it in mails.
"""

from __future__ import annotations

from collections.abc import Mapping

from workflow.domain import hand_over_texts

TEXTS_EN: Mapping[str, tuple[str, str]] = {
    "deposit_received": (
        "Dossier {number}: application received",
        "Your application for the service “{service}” was received on {at}. Its number is"
        " {number}. The Agency now checks whether it is complete and eligible.",
    ),
    "reapplication_received": (
        "Dossier {number}: new application received",
        "Your new application for the service “{service}” was received on {at}. Its number is"
        " {number} and it follows dossier {previous}.",
    ),
    "out_of_time": (
        "Dossier {number}: application out of time",
        "Your application for the service “{service}” was received on {at}, outside the period"
        " for applications: from {opens} included to {closes} excluded ({basis}). It cannot be"
        " examined.",
    ),
    "solicitation_admissibility": (
        "Dossier {number}: the Agency has questions for you",
        "The Agency needs details to check whether your dossier is admissible:\n"
        "{questions}\n"
        "You have {delay} from this solicitation on. Without an answer in that time, the"
        " application for listing is rejected (DSR 4.2).",
    ),
    "solicitation_instruction": (
        "Dossier {number}: the Agency has questions for you",
        "The instructor needs details about your proofs:\n"
        "{questions}\n"
        "The instruction time stands still until you answer. Without an answer after"
        " {deprioritise}, your place in the queue is no longer guaranteed; after {delay}, a"
        " significant delay is to be expected; after {abandon}, the application is considered"
        " abandoned (DSR 4.4).",
    ),
    "solicitation_answered": (
        "Dossier {number}: answer received",
        "The operator {company} answered solicitation no. {solicitation}.",
    ),
    "admitted": (
        "Dossier {number}: admissible",
        "Your dossier is complete and admissible. The listing convention is sent to you for"
        " signature, and you may deposit the proofs of conformity from now on.",
    ),
    "ineligible": (
        "Dossier {number}: not admissible",
        "Your dossier is not eligible for listing.{reason}",
    ),
    "exempt": (
        "Dossier {number}: exempt from listing",
        "Your service buys its components from another operator: you are exempt from listing."
        " Make sure that the operator who develops them obtains its listing number (DSR 2.1).",
    ),
    "rejected": (
        "Dossier {number}: application rejected",
        "No answer was received within {delay} after the solicitation: the application for listing"
        " is rejected (DSR 4.2).",
    ),
    "convention_sent": (
        "Dossier {number}: convention to sign",
        "The listing convention of the service “{service}” is sent to you for electronic"
        " signature.",
    ),
    "convention_signed": (
        "Dossier {number}: convention signed by the operator",
        "The legal representative of {company} signed the listing convention. It awaits your"
        " countersignature.",
    ),
    "convention_countersigned": (
        "Dossier {number}: convention in force",
        "The Agency countersigned the listing convention of the service “{service}”.",
    ),
    "proof_reminder": (
        "Dossier {number}: provisional date reached",
        "You had announced your proofs for {planned}. This reminder has no other effect: no"
        " time limit applies to their deposit.",
    ),
    "proof_file_submitted": (
        "Dossier {number}: proof file received",
        "The operator {company} submitted a complete proof file for the service “{service}”.",
    ),
    "proof_file_complete": (
        "Dossier {number}: proof file complete",
        "Your proof file, complete, was received on {at}. It is entered in the queue. The"
        " instruction time, which is indicative, is {delay} (DSR 4.4).",
    ),
    "deprioritised": (
        "Dossier {number}: deprioritised",
        "Without an answer {delay} after the solicitation, the place of the dossier in the queue is"
        " no longer guaranteed: its instruction is deprioritised (DSR 4.4).",
    ),
    "significant_delay": (
        "Dossier {number}: significant delay to be expected",
        "Without an answer {delay} after the solicitation, a significant delay in the instruction"
        " of the dossier is to be expected (DSR 4.4).",
    ),
    "admissibility_overdue": (
        "Dossier {number}: admissibility check beyond its indicative duration",
        "The admissibility check has lasted more than {delay}. This duration is indicative"
        " (DSR 4.2).",
    ),
    "instruction_overdue": (
        "Dossier {number}: instruction beyond its indicative time",
        "The instruction has passed {delay} of counted time. This time is indicative (DSR 4.4).",
    ),
    "abandoned": (
        "Dossier {number}: application abandoned",
        "Without an answer {delay} after the solicitation, the application for listing is"
        " considered abandoned (DSR 4.4).",
    ),
    "decision_award": (
        "Dossier {number}: decision of the college",
        "The technical college decided to award the listing, without reservation.",
    ),
    "decision_non_blocking": (
        "Dossier {number}: decision of the college, non-blocking reservations",
        "The technical college does not award the listing as things stand and makes non-blocking"
        " reservations:\n{reservations}\n"
        "You have {delay} from this notification on to bring the corrections, failing which the"
        " listing is refused (DSR 4.5).{reason}",
    ),
    "decision_blocking": (
        "Dossier {number}: decision of the college, blocking reservations",
        "The technical college does not award the listing: some reservations are blocking."
        "\n{reservations}\n{reason}",
    ),
    "convention_reminder": (
        "Dossier {number}: convention still to sign",
        "The listing convention of the service “{service}” was sent to you on {sent}. It awaits"
        " your signature. This reminder has no other effect: no time limit applies to the"
        " signature, but the college decides only after both signatures.",
    ),
    "solicitation_withdrawn": (
        "Dossier {number}: solicitation withdrawn",
        "The Agency withdraws solicitation no. {solicitation}: you no longer have to answer it."
        " Reason: {reason}",
    ),
    "reminder_admissibility_solicitation": (
        "Reminder, dossier {number}: answer awaited before rejection",
        "The Agency asked you questions on {sent} and has not received your answer. Answer by"
        " {when}: after that, the application for listing is rejected (DSR 4.2).",
    ),
    "reminder_solicitation_deprioritise": (
        "Reminder, dossier {number}: your place in the queue",
        "The Agency asked you questions on {sent} and has not received your answer. Without an"
        " answer by {when}, the place of the dossier in the queue is no longer guaranteed: its"
        " instruction is deprioritised (DSR 4.4).",
    ),
    "reminder_solicitation_delay": (
        "Reminder, dossier {number}: answer awaited",
        "The Agency asked you questions on {sent} and has not received your answer. Without an"
        " answer by {when}, a significant delay in the instruction of the dossier is to be"
        " expected (DSR 4.4).",
    ),
    "reminder_solicitation_abandon": (
        "Reminder, dossier {number}: answer awaited before abandonment",
        "The Agency asked you questions on {sent} and has not received your answer. Without an"
        " answer by {when}, the application for listing will be considered abandoned (DSR 4.4).",
    ),
    "reminder_reservation_lifting": (
        "Reminder, dossier {number}: corrections awaited before refusal",
        "Some reservations are still to be lifted:\n{reservations}\n"
        "Deposit your corrections by {when}: after that, the listing is refused (DSR 4.5).",
    ),
    "file_infected": (
        "Dossier {number}: an infected file is to be replaced",
        "The antivirus found malware ({threat}) in the file “{file_name}”. Nobody can open it and"
        " it does not count. Take it away and attach a sound file; after the submission, you will"
        " do so in answer to the Agency’s next solicitation.",
    ),
    "mentioned": (
        "Dossier {number}: a note mentions you",
        "{by} mentions you in an internal note on dossier {number} (“{service}”). The note is"
        " read in the tool, on the dossier's page “Internal”.",
    ),
    "corrections_received": (
        "Dossier {number}: corrections received",
        "The operator {company} deposited its corrections. They are to be verified.",
    ),
    "corrections_asked_again": (
        "Dossier {number}: corrections to complete",
        "The corrections are not sufficient.{reason} You have {remaining} left to complete them.",
    ),
    "lifting_to_confirm": (
        "Dossier {number}: lifting of the reservations to confirm",
        "The instructor finds the corrections sufficient. The lifting of the reservations awaits"
        " your confirmation.",
    ),
    "lifted": (
        "Dossier {number}: reservations lifted",
        "The reservations made about the service “{service}” are lifted.",
    ),
    "refused_blocking": (
        "Dossier {number}: listing refused",
        "The listing is refused because of blocking reservations. Once you have adapted your"
        " service, you may apply again from the deposit of the proofs on (DSR 4.5).",
    ),
    "refused_not_lifted": (
        "Dossier {number}: listing refused",
        "The corrections were not brought within {delay} of the notification of the decision:"
        " the listing is refused (DSR 4.5). You may apply again from the deposit of the proofs"
        " on.",
    ),
    "listed": (
        "Dossier {number}: service listed",
        "The service “{service}” is listed under number {listing}. Its attestation of conformity"
        " is available on the dossier.",
    ),
    "withdrawn": (
        "Dossier {number}: withdrawal",
        "The application of the service “{service}” is withdrawn at the request of the operator"
        " {company}.{reason}",
    ),
    "suspended": (
        "Dossier {number}: procedure suspended",
        "The listing procedure of the service “{service}” is suspended (DSR 4.8). No time limit"
        " runs until it is resumed; a withdrawal remains possible.{reason}",
    ),
    "dates_moved": (
        "Dossier {number}: dates change",
        "The parameters of the campaign were changed (change no. {change}). The running dates of"
        " your dossier follow:\n"
        "{dates}\n"
        "Legal basis: {basis}",
    ),
    "catalogue_corrected": (
        "Dossier {number}: the text of the requirements is corrected",
        "Version {version} of the requirements corrects the text of the former one, and changes"
        " neither its scope nor its level. It applies to your dossier: nothing more is asked of"
        " you.",
    ),
    "resumed": (
        "Dossier {number}: procedure resumed",
        "The listing procedure of the service “{service}” is resumed. The time of the suspension"
        " is not counted: the new dates are on the dossier.{reason}",
    ),
    "reopened": (
        "Dossier {number}: dossier reopened",
        "Dossier {previous} is reopened by the Agency, under number {number}. The procedure goes"
        " on from {restart}.{reason}",
    ),
    "correction_proposed": (
        "Dossier {number}: correction proposed",
        "The Agency proposes to correct {fact}: “{old}” would become “{new}”. Nothing changes"
        " without your agreement, and no date depends on it.{reason}",
    ),
    "correction_agreed": (
        "Dossier {number}: correction agreed",
        "The operator {company} agreed to correct {fact}: “{old}” has become “{new}”.",
    ),
    "correction_declined": (
        "Dossier {number}: correction declined",
        "The operator {company} declines to correct {fact}, which stays “{old}”.{reason}",
    ),
    "correction_withdrawn": (
        "Dossier {number}: correction withdrawn",
        "The Agency withdraws its proposal to correct {fact}, which stays “{old}”.{reason}",
    ),
    "excluded": (
        "Dossier {number}: exclusion",
        "The application of the service “{service}” is excluded from the instruction (DSR 4.8)."
        "{reason}",
    ),
    **hand_over_texts.TEXTS_EN,
}
"""Kind → (subject, body)."""
