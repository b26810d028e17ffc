// @rudderstack/rudder-sdk-node from a server: a visit, packed and plain; a burst while heed is killed and comes back, with
// the sentAt of the first try; more than the key may send.
import RudderAnalytics from "@rudderstack/rudder-sdk-node";
import { Heed, bad, compare, ok, onePerson, sleep, times, visit } from "./segment-rig.mjs";

const calls = ["page", "track", "identify", "group", "alias", "screen"];
const open = (heed, key, more = {}) => {
    const sdk = new RudderAnalytics(key, { dataPlaneUrl: heed.url, flushInterval: 200, ...more });
    return { ...Object.fromEntries(calls.map((c) => [c, (p) => sdk[c](p)])), end: () => sdk.flush() };
};

const heed = await new Heed("rudder").init();
const keys = {};
for (const name of ["packed", "plain", "burst"]) keys[name] = await heed.key(name);
keys.slow = await heed.key("slow", 120);
await heed.start();

// ---- a visit ----
for (const [name, gzip] of [["packed", true], ["plain", false]]) {
    const sdk = open(heed, keys[name], { gzip });
    const v = visit(name);
    for (const [call, what] of v.calls) sdk[call](what);
    await sdk.end();
    const wanted = v.calls.map(([, , want]) => want);
    compare(`@rudderstack/rudder-sdk-node, ${name}: what was sent is stored`, wanted, await heed.until(name, wanted.length));
    onePerson(`@rudderstack/rudder-sdk-node, ${name}: one person`, await heed.customers(), name, v.user);
}

// ---- killed in the middle, and back ----
const told = 200;
const began = Date.now();
const sdk = open(heed, keys.burst, { flushAt: 10, axiosRetryConfig: { retries: 30, retryDelay: () => 250, retryCondition: () => true } });
for (let i = 0; i < told; i++) {
    sdk.track({ userId: `u${i % 7}`, event: "Tick", properties: { i } });
    if (i === told / 2) {
        await sleep(60);
        await heed.stop("SIGKILL");
        setTimeout(() => heed.start().catch((e) => bad("heed comes back", e)), 700);
    }
    if (i % 10 === 0) await sleep(10);
}
await sdk.end();
const events = await heed.until("burst", told);
const seen = new Set(events.map((e) => e.extra.properties.i));
const late = events.filter((e) => Date.parse(e.at) < began - 1000 || Date.parse(e.at) > Date.now());
if (events.length === told && seen.size === told && !late.length) ok(`@rudderstack/rudder-sdk-node: ${told} calls, each once and in its time, although heed was killed`);
else bad("@rudderstack/rudder-sdk-node: calls while heed was killed", `${events.length} events, ${seen.size} different, ${late.length} at another time`);

// ---- more than may be sent ----
const eager = open(heed, keys.slow, { flushAt: 1 });
times(124, (i) => eager.track({ userId: "u1", event: "Tick", properties: { i } }));
await eager.end();
const slow = await heed.until("slow", 124);
if (slow.length === 124) ok("@rudderstack/rudder-sdk-node: told to come back, it does");
else bad("@rudderstack/rudder-sdk-node: told to come back", `${slow.length} of 124`);

const refused = await heed.quarantine();
if (refused.length) bad("nothing is in quarantine", JSON.stringify(refused[0]));
else ok("nothing is in quarantine");
await heed.stop();
process.exit(0);
