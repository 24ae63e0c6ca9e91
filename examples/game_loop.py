"""A game loop that reads the newest state of the machine in each frame, at no visible cost.

It draws less when the machine is short, and measures what the reading costs: stretches with and
without a monitor take turns, and their frame times are compared at the end.
``python examples/game_loop.py --fps 60``
"""

from __future__ import annotations

import argparse
import math
import signal
import sys
import time
from dataclasses import dataclass, field

from unified_system_monitor import IntegrationConfig, UnifiedSystemMonitor

PHASES = 8
BEST_QUALITY = 4
PARTICLES = 2000


class Game:
    def __init__(self) -> None:
        self.position = [0.0] * PARTICLES
        self.speed = [(i % 97 - 48) / 48 for i in range(PARTICLES)]
        self.quality = BEST_QUALITY
        self.calm_frames = 0

    def simulate(self, step: float) -> None:
        """Go a step on, which always stands for the same time.

        How fast the machine is decides how much of the game is drawn, never what happens in it.
        """
        for i, speed in enumerate(self.speed):
            self.position[i] += speed * step
            if abs(self.position[i]) > 1:
                self.speed[i] = -speed

    def draw(self) -> float:
        return sum(
            math.sqrt(abs(position) + 1) for _ in range(self.quality) for position in self.position
        )

    def adapt(self, monitor: UnifiedSystemMonitor, fps: int) -> None:
        """Lower the quality at once, and raise it after two calm seconds, lest it flickers."""
        # 0 (everything waits) to 100; None where this machine can't tell.
        score = monitor.live.performance_score
        if score is not None and score < 50:
            self.quality, self.calm_frames = max(1, self.quality - 1), 0
        elif score is None or score > 70:
            self.calm_frames += 1
        if self.calm_frames >= 2 * fps and self.quality < BEST_QUALITY:
            self.quality, self.calm_frames = self.quality + 1, 0


@dataclass
class Times:
    """What the phases of one kind have measured, in nanoseconds."""

    frames: list[int] = field(default_factory=list)
    reads: list[int] = field(default_factory=list)
    late: int = 0


def play(
    game: Game, monitor: UnifiedSystemMonitor | None, fps: int, frames: int, times: Times
) -> None:
    """Play for some frames, with or without a monitor."""
    step = 1_000_000_000 // fps
    due = simulated = time.perf_counter_ns()
    for _ in range(frames):
        begin = time.perf_counter_ns()
        if monitor is not None:
            game.adapt(monitor, fps)
            times.reads.append(time.perf_counter_ns() - begin)
        if begin - simulated > 20 * step:
            # After a long stop the game goes on where it was: not all of it is made up for.
            simulated = begin - step
        while simulated + step <= begin:
            game.simulate(1 / fps)
            simulated += step
        game.draw()
        times.frames.append(time.perf_counter_ns() - begin)
        due += step
        left = due - time.perf_counter_ns()
        if left > 0:
            time.sleep(left / 1e9)
        else:  # Too late: what was missed is simulated, but not drawn.
            times.late += 1
            due = time.perf_counter_ns()


def at(values: list[int], share: float) -> float:
    return sorted(values)[int((len(values) - 1) * share)] if values else math.nan


def row(what: str, times: Times) -> str:
    shares = (0.5, 0.9, 0.99, 0.999, 1.0)
    columns = "".join(f"{at(times.frames, share) / 1e6:8.3f}" for share in shares)
    return f"{what:18}{columns}{times.late:8}{len(times.frames):8}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fps", type=int, choices=range(1, 1001), metavar="FPS", default=60)
    parser.add_argument("--seconds", type=float, default=16.0, help="in all; Ctrl-C ends it early")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    frames = int(options.seconds * options.fps / (PHASES + 1)) + 1
    game, times = Game(), {True: Times(), False: Times()}
    with UnifiedSystemMonitor(IntegrationConfig(store_enabled=False)) as monitor:
        try:
            for phase in range(PHASES + 1):
                has_monitor = phase % 2 == 0
                if has_monitor:
                    monitor.start_monitoring()
                else:  # Stopped, it samples nothing: as if there were no monitor.
                    monitor.stop_monitoring()
                seen = monitor if has_monitor else None
                play(game, seen, options.fps, frames, times[has_monitor])
                kind = "with" if has_monitor else "without"
                print(f"phase {phase} of {PHASES}, {kind} monitor: quality {game.quality}")
                sys.stdout.flush()
                if phase == 0:
                    times[True] = Times()  # It only finds the quality.
        except KeyboardInterrupt:
            pass
        names = ("p50", "p90", "p99", "p99.9", "max", "late", "frames")
        print(f"\n{'frame time, ms':18}" + "".join(f"{name:>8}" for name in names))
        print(row("without monitor", times[False]))
        print(row("with monitor", times[True]))
        begin = time.perf_counter_ns()
        for _ in range(10_000):
            _ = monitor.live.performance_score
        again = (time.perf_counter_ns() - begin) / 10_000
        half, most = (at(times[True].reads, share) for share in (0.5, 0.99))
        print(f"adapting: p50 {half:.0f} ns, p99 {most:.0f} ns in a frame; a read: {again:.0f} ns")


if __name__ == "__main__":
    main()
