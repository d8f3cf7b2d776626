#!/bin/bash
# Compares a web application in worker processes with plain Kestrel, gunicorn and nginx, interleaved: ./run.sh PROGRAM [ROUNDS] [SECONDS]
# PROGRAM is the published program of this directory. Needs wrk; gunicorn and nginx are measured if they are installed. Nothing else should
# run meanwhile. Each line: system, round, requests/s with keep-alive, median and 99th percentile, new connections/s, median and 99th
# percentile, microseconds of processor time of the master for each new connection.
set -eu
program=$(realpath "$1"); rounds=${2:-3}; seconds=${3:-5}
port=18731
directory=$(mktemp -d); trap 'rm -rf "$directory"' EXIT
cd "$directory"
cat > app.py <<'PY'
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "3")])
    return [b"ok\n"]
PY
cat > nginx.conf <<NGINX
worker_processes 2; pid $directory/nginx.pid; error_log $directory/nginx.log; daemon off;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 1000000000; server { listen 127.0.0.1:$port backlog=512; location / { return 200 "ok\n"; } } }
NGINX

start() {
    case $1 in
        kestrel) exec "$program" --urls "http://127.0.0.1:$port" ;;
        pool-1) exec "$program" pool 1 --urls "http://127.0.0.1:$port" ;;
        pool-2) exec "$program" pool 2 --urls "http://127.0.0.1:$port" ;;
        gunicorn-2) exec gunicorn -w 2 -k gthread --threads 8 --keep-alive 60 -b "127.0.0.1:$port" --log-level error app:app ;;
        nginx-2) exec nginx -c "$directory/nginx.conf" -p "$directory" ;;
    esac
}

ticks() { awk '{ sub(/^.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }

load() { wrk -t1 -c32 -d"${seconds}s" --latency "$@" "http://127.0.0.1:$port/" > wrk.log; }

show() { awk '/50%/ { p50 = $2 } /99%/ { p99 = $2 } /Requests\/sec/ { r = $2 } /requests in/ { n = $1 } /Non-2xx|Socket errors/ { e = " ERRORS: " $0 } END { printf "%s %s %s%s", r, p50, p99, e }' wrk.log; }

count() { awk '/requests in/ { print $1 }' wrk.log; }

systems=(kestrel pool-1 pool-2)
command -v gunicorn > /dev/null && systems+=(gunicorn-2)
command -v nginx > /dev/null && systems+=(nginx-2)
for round in $(seq "$rounds"); do
    for system in "${systems[@]}"; do
        start "$system" & pid=$!
        until curl -s -o /dev/null "http://127.0.0.1:$port/"; do :; done
        load; load -H "Connection: close"
        load; keep=$(show)
        before=$(ticks $pid); load -H "Connection: close"; after=$(ticks $pid)
        per=$(( (after - before) * 10000 / $(count) ))
        echo "$system $round $keep $(show) $per"
        kill $pid; wait $pid 2> /dev/null || true
    done
done
