// The head of the page: identity, connection, health, key figures, and what the user has to know at once.

import { byId, el, icon, keyed, setAttribute, setIcon, setText, show } from "./dom.js";
import { age, bytes, clock, isRunning, percent, plural, visible } from "./format.js";
import { serverNow, state } from "./state.js";
import { connect } from "./stream.js";
import { announce } from "./toasts.js";

const healths = {
    Healthy: { tone: "ok", icon: "ready", favicon: "icon-healthy.svg", mark: "✓" },
    Degraded: { tone: "warn", icon: "warn", favicon: "icon-degraded.svg", mark: "!" },
    Unhealthy: { tone: "bad", icon: "bad", favicon: "icon-unhealthy.svg", mark: "✕" },
};
const other = { tone: "busy", icon: "busy", favicon: "icon.svg", mark: "…" };

let parts, announced;

export function renderSummary() {
    renderConnection();
    renderNotices();
    if (!state.loaded) return;
    const overview = state.overview ?? {};
    setText(byId("app"), visible(state.app));
    setAttribute(byId("app"), "title", state.app);
    show(byId("read-only"), !state.actions);
    show(byId("global-actions"), state.actions);
    renderMeta();
    const look = overview.phase === "Running" ? healths[overview.health] ?? other : other;
    const title = overview.phase === "Running" ? overview.health : overview.phase;
    const text = overview.phase === "Running" || overview.phase === "Starting" ? visible(overview.description) : stopText();
    renderHealth(look, title ?? "", text);
    renderFigures(overview);
    if (announced !== undefined && announced !== title) announce(`${state.app}: ${title}. ${text}`);
    announced = title;
}

export function renderMeta() {
    if (!state.loaded) return;
    const started = state.overview?.startedAt;
    const parts = [state.version && `version ${visible(state.version)}`, `process ${state.pid}`, started && `up ${age(serverNow() - new Date(started))}`];
    setText(byId("meta"), parts.filter(Boolean).join(" · "));
}

const isConnected = () => ["live", "paused"].includes(state.connection.phase);

function stopText() {
    const left = state.services.reduce((sum, service) => sum + (service.workers ?? []).filter(isRunning).length, 0);
    return left === 0 ? "All workers have stopped" : `${plural(left, "worker")} still running`;
}

function renderHealth(look, title, text) {
    const section = byId("summary");
    if (!parts) {
        parts = { icon: icon(look.icon), title: el("strong"), text: el("p", { dir: "auto" }), figures: el("dl", { class: "figures" }) };
        section.append(el("div", { class: "health" }, parts.icon, el("div", {}, parts.title, parts.text)), parts.figures);
    }
    show(section, true);
    setAttribute(section, "data-tone", look.tone);
    setIcon(parts.icon, look.icon);
    setText(parts.title, title);
    setText(parts.text, text ?? "");
    show(parts.text, Boolean(text));
    const connected = isConnected();
    setText(document.querySelector("title"), `${connected ? look.mark : "⚠"} ${state.app}${connected ? "" : " (disconnected)"}`);
    setAttribute(byId("favicon"), "href", connected ? look.favicon : "icon.svg");
}

function renderFigures(overview) {
    const workers = state.services.flatMap(service => service.workers ?? []);
    const usage = [state.master, ...workers.map(worker => worker.usage)].filter(Boolean);
    const sum = member => usage.reduce((total, item) => total + (item[member] ?? 0), 0);
    const ready = state.services.reduce((total, service) => total + (service.ready ?? 0), 0);
    const target = state.services.reduce((total, service) => total + (service.target ?? 0), 0);
    const items = [
        ["Workers ready", `${ready}/${target}`],
        overview.spareTarget > 0 && ["Spares ready", `${overview.sparesReady ?? 0}/${overview.spareTarget}`],
        ["Processes", overview.processes ?? "–"],
        ["Memory", usage.length > 0 ? bytes(sum("memory")) : "–"],
        ["Processor", usage.length > 0 ? percent(sum("cpu")) : "–"],
    ].filter(Boolean);
    keyed(parts.figures, items, item => item[0], item => el("div", {}, el("dt", { textContent: item[0] }), el("dd")),
        (node, item) => setText(node.lastElementChild, String(item[1])));
}

function renderConnection() {
    const { phase, next, stopped } = state.connection;
    const wait = Math.max(0, Math.ceil((next - Date.now()) / 1000));
    const text = { connecting: "Connecting", live: stopped ? "Stopping" : "Live", waiting: `Reconnecting in ${wait} s`, paused: "Paused", forbidden: "No access" }[phase];
    setText(byId("connection"), text);
    const lost = phase === "waiting" || phase === "forbidden" || (phase === "connecting" && state.loaded);
    setAttribute(document.body, "data-connection", lost ? "lost" : phase);
}

function renderNotices() {
    const { phase, stopped, reason } = state.connection;
    const notices = [];
    if (phase === "forbidden") {
        notices.push({ key: "forbidden", tone: "bad", title: "Access denied",
            text: "The server refused the request. Sign in again, or ask for access to this page.", action: ["Load again", () => location.reload()] });
    } else if (phase === "waiting" || (phase === "connecting" && state.loaded)) {
        const since = state.lastData ? ` The page shows the state of ${clock(state.lastData)}.` : "";
        notices.push({ key: "lost", tone: stopped ? "busy" : "warn", title: stopped ? "The program is stopping or has ended" : "Disconnected",
            text: `${stopped ? "The page reconnects when it runs again." : `The program cannot be reached${reason ? ` (${visible(reason)})` : ""}.`}${since}`,
            action: ["Connect now", () => connect()] });
    }
    const errors = state.overview?.configurationErrors ?? [];
    if (errors.length > 0) {
        notices.push({ key: "configuration", tone: "bad", title: "Configuration rejected",
            text: "The running workers keep the last accepted settings. Correct the file, and it is loaded again.", list: errors.map(visible) });
    }
    keyed(byId("notices"), notices, notice => notice.key, createNotice, updateNotice);
}

function createNotice(notice) {
    announce(`${notice.title}. ${notice.text}`);
    return el("div", { class: "notice" }, icon(""),
        el("div", { class: "notice-text" }, el("strong"), el("p"), el("ul", { class: "mono" })),
        notice.action && el("button", { type: "button", textContent: notice.action[0], onclick: notice.action[1] }));
}

function updateNotice(node, { tone, title, text, list = [] }) {
    setAttribute(node, "data-tone", tone);
    setIcon(node.firstElementChild, tone === "busy" ? "stopping" : tone);
    setText(node.querySelector("strong"), title);
    setText(node.querySelector("p"), text);
    keyed(node.querySelector("ul"), list, item => item, item => el("li", { textContent: item, dir: "auto" }));
    show(node.querySelector("ul"), list.length > 0);
}
