"""Runs a command on a pseudo-terminal of 80 columns: what this reads is typed there, what is written there it prints."""

import os
import pty
import shlex
import sys

command = "stty cols 80 rows 24; exec " + " ".join(shlex.quote(word) for word in sys.argv[1:])
sys.exit(os.waitstatus_to_exitcode(pty.spawn(["/bin/sh", "-c", command])))
