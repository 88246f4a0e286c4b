"""Listens where a service tells systemd how it is doing (sd_notify(3)), and prints each message on one line of JSON."""
import json
import socket
import sys

listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1].replace("@", "\0", 1))
print(json.dumps("listening"), flush=True)
while True:
    # Descriptors that come along (BARRIER=1) are not taken, and so closed, which is what their sender waits for.
    print(json.dumps(listener.recv(4096).decode()), flush=True)
