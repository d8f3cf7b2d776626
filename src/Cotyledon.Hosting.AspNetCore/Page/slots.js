// The workers of a service: a tile for each, or a compact cell if there are many.

import { el, icon, keyed, roving, setAttribute, setIcon, setText, show } from "./dom.js";
import { age, bytes, count, exitText, isRunning, label as shortName, percent, shortAge, stateOf, states, visible } from "./format.js";
import { draw, plot } from "./plot.js";
import { serverNow, usageHistory } from "./state.js";

const compactFrom = 17, attentionLimit = 6;
const needsAttention = worker => ["BackingOff", "GivenUp", "Killed"].includes(worker.state);

/** Creates the area of a service's workers; "open" is called with the id of a worker. */
export function createSlots(open) {
    const attention = el("div", { class: "tiles", role: "group" });
    const tiles = el("div", { class: "tiles", role: "group" });
    const cells = el("div", { class: "cells", role: "group" });
    const counts = el("ul", { class: "counts" });
    const inspected = el("p", { class: "inspected", "aria-hidden": "true" });
    const node = el("div", { class: "slots" }, counts, attention, tiles, cells, inspected);
    const parts = { node, attention, tiles, cells, counts, inspected, open, settle: [attention, tiles, cells].map(group => roving(group, "button")) };
    for (const type of ["pointerover", "focusin"]) {
        cells.addEventListener(type, event => {
            const id = event.target.closest("button")?.dataset.id;
            if (id !== undefined) parts.inspectedId = Number(id);
            parts.refresh?.();
        });
    }
    return parts;
}

export function updateSlots(parts, service) {
    const workers = [...(service.workers ?? [])].sort((a, b) => a.id - b.id);
    const compact = workers.length >= compactFrom;
    const urgent = compact ? workers.filter(needsAttention).slice(0, attentionLimit) : [];
    const label = `Workers of ${shortName(service.name)}`;
    setAttribute(parts.attention, "aria-label", `${label} that need attention`);
    setAttribute(parts.tiles, "aria-label", label);
    setAttribute(parts.cells, "aria-label", label);
    const update = (node, worker) => updateTile(node, service, worker);
    keyed(parts.attention, urgent, worker => worker.id, worker => createTile(worker, parts.open), update);
    keyed(parts.tiles, compact ? [] : workers, worker => worker.id, worker => createTile(worker, parts.open), update);
    keyed(parts.cells, compact ? workers : [], worker => worker.id, worker => createCell(worker, parts.open), (node, worker) => updateCell(node, service, worker));
    show(parts.attention, urgent.length > 0);
    show(parts.tiles, !compact && workers.length > 0);
    show(parts.cells, compact);
    show(parts.counts, compact);
    show(parts.inspected, compact);
    updateCounts(parts.counts, compact ? workers : []);
    parts.refresh = () => inspect(parts, service, workers);
    parts.refresh();
    for (const settle of parts.settle) settle();
}

function createTile(worker, open) {
    return el("button", { type: "button", class: "tile", tabIndex: -1, onclick: () => open(worker.id) },
        el("span", { class: "tile-head" }, icon("pending"), el("span", { class: "tile-id", textContent: worker.id }),
            el("span", { class: "tile-state" }), el("span", { class: "tile-mark" }), el("span", { class: "tile-load", title: "Open connections" })),
        plot(), el("span", { class: "tile-reason" }),
        el("span", { class: "tile-foot" }, el("span"), el("span"), el("span")));
}

