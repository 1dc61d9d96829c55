"""A night of silence takes no room, and of speech nothing is lost for it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicecli.live.item_queue import ItemQueue, is_silence, size_of
from voicecli.live.items import Item, Signal, Sound, Typed

MOST_BYTES = 100
ITEMS: st.SearchStrategy[Item] = st.one_of(
    st.builds(Typed, st.just("hi")),
    st.sampled_from(Signal),
    st.builds(Sound, st.integers(0, 60).map(bytes), st.sampled_from([True, False, None])),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), ITEMS),
        st.tuples(st.just("prepend"), st.lists(ITEMS, max_size=4)),
        st.tuples(st.just("remove"), st.integers(0, 10)),
    )
)


def silence_at_the_end(items: list[Item]) -> int:
    size = 0
    for item in reversed(items):
        if not is_silence(item):
            break
        size += size_of(item)
    return size


@given(STEPS)
def test_it_counts_what_it_holds_and_shortens_only_the_silence_at_its_end(
    steps: list[tuple[str, object]],
) -> None:
    queue, model = ItemQueue(), list[Item]()
    for step, what in steps:
        if step == "append":
            assert isinstance(what, Signal | Sound | Typed)
            queue.append(what, MOST_BYTES)
            model.append(what)
            if is_silence(what):
                while silence_at_the_end(model) > MOST_BYTES:
                    first = len(model)
                    while first and is_silence(model[first - 1]):
                        first -= 1
                    del model[first]
        elif step == "prepend":
            assert isinstance(what, list)
            queue.prepend(what)
            model[:0] = what
        elif model:
            assert isinstance(what, int)
            assert queue.remove(what % len(model)) is model.pop(what % len(model))
        assert list(queue) == model
        assert list(reversed(queue)) == model[::-1]
        assert len(queue) == len(model)
        assert queue.sound_bytes == sum(map(size_of, model))
        assert queue.worth == sum(not is_silence(item) for item in model)
        sounds = [at for at, item in enumerate(model) if isinstance(item, Sound)]
        assert queue.first_sound() == (sounds[0] if sounds else None)


def test_silence_in_the_midst_of_speech_is_left_as_long_as_it_was_when_speech_went_on() -> None:
    queue = ItemQueue()
    for item in [Sound(b"x", True), *[Sound(bytes(30), False)] * 5, Sound(b"y", True)]:
        queue.append(item, MOST_BYTES)
    assert [size_of(item) for item in queue] == [1, 30, 30, 30, 1]
