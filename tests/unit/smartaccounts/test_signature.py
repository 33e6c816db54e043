"""Room smartaccounts. Signatures and timestamps of requests to SmartAccounts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoro_smartaccounts.smartaccounts.signature import latest_instant, sign, timestamp_text


@pytest.mark.parametrize(
    ("query", "body", "expected"),
    [
        (
            "codes=kood1%2Ckood2%2Ckood3&timestamp=14022013133802&apikey=a066f7de6042458da916",
            "",
            "47d71fe8160187197bab544584f783ec4bac9be3e00049783d93d97d2e828e6e",
        ),
        (
            "timestamp=03032021090000&apikey=testkey",
            '{"clientId":"c1","date":"03.03.2021","currency":"EUR","rows":[{"code":"00010","description":"Tõlketöö",'
            '"price":10,"quantity":10,"vatPc":"20"}]}',
            "c196946e300575b06c73e28d78babf195f5323c0b0009c16b5468e75726a876e",
        ),
        (
            "apikey=testkey&timestamp=03032021090000&id=11111111-2222-3333-4444-555555555555",
            "{}",
            "aae86e75f29280833fc23ecfe0857d348af041c084f9a08894e82d8b68c97884",
        ),
    ],
)
def test_known_signatures(query: str, body: str, expected: str) -> None:
    assert sign("test-secret", query, body.encode()) == expected


def test_the_timestamp_is_tallinn_time_in_summer_and_winter() -> None:
    assert timestamp_text(datetime(2026, 1, 31, 22, 30, 5, tzinfo=UTC)) == "01022026003005"
    assert timestamp_text(datetime(2026, 7, 1, 9, 0, 0, tzinfo=UTC)) == "01072026120000"
    assert timestamp_text(datetime(2026, 7, 1, 9, 0, 0, tzinfo=timezone(timedelta(hours=5)))) == "01072026070000"


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        timestamp_text(datetime(2026, 7, 1, 9, 0, 0))  # noqa: DTZ001


def test_in_the_repeated_hour_the_later_meaning_counts() -> None:
    early, late = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert timestamp_text(early) == timestamp_text(late) == "25102026033000"
    assert latest_instant("25102026033000") == late


def test_a_time_that_spring_skips_counts_as_late_as_it_can() -> None:
    assert latest_instant("29032026033000") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "2026-10-25", "32102026033000", "2510202603300", "25102026 33000", "٢٥102026033000"]
)
def test_other_texts_are_no_timestamp(text: str) -> None:
    with pytest.raises(ValueError, match=r"ddMM|time data|unconverted"):
        latest_instant(text)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_latest_instant_is_never_before_the_moment_and_at_most_an_hour_after(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    assert latest_instant(timestamp_text(moment)) - moment in (timedelta(0), timedelta(hours=1))
