// Reloads and rolling restarts: the running ones with their progress and steps, and the last ones with their outcome.

import { byId, el, icon, keyed, setAttribute, setIcon, setText, show, workerName } from "./dom.js";
import { age, clock, duration, label, longTime, visible, workerLabel } from "./format.js";
import { reloaded } from "./actions.js";
import { runningOperations, serverNow, state } from "./state.js";
import { announce } from "./toasts.js";

const running = new Set();

// The ids begin at 1 again when the program restarts.
const keyOf = operation => `${state.program} ${operation.id}`;
const titleOf = operation => {
    if (operation.kind === "Reload") return operation.service ? `Reload of ${label(operation.service)}` : "Reload of the configuration";
    if (!operation.service) return "Rolling restart of all services";
    return operation.worker === undefined || operation.worker === null
        ? `Rolling restart of ${label(operation.service)}` : `Restart of ${workerLabel(operation.service, operation.worker)}`;
};

export function renderOperations() {
    const current = runningOperations();
    show(byId("operations"), current.length > 0);
    keyed(byId("operations"), current, keyOf, create, update);
    for (const operation of current) {
        if (!running.has(keyOf(operation))) announce(`${titleOf(operation)} has started`);
        running.add(keyOf(operation));
    }
    renderPast(state.operations.filter(operation => operation.completedAt));
}

function create() {
    return el("article", { class: "operation" },
        el("div", { class: "operation-head" }, icon("busy"), el("strong", { dir: "auto" }), el("span", { class: "muted" }), el("span", { class: "operation-count" })),
        el("progress", {}), el("ol", { class: "steps" }));
}

function update(node, operation) {
    const [, title, by, count] = node.firstElementChild.children;
    const progress = node.querySelector("progress");
    setText(title, titleOf(operation));
    setText(by, `requested by ${visible(operation.by)}, ${age(Math.max(0, serverNow() - new Date(operation.requestedAt)))} ago`);
    setText(count, operation.total > 0 ? `${operation.done} of ${operation.total}` : "");
    setAttribute(progress, "aria-label", titleOf(operation));
    setAttribute(progress, "max", operation.total || 1);
    setAttribute(progress, "value", operation.total > 0 ? operation.done : null);
    keyed(node.querySelector("ol"), (operation.steps ?? []).slice(-6), stepKey, createStep);
}

const stepKey = step => `${step.service}/${step.worker}/${step.kind}/${step.newIncarnation ?? step.oldIncarnation}`;

function createStep(step) {
    const failed = step.kind === "Failed";
    return el("li", { "data-tone": failed ? "bad" : "ok" }, icon(failed ? "bad" : "ready"),
        el("span", {}, workerName(step.service, step.worker), ` ${stepText(step)}`));
}

function stepText(step) {
    if (step.kind === "Failed") return visible(step.failure ?? "failed");
    const change = step.newIncarnation && step.oldIncarnation !== step.newIncarnation ? `, #${step.oldIncarnation} → #${step.newIncarnation}` : "";
    return `${step.kind === "Replaced" ? "replaced" : "reloaded"}${change}, ${duration(step.durationMs)}`;
}

function renderPast(operations) {
    show(byId("past"), operations.length > 0);
    for (const operation of operations) {
        if (running.delete(keyOf(operation))) announce(outcomeOf(operation).text);
    }
    keyed(byId("past-list"), operations, keyOf, createPast);
}

const outcomeOf = operation => reloaded(titleOf(operation), operation.result ?? { outcome: "Reloaded" });

function createPast(operation) {
    const outcome = outcomeOf(operation);
    const mark = icon("ready");
    setIcon(mark, { bad: "bad", warn: "warn" }[outcome.tone] ?? "ready");
    const failures = [...new Set([...(outcome.details ?? []), ...(operation.steps ?? []).filter(step => step.kind === "Failed")
        .map(step => `${workerLabel(step.service, step.worker)}: ${stepText(step)}`)])];
    return el("article", { class: "entry", "data-tone": outcome.tone ?? "ok" }, mark,
        el("div", { class: "entry-text" }, el("p", { dir: "auto", textContent: outcome.text }),
            el("p", { class: "muted", textContent: `requested by ${visible(operation.by)}` }),
            el("ul", { class: "mono failures", hidden: failures.length === 0 }, ...failures.map(text => el("li", { textContent: text, dir: "auto" })))),
        el("time", { dateTime: operation.completedAt, title: longTime(operation.completedAt), textContent: clock(operation.completedAt) }));
}
