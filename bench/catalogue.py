"""The measures in the order of the table: what each is called, means and has to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.figures import Count, Failed, Figure


@dataclass(frozen=True, slots=True)
class Measure:
    """`strict`: anything but zero is a wrong result, however slow the machine."""

    key: str
    title: str
    meaning: str
    goal: str = ""
    strict: bool = False


MEASURES = (
    Measure(
        "uplink",
        "uplink",
        "A sentence goes into the microphone while the model is silent; from each of many places "
        "in it at the microphone's feed until the frame that holds it is at the server.",
        "≤ 20 ms",
    ),
    Measure(
        "start_40",
        "start, chunks of 40 ms",
        "From the server's sending of the first chunk until sound is at the speaker's monitor; "
        "replies at four times real time.",
        "≤ 40 ms",
    ),
    Measure("start_200", "start, chunks of 200 ms", "The same.", "≤ 40 ms"),
    Measure(
        "stop_40",
        "stop, chunks of 40 ms",
        "From the server's sending of `interrupted` until the last audible sample.",
        "≤ 20 ms",
    ),
    Measure("stop_200", "stop, chunks of 200 ms", "The same.", "≤ 20 ms"),
    Measure(
        "jitter_40_cold",
        "dropouts under jitter, cold, 40 ms",
        "Replies of a continuous voice-like tone at real time, each chunk late by |N(0, 60 ms)|, "
        "in order; silences inside them. Cold: the first reply of a process.",
    ),
    Measure("jitter_200_cold", "dropouts under jitter, cold, 200 ms", "The same."),
    Measure(
        "jitter_40",
        "dropouts under jitter, 40 ms",
        "The same in later replies.",
        "0",
        strict=True,
    ),
    Measure("jitter_200", "dropouts under jitter, 200 ms", "The same.", "0", strict=True),
    Measure(
        "stall_40",
        "silence for a stall of 300 ms, 40 ms",
        "Replies at real time; nothing comes for 300 ms, then all that was due. The silence of one "
        "reply.",
        "≤ 60 ms",
    ),
    Measure("stall_200", "silence for a stall of 300 ms, 200 ms", "The same.", "≤ 60 ms"),
    Measure(
        "lost",
        "samples lost",
        "A long reply that comes all at once, and short ones at four times real time, compared "
        "with what was played, piece by piece: replies of which more than 1 ms is missing.",
        "0",
        strict=True,
    ),
    Measure(
        "self",
        "self-interruptions",
        "In rooms, nobody speaks but the model: replies in which the server's voice activity "
        "detection found a user. Every room begins with a new process.",
        "0",
        strict=True,
    ),
    Measure(
        "echo",
        "echo left",
        "The level of what reaches the server while only the model speaks, against the "
        "microphone's, in replies that were heard out. Nothing is less than −90 dBFS.",
    ),
    Measure(
        "missed_first",
        "interruptions missed, first reply",
        "A person speaks 0.5, 1 or 3 s into the first reply of a process, in rooms of −12 and −6 "
        "dB: the server's detection did not notice them, or the sound went on.",
        "0",
        strict=True,
    ),
    Measure(
        "missed",
        "interruptions missed",
        "First and second replies together.",
        "0",
        strict=True,
    ),
    Measure(
        "early",
        "interrupted itself before the person",
        "Of the same tries: these can no longer be missed.",
        "0",
        strict=True,
    ),
    Measure(
        "barge_in",
        "person's first sound → silence",
        "Of the interruptions that were heard: the detection's time and the client's together.",
    ),
    Measure(
        "cpu",
        "CPU while both talk",
        "User and system time of the process tree, in percent of one core, in a room of −12 dB.",
        "≤ 6 %",
    ),
    Measure("cpu_model", "CPU while the model talks", "The same."),
    Measure("cpu_idle", "CPU while nobody talks", "The same."),
    Measure("memory", "memory", "Peak of the resident memory of the process tree after that."),
    Measure(
        "startup",
        "process start → setup sent",
        "Until the server has the setup message; the first of the run is not counted.",
        "≤ 550 ms",
    ),
    Measure("help", "`voicecli --help`", "From start to end of the process."),
)


def wrong(figures: Mapping[str, Figure]) -> list[str]:
    """What is wrong with a system, in words; times are never wrong."""
    found = [
        f"{key}: {figure.why}" for key, figure in figures.items() if isinstance(figure, Failed)
    ]
    for measure in MEASURES:
        figure = figures.get(measure.key)
        if measure.strict and isinstance(figure, Count) and figure.found:
            found.append(f"{measure.title}: {figure}")
    return found
