"""Run as a process of its own: deposits the same small file again and again, saying the id of each receipt.

`python -m tests.store.writer STRUCTURE TIMES PAUSE`: seconds between two deposits.
"""

import os
import sys
import time

from indicators.intake.deposit import Accepted, check, deposit
from indicators.intake.rules import CollectionScope
from indicators.network import Network
from tests.builders import NOW, TODAY, measure, measures

QUARTERS = [f"{year}-T{quarter}" for year in range(2015, 2026) for quarter in (1, 2, 3, 4)]


def main(structure: str, times: int, pause_s: float) -> None:
    with Network(os.environ["PILOTAGE_STORE"], os.environ.get("PILOTAGE_DATA")) as network:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        for turn in range(times):
            numerator = turn % 40 + 1
            content = measures(
                *(measure(structure, quarter, "dynamic_exit_rate", numerator, 96) for quarter in QUARTERS)
            )
            found = check(network, content, "depot.csv", CollectionScope(), TODAY)
            match deposit(network, found, f"{structure} {turn}", NOW, "rectification"):
                case Accepted(_, receipt):
                    sys.stdout.write(f"{receipt.deposit}\n")
                    sys.stdout.flush()
            time.sleep(pause_s)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
