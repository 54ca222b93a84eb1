"""A mobile number that we may text, kept as E.164.

It refuses whatever cannot answer a text from us: landlines, 070 personal numbers, 076 pagers,
free and special numbers, numbers from abroad; each with a sentence that says what to do instead.
A refusal never repeats the number. Apart from `sms`, because the number tables are large.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberType

from connector.domain.errors import Invalid

_DRAMA = re.compile(r"\+447700900\d{3}")  # Ofcom: numbers set aside for drama, never given out
_DRAMA_LANDLINE = re.compile(
    r"\+44(?:1632960|1(?:13|14|15|16|17|18|21|31|41|51|61)4960|1914980|2079460|2896496|2920180)\d{3}"
)  # Ofcom, as well
_LOOPBACK = re.compile(r"\+999\d{6,12}")  # ITU E.164: country code 999 is not assigned
_WRITTEN = re.compile(r"[\d\s()+.\-/\u2010-\u2015\u2060\u200e\u202a-\u202e]+")
_BRITISH = 44


class NotAMobile(Invalid):
    """The text is no mobile number we may text; the message says why and what to do."""


@dataclass(frozen=True, slots=True, repr=False)
class PhoneNumber:
    """A mobile number as E.164, made by `parse`; its repr shows the last two digits only."""

    e164: str

    @classmethod
    def parse(cls, text: str, *, drama: bool = False, loopback: bool = False) -> PhoneNumber:
        """The number in `text`, written in any usual British way.

        `drama` lets in the invented numbers 07700 900000 to 900999, `loopback` the unassigned
        +999 ones (benchmarks). Raises `NotAMobile`.
        """
        written = text.strip()
        if loopback and _LOOPBACK.fullmatch(re.sub(r"\s", "", written)):
            return cls(re.sub(r"\s", "", written))
        number = _parsed(written)
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if _DRAMA.fullmatch(e164):
            if not drama:
                raise NotAMobile(_SET_ASIDE)
            return cls(e164)
        _refuse_unless_mobile(number)
        return cls(e164)

    @classmethod
    def to_ring(cls, text: str, *, drama: bool = False) -> PhoneNumber:
        """A number that is only ever rung: a landline, or any that may be texted as well.

        `drama` is as for `parse`. Raises `NotAMobile`.
        """
        number = _parsed(text.strip())
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if _DRAMA_LANDLINE.fullmatch(e164):
            if not drama:
                raise NotAMobile(_SET_ASIDE)
            return cls(e164)
        kind = phonenumbers.number_type(number)
        if number.country_code == _BRITISH and kind in _RUNG:
            return cls(e164)
        return cls.parse(text, drama=drama)

    @property
    def is_invented(self) -> bool:
        """Whether it was set aside for drama, so that nobody is ever at its end."""
        return bool(_DRAMA.fullmatch(self.e164) or _DRAMA_LANDLINE.fullmatch(self.e164))

    @property
    def local(self) -> str:
        """As people read it: 07700 900123; numbers of other countries stay as E.164."""
        if not self.e164.startswith("+44"):
            return self.e164
        digits = f"0{self.e164[3:]}"
        return f"{digits[:5]} {digits[5:]}"

    @property
    def masked(self) -> str:
        """Only the last two digits, for pages where the whole number is not needed."""
        return f"ends in {self.e164[-2:]}"

    def __repr__(self) -> str:
        return f"<PhoneNumber {self.masked}>"


def _parsed(written: str) -> phonenumbers.PhoneNumber:
    if not written:
        raise NotAMobile("The number is missing; write a mobile number, such as 07700 900123.")
    if not _WRITTEN.fullmatch(written):
        raise NotAMobile(
            "The number has letters or signs in it; write only the digits of one mobile number."
        )
    try:
        return phonenumbers.parse(written, "GB")
    except phonenumbers.NumberParseException:
        raise NotAMobile(
            "This is not a phone number; write one mobile number, such as 07700 900123."
        ) from None


def _refuse_unless_mobile(number: phonenumbers.PhoneNumber) -> None:
    if number.country_code != _BRITISH:
        raise NotAMobile("This number is from abroad; only UK mobile numbers can be texted.")
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.MOBILE:
        return
    if kind == PhoneNumberType.UNKNOWN:
        raise NotAMobile(_unknown(number))
    raise NotAMobile(_KINDS.get(kind, _SPECIAL))


def _unknown(number: phonenumbers.PhoneNumber) -> str:
    digits = len(str(number.national_number))
    if digits < 10:
        return "The number is too short; a UK mobile number has 11 digits and starts with 07."
    if digits > 10:
        return "The number is too long; a UK mobile number has 11 digits and starts with 07."
    return "No UK phone has this number; check it with the person, digit by digit."


_SET_ASIDE = "This number is set aside for drama and rings nowhere; ask for the real one."
_RUNG = (PhoneNumberType.FIXED_LINE, PhoneNumberType.VOIP)
_SPECIAL = "This is a special number that cannot be texted; ask for a mobile number."
_KINDS = {
    PhoneNumberType.FIXED_LINE: (
        "This is a landline and cannot be relied on for texts; ask for a mobile, or arrange calls."
    ),
    PhoneNumberType.PERSONAL_NUMBER: (
        "Numbers that start with 070 forward calls and are not mobiles; ask for the mobile number."
    ),
    PhoneNumberType.PAGER: (
        "This is a pager, which cannot answer; ask for a mobile that starts with 07."
    ),
    PhoneNumberType.TOLL_FREE: (
        "This is a free phone number, not a mobile; ask for a mobile that starts with 07."
    ),
    PhoneNumberType.VOIP: (
        "This is an internet phone number and may not get texts; ask for a mobile number."
    ),
}
