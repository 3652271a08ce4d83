"""Every kind of fact the history knows: `noun:past_verb`."""

from __future__ import annotations

from enum import StrEnum


class AuditKind(StrEnum):
    """What happened; a kind is never renamed, since the history quotes it."""

    DOSSIER_DEPOSITED = "dossier:deposited"
    DOSSIER_RECEIVED_OUT_OF_TIME = "dossier:received_out_of_time"
    DOSSIER_ADMITTED = "dossier:admitted"
    DOSSIER_DECLARED_INELIGIBLE = "dossier:declared_ineligible"
    DOSSIER_EXEMPTED = "dossier:exempted"
    DOSSIER_REJECTED = "dossier:rejected"
    DOSSIER_ABANDONED = "dossier:abandoned"
    DOSSIER_REFUSED = "dossier:refused"
    DOSSIER_WITHDRAWN = "dossier:withdrawn"
    DOSSIER_EXCLUDED = "dossier:excluded"
    DOSSIER_SUSPENDED = "dossier:suspended"
    DOSSIER_RESUMED = "dossier:resumed"
    DOSSIER_REOPENED = "dossier:reopened"
    DOSSIER_FLAGGED = "dossier:flagged"
    DOSSIER_ENDED = "dossier:ended"
    ADMISSIBILITY_CHECKED = "admissibility:checked"
    SOLICITATION_SENT = "solicitation:sent"
    SOLICITATION_ANSWERED = "solicitation:answered"
    SOLICITATION_CLOSED = "solicitation:closed"
    SOLICITATION_SEEN = "solicitation:seen"
    SOLICITATION_REMINDED = "solicitation:reminded"
    SOLICITATION_WITHDRAWN = "solicitation:withdrawn"
    SOLICITATION_TEMPLATE_ADDED = "solicitation_template:added"
    SOLICITATION_TEMPLATE_CHANGED = "solicitation_template:changed"
    SOLICITATION_TEMPLATE_RETIRED = "solicitation_template:retired"
    CONVENTION_SENT = "convention:sent"
    CONVENTION_SIGNED = "convention:signed"
    CONVENTION_SIGNED_COPY_ATTACHED = "convention:signed_copy_attached"
    CONVENTION_SIGNED_COPY_REMOVED = "convention:signed_copy_removed"
    CONVENTION_REMINDED = "convention:reminded"
    CONVENTION_COUNTERSIGNED = "convention:countersigned"
    CONVENTION_CARRIED_OVER = "convention:carried_over"
    PROOF_ATTACHED = "proof:attached"
    PROOF_REMOVED = "proof:removed"
    CONTENT_SCANNED = "content:scanned"
    SUBMISSION_RECORDED = "submission:recorded"
    SSI_ANSWERED = "ssi:answered"
    PROOF_FILE_OPENED = "proof_file:opened"
    PROOF_FILE_REMINDED = "proof_file:reminded"
    PROOF_FILE_SUBMITTED = "proof_file:submitted"
    PROOF_FILE_ACKNOWLEDGED = "proof_file:acknowledged"
    QUEUE_ENTERED = "queue:entered"
    QUEUE_DEPRIORITISED = "queue:deprioritised"
    QUEUE_RERANKED = "queue:reranked"
    QUEUE_RANK_RESTORED = "queue:rank_restored"
    QUEUE_RANK_GIVEN_BACK = "queue:rank_given_back"
    QUEUE_LEFT = "queue:left"
    QUEUE_TAKEN = "queue:taken"
    QUEUE_TAKEN_OUT_OF_ORDER = "queue:taken_out_of_order"
    QUEUE_RELEASED = "queue:released"
    QUEUE_ASSIGNED = "queue:assigned"
    QUEUE_ASSIGNED_OUT_OF_ORDER = "queue:assigned_out_of_order"
    QUEUE_HANDED_OVER = "queue:handed_over"
    QUEUE_HAND_OVER_DECLINED = "queue:hand_over_declined"
    QUEUE_ACTED_FOR = "queue:acted_for"
    ABSENCE_DECLARED = "absence:declared"
    ABSENCE_ENDED = "absence:ended"
    ABSENCE_STAND_IN_REFUSED = "absence:stand_in_refused"
    BULK_ACT_CONFIRMED = "bulk_act:confirmed"
    BULK_ACT_FINISHED = "bulk_act:finished"
    INTEREST_DECLARED = "interest:declared"
    RECUSAL_DECLARED = "recusal:declared"
    NOTE_ADDED = "note:added"
    NOTE_EDITED = "note:edited"
    NOTE_WITHDRAWN = "note:withdrawn"
    NOTE_RESOLVED = "note:resolved"
    NOTE_REOPENED = "note:reopened"
    OPINION_ASKED = "opinion:asked"
    OPINION_ANSWERED = "opinion:answered"
    CLOCK_STARTED = "clock:started"
    CLOCK_SUSPENDED = "clock:suspended"
    CLOCK_RESUMED = "clock:resumed"
    CLOCK_STOPPED = "clock:stopped"
    VERDICT_RECORDED = "verdict:recorded"
    INSTRUCTION_COMPLETED = "instruction:completed"
    COLLEGE_SCHEDULED = "college:scheduled"
    COLLEGE_RESCHEDULED = "college:rescheduled"
    COLLEGE_CONVENED = "college:convened"
    COLLEGE_HELD = "college:held"
    COLLEGE_DECIDED = "college:decided"
    DECISION_NOTIFIED = "decision:notified"
    RESERVATION_OPENED = "reservation:opened"
    EVIDENCE_ATTACHED = "evidence:attached"
    RESERVATION_CORRECTED = "reservation:corrected"
    RESERVATION_RETURNED = "reservation:returned"
    RESERVATION_LIFTING_PROPOSED = "reservation:lifting_proposed"
    RESERVATION_LIFTED = "reservation:lifted"
    RESERVATION_REMINDED = "reservation:reminded"
    LISTING_AWARDED = "listing:awarded"
    LISTING_PUBLISHED = "listing:published"
    LISTING_STATUS_CHANGED = "listing:status_changed"
    ATTESTATION_ISSUED = "attestation:issued"
    DOCUMENT_REQUESTED = "document:requested"
    DOCUMENT_ISSUED = "document:issued"
    NOTIFICATION_SENT = "notification:sent"
    NOTIFICATION_TEMPLATE_CHANGED = "notification_template:changed"
    NOTIFICATION_TEMPLATE_RESET = "notification_template:reset"
    MAIL_PREFERENCE_CHANGED = "mail_preference:changed"
    MAIL_DECLINED = "mail:declined"
    OUTBOX_RETRIED = "outbox:retried"
    DEADLINE_SET = "deadline:set"
    TASK_COMPLETED = "task:completed"
    TIMER_FIRED = "timer:fired"
    MESSAGE_RECEIVED = "message:received"
    INSTANCE_STARTED = "instance:started"
    INSTANCE_ENDED = "instance:ended"
    INSTANCE_HELD = "instance:held"
    INSTANCE_RELEASED = "instance:released"
    SUPPORT_ASKED = "support:asked"
    SUPPORT_ANSWERED = "support:answered"
    SUPPORT_REDIRECTED = "support:redirected"
    SUPPORT_ASKED_AGAIN = "support:asked_again"
    SUPPORT_CLOSED = "support:closed"
    CORRECTION_PROPOSED = "correction:proposed"
    CORRECTION_DECLINED = "correction:declined"
    CORRECTION_WITHDRAWN = "correction:withdrawn"
    CORRECTION_LAPSED = "correction:lapsed"
    DOSSIER_CORRECTED = "dossier:corrected"
    DIAGRAM_DEPLOYED = "diagram:deployed"
    CAMPAIGN_DEPLOYED = "campaign:deployed"
    CATALOGUE_IMPORTED = "catalogue:imported"
    CATALOGUE_CORRECTED = "catalogue:corrected"
    CAMPAIGN_CHANGED = "campaign:changed"
    DEMO_CLOCK_ADVANCED = "demo_clock:advanced"
    ACCOUNT_ADDED = "account:added"
    ACCOUNT_INVITED = "account:invited"
    ACCOUNT_INVITATION_ACCEPTED = "account:invitation_accepted"
    ACCOUNT_PASSWORD_CHANGED = "account:password_changed"
    ACCOUNT_PASSWORD_RESET_ASKED = "account:password_reset_asked"
    ACCOUNT_SIGNED_IN = "account:signed_in"
    ACCOUNT_SIGN_IN_REFUSED = "account:sign_in_refused"
    ACCOUNT_SIGNED_OUT = "account:signed_out"
    ACCOUNT_TOKEN_CREATED = "account:token_created"
    ACCOUNT_TOKEN_REVOKED = "account:token_revoked"
    ACCOUNT_DEACTIVATED = "account:deactivated"
    ACCOUNT_REACTIVATED = "account:reactivated"
    ACCOUNT_ROLES_CHANGED = "account:roles_changed"
    ACCOUNT_INVITATION_RENEWED = "account:invitation_renewed"
    ACCOUNT_INVITATION_WITHDRAWN = "account:invitation_withdrawn"
    ACCOUNT_IDENTITY_LINKED = "account:identity_linked"
    ACCOUNT_IDENTITY_UNLINKED = "account:identity_unlinked"
    MANDATE_GRANTED = "mandate:granted"
    MANDATE_REVOKED = "mandate:revoked"
    PARTNER_INVITED = "partner:invited"
    PARTNER_INVITATION_WITHDRAWN = "partner:invitation_withdrawn"
    ACCESS_SEALED = "access:sealed"


