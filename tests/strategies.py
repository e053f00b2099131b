"""Every Hypothesis strategy of the tests."""

from __future__ import annotations

from typing import TypeAlias

from hypothesis import strategies as st

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"


def json_values(max_leaves: int = 8) -> st.SearchStrategy[JSON]:
    """Anything that JSON can carry."""
    leaves: st.SearchStrategy[JSON] = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=40)
    )
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=max_leaves,
    )
