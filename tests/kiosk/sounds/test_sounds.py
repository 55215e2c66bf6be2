"""Every state sounds different, exactly once per scan; a player that fails gives way to the bell."""

import io
import sys
import wave as wave_files
from dataclasses import replace

import pytest

from kiosk.snapshots.station import StationSnapshot
from kiosk.snapshots.verdicts import VerdictState
from kiosk.sounds import Cue, SoundPlayer, cue_for
from kiosk.sounds.cues import PATTERNS, wave
from tests.kiosk.screens.gallery import (
    ASSEMBLY,
    ASSEMBLY_AGAIN,
    ASSEMBLY_CHECKING,
    ASSEMBLY_OFFLINE,
    ASSEMBLY_READY,
    ASSEMBLY_STOP,
)


def later(snapshot: StationSnapshot, serial: int) -> StationSnapshot:
    """The same verdict for another scan."""
    return replace(snapshot, verdict=replace(snapshot.verdict, serial=serial))


@pytest.mark.parametrize("cue", Cue)
def test_every_cue_is_a_playable_wave_as_long_as_its_pattern(cue: Cue) -> None:
    """16 bits, mono, and never above the loudest sample."""
    with wave_files.open(io.BytesIO(wave(cue))) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        seconds = file.getnframes() / file.getframerate()
    assert seconds == pytest.approx(sum(tone.length + tone.silence for tone in PATTERNS[cue]) / 1000, abs=0.01)


def test_the_patterns_keep_the_feedback_contract() -> None:
    """One short high, three low, two middling, one falling, one low tick."""
    accepted, rejected, attention = (PATTERNS[cue] for cue in (Cue.ACCEPTED, Cue.REJECTED, Cue.ATTENTION))
    assert [tone.length for tone in accepted] == [80]
    assert len(rejected) == 3
    assert len(attention) == 2
    assert rejected[0].start < attention[0].start < accepted[0].start
    assert PATTERNS[Cue.OFFLINE][0].end < PATTERNS[Cue.OFFLINE][0].start


def test_a_verdict_sounds_once_and_again_only_for_another_scan() -> None:
    """A repaint makes no sound; the same verdict for the next scan does."""
    assert cue_for(None, ASSEMBLY) is Cue.ACCEPTED
    assert cue_for(ASSEMBLY, replace(ASSEMBLY, typed="J")) is None
    assert cue_for(ASSEMBLY, later(ASSEMBLY, 99)) is Cue.ACCEPTED


def test_each_state_has_its_cue() -> None:
    """Ready and checking are silent."""
    assert cue_for(ASSEMBLY, ASSEMBLY_READY) is None
    assert cue_for(ASSEMBLY, ASSEMBLY_CHECKING) is None
    assert cue_for(ASSEMBLY, ASSEMBLY_AGAIN) is Cue.ATTENTION
    assert cue_for(ASSEMBLY, ASSEMBLY_STOP) is Cue.REJECTED
    rejected = replace(ASSEMBLY, verdict=replace(ASSEMBLY.verdict, state=VerdictState.REJECTED, serial=77))
    assert cue_for(ASSEMBLY, rejected) is Cue.REJECTED


def test_going_offline_falls_once_and_ticks_for_every_scan_held() -> None:
    """The tone for the change, the tick for the work that goes on."""
    assert cue_for(ASSEMBLY, ASSEMBLY_OFFLINE) is Cue.OFFLINE
    assert cue_for(ASSEMBLY_OFFLINE, later(ASSEMBLY_OFFLINE, 99)) is Cue.HELD


def test_a_scan_ignored_while_stopped_sounds() -> None:
    """And a repaint of the stop does not."""
    assert ASSEMBLY_STOP.stop is not None
    ignored = replace(ASSEMBLY_STOP, stop=replace(ASSEMBLY_STOP.stop, ignored=3))
    assert cue_for(ASSEMBLY_STOP, ASSEMBLY_STOP) is None
    assert cue_for(ASSEMBLY_STOP, ignored) is Cue.REJECTED


def test_a_machine_without_a_player_rings_the_bell() -> None:
    """Never silence, never an error."""
    rung: list[str] = []
    player = SoundPlayer(lambda: rung.append("bell"), command=())
    player.play(Cue.ACCEPTED)
    player.close()
    assert rung == ["bell"]


def test_a_player_that_cannot_start_rings_the_bell() -> None:
    """A broken path is no reason to stop a line."""
    rung: list[str] = []
    player = SoundPlayer(lambda: rung.append("bell"), command=("/nowhere/player",))
    player.play(Cue.ATTENTION)
    player.close()
    assert rung == ["bell"]


def test_a_player_that_always_fails_is_given_up_for_the_bell() -> None:
    """A machine without a sound card fails every time."""
    rung: list[str] = []
    player = SoundPlayer(lambda: rung.append("bell"), command=(sys.executable, "-c", "raise SystemExit(1)"))
    for _ in range(4):
        player.play(Cue.ACCEPTED)
        playing = player._playing
        if playing is not None:
            playing.wait()
    player.close()
    assert rung == ["bell"]


def test_a_stop_cuts_off_what_plays_and_other_cues_wait_for_nothing() -> None:
    """At most one sound at a time, and playing returns at once."""
    sleeper = (sys.executable, "-c", "import sys; sys.stdin.close(); import threading; threading.Event().wait()")
    player = SoundPlayer(lambda: None, command=sleeper)
    player.play(Cue.ACCEPTED)
    first = player._playing
    player.play(Cue.ATTENTION)
    assert player._playing is first
    player.play(Cue.REJECTED)
    assert player._playing is not first
    assert first is not None
    assert first.poll() is not None
    player.close()
    assert player._playing is None
