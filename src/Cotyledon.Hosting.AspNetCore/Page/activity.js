// What has happened: exits of workers with their stderr, and events.

import { byId, el, icon, keyed, setText, show, workerName } from "./dom.js";
import { clock, duration, exitText, isPlanned, longTime, plural, visible, words } from "./format.js";
import { state } from "./state.js";

const shownExits = 8;
const eventIcons = { Ready: "ready", Idle: "idle", Stopping: "stopping", Killed: "bad", Exited: "warn", GaveUp: "bad" };
const eventTones = { Ready: "ok", Idle: "rest", Stopping: "rest", Killed: "bad", Exited: "warn", GaveUp: "bad" };
let showAll = false, more;

export function renderActivity() {
    if (!state.loaded) return;
    show(byId("side"), true);
    renderExits();
    renderEvents();
}

const exitKey = exit => exit.empty ? "" : `${exit.service}/${exit.worker}#${exit.incarnation} ${exit.pid} ${exit.time}`;

function renderExits() {
    const list = byId("exit-list");
    if (!more) {
        const entries = el("div", { class: "entries" });
        more = el("button", { type: "button", class: "quiet wide", onclick: () => { showAll = !showAll; renderExits(); } });
        list.append(entries, more);
    }
    const exits = state.exits.length === 0 ? [{ empty: true }] : showAll ? state.exits : state.exits.slice(0, shownExits);
    keyed(list.firstElementChild, exits, exitKey, exit => exit.empty ? el("p", { class: "muted", textContent: "No worker has exited." }) : createExit(exit, false, true));
    show(more, state.exits.length > shownExits);
    more.setAttribute("aria-expanded", String(showAll));
    setText(more, showAll ? "Show fewer" : `Show all ${state.exits.length}`);
}

/** One exit; its message and stderr can be unfolded. */
export function createExit(exit, open = false, withName = false) {
    const planned = isPlanned(exit);
    const lines = exit.stderr ?? [];
    const id = el("span", { class: "entry-id" }, withName ? workerName(exit.service, exit.worker) : null, el("span", { class: "muted", textContent: `#${exit.incarnation}` }));
    const head = [icon(planned ? "stopping" : "warn"),
        el("div", { class: "entry-text" }, el("p", {}, id, " ", exitText(exit)),
            el("p", { class: "muted", title: exit.pid ? `Process ${exit.pid}` : "", textContent: [exit.uptimeMs !== undefined && `ran ${duration(exit.uptimeMs)}`,
                exit.nextStartMs > 0 && `restarted after ${duration(exit.nextStartMs)}`].filter(Boolean).join(" · ") })),
        el("time", { dateTime: exit.time, title: longTime(exit.time), textContent: clock(exit.time) })];
    const tone = planned ? "rest" : "warn";
    if (!exit.message && lines.length === 0) return el("article", { class: "entry", "data-tone": tone }, ...head);
    return el("details", { class: "fold", open, "data-tone": tone }, el("summary", { class: "entry" }, ...head),
        exit.message && el("p", { class: "exit-message", dir: "auto", textContent: visible(exit.message) }),
        lines.length > 0 && output(lines));
}

function output(lines) {
    return el("pre", { class: "output", tabIndex: 0, "aria-label": `Last ${plural(lines.length, "line")} of stderr` },
        ...lines.map(line => el("span", { class: "output-line", textContent: visible(line) })));
}

function renderEvents() {
    const list = byId("event-list");
    if (!list.firstElementChild) list.append(el("ol", { class: "events", tabIndex: 0, "aria-label": "Events, newest first" }), el("p", { class: "muted", textContent: "No events." }));
    // The numbers begin at 1 again when the program restarts.
    keyed(list.firstElementChild, state.events, event => `${state.program} ${event.number}`, createEvent);
    show(list.firstElementChild, state.events.length > 0);
    show(list.lastElementChild, state.events.length === 0);
}

function createEvent(event) {
    const planned = event.exit && isPlanned(event.exit);
    const text = event.exit ? exitText(event.exit) : "";
    const what = event.kind === "GaveUp" ? "was given up" : words(event.kind);
    return el("li", { "data-tone": planned ? "rest" : eventTones[event.kind] ?? "busy" },
        el("time", { dateTime: event.time, title: longTime(event.time), textContent: clock(event.time) }),
        icon(planned ? "stopping" : eventIcons[event.kind] ?? "busy"),
        el("span", { class: "event-text" }, workerName(event.service, event.worker),
            el("span", { class: "muted", textContent: event.incarnation ? `#${event.incarnation} ` : " " }), `${what}${text ? `: ${text.charAt(0).toLowerCase()}${text.slice(1)}` : ""}`));
}
