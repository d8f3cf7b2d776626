// Plots of the last minutes. The time axis is the real one: a gap in the data is a gap in the plot.

import { setAttribute, svg } from "./dom.js";
import { historyLength } from "./state.js";

const width = 240, height = 40, gap = 8000, leastSpan = 60_000;

/** The time that a plot of these samples shows: it grows from one minute to the whole history. */
export const spanOf = samples => samples.length === 0 ? leastSpan : Math.min(Math.max(Date.now() - samples[0].time, leastSpan), historyLength);

export function plot(label) {
    const node = svg("svg", { class: "plot", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none" });
    if (label) {
        node.setAttribute("role", "img");
        node.setAttribute("aria-label", label);
    } else {
        node.setAttribute("aria-hidden", "true");
    }
    node.append(svg("path", { class: "area" }), svg("path", { class: "line" }));
    return node;
}

/** Draws the samples; "least" is the smallest value for the top of the plot, so that noise near zero stays small. */
export function draw(node, samples, value, least, step = false) {
    const now = Date.now(), span = spanOf(samples);
    const top = Math.max(least, ...samples.map(value)) * 1.1;
    const x = sample => round(width * (1 - (now - sample.time) / span));
    const y = sample => round(height - 1 - (height - 2) * value(sample) / top);
    let line = "", area = "", previous;
    for (const sample of samples) {
        const starts = !previous || (!step && sample.time - previous.time > gap);
        if (starts && previous) area += `V${height}Z`;
        area += starts ? `M${x(sample)} ${height}V${y(sample)}` : step ? `H${x(sample)}V${y(sample)}` : `L${x(sample)} ${y(sample)}`;
        line += starts ? `M${x(sample)} ${y(sample)}h.1` : step ? `H${x(sample)}V${y(sample)}` : `L${x(sample)} ${y(sample)}`;
        previous = sample;
    }
    if (previous && step) {
        line += `H${width}`;
        area += `H${width}`;
    }
    setAttribute(node.firstElementChild, "d", previous ? `${area}V${height}Z` : "");
    setAttribute(node.lastElementChild, "d", line);
}

const round = number => Math.round(number * 10) / 10;
