import signal
import sys

from report import report

report("ready", sys.argv[1])
while True:
    signal.pause()
