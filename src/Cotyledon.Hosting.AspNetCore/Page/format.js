// Texts of numbers, times and states.

const second = 1000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;

/** The state of a worker: label, tone (colour) and icon (shape), so that no state is recognized by its colour only. */
export const states = {
    Pending: { label: "Pending", tone: "rest", icon: "pending" },
    BackingOff: { label: "Backing off", tone: "warn", icon: "warn" },
    GivenUp: { label: "Given up", tone: "bad", icon: "bad" },
    Starting: { label: "Starting", tone: "busy", icon: "busy" },
    Assigned: { label: "Assigned", tone: "busy", icon: "busy" },
    Ready: { label: "Ready", tone: "ok", icon: "ready" },
    Idle: { label: "Idle", tone: "rest", icon: "idle" },
    Stopping: { label: "Stopping", tone: "busy", icon: "stopping" },
    Killed: { label: "Killed", tone: "bad", icon: "bad" },
    Standby: { label: "Standby", tone: "rest", icon: "idle" },
};

export const stateOf = worker => states[worker.state] ?? { label: words(worker.state), tone: "rest", icon: "pending" };

export const isRunning = worker => !["Pending", "BackingOff", "GivenUp", "Standby"].includes(worker.state);

const plural = (count, one, many) => `${count} ${count === 1 ? one : many ?? `${one}s`}`;
export { plural };

/** "MaxMemory" becomes "max memory". */
export const words = text => String(text ?? "").replace(/(?<=\p{Ll})(?=\p{Lu})/gu, " ").toLowerCase();

/** An exact duration: "96 ms", "2.0 s", "1 m 4 s". */
export function duration(ms) {
    if (ms === undefined || ms === null) return "";
    if (ms < second) return `${Math.round(ms)} ms`;
    if (ms < 10 * second) return `${(ms / second).toFixed(1)} s`;
    return age(ms);
}

/** A rounded duration in the two largest units: "3 d 4 h". */
export function age(ms) {
    const units = [[day, "d"], [hour, "h"], [minute, "m"], [second, "s"]];
    const first = units.findIndex(([size]) => ms >= size);
    if (first < 0) return "0 s";
    const [size, unit] = units[first];
    const text = `${Math.floor(ms / size)} ${unit}`;
    const next = units[first + 1];
    const rest = next ? Math.floor(ms % size / next[0]) : 0;
    return rest > 0 ? `${text} ${rest} ${next[1]}` : text;
}

/** The same in a narrow place: only one unit below an hour. */
export const shortAge = ms => ms >= hour ? age(ms) : ms >= minute ? `${Math.floor(ms / minute)} m` : age(ms);

export function bytes(count) {
    if (count === undefined || count === null) return "";
    const units = ["B", "KB", "MB", "GB", "TB"];
    const power = count < 1 ? 0 : Math.min(Math.floor(Math.log2(count) / 10), units.length - 1);
    const value = count / 2 ** (10 * power);
    return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

export const percent = value => value === undefined || value === null ? "" : `${value < 10 ? value.toFixed(1) : count(Math.round(value))} %`;

export const count = value => Number(value ?? 0).toLocaleString("en");

export function rate(perSecond) {
    return perSecond === undefined ? "" : `${perSecond < 10 ? perSecond.toFixed(1) : count(Math.round(perSecond))}/s`;
}

const timeFormat = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const dateFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
const dayFormat = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** The local time of day; the day too, if it is another one. */
export function clock(time, now = Date.now()) {
    const date = new Date(time);
    return Math.abs(now - date) < 20 * hour ? timeFormat.format(date) : dayFormat.format(date);
}

export const longTime = time => time ? dateFormat.format(new Date(time)) : "";

// signal(7), as numbered on Linux.
const signals = ["", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM"];

export function exitText(exit) {
    const how = exit.signal ? `, ${signals[exit.signal] ? `SIG${signals[exit.signal]}` : `signal ${exit.signal}`}` : exit.exitCode !== undefined && exit.exitCode !== null ? `, exit code ${exit.exitCode}` : "";
    const reason = words(exit.reason);
    return reason.charAt(0).toUpperCase() + reason.slice(1) + how;
}

/** Planned ends are no problem; all others are. */
export const isPlanned = exit => ["Stopped", "Replaced", "MaxAge", "MaxMemory"].includes(exit.reason);

const unsafe = /[^\P{C}\t\n\u200c\u200d]|[\p{Zl}\p{Zp}]/gu;

/**
 * Text of a worker with its control characters made visible, for example \x1b for ESC, and the invisible characters, such as those that
 * change the direction of writing, because they can make a text look like another one. Tabs, ends of lines, and the joiners of scripts and emoji stay.
 */
export function visible(text) {
    return String(text ?? "").replace(unsafe, character => {
        const code = character.codePointAt(0).toString(16);
        return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\U${code.padStart(8, "0")}`;
    });
}

const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** A name as part of a sentence: visible, not too long, and without effect on the direction of the text around it. */
export function label(text) {
    const whole = visible(text);
    const short = whole.length > 60 ? `${whole.slice(0, 36)}…${whole.slice(-20)}` : whole;
    return rightToLeft.test(short) ? `\u2068${short}\u2069` : short;
}

/** Spare workers have no service and no id yet. */
export const workerLabel = (service, worker) => !service || service === "(spare)" ? "Spare worker" : `${label(service)}/${worker}`;
