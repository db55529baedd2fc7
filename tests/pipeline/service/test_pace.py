from pipeline.service.pace import Hold


def test_nothing_is_held_at_first() -> None:
    assert Hold(lambda: 5.0).left_s() == 0


def test_a_hold_runs_out_with_the_clock() -> None:
    now = [100.0]
    hold = Hold(lambda: now[0])

    hold.extend(3)
    before = hold.left_s()
    now[0] += 2
    during = hold.left_s()
    now[0] += 2
    after = hold.left_s()

    assert (before, during, after) == (3, 1, 0)


def test_a_shorter_hold_does_not_end_a_longer_one() -> None:
    hold = Hold(lambda: 100.0)

    hold.extend(30)
    hold.extend(2)

    assert hold.left_s() == 30
