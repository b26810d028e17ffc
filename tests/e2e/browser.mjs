// @segment/analytics-next, @rudderstack/analytics-js and posthog-js in Chromium: a visit each, from a page of another
// origin, so that every preflight is real; then calls while heed is killed and comes back. Nothing leaves the machine.
import { createReadStream, existsSync, mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { Heed, bad, compare, ok, onePerson, sleep, times, visit } from "./segment-rig.mjs";

const browserPath = process.env.CHROMIUM || "/usr/bin/chromium";
if (!existsSync(browserPath)) {
    console.log(`skip browsers: no ${browserPath}`);
    process.exit(0);
}

// ---- the pages of a shop ----

const packages = new URL("./node_modules/", import.meta.url).pathname;
const scripts = {
    segment: "@segment/analytics-next/dist/umd/",
    rudder: "@rudderstack/analytics-js/dist/npm/modern/bundled/umd/",
    posthog: "posthog-js/dist/",
};
const pages = {
    segment: `<script src="/segment/index.js"></script><script>
        const sdk = AnalyticsNext.AnalyticsBrowser.load({ writeKey: KEY, cdnURL: HEED });
        sdk.setAnonymousId(ANONYMOUS);
        window.tell = (call, x) => ({
            page: () => sdk.page(undefined, x.name, x.properties),
            track: () => sdk.track(x.event, x.properties, x.timestamp ? { timestamp: x.timestamp } : {}),
            screen: () => sdk.screen(undefined, x.name, x.properties),
            identify: () => sdk.identify(x.userId, x.traits),
            group: () => sdk.group(x.groupId, x.traits),
            alias: () => sdk.alias(x.userId, x.previousId),
        })[call]();
    </script>`,
    rudder: `<script src="/rudder/index.js"></script><script>
        const sdk = new rudderanalytics.RudderAnalytics();
        sdk.setAnonymousId(ANONYMOUS);
        sdk.load(KEY, HEED, { configUrl: HEED });
        window.tell = (call, x) => ({
            page: () => sdk.page("Docs", x.name, x.properties),
            track: () => sdk.track(x.event, x.properties, x.timestamp ? { originalTimestamp: x.timestamp } : {}),
            identify: () => sdk.identify(x.userId, x.traits),
            group: () => sdk.group(x.groupId, x.traits),
            alias: () => sdk.alias(x.userId, x.previousId),
        })[call]();
    </script>`,
    posthog: `<script type="module">
        import sdk from "/posthog/module.full.no-external.js";
        sdk.init(KEY, { api_host: HEED, autocapture: false, capture_pageview: false, capture_pageleave: false, opt_out_useragent_filter: true, bootstrap: { distinctID: ANONYMOUS } });
        window.tell = (call, x) => ({
            page: () => sdk.capture("$pageview", x.properties),
            track: () => sdk.capture(x.event, x.properties, x.timestamp ? { timestamp: new Date(x.timestamp) } : {}),
            screen: () => sdk.capture("$screen", { ...x.properties, $screen_name: x.name }),
            identify: () => sdk.identify(x.userId, x.traits),
            group: () => sdk.group("company", x.groupId, x.traits),
            alias: () => sdk.alias(x.previousId, x.userId),
        })[call]();
    </script>`,
};

const values = {};
const shop = createServer((q, r) => {
    const [, name, file] = new URL(q.url, "http://shop").pathname.split("/");
    if (pages[name] && !file) {
        r.setHeader("content-type", "text/html; charset=utf-8");
        const consts = Object.entries(values[name]).map(([k, v]) => `const ${k} = ${JSON.stringify(v)};`).join("");
        r.end(`<!doctype html><meta charset="utf-8"><title>Shop</title><script>${consts}</script>${pages[name]}`);
        return;
    }
    const path = scripts[name] && file && join(packages, scripts[name], file);
    if (!path || !existsSync(path)) return r.writeHead(404).end();
    r.setHeader("content-type", "text/javascript; charset=utf-8");
    createReadStream(path).pipe(r);
});
await new Promise((r) => shop.listen(0, "127.0.0.1", r));
const shopUrl = `http://127.0.0.1:${shop.address().port}`;

// ---- visits ----

const heed = await new Heed("browser").init();
const sdks = { segment: "@segment/analytics-next", rudder: "@rudderstack/analytics-js", posthog: "posthog-js" };
const keys = {};
for (const name in sdks) keys[name] = await heed.key(name);
await heed.start();

const context = await chromium.launchPersistentContext(mkdtempSync(join(process.env.TMP, "chromium-")), {
    executablePath: browserPath,
    headless: false,
    args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
});
const elsewhere = new Set();
context.on("request", (q) => {
    const host = new URL(q.url()).hostname;
    if (host && host !== "127.0.0.1") elsewhere.add(host);
});

// RudderStack's library leaves out what is null, and has no screens.
const without = (x) => (Array.isArray(x) ? x.map(without) : x && typeof x === "object" ? Object.fromEntries(Object.entries(x).filter(([, v]) => v !== null).map(([k, v]) => [k, without(v)])) : x);
const story = {};
for (const name in sdks) {
    const v = visit(name);
    if (name === "rudder") v.calls = v.calls.filter(([call]) => call !== "screen").map(([call, x, want]) => [call, x, { ...want, ...(want.traits && { traits: without(want.traits) }), ...(want.properties && { properties: without(want.properties) }) }]);
    // PostHog's library says the page's own title.
    if (name === "posthog") v.calls[0][2].properties = { url: v.calls[0][1].properties.url };
    story[name] = v;
    values[name] = { KEY: keys[name], HEED: heed.url, ANONYMOUS: v.anonymous };
}

const open = {};
await Promise.all(Object.keys(sdks).map(async (name) => {
    const page = (open[name] = await context.newPage());
    page.on("pageerror", (e) => bad(`${sdks[name]}: no error in the page`, e));
    await page.goto(`${shopUrl}/${name}`);
    await page.waitForFunction(() => window.tell);
    for (const [call, x] of story[name].calls) await page.evaluate(([c, y]) => void window.tell(c, y), [call, JSON.parse(JSON.stringify(x))]);
}));

for (const name in sdks) {
    const wanted = story[name].calls.map(([, , want]) => want);
    compare(`${sdks[name]}: what was sent is stored`, wanted, await heed.until(name, wanted.length));
    onePerson(`${sdks[name]}: one person`, await heed.customers(), name, story[name].user);
}

// ---- killed, and back ----

await heed.stop("SIGKILL");
const more = 5;
for (const name in sdks) for (const i of times(more, (k) => k)) await open[name].evaluate((n) => void window.tell("track", { event: "Tick", properties: { n } }), i);
await sleep(500);
await heed.start();
for (const name in sdks) {
    const told = story[name].calls.length + more;
    const events = await heed.until(name, told);
    const ticks = new Set(events.filter((e) => e.extra?.event === "Tick").map((e) => e.extra.properties.n));
    if (events.length === told && ticks.size === more) ok(`${sdks[name]}: calls while heed was killed, each once`);
    else bad(`${sdks[name]}: calls while heed was killed`, `${events.length} of ${told} events, ${ticks.size} of ${more} different`);
}

if (elsewhere.size) bad("no page asks for anything elsewhere", [...elsewhere].join(" "));
else ok("no page asks for anything elsewhere");
const refused = await heed.quarantine();
if (refused.length) bad("nothing is in quarantine", JSON.stringify(refused[0]));
else ok("nothing is in quarantine");
await context.close();
await heed.stop();
shop.close();
process.exit(0);
