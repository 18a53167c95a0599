"""Holds the stand-in for KurrentDB against the official Python client.

    cross_check.py URL [CA_FILE]

That client is an implementation of its own over grpcio: nothing of it is ours, and nothing of the
Rust client is in it. Prints every check by name and their number; exits 1 if one fails.
"""

import sys
import threading
import uuid

from kurrentdbclient import CaughtUp, Checkpoint, KurrentDBClient, NewEvent, StreamState
from kurrentdbclient.exceptions import (
    KurrentDBClientError,
    MaximumAppendSizeExceededError,
    NotFoundError,
    StreamIsDeletedError,
    UnauthenticatedError,
    WrongCurrentVersionError,
)

# Seconds that anything may take.
BOUND = 30

CHECKS = []


def check(run):
    """A check is a function whose name says what holds."""
    CHECKS.append(run)
    return run


def event(name):
    """The event of a name has an id of its own, so that writing it again is a repeat."""
    known = uuid.uuid5(uuid.NAMESPACE_OID, name)
    return NewEvent(type="noted", data=name.encode(), id=known, content_type="application/octet-stream")


def events(*names):
    return [event(name) for name in names]


def named(recorded):
    return [one.data.decode() for one in recorded]


def refused(kinds, run):
    try:
        answer = run()
    except kinds as problem:
        return problem
    raise AssertionError(f"not refused: {answer!r}")


def within_bound(run):
    """Runs it, or fails when it takes too long: a subscription that says nothing must not hang the build."""
    outcome = []
    thread = threading.Thread(target=lambda: outcome.append(run()), daemon=True)
    thread.start()
    thread.join(BOUND)
    assert outcome, f"nothing came within {BOUND} s, or it failed"
    return outcome[0]


@check
def a_list_is_appended(client, stream):
    position = client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=events("a", "b", "c"))
    assert position > 0, position
    assert client.get_current_version(stream) == 2


@check
def a_repeat_of_the_list_has_the_same_position(client, stream):
    def write():
        return client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=events("a", "b"))

    assert write() == write()
    assert client.get_current_version(stream) == 1


@check
def a_repeat_of_one_event_has_the_same_position(client, stream):
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=event("a"))

    def write():
        return client.append_to_stream(stream, current_version=0, events=event("b"))

    first = write()
    client.append_to_stream(stream, current_version=1, events=event("c"))
    assert write() == first


@check
def a_wrong_version_of_a_list_is_refused(client, stream):
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=events("a"))
    problem = refused(
        WrongCurrentVersionError, lambda: client.append_to_stream(stream, current_version=5, events=events("b", "c"))
    )
    assert problem.args and "5" in str(problem), problem


@check
def a_wrong_version_of_one_event_is_refused(client, stream):
    refused(WrongCurrentVersionError, lambda: client.append_to_stream(stream, current_version=5, events=event("b")))
    refused(
        WrongCurrentVersionError,
        lambda: client.append_to_stream(stream, current_version=StreamState.EXISTS, events=event("b")),
    )
    client.append_to_stream(stream, current_version=StreamState.ANY, events=event("b"))
    refused(
        WrongCurrentVersionError,
        lambda: client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=event("c")),
    )


@check
def one_event_is_appended_and_read_back_whole(client, stream):
    one = NewEvent(type="noted", data=b'{"a":1}', metadata=b'{"m":"x"}', content_type="application/json")
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=one)
    (found,) = client.get_stream(stream)
    assert (found.id, found.type, found.data, found.metadata, found.content_type) == (
        one.id,
        one.type,
        one.data,
        one.metadata,
        one.content_type,
    )
    assert (found.stream_name, found.stream_position) == (stream, 0)
    assert found.recorded_at is not None


@check
def a_stream_is_read_forwards(client, stream):
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=events("a", "b", "c"))
    assert named(client.get_stream(stream)) == ["a", "b", "c"]
    assert named(client.get_stream(stream, stream_position=1, limit=1)) == ["b"]


@check
def a_stream_is_read_backwards(client, stream):
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=events("a", "b", "c"))
    assert named(client.get_stream(stream, backwards=True)) == ["c", "b", "a"]
    assert named(client.get_stream(stream, backwards=True, stream_position=1)) == ["b", "a"]


@check
def everything_is_read_forwards_and_backwards(client, stream):
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=events("a", "b"))
    forwards = list(client.read_all(filter_exclude=()))
    backwards = list(client.read_all(filter_exclude=(), backwards=True))
    assert [one.commit_position for one in forwards] == sorted(one.commit_position for one in forwards)
    assert [one.commit_position for one in backwards] == [one.commit_position for one in reversed(forwards)]
    assert any(one.stream_name.startswith("$") for one in forwards), "the system writes too"
    assert named(one for one in forwards if one.stream_name == stream) == ["a", "b"]


@check
def a_position_is_included_forwards(client, stream):
    position = client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=event("a"))
    first = next(iter(client.read_all(filter_exclude=(), commit_position=position)))
    assert (first.stream_name, first.commit_position) == (stream, position)
    before = next(iter(client.read_all(filter_exclude=(), commit_position=position, backwards=True)))
    assert before.commit_position < position


