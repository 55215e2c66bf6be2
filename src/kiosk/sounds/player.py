"""Plays cues through whatever player the machine has; never blocks, never fails loudly.

A player that is missing or fails gives way to the terminal's bell. At most one sound plays at a
time: a stop cuts off what is playing, anything else that comes while one plays is left out, for
late feedback is false feedback.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from kiosk.sounds.cues import Cue, wave

_PLAYERS: Final = (("pw-play",), ("paplay",), ("aplay", "-q"))
_MOST_FAILURES: Final = 3
# A player without a sound card fails every time; after these it is not asked again.


class Sounds(Protocol):
    """Something that can play a cue."""

    def play(self, cue: Cue) -> None:
        """Play a cue now, or not at all."""
        ...

    def close(self) -> None:
        """Stop playing and clean up."""
        ...


class _Silent:
    """Plays nothing: sounds are off."""

    def play(self, cue: Cue) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


SILENT: Final[Sounds] = _Silent()
"""Sounds switched off."""


class SoundPlayer:
    """Plays cues by a player program; `bell` is rung where there is none or it fails. `volume` is in percent."""

    def __init__(self, bell: Callable[[], None], command: tuple[str, ...] | None = None, *, volume: int = 100) -> None:
        self._bell = bell
        self._volume = volume
        self._command = find_player() if command is None else command
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._files: dict[Cue, Path] = {}
        self._playing: subprocess.Popen[bytes] | None = None
        self._failures = 0

    def play(self, cue: Cue) -> None:
        """Start a cue and return at once."""
        if not self._idle(cut_off=cue is Cue.REJECTED):
            return
        if not self._command or self._failures >= _MOST_FAILURES:
            self._bell()
            return
        try:
            self._playing = subprocess.Popen(
                (*self._command, str(self._file(cue))),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            self._failures += 1
            self._bell()

    def close(self) -> None:
        """Stop the sound that plays and remove the files."""
        self._end()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
            self._files.clear()

    def _idle(self, *, cut_off: bool) -> bool:
        """Whether nothing plays (any more)."""
        if self._playing is None:
            return True
        status = self._playing.poll()
        if status is None:
            if not cut_off:
                return False
            self._end()
            return True
        self._failures = self._failures + 1 if status else 0
        self._playing = None
        return True

    def _end(self) -> None:
        playing, self._playing = self._playing, None
        if playing is None or playing.poll() is not None:
            return
        playing.kill()
        playing.wait()

    def _file(self, cue: Cue) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="kiosk-sounds-")
        path = self._files.get(cue)
        if path is None:
            path = Path(self._folder.name) / f"{cue}.wav"
            path.write_bytes(wave(cue, self._volume))
            self._files[cue] = path
        return path


def find_player() -> tuple[str, ...]:
    """The first player program on this machine with its arguments, or nothing."""
    for name, *arguments in _PLAYERS:
        path = shutil.which(name)
        if path is not None:
            return (path, *arguments)
    return ()
