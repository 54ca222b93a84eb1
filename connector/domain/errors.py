"""What can go wrong in the domain, as one small tree.

    DomainError
    ├── Refused          the act is not possible now, and the message says why and what to do
    │   ├── AlreadyTaken     somebody else has the flag
    │   └── NotYours         only the owner may do this
    ├── NotFound         there is no such thing, or not for this person
    └── Invalid          what was entered cannot be used; the message says what to change

Every message is one or two plain sentences that may be shown to staff. None carries a resident's
words, name or number.
"""

from __future__ import annotations


class DomainError(Exception):
    """Base of all. `code` is stable and may stand in a log or an answer to a machine."""

    code = "error"


class Refused(DomainError):
    code = "refused"


class AlreadyTaken(Refused):
    """Two people reached for one flag; `owner` is the name of the one who has it."""

    code = "already_taken"

    def __init__(self, owner: str) -> None:
        super().__init__(f"{owner} has this one already. Thank you for reaching for it.")
        self.owner = owner


class NotYours(Refused):
    code = "not_yours"


class NotFound(DomainError):
    code = "not_found"


class Invalid(DomainError):
    code = "invalid"