@check
def a_filter_by_prefix_and_by_type_holds(client, stream):
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=events("a"))
    other = NewEvent(type="elsewhere", data=b"x", content_type="application/octet-stream")
    client.append_to_stream(stream + "x", current_version=StreamState.NO_STREAM, events=other)
    by_name = client.read_all(filter_include=[stream], filter_by_stream_name=True, filter_by_prefix=True)
    assert {one.stream_name for one in by_name} == {stream, stream + "x"}
    by_type = client.read_all(filter_include=["elsewhere"])
    assert {one.type for one in by_type} == {"elsewhere"}


@check
def a_missing_stream_is_not_found(client, stream):
    refused(NotFoundError, lambda: client.get_stream(stream))


@check
def a_deleted_stream_goes_on_and_a_tombstone_stays(client, stream):
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=events("a", "b"))
    client.delete_stream(stream, current_version=1)
    refused(NotFoundError, lambda: client.get_stream(stream))
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=events("c"))
    (found,) = client.get_stream(stream)
    assert found.stream_position == 2
    client.tombstone_stream(stream, current_version=2)
    for run in (
        lambda: client.get_stream(stream),
        lambda: client.append_to_stream(stream, current_version=StreamState.ANY, events=event("d")),
    ):
        # The client has a name for it in batches alone.
        problem = refused(KurrentDBClientError, run)
        assert f"'{stream}' is deleted" in str(problem), problem
    refused(
        StreamIsDeletedError,
        lambda: client.append_to_stream(stream, current_version=StreamState.ANY, events=events("d")),
    )


@check
def too_large_an_append_is_refused(client, stream):
    large = NewEvent(type="noted", data=b"x" * 1_100_000, content_type="application/octet-stream")

    def write(events):
        return client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=events)

    # The client has a name for it in batches alone.
    problem = refused(KurrentDBClientError, lambda: write(large))
    assert "Maximum Append Size of 1048576 Exceeded." in str(problem), problem
    refused(MaximumAppendSizeExceededError, lambda: write([large]))
    refused(NotFoundError, lambda: client.get_stream(stream))


@check
def a_filtered_subscription_is_told_how_far_it_is(client, stream):
    position = client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=event("a"))
    for number in range(70):
        client.append_to_stream(f"foreign-{stream}", current_version=StreamState.ANY, events=event(f"{stream}{number}"))

    def follow():
        subscription = client.subscribe_to_all(
            commit_position=position,
            filter_include=[stream],
            filter_by_stream_name=True,
            filter_by_prefix=True,
            include_checkpoints=True,
            include_caught_up=True,
            window_size=16,
            checkpoint_interval_multiplier=1,
        )
        seen, checkpoints, live = [], 0, False
        for one in subscription:
            if isinstance(one, Checkpoint):
                assert one.commit_position >= position
                checkpoints += 1
            elif isinstance(one, CaughtUp):
                live = True
                client.append_to_stream(stream, current_version=0, events=event("b"))
                for number in range(40):
                    write = event(f"{stream}live{number}")
                    client.append_to_stream(f"foreign-{stream}", current_version=StreamState.ANY, events=write)
                caught_up_with = checkpoints
            else:
                seen.append(one.data.decode())
            if live and seen and checkpoints > caught_up_with:
                subscription.stop()
        return seen, caught_up_with

    seen, while_catching_up = within_bound(follow)
    assert seen == ["b"], f"its own position is not in it: {seen}"
    assert while_catching_up >= 4, while_catching_up


@check
def a_subscription_to_a_stream_begins_after_its_revision(client, stream):
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=events("a", "b"))

    def follow():
        seen = []
        subscription = client.subscribe_to_stream(stream, stream_position=0)
        for one in subscription:
            seen.append(one.data.decode())
            if seen == ["b"]:
                client.append_to_stream(stream, current_version=1, events=event("c"))
            if len(seen) == 2:
                subscription.stop()
        return seen

    assert within_bound(follow) == ["b", "c"]


def a_wrong_password_is_refused(client, stream):
    refused(
        UnauthenticatedError,
        lambda: client.append_to_stream(stream, current_version=StreamState.ANY, events=event("a")),
    )


def main():
    url, ca_file = sys.argv[1], (sys.argv[2:] or [None])[0]
    # That client takes the certificate itself, where the others take the name of a file.
    url = url.split("&tlsCAFile=")[0]
    root = open(ca_file, "rb").read() if ca_file else None
    checks = [(run, url) for run in CHECKS]
    scheme, account, host = url.partition("://")[0], *url.partition("://")[2].rpartition("@")[::2]
    if account:
        checks.append((a_wrong_password_is_refused, f"{scheme}://{account.split(':')[0]}:wrong@{host}"))
    failed = 0
    for run, url in checks:
        name = run.__name__.replace("_", " ")
        try:
            with KurrentDBClient(url, root_certificates=root) as client:
                run(client, f"thread-{uuid.uuid4().hex}")
        except (AssertionError, KurrentDBClientError) as problem:
            failed += 1
            print(f"FAILED  {name}: {type(problem).__name__}: {problem}")
        else:
            print(f"passed  {name}")
    print(f"python client: {len(checks) - failed} of {len(checks)} checks passed")
    sys.exit(1 if failed else 0)


main()
