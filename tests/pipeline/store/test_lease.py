import threading

import pytest

from pipeline.errors import ConfigError, StoreError
from pipeline.objects import ObjectFolder
from pipeline.store.lease import LOCK, Lease
from tests.buckets import bucket, s3

__all__ = ["bucket", "s3"]


def lease(bucket: str, dead_s: float = 60, owner: str = "") -> Lease:
    return Lease(ObjectFolder(bucket), owner, renewed_s=0.05, dead_s=dead_s)


def names(bucket: str) -> list[str]:
    return [one.path for one in ObjectFolder(bucket).list(LOCK)]


def silent(bucket: str, owner: str = "") -> Lease:
    """One whose holder was killed."""
    one = lease(bucket, owner=owner)
    one.acquire()
    one._over.set()
    assert one._thread is not None
    one._thread.join()
    return one


def test_a_second_holder_is_refused_and_told_who_has_it(bucket: str) -> None:
    first = lease(bucket)
    first.acquire()
    with pytest.raises(ConfigError, match=r"^another run \(process \d+ on .*\) is working on the lake s3://"):
        lease(bucket).acquire()
    first.release()


def test_whoever_looks_is_told_who_has_it_as_long_as_there_are_signs_of_life(bucket: str) -> None:
    looking = lease(bucket)
    before, first = looking.holder(), lease(bucket)
    first.acquire()
    meanwhile, long_after = looking.holder(), lease(bucket, dead_s=-60).holder()
    first.release()

    assert meanwhile.startswith("process ")
    assert (before, long_after, looking.holder()) == ("", "", "")


def test_what_was_given_back_can_be_taken_and_numbers_never_come_again(bucket: str) -> None:
    for _ in range(3):
        one = lease(bucket)
        one.acquire()
        one.check()
        one.release()

    assert names(bucket) == [f"{LOCK}/000000003.json"]


def test_of_many_at_once_one_gets_it(bucket: str) -> None:
    got, refused = list[Lease](), list[ConfigError]()

    def take() -> None:
        one = lease(bucket)
        try:
            one.acquire()
            got.append(one)
        except ConfigError as error:
            refused.append(error)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), len(refused)) == (1, 7)
    got[0].release()


def test_a_lock_that_was_left_behind_is_taken_over_and_its_holder_stops_writing(bucket: str) -> None:
    gone = silent(bucket)
    taker = lease(bucket, dead_s=-10)  # clocks of stores tell whole seconds
    taker.acquire()

    gone._over.clear()
    gone._renew()
    with pytest.raises(StoreError, match=r"another run\s+has taken over"):
        gone.check()
    taker.release()


def test_a_holder_that_seems_gone_and_writes_is_alive(bucket: str) -> None:
    holder = lease(bucket)
    holder.acquire()
    with pytest.raises(ConfigError, match="another run"):
        lease(bucket, dead_s=-10).acquire()
    holder.release()


def test_a_holder_that_could_not_renew_for_long_stops_writing(bucket: str) -> None:
    one = silent(bucket)
    one._dead_s = 0
    with pytest.raises(StoreError, match="the store did not answer in time"):
        one.check()


def test_what_a_dead_run_of_the_same_place_has_left_is_taken_at_once(bucket: str) -> None:
    silent(bucket, owner="this folder")
    with pytest.raises(ConfigError, match="another run"):
        lease(bucket, owner="that folder").acquire()
    taker = lease(bucket, owner="this folder")
    taker.acquire()
    taker.release()
