"""A batch that takes too long: what is not begun in time goes back, and nobody heard of it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import pytest

from connector.domain.attempt import Result
from connector.services.ports import HAND_OVER_WITHIN, NOT_TRIED
from connector.services.receipts import ANSWER_LOST_AFTER
from connector.settings import Settings
from tests.conftest import NOON
from tests.fakes import FakeClock
from tests.gateways.stub import FakeNotify, FakeTwilio
from tests.gateways.test_channels import notify, texts, twilio
from tests.makers import number


class Hurried(FakeClock):
    """Ten seconds go by whenever somebody looks."""

    def __call__(self) -> datetime:
        return self.forward(seconds=10)


@pytest.mark.parametrize("which", ["twilio", "notify"])
def test_what_is_not_begun_within_a_minute_waits_in_the_queue(which: str) -> None:
    batch = texts(20)
    with FakeTwilio() if which == "twilio" else FakeNotify() as provider:
        clock = Hurried(NOON)
        channel = (
            twilio(provider, number(999), clock)
            if isinstance(provider, FakeTwilio)
            else notify(provider, clock)
        )
        outcomes = channel.send(batch)
        channel.close()
        results = Counter(outcome.result for outcome in outcomes)
        assert set(results) == {Result.ACCEPTED, Result.THROTTLED}
        assert len(provider.sent) == results[Result.ACCEPTED]
        late = {one.code for one in outcomes if one.result is Result.THROTTLED}
        assert late == {NOT_TRIED}


def test_no_text_is_still_about_to_go_when_it_counts_as_unknown() -> None:
    longest = max(
        limit.le
        for limit in Settings.model_fields["provider_timeout"].metadata
        if hasattr(limit, "le")
    )
    assert HAND_OVER_WITHIN.total_seconds() + longest <= ANSWER_LOST_AFTER.total_seconds()
