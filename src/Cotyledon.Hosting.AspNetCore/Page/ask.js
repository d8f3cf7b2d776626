// The dialog for questions: confirmation by a typed name, and the number of workers.

import { byId, el } from "./dom.js";
import { label } from "./format.js";
import { host } from "./toasts.js";

/** Opens a modal dialog; its content is empty afterwards, and the focus returns to where it was. */
export function openModal(dialog, onClose) {
    const focused = document.activeElement;
    dialog.showModal();
    host();
    dialog.addEventListener("close", () => {
        host();
        dialog.replaceChildren(...dialog.querySelectorAll(":scope > .toasts"));
        host();
        if (focused?.isConnected) focused.focus();
        onClose?.();
    }, { once: true });
}

/** A click beside the dialog closes it. */
export function closeOnBackdrop(dialog) {
    dialog.addEventListener("click", event => { if (event.target === dialog) dialog.close(); });
}

/**
 * Asks before an action. If "type" is set, this text has to be typed. "fields" are further elements. "needed" tells whether the text
 * has to be typed now. Resolves to true when the user has confirmed.
 */
export function ask({ title, text, action, type, fields = [], needed = () => true, danger = true, valid = () => true }) {
    const dialog = byId("ask");
    const button = el("button", { type: "submit", class: danger ? "danger solid" : "solid", textContent: action });
    const input = el("input", { id: "ask-name", type: "text", autocomplete: "off", spellcheck: false, autocapitalize: "off", dir: "auto" });
    const typed = el("div", { class: "field", hidden: !type },
        el("label", { for: "ask-name" }, "Type ", el("bdi", { class: "mono", textContent: type ?? "" }), " to confirm"), input);
    const check = () => {
        const mustType = Boolean(type) && needed();
        typed.hidden = !mustType;
        button.classList.toggle("danger", danger && (mustType || !type));
        button.disabled = !valid() || (mustType && input.value.trim() !== type);
    };
    let confirmed = false;
    const form = el("form", { method: "dialog", oninput: check, onsubmit: () => { confirmed = true; } },
        el("h2", { id: "ask-title", dir: "auto", textContent: title }), el("p", { textContent: text, hidden: !text, dir: "auto" }), ...fields, typed,
        el("div", { class: "buttons end" },
            el("button", { type: "button", textContent: "Cancel", onclick: () => dialog.close() }), button));
    dialog.replaceChildren(form);
    check();
    return new Promise(resolve => {
        openModal(dialog, () => resolve(confirmed));
        (form.querySelector("input:not([hidden])") ?? button).focus();
        if (!typed.hidden) input.focus();
    });
}

/** Asks for a number of workers; resolves to it, or to undefined. Zero has to be confirmed with the name of the service. */
export async function askNumber(service) {
    const number = el("input", { id: "ask-number", type: "number", min: 0, max: 10_000, step: 1, required: true, value: service.target, inputMode: "numeric" });
    const step = by => {
        number.value = Math.max(0, (Number(number.value) || 0) + by);
        number.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const fields = [el("div", { class: "field" },
        el("label", { for: "ask-number", textContent: "Number of workers" }),
        el("div", { class: "stepper" },
            el("button", { type: "button", class: "square", "aria-label": "One less", textContent: "−", onclick: () => step(-1) }), number,
            el("button", { type: "button", class: "square", "aria-label": "One more", textContent: "+", onclick: () => step(1) })),
        el("p", { class: "hint", textContent: `The configuration says ${service.configured}. Another number is temporary: it ends with Reset, a new number in the configuration, or a restart of the program.` }))];
    const valid = () => /^\d{1,5}$/.test(number.value) && Number(number.value) <= 10_000;
    const confirmed = await ask({
        title: `Scale ${label(service.name)}`, action: "Scale", type: service.name, fields, valid, needed: () => valid() && Number(number.value) === 0,
    });
    return confirmed ? Number(number.value) : undefined;
}
