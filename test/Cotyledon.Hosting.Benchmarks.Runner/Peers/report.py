"""Sends one datagram to the socket BENCH_SOCK: a word, the worker id, the process id. As a program: report.py WORD ID PID."""
import os
import socket
import sys


def report(word, worker, pid=None):
    message = "%s %s %s" % (word, worker, pid or os.getpid())
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.sendto(message.encode("ascii"), os.environ["BENCH_SOCK"])


if __name__ == "__main__":
    report(*sys.argv[1:4])
