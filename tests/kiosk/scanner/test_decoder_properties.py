"""What holds for the decoder whatever is typed, lost or torn out."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from kiosk.scanner.decoder import CapsLock, DecoderSettings, KeyDecoder, Suffix
from kiosk.scanner.layouts import LAYOUTS
from kiosk.scanner.verdicts import Scan, Verdict
from tests.kiosk.scanner.typist import ENDS, KEY_S, Keystroke, alt_strokes, play, strokes, typeable

SUFFIX_KEYS: dict[Suffix, tuple[str, ...]] = {
    Suffix.CR: ("enter", "keypad enter", "enter and linefeed"),
    Suffix.CRLF: ("enter and linefeed", "enter"),
    Suffix.LF: ("linefeed",),
    Suffix.TAB: ("tab",),
    Suffix.NONE: ("none", "enter"),
}


@dataclass(frozen=True)
class Sent:
    """One scan as the scanner sent it: what it says, its keys, and the pause before it in seconds."""

    text: str
    keys: list[Keystroke]
    pause: float


@st.composite
def scanner_sends(draw: st.DrawFn) -> tuple[DecoderSettings, list[Sent]]:
    """Draw a scanner with its settings, and several scans in its own mode."""
    layout = draw(st.sampled_from(sorted(LAYOUTS)))
    suffix = draw(st.sampled_from(sorted(SUFFIX_KEYS)))
    end = ENDS[draw(st.sampled_from(SUFFIX_KEYS[suffix]))]
    by_alt = draw(st.booleans())
    alphabet = "".join(chr(n) for n in range(0x20, 0x7F)) if by_alt else typeable(layout)
    shortest_pause = 0.5 if suffix is Suffix.NONE else 0.0
    scans: list[Sent] = []
    for text in draw(st.lists(st.text(alphabet, min_size=1, max_size=8), min_size=1, max_size=5)):
        typed = alt_strokes(text) if by_alt else strokes(text, layout)
        scans.append(Sent(text, typed + end, draw(st.floats(shortest_pause, 2.0))))
    return DecoderSettings(layout=layout, suffix=suffix, gap_s=0.3), scans


@given(scanner_sends())
def test_what_was_typed_whole_is_read(sent: tuple[DecoderSettings, list[Sent]]) -> None:
    """Every scan of every layout, suffix and mode comes out as it went in, in order."""
    settings, scans = sent
    decoder = KeyDecoder(settings)
    verdicts: list[Verdict] = []
    at = 100.0
    for scan in scans:
        at += scan.pause
        verdicts += play(decoder, scan.keys, start=at)
        at += len(scan.keys) * KEY_S
    verdicts += decoder.expire(at + 1)
    assert [v.text if isinstance(v, Scan) else v for v in verdicts] == [scan.text for scan in scans]


@given(scanner_sends(), st.data())
def test_drops_anywhere_never_yield_another_code(sent: tuple[DecoderSettings, list[Sent]], data: st.DataObject) -> None:
    """Stretches of events are lost, as the kernel loses them; what is read is among what was sent, in order."""
    settings, scans = sent
    events: list[tuple[float, Keystroke]] = []
    at = 100.0
    for scan in scans:
        at += scan.pause
        for key in scan.keys:
            at += KEY_S
            events.append((at, key))
    decoder = KeyDecoder(settings)
    verdicts: list[Verdict] = []
    position = 0
    while position < len(events):
        at, (code, value) = events[position]
        lost = data.draw(st.sampled_from([0] * 20 + [1, 2, 3, 5, 8, 13, 40]), label=f"lost at {position}")
        if lost:
            position = min(position + lost, len(events))
            # The kernel stamps the mark with the time of the event that did not fit.
            decoder.dropped(events[position - 1][0])
            continue
        if data.draw(st.sampled_from([False] * 30 + [True]), label="asked for silence"):
            verdicts += decoder.expire(at)
        verdicts += decoder.key(code, value, at)
        position += 1
    verdicts += decoder.expire(at + 1)
    remaining = iter([scan.text for scan in scans])
    read = [verdict.text for verdict in verdicts if isinstance(verdict, Scan)]
    assert all(text in remaining for text in read), f"read {read} from {[scan.text for scan in scans]}"


@given(scanner_sends(), st.data())
def test_unplugging_anywhere_never_yields_another_code(
    sent: tuple[DecoderSettings, list[Sent]], data: st.DataObject
) -> None:
    """The scanner goes and comes back at once within a scan: neither half passes for a code."""
    settings, scans = sent
    decoder = KeyDecoder(settings)
    verdicts: list[Verdict] = []
    at = 100.0
    for scan in scans:
        at += scan.pause
        cut = data.draw(st.none() | st.integers(0, len(scan.keys)), label="cut at")
        for position, (code, value) in enumerate(scan.keys):
            at += KEY_S
            if position == cut:
                verdicts += decoder.unplugged(at)
                decoder.opened(at)
            verdicts += decoder.key(code, value, at)
    verdicts += decoder.expire(at + 1)
    remaining = iter([scan.text for scan in scans])
    assert all(verdict.text in remaining for verdict in verdicts if isinstance(verdict, Scan))


@given(
    st.builds(
        DecoderSettings,
        layout=st.sampled_from(sorted(LAYOUTS)),
        suffix=st.sampled_from(Suffix),
        caps_lock=st.sampled_from(CapsLock),
        longest=st.integers(1, 6),
        prefix=st.sampled_from(["", "~"]),
    ),
    st.lists(
        st.tuples(st.integers(0, 130) | st.integers(0, 767), st.integers(0, 2), st.floats(0, 0.5))
        | st.floats(0, 1)
        | st.none(),
        max_size=80,
    ),
)
def test_no_key_stream_breaks_the_decoder(
    settings: DecoderSettings, stream: list[tuple[int, int, float] | float | None]
) -> None:
    """Any events, silences and drops: bounded codes within the rules, never an exception."""
    decoder = KeyDecoder(settings)
    at = 0.0
    verdicts: list[Verdict] = []
    for step in stream:
        if step is None:
            decoder.dropped(at)
        elif isinstance(step, (int, float)):
            at += step
            verdicts += decoder.expire(at)
        else:
            code, value, wait = step
            at += wait
            verdicts += decoder.key(code, value, at)
    for verdict in verdicts:
        if isinstance(verdict, Scan):
            assert 0 < len(verdict.text) <= settings.longest
            assert verdict.began <= verdict.ended <= at
        else:
            assert len(verdict.shown) <= 80
