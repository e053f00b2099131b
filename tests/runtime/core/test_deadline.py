from typedrun.core.deadline import NEVER, Deadline


def test_what_is_left_shrinks_and_never_gets_negative() -> None:
    deadline = Deadline(10.0)
    assert [deadline.left(now) for now in (4.0, 10.0, 12.0)] == [6.0, 0.0, 0.0]
    assert [deadline.is_past(now) for now in (4.0, 10.0, 12.0)] == [False, True, True]


def test_without_a_limit_nothing_is_ever_late() -> None:
    assert NEVER.left(1e9) is None
    assert not NEVER.is_past(1e9)
