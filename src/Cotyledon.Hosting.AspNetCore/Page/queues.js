// The queues with their depth and rate, and the drawer with the dead items of one.

import { post, run } from "./actions.js";
import { ask, closeOnBackdrop, openModal } from "./ask.js";
import { byId, el, icon, keyed, setAttribute, setText, show } from "./dom.js";
import { bytes, count, plural, label, rate, visible } from "./format.js";
import { draw, plot } from "./plot.js";
import { completionRate, depthHistory, state } from "./state.js";

const mostShown = 100;
let shown, list, problem, all, loading = 0;

export function startQueues() {
    closeOnBackdrop(byId("dead"));
}

export function renderQueues() {
    show(byId("queues"), state.queues.length > 0);
    keyed(byId("queue-list"), state.queues, queue => queue.name, create, update);
    if (shown) {
        const dead = state.queues.find(queue => queue.name === shown.name)?.dead;
        if (dead !== shown.dead) {
            shown.dead = dead;
            load();
        }
    }
}

function create(queue) {
    const figure = text => el("div", {}, el("dt", { textContent: text }), el("dd"));
    return el("article", { class: "queue" },
        el("header", {}, el("h3", { dir: "auto", textContent: label(queue.name), title: visible(queue.name) }), el("span", { class: "badge", textContent: queue.store })),
        el("dl", { class: "queue-figures" }, figure("Waiting"), figure("Taken"), figure("Completed")), plot(), el("p", { class: "muted" }),
        el("button", { type: "button", class: "dead-button", onclick: () => open(queue.name) }, icon("warn"), el("span")));
}

function update(node, queue) {
    const [, figures, line, totals, dead] = node.children;
    const speed = completionRate(queue);
    const values = queue.error ? ["–", "–", "–"] : [count(queue.waiting), count(queue.taken), rate(speed) || "–"];
    values.forEach((value, index) => setText(figures.children[index].lastElementChild, value));
    setText(totals, queue.error ? visible(queue.error) : [`${count(queue.completed)} completed`, queue.redelivered > 0 && `${count(queue.redelivered)} redelivered`].filter(Boolean).join(" · "));
    draw(line, depthHistory(queue.name), sample => sample.waiting, 10, true);
    setText(dead.lastElementChild, plural(queue.dead, "dead item"));
    show(dead, queue.dead > 0);
}

function open(queue) {
    shown = { name: queue, dead: state.queues.find(item => item.name === queue)?.dead };
    list = el("div", { class: "entries" });
    problem = el("p", { class: "muted", textContent: "Loading" });
    const button = (text, style, action) => el("button", { type: "button", class: style, textContent: text, onclick: action });
    all = el("div", { class: "buttons" }, button("Retry all", "", () => settleAll("retry")), button("Delete all", "danger", () => settleAll("delete")));
    byId("dead").prepend(
        el("header", { class: "drawer-head", "data-tone": "warn" }, icon("warn"),
            el("div", { class: "drawer-title" }, el("h2", { id: "dead-title", dir: "auto", textContent: label(queue), title: visible(queue) }), el("p", { class: "drawer-state", textContent: "Dead items" })),
            el("button", { type: "button", class: "quiet square", "aria-label": "Close", onclick: () => byId("dead").close() }, icon("close"))),
        el("div", { class: "drawer-body" }, all, problem, list));
    show(all, false);
    openModal(byId("dead"), () => { shown = undefined; });
    load();
}

async function load() {
    const own = ++loading;
    try {
        const { items = [] } = await post("queue.dead", { queue: shown.name, max: mostShown });
        if (own !== loading || !shown) return;
        keyed(list, items, item => item.id, createItem);
        const hidden = (shown.dead ?? 0) - items.length;
        setText(problem, items.length === 0 ? "There are no dead items." : hidden > 0 ? `The first ${items.length} of ${items.length + hidden} items are shown.` : "");
        show(problem, problem.textContent !== "");
        show(all, state.actions && items.length > 0);
    } catch (error) {
        if (own !== loading) return;
        show(problem, true);
        setText(problem, visible(error.message));
    }
}

function createItem(item) {
    const text = item.text ?? (item.base64 ? `base64: ${item.base64}` : "");
    const cut = item.text !== undefined && item.bytes > new TextEncoder().encode(item.text).length;
    return el("article", { class: "dead-item" },
        el("header", {}, el("strong", { textContent: `Item ${item.id}` }), el("span", { class: "muted", textContent: `${plural(item.attempts, "attempt")} · ${bytes(item.bytes)}` }),
            el("div", { class: "buttons", hidden: !state.actions },
                el("button", { type: "button", textContent: "Retry", "aria-label": `Retry item ${item.id}`, onclick: () => settle("retry", { ids: [item.id] }, `item ${item.id}`) }),
                el("button", { type: "button", class: "danger", textContent: "Delete", "aria-label": `Delete item ${item.id}`, onclick: () => deleteOne(item) }))),
        el("pre", { class: "output", tabIndex: 0, "aria-label": `Body of item ${item.id}`, textContent: visible(text) }),
        cut ? el("p", { class: "muted", textContent: "Only the beginning is shown." }) : null);
}

async function deleteOne(item) {
    const confirmed = await ask({ title: `Delete item ${item.id}`, action: "Delete", text: `The item is removed from queue ${label(shown.name)} for good.` });
    if (confirmed) await settle("delete", { ids: [item.id] }, `item ${item.id}`);
}

async function settleAll(verb) {
    const queue = shown.name;
    const confirmed = await ask(verb === "delete"
        ? { title: `Delete all dead items of ${label(queue)}`, action: "Delete all", type: queue, text: `${plural(shown.dead, "item")} will be removed for good.` }
        : { title: `Retry all dead items of ${label(queue)}`, action: "Retry all", danger: false, text: `${plural(shown.dead, "item")} will be delivered again, with the attempt count reset.` });
    if (confirmed) await settle(verb, { all: true }, "all dead items");
}

async function settle(verb, which, what) {
    const queue = shown?.name;
    const [busy, done] = verb === "retry" ? ["Retrying", "will be delivered again"] : ["Deleting", "deleted"];
    await run(`queue.${verb}`, { queue, ...which }, `${busy} ${what} of ${label(queue)}`, result => ({ text: `${label(queue)}: ${plural(result.count, "item")} ${done}` }));
    if (shown) load();
}
