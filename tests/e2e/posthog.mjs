// posthog-node from a server: a visit in PostHog's words; a burst while heed is killed and comes back; more than the key
// may send.
import { PostHog } from "posthog-node";
import { Heed, bad, compare, ok, onePerson, sleep, times, visit } from "./segment-rig.mjs";

const open = (heed, key, more = {}) => new PostHog(key, { host: heed.url, flushInterval: 200, fetchRetryDelay: 400, fetchRetryCount: 20, disableGeoip: true, ...more });

// The same visit, as a program that knows PostHog tells it.
function tell(sdk, [call, what]) {
    const distinctId = what.userId ?? what.anonymousId;
    const capture = (event, properties) => sdk.capture({ distinctId, event, properties, timestamp: what.timestamp });
    if (call === "page") capture("$pageview", what.properties);
    if (call === "screen") capture("$screen", { ...what.properties, $screen_name: what.name });
    if (call === "track") capture(what.event, what.properties);
    if (call === "identify") sdk.identify({ distinctId, properties: what.traits });
    if (call === "group") sdk.groupIdentify({ groupType: "company", groupKey: what.groupId, properties: what.traits, distinctId });
    if (call === "alias") sdk.alias({ distinctId, alias: what.previousId });
}

const heed = await new Heed("posthog").init();
const keys = {};
for (const name of ["visit", "burst"]) keys[name] = await heed.key(name);
keys.slow = await heed.key("slow", 60);
await heed.start();

// ---- a visit ----
{
    const sdk = open(heed, keys.visit);
    const v = visit("ph");
    for (const c of v.calls) tell(sdk, c);
    await sdk.shutdown(20000);
    const wanted = v.calls.map(([, , want]) => want);
    compare("posthog-node: what was sent is stored", wanted, await heed.until("visit", wanted.length));
    onePerson("posthog-node: one person", await heed.customers(), "visit", v.user);
}

// ---- killed in the middle, and back ----
const told = 200;
const sdk = open(heed, keys.burst, { flushAt: 10 });
for (let i = 0; i < told; i++) {
    sdk.capture({ distinctId: `u${i % 7}`, event: "Tick", properties: { i } });
    if (i === told / 2) {
        await sleep(60);
        await heed.stop("SIGKILL");
        setTimeout(() => heed.start().catch((e) => bad("heed comes back", e)), 700);
    }
    if (i % 10 === 0) await sleep(10);
}
await sdk.shutdown(30000);
const events = await heed.until("burst", told);
const seen = new Set(events.map((e) => e.extra.properties.i));
if (events.length === told && seen.size === told) ok(`posthog-node: ${told} calls, each once, although heed was killed`);
else bad("posthog-node: calls while heed was killed", `${events.length} events, ${seen.size} different`);

// ---- more than may be sent ----
const eager = open(heed, keys.slow, { flushAt: 1, maxBatchSize: 1 });
let tries = 0;
const fetched = eager.fetch.bind(eager);
eager.fetch = (...a) => (tries++, fetched(...a));
times(63, (i) => eager.capture({ distinctId: "u1", event: "Tick", properties: { i } }));
await eager.shutdown(30000);
const slow = await heed.until("slow", 63);
if (slow.length === 63 && tries > 63) ok("posthog-node: told to come back, it does");
else bad("posthog-node: told to come back", `${slow.length} of 63 by ${tries} requests`);

const refused = await heed.quarantine();
if (refused.length) bad("nothing is in quarantine", JSON.stringify(refused[0]));
else ok("nothing is in quarantine");
await heed.stop();
process.exit(0);
