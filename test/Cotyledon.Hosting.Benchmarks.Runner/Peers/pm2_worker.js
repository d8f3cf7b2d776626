// Node has no Unix datagram sockets, so a small program sends the report.
const { execFileSync } = require("child_process");

const report = ["-S", `${__dirname}/report.py`, "ready", process.env.NODE_APP_INSTANCE, String(process.pid)];
execFileSync(process.env.BENCH_PYTHON, report);
setInterval(() => {}, 3600 * 1000);
