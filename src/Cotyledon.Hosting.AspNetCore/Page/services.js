// The services, each with its actions and its workers.

import { reset, restart, scale, start } from "./actions.js";
import { ask, askNumber } from "./ask.js";
import { byId, el, keyed, setAttribute, setText, show } from "./dom.js";
import { label, plural, visible } from "./format.js";
import { createSlots, updateSlots } from "./slots.js";
import { serviceNamed, state } from "./state.js";

const cards = new WeakMap();
let openWorker = () => {};

export function startServices(open) {
    openWorker = open;
}

export function renderServices() {
    if (!state.loaded) return;
    show(byId("services"), true);
    keyed(byId("service-list"), state.services.length > 0 ? state.services : [{ name: "", isEmpty: true }], service => service.name, create, update);
}

function create(service) {
    if (service.isEmpty) return createEmpty();
    const find = () => serviceNamed(service.name);
    const parts = {
        ready: el("span", { class: "ready-count" }), target: el("span", { class: "ready-target" }),
        note: el("p", { class: "muted" }),
        start: el("button", { type: "button", textContent: "Start", onclick: () => start(service.name) }),
        reset: el("button", { type: "button", textContent: "Reset", onclick: () => reset(service.name) }),
        scale: el("button", { type: "button", textContent: "Scale", onclick: () => scaleTo(find()) }),
        restart: el("button", { type: "button", textContent: "Restart", onclick: () => restartAll(find()) }),
        slots: createSlots(id => openWorker(service.name, id)),
    };
    parts.buttons = el("div", { class: "buttons", role: "group", "aria-label": `Actions for ${label(service.name)}` }, parts.scale, parts.restart, parts.reset, parts.start);
    const card = el("article", { class: "service", "aria-label": visible(service.name) },
        el("header", { class: "service-head" },
            el("p", { class: "ready" }, parts.ready, parts.target),
            el("div", { class: "service-title" }, el("h3", { dir: "auto", textContent: visible(service.name), title: visible(service.name) }), parts.note), parts.buttons),
        parts.slots.node);
    cards.set(card, parts);
    return card;
}

function update(card, service) {
    if (service.isEmpty) return;
    const parts = cards.get(card);
    const workers = service.workers ?? [];
    const gaveUp = workers.filter(worker => worker.state === "GivenUp").length;
    setText(parts.ready, String(service.ready));
    setText(parts.target, `/${service.target}`);
    const isShared = service.clusterTarget !== undefined;
    setAttribute(parts.ready.parentElement, "aria-label", `${service.ready} of ${plural(service.target, "worker")} ready`);
    setAttribute(card, "data-tone", toneOf(service, gaveUp));
    setText(parts.note, noteOf(service, gaveUp));
    show(parts.note, parts.note.textContent !== "");
    show(parts.buttons, state.actions);
    show(parts.scale, !isShared);
    show(parts.start, !isShared && (gaveUp > 0 || service.target === 0));
    show(parts.reset, !isShared && service.target !== service.configured);
    setText(parts.reset, `Reset to ${service.configured}`);
    show(parts.restart, service.target > 0);
    updateSlots(parts.slots, service);
}

function toneOf(service, gaveUp) {
    if (gaveUp > 0) return "bad";
    if (service.target === 0) return "rest";
    const idle = (service.workers ?? []).filter(worker => worker.state === "Idle").length;
    if (service.ready + idle >= service.target) return service.ready > 0 || idle === 0 ? "ok" : "rest";
    return (service.workers ?? []).some(worker => worker.state === "BackingOff" || worker.state === "Killed") ? "warn" : "busy";
}

function noteOf(service, gaveUp) {
    const workers = service.workers ?? [];
    const count = (predicate, one, many) => workers.filter(predicate).length > 0 && plural(workers.filter(predicate).length, one, many);
    return [
        ...service.clusterTarget !== undefined ? [`${plural(service.clusterTarget, "worker")} in the cluster`]
            : [service.target === 0 && "Stopped", service.target !== service.configured && `configuration says ${service.configured}`],
        gaveUp > 0 && `${gaveUp} given up: start the service to try again`,
        count(worker => worker.state === "Idle", "worker has completed its work", "workers have completed their work"),
        count(worker => worker.outdated, "worker runs with outdated settings", "workers run with outdated settings"),
        count(worker => worker.otherBuild, "worker runs another build", "workers run another build"),
    ].filter(Boolean).join(" · ");
}

async function scaleTo(service) {
    const number = service && await askNumber(service);
    if (number !== undefined && number !== service.target) await scale(service.name, number);
}

async function restartAll(service) {
    const confirmed = service && await ask({
        title: `Restart ${label(service.name)}`, action: "Restart", danger: false,
        text: `Replaces ${plural(service.target, "worker")}, one after the other. It is aborted if a new worker does not become ready.`,
    });
    if (confirmed) await restart(service.name);
}

function createEmpty() {
    return el("div", { class: "empty" }, el("p", { class: "empty-title", textContent: "No services" }),
        el("p", {}, "This program has not registered a service. Add one with ", el("code", { textContent: "builder.Services.AddCotyledonWorker<T>(workers: 2)" }), "."));
}
