"""The history of accounts in sentences, for each kind of audit entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from web.language import _

TELLERS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "account:added": lambda f: _("Ouvre un compte."),
    "account:invited": lambda f: _("Invite %(email)s.", email=f.get("email", "")),
    "account:invitation_accepted": lambda f: _("Accepte une invitation."),
    "account:password_changed": lambda f: _("Change un mot de passe."),
    "account:password_reset_asked": lambda f: _("Demande un nouveau mot de passe."),
    "account:signed_in": lambda f: _("Se connecte."),
    "account:sign_in_refused": lambda f: _("Connexion refusée."),
    "account:signed_out": lambda f: _("Se déconnecte."),
    "account:token_created": lambda f: _("Crée un jeton d'accès."),
    "account:token_revoked": lambda f: _("Révoque un jeton d'accès."),
    "account:deactivated": lambda f: _("Désactive un compte."),
    "account:reactivated": lambda f: _(
        "Réactive le compte de %(email)s.", email=f.get("email", "")
    ),
    "account:roles_changed": lambda f: _(
        "Change les rôles de %(email)s.", email=f.get("email", "")
    ),
    "account:invitation_renewed": lambda f: _(
        "Renvoie l'invitation de %(email)s.", email=f.get("email", "")
    ),
    "account:invitation_withdrawn": lambda f: _(
        "Retire l'invitation de %(email)s.", email=f.get("email", "")
    ),
    "account:identity_linked": lambda f: _("Lie le compte à une identité du fournisseur."),
    "account:identity_unlinked": lambda f: _(
        "Délie le compte de %(email)s de son identité.", email=f.get("email", "")
    ),
}
