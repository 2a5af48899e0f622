"""Showers and hadronises a Les Houches event file with Pythia 8: shower.py EVENTS [SEED]

Prints how many events there were and how many failed, then Pythia's statistics with all its errors and
warnings. The exit status is 1 if an event failed. Needs the package pythia8mc.
"""

import sys

import pythia8mc


def main() -> None:
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    pythia = pythia8mc.Pythia("", False)
    seed = sys.argv[2] if len(sys.argv) == 3 else "1"
    for setting in (
        "Beams:frameType = 4",
        f"Beams:LHEF = {sys.argv[1]}",
        "Print:quiet = on",
        "Random:setSeed = on",
        f"Random:seed = {seed}",
    ):
        pythia.readString(setting)
    if not pythia.init():
        sys.exit(f"{sys.argv[1]}: Pythia cannot use it")
    n_event = n_failed = 0
    while True:
        if pythia.next():
            n_event += 1
        elif pythia.infoPython().atEndOfFile():
            break
        else:
            n_failed += 1
    print(f"{n_event} events showered and hadronised, {n_failed} failed", flush=True)
    pythia.stat()
    sys.exit(1 if n_failed else 0)


if __name__ == "__main__":
    main()