INTERNAL = frozenset(
    {
        AuditKind.QUEUE_TAKEN,
        AuditKind.QUEUE_TAKEN_OUT_OF_ORDER,
        AuditKind.QUEUE_RELEASED,
        AuditKind.QUEUE_ASSIGNED,
        AuditKind.QUEUE_ASSIGNED_OUT_OF_ORDER,
        AuditKind.QUEUE_HANDED_OVER,
        AuditKind.QUEUE_HAND_OVER_DECLINED,
        AuditKind.QUEUE_ACTED_FOR,
        AuditKind.INTEREST_DECLARED,
        AuditKind.RECUSAL_DECLARED,
        AuditKind.NOTE_ADDED,
        AuditKind.NOTE_EDITED,
        AuditKind.NOTE_WITHDRAWN,
        AuditKind.NOTE_RESOLVED,
        AuditKind.NOTE_REOPENED,
        AuditKind.OPINION_ASKED,
        AuditKind.OPINION_ANSWERED,
    }
)
"""What the Agency keeps to itself: an operator does not even see that it happened."""

STEPS = (
    AuditKind.TASK_COMPLETED,
    AuditKind.TIMER_FIRED,
    AuditKind.MESSAGE_RECEIVED,
    AuditKind.DOSSIER_SUSPENDED,
    AuditKind.DOSSIER_RESUMED,
    AuditKind.QUEUE_RANK_RESTORED,
)
"""What moves a dossier's procedure: what a refused act is told of, whoever asks."""
ABSENCES = (
    AuditKind.ABSENCE_DECLARED,
    AuditKind.ABSENCE_ENDED,
    AuditKind.ABSENCE_STAND_IN_REFUSED,
)
"""What becomes of an absence."""
HANDS = (
    AuditKind.QUEUE_TAKEN,
    AuditKind.QUEUE_TAKEN_OUT_OF_ORDER,
    AuditKind.QUEUE_RELEASED,
    AuditKind.QUEUE_ASSIGNED,
    AuditKind.QUEUE_ASSIGNED_OUT_OF_ORDER,
    AuditKind.QUEUE_HANDED_OVER,
    AuditKind.QUEUE_HAND_OVER_DECLINED,
)
"""What changes whose hands a dossier is in: the Agency's own."""
