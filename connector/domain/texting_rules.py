"""The texting rules of the installation: when texts go out, how many a person gets, what one costs.

One value that planning, sending, previews and one-off notices all go by. It refuses a cap that lets
nothing out and a price that is none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from connector.domain.calendar import Calendar
from connector.domain.caps import Cap
from connector.domain.errors import Invalid

USUAL_PRICE = Decimal(4)
HIGHEST_PRICE = Decimal(100)
MOST_A_DAY, MOST_A_WEEK, MOST_A_MONTH = 5, 14, 56


@dataclass(frozen=True, slots=True)
class TextingRules:
    """When texts may go out, the one cap, and the price of a segment in pence.

    Raises `Invalid` for a cap or a price that cannot be meant.
    """

    calendar: Calendar = field(default_factory=Calendar)
    cap: Cap = field(default_factory=Cap)
    price: Decimal = USUAL_PRICE

    def __post_init__(self) -> None:
        _refuse_bad_cap(self.cap)
        if not (self.price.is_finite() and 0 <= self.price <= HIGHEST_PRICE):
            raise Invalid("Write the price of one segment in pence, from 0 to 100, such as 4.")

    def cost(self, segments: int) -> Decimal:
        """What so many segments cost, in pounds."""
        return segments * self.price / 100


def _refuse_bad_cap(cap: Cap) -> None:
    if min(cap.day, cap.week, cap.month) < 1:
        raise Invalid(
            "A cap of nought would let no text out: allow at least 1. To stop all texts,"
            " use the switch on the page System."
        )
    if not (cap.day <= MOST_A_DAY and cap.week <= MOST_A_WEEK and cap.month <= MOST_A_MONTH):
        raise Invalid(
            f"The cap is at most {MOST_A_DAY} texts a day, {MOST_A_WEEK} in 7 days "
            f"and {MOST_A_MONTH} in 28 days."
        )
    if not cap.day <= cap.week <= cap.month:
        raise Invalid(
            "The cap for 7 days is at least the one for a day, and the one for 28 days "
            "at least the one for 7."
        )
