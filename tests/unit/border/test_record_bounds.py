"""Room border. What of a record is kept, and what stands in the place of the rest."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoro_smartaccounts.border import record_bounds
from scoro_smartaccounts.border.record_bounds import is_left_out, kept, storable_json
from scoro_smartaccounts.scoro import values

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def read(text: str) -> Any:
    return json.loads(
        text,
        parse_float=record_bounds.decimal_of,
        parse_int=record_bounds.whole_number_of,
        parse_constant=record_bounds.constant_of,
    )


@given(JSON)
def test_what_is_kept_can_be_stored_and_reads_the_same(value: Any) -> None:
    once = kept(value)
    stored = storable_json(once)
    assert "\x00" not in stored
    stored.encode()
    assert storable_json(kept(read(stored))) == stored


@pytest.mark.parametrize(
    "text",
    ["1E+400", "1E+200000", "1E+999999999999999999999", "1E-400", "NaN", "-Infinity", "9" * 5000, "1" + "0" * 30],
)
def test_a_number_beyond_all_reading_is_left_out_and_stops_nothing(text: str) -> None:
    row = kept(read(f'{{"good": 1.5, "bad": {text}}}'))
    assert row["good"] == Decimal("1.5")
    assert is_left_out(row["bad"])
    for reader in (values.decimal, values.day, values.flag):
        with pytest.raises(ValueError, match=r"^$"):
            reader(row["bad"])


@pytest.mark.parametrize(
    "value", [0, -1, 1.25, Decimal("0.1000000000000000055511151231257827"), "A" * 6000, None, True]
)
def test_what_is_of_everyday_size_stays(value: Any) -> None:
    assert kept({"x": [value]}) == {"x": [value]}


def test_long_texts_and_deep_nesting_are_left_out_and_told_apart() -> None:
    one, other = kept("A" * 1_000_000), kept("A" * 999_999)
    assert is_left_out(one)
    assert one != other
    deep: Any = "x"
    for _ in range(400):
        deep = [deep]
    assert '"left_out"' in storable_json(kept(deep))


def test_no_json_has_infinity() -> None:
    assert storable_json({"a": math.inf, "b": [Decimal("1E+400"), 1]}) == '{"a":null,"b":[null,1]}'
