// Small helpers for the document. All text goes through textContent: text of a worker can never become markup.

import { visible, workerLabel } from "./format.js";

const svgNamespace = "http://www.w3.org/2000/svg";

export const byId = id => document.getElementById(id);

/** Creates an element. Properties that start with "on" are listeners, "class" and names with a dash are attributes. */
export function el(tag, properties, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(properties ?? {})) {
        if (value === undefined || value === null) continue;
        if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
        else if (name === "class" || name === "role" || name === "for" || name.includes("-")) node.setAttribute(name, value);
        else node[name] = value;
    }
    node.append(...children.filter(child => child !== undefined && child !== null));
    return node;
}

export function svg(tag, attributes) {
    const node = document.createElementNS(svgNamespace, tag);
    for (const [name, value] of Object.entries(attributes ?? {})) node.setAttribute(name, value);
    return node;
}

/** A symbol of the page; it is decoration, the text beside it or the label of its parent says the same. */
export function icon(name) {
    const node = svg("svg", { class: "icon", "aria-hidden": "true" });
    node.append(svg("use", { href: `#i-${name}` }));
    return node;
}

export function setIcon(node, name) {
    setAttribute(node.firstElementChild, "href", `#i-${name}`);
}

/** The name of a worker. */
export const workerName = (service, worker) => el("span", { class: "name", textContent: workerLabel(service, worker), title: visible(`${service}/${worker}`) });

// The setters below change the document only if there is a change, so that an unchanged page costs no layout.

export function setText(node, text) {
    if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, attribute, value) {
    if (value === undefined || value === null) node.removeAttribute(attribute);
    else if (node.getAttribute(attribute) !== String(value)) node.setAttribute(attribute, value);
}

export function show(node, visible) {
    if (node.hidden === visible) node.hidden = !visible;
}

/**
 * Makes the children of a parent match the items, by key. Nodes are kept, moved and updated in place, so that the focus and the
 * state of a child survive an update.
 */
export function keyed(parent, items, key, create, update) {
    const known = parent.keyedNodes ??= new Map();
    const wanted = new Set(items.map(key));
    for (const [itemKey, node] of known) {
        if (!wanted.has(itemKey)) {
            node.remove();
            known.delete(itemKey);
        }
    }
    let position = parent.firstElementChild;
    for (const item of items) {
        let node = known.get(key(item));
        if (!node) {
            node = create(item);
            known.set(key(item), node);
        }
        if (node === position) position = position.nextElementSibling;
        else parent.insertBefore(node, position);
        update?.(node, item);
    }
}

/** Lets the arrow keys, Home and End move the focus between the buttons of a group, of which one is in the tab order. */
export function roving(group, selector) {
    const buttons = () => [...group.querySelectorAll(selector)];
    const columns = all => all.filter(button => button.offsetTop === all[0].offsetTop).length;
    group.addEventListener("keydown", event => {
        const all = buttons();
        const index = all.indexOf(event.target);
        if (index < 0) return;
        const forward = getComputedStyle(group).direction === "rtl" ? -1 : 1;
        const steps = {
            ArrowRight: forward, ArrowLeft: -forward, ArrowDown: columns(all), ArrowUp: -columns(all),
            Home: -index, End: all.length - 1 - index,
        };
        const step = steps[event.key];
        if (step === undefined) return;
        event.preventDefault();
        all[Math.min(Math.max(index + step, 0), all.length - 1)].focus();
    });
    group.addEventListener("focusin", event => {
        for (const button of buttons()) button.tabIndex = button === event.target ? 0 : -1;
    });
    return () => {
        const all = buttons();
        if (all.length > 0 && !all.some(button => button.tabIndex === 0)) all[0].tabIndex = 0;
    };
}
