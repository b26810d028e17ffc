// How long pages take until their data stands there, in stores of different sizes: every page once after the start, in
// brackets, and then three times (the median):
//   HEED=build/heed node tests/e2e/pace.mjs SMALL LARGE
// BUSY=1: something comes in every second meanwhile. SLOW=100: also the requests that took as many milliseconds.
// WAIT=30: so many seconds between the start and the first page. ONLY=text: the pages whose address holds it.
// No test: it prints rows for docs/benchmarks.md. The stores must have no accounts yet, or those it made itself.
import { launch, serve, settle, watch } from "./web-rig.mjs";

const password = "correct horse battery 9";
const settings = ["company", "calendar", "mail", "team", "signin", "sources", "imports", "quarantine", "keys", "hooks", "widget", "webhooks", "identity", "understanding", "privacy", "audit", "jobs", "sample", "browser"];

async function signIn(page, s) {
    const link = s.link || `${s.url}/signin`;
    await page.goto(link);
    for (const [name, text] of [["email", "ada@example.org"], ["name", "Ada"], ["password", password]]) if (await page.$(`input[name=${name}]`)) await page.fill(`input[name=${name}]`, text);
    await page.click("form button");
    await page.waitForSelector("main h1", { timeout: 60000 });
}

// Every page, with a customer of much history, a topic, a theme and so on of this store; null: it has none.
async function pagesOf(page) {
    const get = (path) => page.evaluate(async (p) => ((r) => (r.ok ? r.json() : null))(await fetch(p)), path);
    const first = async (path, pick = (x) => x.id) => ((x) => (x ? pick(x) : null))((await get(path))?.items?.[0]);
    const csrf = await page.evaluate(() => document.querySelector("meta[name=csrf]").content);
    const post = (path, body) => page.evaluate(async ([p, b, token]) => (await fetch(p, { method: "POST", headers: { "x-csrf-token": token, "content-type": "application/json" }, body: JSON.stringify(b) })).status, [path, body, csrf]);
    if (!(await first("/api/segments"))) {
        await post("/api/segments", { name: "Regulars", rule: "orders >= 2" });
        await post("/api/segments", { name: "Big spenders", rule: "orders >= 5" });
    }
    const customer = await first("/api/customers?limit=1&sort=-orders");
    const unhappy = (await get("/api/today?days=90&most=8"))?.needs?.[0]?.customer ?? customer;
    const topic = await first("/api/topics", (x) => x.topic.id);
    const theme = await first("/api/themes?limit=1", (x) => x.theme?.id ?? x.id);
    const priority = await first("/api/priorities", (x) => x.about);
    const ids = {
        segment: await first("/api/segments"), promise: await first("/api/commitments?limit=1"), item: await first("/api/inbox?limit=1"), line: await first("/api/redlines"),
        message: await first("/api/outbox?limit=1"), playbook: await first("/api/playbooks"), upload: null,
    };
    const of = (id, path) => [path, id];
    return [
        ["/"], ["/?days=30"], ["/?days=365"], ["/inbox"], ["/inbox?tab=waiting"], ["/inbox?tab=done"], ["/inbox?q=late"], of(ids.item, "/inbox/ID"),
        ["/customers"], of(customer, "/customers/ID"), of(unhappy, "/customers/ID#unhappy"), ["/alike"],
        ["/segments"], of(ids.segment, "/segments/ID"), ["/segments?tab=value"], ["/segments?tab=compare&by=channel&measure=stars"], ["/segments?tab=compare&by=segment&measure=nps"], ["/segments?tab=stay"],
        ["/answers"], ["/answers?q=late"], ["/answers?q=where+is+my+order&by=meaning"],
        ["/commitments"], ["/commitments?tab=risk"], ["/commitments?tab=open"], ["/commitments?tab=broken"], ["/commitments?tab=noticed"], ["/commitments?tab=signatures"], ["/commitments?tab=standards"], of(ids.promise, "/commitments/ID"),
        ["/priorities"], ["/priorities?tab=board"], ["/priorities?tab=themes"], ["/priorities?tab=rising"], ["/priorities?tab=topics"], of(priority && `${priority.kind}/${priority.id}`, "/priorities/ID"), of(theme && `theme/${theme}`, "/priorities/ID#theme"), of(topic, "/topics/ID"), ["/topics/ask"], ["/topics/audit"], ["/topics/audit?tab=report"],
        ["/redlines"], ["/redlines?tab=check"], of(ids.line, "/redlines/ID"),
        ["/messages"], ["/messages?tab=gate"], of(ids.message, "/messages/ID"), ["/playbooks"], of(ids.playbook, "/playbooks/ID"),
        ["/reports"], ["/measures/nps"], ["/measures/churn"], ["/measures/complaints"], ["/measures/repeat"], ["/measures/first_reply"],
        ...settings.map((x) => [`/settings/${x}`]),
    ].map(([path, id]) => ({ name: path, path: id === undefined ? path : id === null ? null : path.replace("ID", id) })).filter((x) => !process.env.ONLY || x.name.includes(process.env.ONLY));
}

