// @segment/analytics-node, the older analytics-node, and Customer.io's fork, from a server: a visit; a burst while heed is
// killed and comes back; more than the key may send.
import Legacy from "analytics-node";
import { Analytics as CustomerIo } from "@customerio/cdp-analytics-node";
import { Analytics } from "@segment/analytics-node";
import { Heed, bad, compare, ok, onePerson, sleep, times, visit } from "./segment-rig.mjs";

const modern = (Sdk, heed, key, more = {}) => {
    const sdk = new Sdk({ writeKey: key, host: heed.url, path: "/v1/batch", flushInterval: 200, maxRetries: 20, ...more });
    return { ...Object.fromEntries(["page", "track", "identify", "group", "alias", "screen"].map((c) => [c, (p) => sdk[c](p)])), end: () => sdk.closeAndFlush({ timeout: 120000 }) };
};
const legacy = (heed, key) => {
    const sdk = new Legacy(key, { host: heed.url, path: "/v1/batch", flushInterval: 200, retryCount: 30 });
    return { ...Object.fromEntries(["page", "track", "identify", "group", "alias", "screen"].map((c) => [c, (p) => sdk[c](p)])), end: () => sdk.flush() };
};

const sdks = [
    ["@segment/analytics-node", (h, k) => modern(Analytics, h, k)],
    ["@customerio/cdp-analytics-node", (h, k) => modern(CustomerIo, h, k)],
    ["analytics-node", legacy],
];

const heed = await new Heed("segment").init();
const keys = {};
for (const [name] of sdks) keys[name] = await heed.key(name);
keys.burst = await heed.key("burst");
keys.old = await heed.key("old");
keys.slow = await heed.key("slow", 120);
await heed.start();

// ---- a visit ----
for (const [name, open] of sdks) {
    const sdk = open(heed, keys[name]);
    const tag = name.replaceAll(/[^a-z]/g, "");
    const v = visit(tag);
    for (const [call, what] of v.calls) sdk[call](what);
    await sdk.end();
    const wanted = v.calls.map(([, , want]) => want);
    compare(`${name}: what was sent is stored`, wanted, await heed.until(name, wanted.length));
    onePerson(`${name}: one person`, await heed.customers(), name, v.user);
}

// ---- killed in the middle, and back ----
const told = 300;
const tick = (i) => ({ userId: `u${i % 7}`, event: "Tick", properties: { i } });
const newer = modern(Analytics, heed, keys.burst);
const older = legacy(heed, keys.old);
const failed = [];
process.on("unhandledRejection", (e) => failed.push(e));
for (let i = 0; i < told; i++) {
    newer.track(tick(i)), older.track(tick(i));
    if (i === told / 3) {
        await sleep(60);
        await heed.stop("SIGKILL");
        setTimeout(() => heed.start().catch((e) => bad("heed comes back", e)), 700);
    }
    if (i % 10 === 0) await sleep(10);
}
await Promise.allSettled([newer.end(), older.end()]);
for (const [name, source] of [["@segment/analytics-node", "burst"], ["analytics-node", "old"]]) {
    const events = await heed.until(source, told);
    const seen = new Set(events.map((e) => e.extra.properties.i));
    if (events.length === told && seen.size === told) ok(`${name}: ${told} calls, each once, although heed was killed`);
    else bad(`${name}: calls while heed was killed`, `${events.length} events, ${seen.size} different`);
}

// ---- more than may be sent: 429 with Retry-After, and nothing lost ----
let requests = 0;
const eager = new Analytics({ writeKey: keys.slow, host: heed.url, path: "/v1/batch", maxEventsInBatch: 1, maxRetries: 20 });
eager.on("http_request", () => requests++);
times(126, (i) => eager.track(tick(i)));
await eager.closeAndFlush({ timeout: 120000 });
const slow = await heed.until("slow", 126);
if (slow.length === 126 && requests > 126) ok("@segment/analytics-node: told to come back, it does");
else bad("@segment/analytics-node: told to come back", `${slow.length} of 126 by ${requests} requests`);

const refused = await heed.quarantine();
if (refused.length) bad("nothing is in quarantine", JSON.stringify(refused[0]));
else ok("nothing is in quarantine");
await heed.stop();
process.exit(0);
