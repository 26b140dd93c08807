"""The process from which readers are forked, where the kernel filters no calls: other systems, other processors."""

from indicators.intake.readers import confinement
from indicators.intake.readers.reader_process import main

if __name__ == "__main__":
    confinement._CALLS.clear()
    main()
