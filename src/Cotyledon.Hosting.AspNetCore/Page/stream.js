// Reads the server-sent events with fetch: EventSource does not tell a refused request (401, 403) from a lost connection.

import { apply, state } from "./state.js";

const silenceLimit = 15_000;                 // usage comes every 2 seconds; a longer silence means a dead connection
const delays = [500, 1000, 2000, 4000, 8000, 15_000];

let changed = () => {}, noticed = () => {};
let controller, timer, watchdog, failures = 0, renew = false;

/** Starts. "onChange" is called after each change of the state, "onNotice" with a text for the user. */
export function start(onChange, onNotice) {
    changed = onChange;
    noticed = onNotice;
    document.addEventListener("visibilitychange", () => document.hidden ? pause() : connect());
    window.addEventListener("online", () => { if (state.connection.phase === "waiting") connect(); });
    setInterval(checkSilence, 1000);
    if (document.hidden) pause();
    else connect();
}

export async function connect() {
    stop();
    renew = false;
    const own = controller = new AbortController();
    setPhase({ phase: state.connection.phase === "live" ? "live" : "connecting", stopped: state.connection.stopped });
    try {
        watchdog = Date.now();
        const response = await fetch("stream", { signal: own.signal, headers: { Accept: "text/event-stream" }, cache: "no-store" });
        if (response.status === 401 || response.status === 403 || response.redirected) return setPhase({ phase: "forbidden" });
        if (!response.ok || !response.body) throw new Error(await refusal(response));
        await read(response.body, own);
        if (own === controller) renew ? connect() : retry();
    } catch (error) {
        if (own === controller) retry(error);
    }
}

async function refusal(response) {
    const text = response.headers.get("Content-Type")?.includes("json") ? (await response.json()).message : undefined;
    return text ?? `the server answered ${response.status}`;
}

async function read(body, own) {
    const decoder = new TextDecoder();
    const reader = body.getReader();
    let text = "";
    for (;;) {
        const { done, value } = await reader.read();
        if (done || own !== controller) return;
        watchdog = Date.now();
        text += decoder.decode(value, { stream: true }).replace(/\r\n?/g, "\n");
        const blocks = text.split("\n\n");
        text = blocks.pop();
        for (const block of blocks) receive(block);
    }
}

function receive(block) {
    let type = "message";
    const data = [];
    for (const line of block.split("\n")) {
        if (line.startsWith("event:")) type = line.slice(6).trim();
        else if (line.startsWith("data:")) data.push(line.slice(5));
    }
    if (data.length === 0) return;
    const message = JSON.parse(data.join("\n"));
    if (type === "close") return closing(message.reason);
    const notice = apply(type, message);
    if (type === "snapshot") {
        failures = 0;
        state.connection = { phase: "live" };
    }
    if (notice) noticed(notice);
    changed(type);
}

function closing(reason) {
    renew = reason === "renew";
    if (reason === "stopping") setPhase({ phase: "live", stopped: true });
}

function retry(error) {
    const stopped = state.connection.stopped;
    const delay = delays[Math.min(failures, delays.length - 1)] * (0.8 + 0.4 * Math.random());
    failures++;
    setPhase({ phase: "waiting", stopped, next: Date.now() + delay, reason: error?.message });
    timer = setTimeout(connect, delay);
}

function checkSilence() {
    if (controller && Date.now() - watchdog > silenceLimit && ["live", "connecting"].includes(state.connection.phase)) {
        stop();
        retry(new Error("no data for 15 seconds"));
    }
}

function pause() {
    stop();
    setPhase({ phase: "paused" });
}

function stop() {
    clearTimeout(timer);
    controller?.abort();
    controller = undefined;
}

function setPhase(connection) {
    state.connection = connection;
    changed("connection");
}