function updateTile(node, service, worker) {
    const look = stateOf(worker);
    const [head, line, reason, foot] = node.children;
    const running = isRunning(worker);
    setAttribute(node, "data-tone", look.tone);
    setAttribute(node, "aria-label", describe(service, worker));
    setIcon(head.children[0], look.icon);
    setText(head.children[2], look.label);
    setText(head.children[3], shortMark(worker));
    setAttribute(head.children[3], "title", marks(worker) || null);
    setText(head.children[4], running && !shortMark(worker) ? connections(worker.usage, "conn") : "");
    setAttribute(line, "hidden", running ? null : "");
    if (running) draw(line, usageHistory(service.name, worker.id), sample => sample.cpu, 10);
    show(reason, !running);
    setText(reason, running ? "" : reasonOf(worker));
    const texts = running ? [worker.startedAt ? shortAge(Math.max(0, serverNow() - new Date(worker.startedAt))) : "", bytes(worker.usage?.memory), percent(worker.usage?.cpu)] : [nextStart(worker), "", ""];
    texts.forEach((text, index) => setText(foot.children[index], text));
}

function createCell(worker, open) {
    return el("button", { type: "button", class: "cell", tabIndex: -1, "data-id": worker.id, onclick: () => open(worker.id) },
        icon("pending"), el("span", { textContent: worker.id }), el("span", { class: "load" }));
}

function updateCell(node, service, worker) {
    const look = stateOf(worker);
    setAttribute(node, "data-tone", look.tone);
    setAttribute(node, "data-marked", worker.outdated || worker.otherBuild ? "" : null);
    setAttribute(node, "aria-label", describe(service, worker));
    setIcon(node.firstElementChild, look.icon);
    const load = `${Math.round(Math.min(100, worker.usage?.cpu ?? 0))}%`;
    if (node.lastElementChild.style.width !== load) node.lastElementChild.style.width = load;
}

function updateCounts(node, workers) {
    const numbers = Object.keys(states).map(key => ({ key, count: workers.filter(worker => worker.state === key).length })).filter(item => item.count > 0);
    keyed(node, numbers.reverse(), item => item.key,
        item => el("li", { "data-tone": states[item.key].tone }, icon(states[item.key].icon), el("span")),
        (child, item) => setText(child.lastElementChild, `${item.count} ${states[item.key].label.toLowerCase()}`));
}

function inspect(parts, service, workers) {
    const worker = workers.find(item => item.id === parts.inspectedId);
    setText(parts.inspected, worker ? `${shortName(service.name)}/${describe(service, worker).replace(/^Worker /, "")}` : "Arrow keys move between the workers. Enter opens one.");
}

/** The worker in one line: for screen readers, and below the compact cells. */
function describe(service, worker) {
    const texts = [`Worker ${worker.id}`, stateOf(worker).label, worker.incarnation && `incarnation ${worker.incarnation}`];
    if (isRunning(worker)) texts.push(worker.pid && `process ${worker.pid}`, upTime(worker) && `up ${upTime(worker)}`, bytes(worker.usage?.memory), worker.usage && `processor ${percent(worker.usage.cpu)}`, connections(worker.usage, "open connection", "open connections"));
    else texts.push(nextStart(worker), reasonOf(worker));
    return [...texts, marks(worker)].filter(Boolean).join(", ");
}

const connections = (usage, one, many = one) => usage?.connections === undefined ? "" : `${count(usage.connections)} ${usage.connections === 1 ? one : many}`;

const marks = worker => [worker.outdated && "outdated settings", worker.otherBuild && "other build"].filter(Boolean).join(", ");
const shortMark = worker => worker.state === "Stopping" ? "" : worker.otherBuild ? "other build" : worker.outdated ? "outdated" : "";
const reasonOf = worker => worker.state === "Standby" ? heldBy(worker) : worker.lastExit ? exitText(worker.lastExit) : "";

/** Who runs a worker id of the cluster that is not run here. */
export const heldBy = worker => worker.holder ? `Held by ${visible(worker.holder)}` : "Held by no program";

export const upTime = worker => worker.startedAt ? age(Math.max(0, serverNow() - new Date(worker.startedAt))) : "";

export function nextStart(worker) {
    if (worker.state === "GivenUp") return "Not restarted";
    if (!worker.nextStartAt) return "";
    const wait = new Date(worker.nextStartAt) - serverNow();
    return wait > 500 ? `Next start in ${age(Math.ceil(wait / 1000) * 1000)}` : "Starts now";
}
