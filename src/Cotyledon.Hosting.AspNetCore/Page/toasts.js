// Outcomes of actions, and the one live region of the page.

import { byId, el, icon, setAttribute, setIcon, setText } from "./dom.js";

const shownFor = 8000, quietFor = 1500;
let pending, announcer;

/** Says a text to a screen reader. Texts that come quickly replace each other, so that only the last one is read. */
export function announce(text) {
    pending = text;
    announcer ??= setTimeout(() => {
        announcer = undefined;
        setText(byId("announce"), pending);
    }, quietFor);
}

/** Shows a message. Returns a function that changes it: (tone, text, details). A busy message stays, an error too. */
export function toast(tone, text, details) {
    const mark = icon("busy");
    const title = el("p", { class: "toast-title", dir: "auto" });
    const list = el("ul", { class: "toast-details" });
    const node = el("div", { class: "toast" }, mark, el("div", { class: "toast-text" }, title, list),
        el("button", { type: "button", class: "quiet square", "aria-label": "Dismiss", onclick: () => node.remove() }, icon("close")));
    let timer;
    const change = (newTone, newText, newDetails = []) => {
        setAttribute(node, "data-tone", newTone);
        setIcon(mark, { ok: "ready", bad: "bad", warn: "warn" }[newTone] ?? "busy");
        setText(title, newText);
        list.replaceChildren(...newDetails.map(detail => el("li", { textContent: detail, dir: "auto" })));
        if (newTone !== "busy") announce([newText, ...newDetails].join(". "));
        clearTimeout(timer);
        if (newTone === "ok") timer = setTimeout(close, shownFor);
    };
    const close = () => {
        if (node.matches(":hover, :focus-within")) timer = setTimeout(close, shownFor);
        else node.remove();
    };
    change(tone, text, details);
    host().append(node);
    return change;
}

/** The messages are moved into the dialog that is open: everything outside of a modal dialog can neither be seen nor used. */
export function host() {
    const toasts = byId("toasts");
    const parent = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
    if (toasts.parentElement !== parent) parent.append(toasts);
    return toasts;
}
