// What the page knows about the program: the last snapshot, with all changes since then, and the measurements of the last minutes.

export const historyLength = 5 * 60 * 1000;
const maxExits = 64, maxEvents = 100;

export const state = {
    connection: { phase: "connecting" },     // connecting, live, waiting, paused, forbidden
    loaded: false,
    app: "", version: "", pid: 0,
    program: "",                              // differs after each restart: in a container, each process may have the same id
    actions: false,
    overview: undefined,
    services: [], operations: [], queues: [], exits: [], events: [],
    master: undefined,                        // usage of the master
    lastData: 0,
};

const workerHistory = new Map();              // "service/worker" -> [{ time, cpu, memory }]
const queueHistory = new Map();               // queue -> [{ time, waiting, completed }]
let clockOffset = 0;                          // clock of the server minus clock of the browser

export const workerKey = (service, worker) => `${service}/${worker}`;
export const serverNow = () => Date.now() + clockOffset;
export const serviceNamed = name => state.services.find(service => service.name === name);
export const workerOf = (service, id) => serviceNamed(service)?.workers?.find(worker => worker.id === id);
export const usageHistory = (service, worker) => workerHistory.get(workerKey(service, worker)) ?? [];
export const runningOperations = () => state.operations.filter(operation => !operation.completedAt);

/** Applies one message of the stream. Returns a text if the program is another one than before. */
export function apply(type, data) {
    state.lastData = Date.now();
    if (data.time) clockOffset = new Date(data.time) - Date.now();
    switch (type) {
        case "snapshot": return applySnapshot(data);
        case "status": return applyStatus(data);
        case "worker": return applyEvent(data);
        case "usage": return applyUsage(data);
    }
}

function applySnapshot(data) {
    const program = `${data.pid} ${data.overview?.startedAt}`;
    const isNew = state.program !== "" && state.program !== program;
    if (isNew) {
        workerHistory.clear();
        queueHistory.clear();
    }
    const processes = data.pid === state.pid ? "" : `: process ${data.pid} instead of ${state.pid}`;
    const message = isNew ? `${data.app} has restarted${processes}` : undefined;
    Object.assign(state, {
        loaded: true, app: data.app, version: data.version, pid: data.pid, program, actions: data.actions === true, overview: data.overview,
        services: data.services ?? [], operations: data.operations ?? [], queues: data.queues ?? [],
        exits: (data.exits ?? []).slice(0, maxExits), events: newestFirst(data.events ?? []),
    });
    if (data.overview?.usage) state.master = data.overview.usage;
    for (const service of state.services) {
        for (const worker of service.workers ?? []) if (worker.usage) remember(service.name, worker.id, worker.usage);
    }
    rememberQueues();
    return message;
}

function newestFirst(events) {
    return [...events].sort((a, b) => b.number - a.number).slice(0, maxEvents);
}

function applyStatus(data) {
    if (data.overview) state.overview = data.overview;
    for (const service of data.services ?? []) {
        keepUsage(service);
        replace(state.services, service, item => item.name);
    }
    if (data.operations) state.operations = data.operations;
    for (const queue of data.queues ?? []) replace(state.queues, queue, item => item.name);
    if (data.queues) rememberQueues();
}

/** The usage of running processes: a status has none, and the next measurement comes up to two seconds later. */
function keepUsage(service) {
    const known = new Map((serviceNamed(service.name)?.workers ?? []).map(worker => [worker.id, worker]));
    for (const worker of service.workers ?? []) {
        const before = known.get(worker.id);
        if (worker.pid && before?.incarnation === worker.incarnation) worker.usage = before.usage;
    }
}

function replace(list, item, key) {
    const index = list.findIndex(other => key(other) === key(item));
    if (index < 0) list.push(item);
    else list[index] = item;
}

function applyEvent(event) {
    if (state.events.some(other => other.number === event.number)) return;
    state.events = newestFirst([event, ...state.events]);
    const isKnown = exit => exit.time === event.exit.time && exit.pid === event.exit.pid && exit.incarnation === event.exit.incarnation;
    if (event.exit && !state.exits.some(isKnown)) state.exits = [event.exit, ...state.exits].slice(0, maxExits);
}

function applyUsage(data) {
    if (data.master) state.master = data.master;
    const measured = new Map((data.workers ?? []).map(usage => [workerKey(usage.service, usage.worker), usage]));
    for (const service of state.services) {
        for (const worker of service.workers ?? []) {
            const usage = measured.get(workerKey(service.name, worker.id));
            worker.usage = usage;
            if (usage) remember(service.name, worker.id, usage);
        }
    }
}

function remember(service, worker, usage) {
    const key = workerKey(service, worker);
    if (!workerHistory.has(key)) workerHistory.set(key, []);
    append(workerHistory.get(key), { time: Date.now(), cpu: usage.cpu, memory: usage.memory });
}

function rememberQueues() {
    for (const queue of state.queues) {
        if (!queueHistory.has(queue.name)) queueHistory.set(queue.name, []);
        append(queueHistory.get(queue.name), { time: Date.now(), waiting: queue.waiting, completed: queue.completed });
    }
}

function append(history, sample) {
    history.push(sample);
    while (history.length > 0 && history[0].time < sample.time - historyLength) history.shift();
}

export const depthHistory = queue => queueHistory.get(queue) ?? [];

/** Completed items per second in the last ten seconds, or undefined as long as the page has not watched for two seconds. */
export function completionRate(queue) {
    const history = depthHistory(queue.name);
    if (history.length === 0) return undefined;
    const from = Date.now() - 10_000;
    const start = history.findLast(sample => sample.time <= from) ?? history[0];
    const seconds = (Date.now() - Math.max(start.time, from)) / 1000;
    return seconds < 2 ? undefined : Math.max(0, queue.completed - start.completed) / seconds;
}
