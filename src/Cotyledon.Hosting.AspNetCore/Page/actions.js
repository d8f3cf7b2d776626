// Requests that change the program. Each one shows that it runs, and then its outcome.

import { duration, label, plural, visible, words, workerLabel } from "./format.js";
import { toast } from "./toasts.js";

/** Sends a request; throws an Error with the text of the server. */
export async function post(verb, body) {
    let response;
    try {
        response = await fetch(`actions/${verb}`, {
            method: "POST", body: JSON.stringify(body ?? {}), credentials: "same-origin", cache: "no-store",
            headers: { "Content-Type": "application/json", "X-Cotyledon": "1" },
        });
    } catch {
        throw new Error("The program could not be reached. It is not known whether the request was carried out.");
    }
    // After the end of the session, the request may have been redirected to a login page, which has status code 200.
    const isAnswer = !response.redirected && response.headers.get("Content-Type")?.includes("json");
    const answer = isAnswer ? await response.json() : {};
    if (!response.ok || !isAnswer) throw new Error(answer.message ?? refusal(response));
    return answer;
}

function refusal({ status, redirected }) {
    return redirected || status === 401 || status === 403 ? "You are not allowed to do this." : `The server answered ${status}.`;
}

/** Runs an action: "busy" is the text while it runs, "done" makes a { tone, text, details } of its result. Returns the result. */
export async function run(verb, body, busy, done) {
    const change = toast("busy", busy);
    try {
        const result = await post(verb, body);
        const { tone = "ok", text, details } = done(result);
        change(tone, text, details);
        return result;
    } catch (error) {
        change("bad", `${busy} failed`, [visible(error.message)]);
        return undefined;
    }
}

export const scale = (service, workers) => run("scale", { service, workers }, `Scaling ${label(service)} to ${workers}`, scaled);
export const start = service => run("start", { service }, `Starting ${label(service)}`, scaled);
export const reset = service => run("reset", { service }, `Resetting ${label(service)} to the configured number`, scaled);
export const reload = () => run("reload", {}, "Reloading the configuration", result => reloaded("Configuration", result));

export function restart(service, worker) {
    const what = worker === undefined ? label(service) : workerLabel(service, worker);
    return run("restart", worker === undefined ? { service } : { service, worker }, `Restarting ${what}`, result => reloaded(what, result));
}

export const kill = (service, worker, incarnation) => run("kill", { service, worker, incarnation }, `Killing ${workerLabel(service, worker)}`,
    result => ({ text: `${workerLabel(service, worker)}: ${result.pid ? `process ${result.pid}` : "worker"} killed` }));

export const shutdown = application => run("shutdown", {}, `Shutting down ${label(application)}`, () => ({ text: `${label(application)} is shutting down` }));

function scaled(result) {
    const change = result.from === result.to ? `${result.to}` : `${result.from} → ${result.to}`;
    const note = result.configured === result.to ? [] : [`Temporary. The configuration says ${result.configured}.`];
    return { text: `${label(result.service)}: ${change}, done in ${duration(result.durationMs)}`, details: note };
}

/** Describes the result of a reload or a restart. */
export function reloaded(what, result) {
    const services = result.services ?? [];
    const failures = services.flatMap(service => (service.failures ?? []).map(failure => `${label(service.name ?? service.service)}: ${visible(failure)}`));
    const sum = member => services.reduce((total, service) => total + (service[member] ?? 0), 0);
    const counts = [sum("reloaded") && `${plural(sum("reloaded"), "worker")} reloaded`, sum("replaced") && `${plural(sum("replaced"), "worker")} replaced`]
        .filter(Boolean).join(", ");
    const time = `in ${duration(result.durationMs)}`;
    const details = [...(result.errors ?? []).map(visible), ...failures];
    switch (result.outcome) {
        case "Unchanged": return { text: `${what}: nothing has changed`, details };
        case "SettingsApplied": return { text: `${what}: settings applied ${time}`, details };
        case "Rejected": return { tone: "bad", text: `${what} rejected, running workers are unchanged`, details };
        case "Failed": return { tone: "bad", text: `${what}: aborted${counts ? `, ${counts}` : ""}`, details };
        default: return { tone: details.length > 0 ? "warn" : "ok", text: `${what}: ${counts || words(result.outcome)} ${time}`, details };
    }
}
