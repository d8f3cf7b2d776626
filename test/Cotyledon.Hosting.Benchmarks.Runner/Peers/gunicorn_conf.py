import os

from report import report

workers = int(os.environ["WORKERS"])
bind = "unix:%s.http" % os.environ["BENCH_SOCK"]


def post_worker_init(worker):
    report("ready", worker.age)
