import os
import threading

import cotyledon

from report import report


class Bench(cotyledon.Service):
    def __init__(self, worker_id):
        super().__init__(worker_id)
        self._stopping = threading.Event()

    def run(self):
        report("ready", self.worker_id)
        self._stopping.wait()

    def terminate(self):
        self._stopping.set()

    def reload(self):
        report("reloaded", self.worker_id)


manager = cotyledon.ServiceManager()
manager.add(Bench, workers=int(os.environ["WORKERS"]))
manager.run()
