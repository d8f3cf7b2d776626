// The drawer with everything about one worker. The address of the page names it (#service/worker), so that it can be linked to.

import { kill, restart } from "./actions.js";
import { ask, closeOnBackdrop, openModal } from "./ask.js";
import { createExit } from "./activity.js";
import { byId, el, icon, keyed, setAttribute, setIcon, setText, show } from "./dom.js";
import { age, bytes, clock, count, isRunning, longTime, percent, plural, stateOf, workerLabel } from "./format.js";
import { draw, plot, spanOf } from "./plot.js";
import { serverNow, serviceNamed, state, usageHistory, workerKey, workerOf } from "./state.js";
import { heldBy, nextStart, upTime } from "./slots.js";

let shown, parts;

export function startDrawer() {
    closeOnBackdrop(byId("drawer"));
    window.addEventListener("hashchange", openFromAddress);
    byId("drawer").addEventListener("keydown", event => {
        if (event.target.closest("input, textarea") || event.altKey || event.ctrlKey || event.metaKey) return;
        if (event.key === "ArrowLeft") move(-1);
        else if (event.key === "ArrowRight") move(1);
    });
}

/** Opens the worker that the address names, if there is one. */
export function openFromAddress() {
    const match = /^#(.+)\/(\d+)$/.exec(location.hash);
    if (!match || byId("drawer").open) return;
    const service = decoded(match[1]), id = Number(match[2]);
    if (workerOf(service, id)) openDrawer(service, id);
}

/** A link that was not copied completely may not be valid, and names no worker then. */
function decoded(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        return undefined;
    }
}

export function openDrawer(service, id) {
    if (byId("drawer").open) return;
    shown = { service, id };
    build();
    renderDrawer();
    openModal(byId("drawer"), () => {
        shown = undefined;
        history.replaceState(null, "", location.pathname + location.search);
    });
    parts.close.focus();
}

function move(step) {
    const workers = [...(serviceNamed(shown.service)?.workers ?? [])].sort((a, b) => a.id - b.id);
    const next = workers[workers.findIndex(worker => worker.id === shown.id) + step];
    if (!next) return;
    shown.id = next.id;
    renderDrawer();
}

function build() {
    const button = (label, symbol, action) => el("button", { type: "button", class: "quiet square", "aria-label": label, title: label, onclick: action }, icon(symbol));
    parts = {
        icon: icon("pending"), title: el("h2", { id: "drawer-title", dir: "auto" }), state: el("p", { class: "drawer-state" }),
        previous: button("Previous worker", "previous", () => move(-1)), next: button("Next worker", "next", () => move(1)),
        close: button("Close", "close", () => byId("drawer").close()),
        facts: el("dl", { class: "facts" }), cpu: plot("Processor time in the last minutes"), memory: plot("Memory in the last minutes"),
        cpuNow: el("span"), cpuMost: el("span"), memoryNow: el("span"), memoryMost: el("span"),
        exits: el("div", { class: "entries" }), noExits: el("p", { class: "muted", textContent: "No process of this worker has exited." }),
        restart: el("button", { type: "button", textContent: "Restart", onclick: () => restart(shown.service, shown.id) }),
        kill: el("button", { type: "button", class: "danger", textContent: "Kill", onclick: askKill }),
    };
    parts.buttons = el("div", { class: "buttons" }, parts.restart, parts.kill);
    const chart = (title, now, most, image) => el("figure", { class: "chart" },
        el("figcaption", {}, el("span", { textContent: title }), now, most), image, el("p", { class: "axis" }, el("span", { class: "axis-start" }), el("span", { textContent: "now" })));
    parts.charts = el("div", { class: "charts" }, chart("Processor", parts.cpuNow, parts.cpuMost, parts.cpu), chart("Memory", parts.memoryNow, parts.memoryMost, parts.memory));
    byId("drawer").prepend(
        el("header", { class: "drawer-head" }, parts.icon, el("div", { class: "drawer-title" }, parts.title, parts.state), parts.previous, parts.next, parts.close),
        el("div", { class: "drawer-body" }, parts.buttons, parts.facts, parts.charts, el("h3", { textContent: "Last exits" }), parts.noExits, parts.exits));
}

