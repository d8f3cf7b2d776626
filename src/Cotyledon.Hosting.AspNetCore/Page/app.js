// The page: connects the stream of the program with the parts of the document. All of them are drawn at most once per frame.

import { reload, shutdown } from "./actions.js";
import { renderActivity } from "./activity.js";
import { ask, closeOnBackdrop } from "./ask.js";
import { byId } from "./dom.js";
import { openDrawer, openFromAddress, renderDrawer, startDrawer } from "./drawer.js";
import { renderOperations } from "./operations.js";
import { renderQueues, startQueues } from "./queues.js";
import { renderServices, startServices } from "./services.js";
import { state } from "./state.js";
import { start } from "./stream.js";
import { renderSummary } from "./summary.js";
import { toast } from "./toasts.js";
import { visible } from "./format.js";

let requested = false;

function draw() {
    requested = false;
    renderSummary();
    renderOperations();
    renderServices();
    renderQueues();
    renderActivity();
    renderDrawer();
}

function request() {
    if (requested) return;
    requested = true;
    requestAnimationFrame(draw);
}

async function askShutdown() {
    const application = state.app;
    const confirmed = await ask({
        title: `Shut down ${visible(application)}`, action: "Shut down", type: application,
        text: "All workers stop gracefully, and then the program ends. Only a service manager can start it again.",
    });
    if (confirmed) await shutdown(application);
}

byId("reload").addEventListener("click", reload);
byId("shutdown").addEventListener("click", askShutdown);
closeOnBackdrop(byId("ask"));
startServices(openDrawer);
startDrawer();
startQueues();
start(type => {
    request();
    if (type === "snapshot") openFromAddress();
}, text => toast("warn", text));
setInterval(() => { if (!document.hidden) request(); }, 1000);