// Events of a live source, one a second.
async function keepBusy(page, url) {
    const key = await page.evaluate(async () => {
        const csrf = document.querySelector("meta[name=csrf]").content;
        const r = await fetch("/api/keys", { method: "POST", headers: { "x-csrf-token": csrf, "content-type": "application/json" }, body: JSON.stringify({ name: `pace ${Date.now()}`, kind: "write", source: "pace" }) });
        return (await r.json()).key;
    });
    let n = 0;
    const one = () => fetch(`${url}/v1/track`, { method: "POST", headers: { authorization: `Basic ${Buffer.from(`${key}:`).toString("base64")}`, "content-type": "application/json" }, body: JSON.stringify({ userId: `pace${n % 50}`, messageId: `pace${Date.now()}-${n++}`, event: "Order Completed", properties: { order_id: `p${Date.now()}`, total: 12.5, currency: "EUR" } }) }).then((r) => r.ok || console.error(`not taken: ${r.status}`)).catch(() => {});
    return setInterval(one, 1000);
}

const took = new Map();
const slow = [];
const median = (v) => [...v].sort((a, b) => a - b)[Math.floor(v.length / 2)];
const browser = await launch();
const stores = process.argv.slice(2);
for (const [at, store] of stores.entries()) {
    const s = await serve(store);
    const began = performance.now();
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    await watch(context, s.url);
    const page = await context.newPage();
    await signIn(page, s);
    console.error(`${store}: in after ${Math.round(performance.now() - began)} ms`);
    await page.waitForTimeout(1000 * Number(process.env.WAIT ?? 2));
    const list = await pagesOf(page);
    const busy = process.env.BUSY ? await keepBusy(page, s.url) : null;
    if (process.env.SLOW)
        page.on("requestfinished", async (q) => {
            const t = q.timing();
            if (t.responseStart - t.requestStart >= Number(process.env.SLOW)) slow.push(`${store}: ${q.method()} ${q.url().slice(s.url.length)} ${Math.round(t.responseStart - t.requestStart)} ms`);
        });
    for (const { name, path } of list) {
        const ms = [];
        if (!took.has(name)) took.set(name, stores.map(() => null));
        if (!path) continue;
        for (let i = 0; i < 4; i++) {
            const from = performance.now();
            await page.goto(s.url + path);
            await settle(page).catch(() => console.error(`${store}: ${path} is not there after 15 s`));
            ms.push(Math.round(performance.now() - from));
        }
        took.get(name)[at] = { first: ms[0], again: median(ms.slice(1)) };
    }
    clearInterval(busy);
    if (process.env.SLOW) {
        const holds = await page.evaluate(async () => (await fetch("/metrics?name=heed_writer_hold")).text());
        for (const line of holds.split("\n")) if (/_most|_long/.test(line) && !line.startsWith("#") && !/ 0(\.0\d*)?$/.test(line)) slow.push(`${store}: ${line}`);
    }
    await context.close();
    await s.stop();
}
await browser.close();
const cell = (x) => (x ? `${x.again} (${x.first})` : "–");
for (const [name, all] of took) {
    const [a, b] = all;
    const times = a && b ? [(b.again / a.again).toFixed(2), (b.first / a.first).toFixed(2)] : [];
    console.log(`| ${name} | ${all.map(cell).join(" | ")} | ${times.join(", ")} |`);
}
for (const x of slow) console.log(x);