export function renderDrawer() {
    if (!shown) return;
    const worker = workerOf(shown.service, shown.id);
    setText(parts.title, workerLabel(shown.service, shown.id));
    setAttribute(parts.title, "title", workerKey(shown.service, shown.id));
    history.replaceState(null, "", `#${encodeURIComponent(shown.service)}/${shown.id}`);
    const look = worker ? stateOf(worker) : { label: "Removed", tone: "rest", icon: "pending" };
    setAttribute(byId("drawer"), "data-tone", look.tone);
    setIcon(parts.icon, look.icon);
    setText(parts.state, [look.label, worker && nextStart(worker)].filter(Boolean).join(" · "));
    show(parts.buttons, state.actions && Boolean(worker));
    parts.restart.disabled = !worker;
    parts.kill.disabled = !worker || !isRunning(worker) || worker.state === "Killed";
    renderFacts(worker);
    renderCharts();
    const own = state.exits.filter(exit => exit.service === shown.service && exit.worker === shown.id);
    const last = own.length === 0 && worker?.lastExit ? [worker.lastExit] : own;
    show(parts.noExits, last.length === 0);
    keyed(parts.exits, last, exit => `${exit.incarnation} ${exit.time}`, exit => createExit(exit, last[0] === exit));
}

function renderFacts(worker) {
    const time = value => value && `${clock(value, serverNow())}`;
    const served = worker && isRunning(worker) ? worker.usage : undefined;
    const facts = worker ? [
        ["Process", worker.pid], ["Incarnation", worker.incarnation && `#${worker.incarnation}`], ["Cluster", worker.state === "Standby" && heldBy(worker)], ["Up", isRunning(worker) && upTime(worker)],
        ["Started", time(worker.startedAt), longTime(worker.startedAt)], ["Ready since", time(worker.readySince), longTime(worker.readySince)],
        ["Next start", time(worker.nextStartAt), longTime(worker.nextStartAt)], ["Crash restarts", worker.restarts ?? 0],
        ["Connections", served?.connections !== undefined && count(served.connections)], ["Requests", served?.requests !== undefined && count(served.requests)],
        ["Settings", isRunning(worker) && (worker.outdated ? "older than the accepted ones" : "current")], ["Build", worker.otherBuild && "other than that of the master"],
    ] : [];
    keyed(parts.facts, facts.filter(fact => fact[1] !== undefined && fact[1] !== null && fact[1] !== false && fact[1] !== 0 || fact[0] === "Crash restarts"), fact => fact[0],
        fact => el("div", {}, el("dt", { textContent: fact[0] }), el("dd")),
        (node, fact) => {
            setText(node.lastElementChild, String(fact[1]));
            setAttribute(node.lastElementChild, "title", fact[2]);
        });
}

function renderCharts() {
    const samples = usageHistory(shown.service, shown.id);
    const last = workerOf(shown.service, shown.id)?.usage;
    const most = member => Math.max(0, ...samples.map(sample => sample[member]));
    show(parts.charts, samples.length > 0);
    for (const label of parts.charts.querySelectorAll(".axis-start")) setText(label, `${age(spanOf(samples))} ago`);
    draw(parts.cpu, samples, sample => sample.cpu, 10);
    draw(parts.memory, samples, sample => sample.memory, 1);
    setText(parts.cpuNow, percent(last?.cpu));
    setText(parts.memoryNow, bytes(last?.memory));
    setText(parts.cpuMost, `at most ${percent(most("cpu"))}`);
    setText(parts.memoryMost, `at most ${bytes(most("memory"))}`);
}

async function askKill() {
    const { service, id } = shown;
    const worker = workerOf(service, id);
    if (!worker) return;
    const target = workerKey(service, id);
    const confirmed = await ask({
        title: `Kill ${workerLabel(service, id)}`, action: "Kill", type: target,
        text: `Ends ${worker.pid ? `process ${worker.pid}` : "the worker"} at once, without a graceful stop. It counts as a crash${worker.restarts ? `, as ${plural(worker.restarts, "other")} before` : ""}, and the worker starts again.`,
    });
    if (confirmed) await kill(service, id, worker.incarnation);
}
