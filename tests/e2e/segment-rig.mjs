// What the end-to-end tests of SDKs share: a running heed, what a made-up shop tells, and the comparison of what the
// store holds with what was sent. Each program gets HEED and TMP, prints a line for each thing it shows, and leaves no
// process behind.
import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { promisify } from "node:util";

const run = promisify(execFile);
const heed = process.env.HEED;
const folder = process.env.TMP;
export const ok = (name) => console.log(`ok ${name}`);
export const bad = (name, why) => console.log(`not ok ${name}: ${String(why).replaceAll("\n", " ").slice(0, 1000)}`);
export const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
export const uuid = randomUUID;

// ---- a running heed ----

export class Heed {
    constructor(name) {
        this.store = `${folder}/${name}`;
        this.port = 0;
    }
    async init() {
        await run(heed, ["init", this.store, "--json", "-q"]);
        return this;
    }
    // A write key; the server must not run.
    async key(name, perMinute) {
        const limit = perMinute ? ["--per-minute", String(perMinute)] : [];
        const { stdout } = await run(heed, ["key", "add", "--write", "--name", name, "--json", "--store", this.store, ...limit]);
        return JSON.parse(stdout).key;
    }
    // Starts it, on the port it had before.
    async start() {
        const args = ["serve", "--listen", `127.0.0.1:${this.port}`, "--json", "--store", this.store];
        this.process = spawn(heed, args, { stdio: ["ignore", "pipe", "inherit"] });
        this.ended = new Promise((r) => this.process.once("exit", r));
        const line = await new Promise((resolve, reject) => {
            let text = "";
            this.process.stdout.on("data", (d) => {
                text += d;
                if (text.includes("\n")) resolve(text);
            });
            this.process.once("exit", (status) => reject(new Error(`heed serve ended with ${status}`)));
        });
        this.url = JSON.parse(line).addresses[0];
        this.port = Number(new URL(this.url).port);
        return this;
    }
    async stop(signal = "SIGTERM") {
        this.process.kill(signal);
        await this.ended;
    }
    async lines(what) {
        const { stdout } = await run(heed, ["export", "--what", what, "--store", this.store, "-q"], { maxBuffer: 1 << 28 });
        return stdout.split("\n").filter(Boolean).map((l) => JSON.parse(l));
    }
    async events(source) {
        return (await this.lines("events")).filter((e) => !source || e.source === source);
    }
    // Waits until a source has so many events.
    async until(source, n, ms = 120000) {
        for (const end = Date.now() + ms; ; await sleep(150)) {
            const events = await this.events(source);
            if (events.length >= n || Date.now() > end) return events;
        }
    }
    async customers() {
        return this.lines("customers");
    }
    async quarantine() {
        const { stdout } = await run(heed, ["quarantine", "list", "--json", "--store", this.store]);
        return JSON.parse(stdout).rows;
    }
}

// ---- what the shop tells ----

export const products = [
    { product_id: "507f1f77", sku: "45790-32", name: "Monopoly: 3rd Edition", price: 19, quantity: 1, category: "Games" },
    { product_id: "505bd76", sku: "46493-32", name: "Uno Card Game", price: 3, quantity: 2 },
];
const odd = {
    rtl: "שלום عالم",
    zwj: "👩‍👩‍👧‍👦",
    lines: 'a\nb\t"c" \\ d\u0001\u2028e',
    nested: { a: [1, [2, [3, { b: null }]]], empty: {} },
    big: 9007199254740991,
    tiny: 1e-7,
    digits: "820982911946154508",
    half: "cut \ud83d",
};
export const history = new Date("2021-12-31T23:59:59.999Z");

// One visit: a browser, then its owner. tag keeps people of different SDKs apart.
export function visit(tag) {
    const user = `user-${tag}`;
    const anonymous = uuid();
    const who = { userId: user };
    const browser = { anonymousId: anonymous };
    const traits = {
        email: `Jane.Doe+${tag}@Example.com`,
        name: `Jane Döe ${tag}`,
        createdAt: "2024-02-03T04:05:06.789Z",
        company: { id: `acct-${tag}`, name: "Initech GmbH", employees: 420 },
        address: { city: "Zürich", country: "CH" },
        vip: true,
        score: 9.5,
        tags: ["beta", "eu"],
        nothing: null,
    };
    const firm = { name: "Initech GmbH", industry: "Technology", employees: 420, plan: "enterprise" };
    const order = { order_id: `o-${tag}`, total: 27.5, revenue: 25, shipping: 3, tax: 2, discount: 2.5, currency: "USD", products };
    const page = { url: "https://shop.example.com/pricing?utm_source=mail", title: "Pricing – Beispiel" };
    const chat = { conversation_id: `c-${tag}`, message_id: `m-${tag}`, message_body: "But my stapler…" };
    const words = { score: 3, text: "Die App stürzt beim Bezahlen ab 😡", ...odd };
    return {
        user,
        anonymous,
        // call, what is passed, what becomes of it
        calls: [
            ["page", { ...browser, name: "Pricing", properties: page }, { kind: "usage", properties: page, anonymous }],
            ["track", { ...browser, event: "Signup Started", properties: { plan: "pro" } }, { kind: "usage", event: "Signup Started", properties: { plan: "pro" }, anonymous }],
            ["identify", { ...who, ...browser, traits }, { kind: "identify", traits, name: traits.name, country: "CH", email: traits.email.toLowerCase() }],
            ["group", { ...who, groupId: `acct-${tag}`, traits: firm }, { kind: "identify", group: `acct-${tag}`, traits: firm, segment: "enterprise" }],
            ["track", { ...who, event: "Order Completed", properties: order }, { kind: "order", value: 2750, unit: "USD", quantity: 3, properties: order }],
            ["track", { ...who, event: "Feedback Given", properties: words, timestamp: history }, { kind: "comment", text: words.text, at: history.toISOString(), properties: words }],
            ["track", { ...who, event: "Live Chat Message Sent", properties: chat }, { kind: "message_in", text: chat.message_body, properties: chat }],
            ["screen", { ...who, name: "Home", properties: { tab: "inbox" } }, { kind: "usage", properties: { tab: "inbox" } }],
            ["alias", { ...who, previousId: anonymous }, { kind: "identify", previous: anonymous }],
            ["identify", { ...who, traits: { vip: false, plan: "gold" } }, { kind: "identify", traits: { vip: false, plan: "gold" }, segment: "gold" }],
            ["track", { ...who, event: "Order Refunded", properties: { order_id: `o-${tag}`, total: 5.5, currency: "USD" } }, { kind: "refund", value: 550, unit: "USD" }],
        ],
    };
}

// ---- comparing ----

// What was sent must be there; SDKs add members of their own. Half a surrogate pair stands for no character.
function within(sent, stored) {
    if (typeof sent === "string") return sent.replace(/[\ud800-\udbff](?![\udc00-\udfff])/g, "\ufffd") === stored;
    if (sent === null || typeof sent !== "object" || Array.isArray(sent)) return isDeepStrictEqual(sent, stored);
    return stored && typeof stored === "object" && Object.keys(sent).every((k) => within(sent[k], stored[k]));
}

function fits(want, e) {
    const x = e.extra ?? {};
    const ids = (kind) => (e.ids ?? []).filter(([k]) => k === kind).map(([, v]) => v);
    return (
        e.kind === want.kind &&
        (want.event === undefined || x.event === want.event) &&
        (want.properties === undefined || within(want.properties, x.properties ?? {})) &&
        (want.traits === undefined || within(want.traits, x.traits ?? {})) &&
        (want.group === undefined || x.group === want.group) &&
        (want.previous === undefined || x.previous_id === want.previous) &&
        (want.value === undefined || (e.value === want.value && e.unit === want.unit)) &&
        (want.quantity === undefined || e.quantity === want.quantity) &&
        (want.text === undefined || e.text === want.text) &&
        (want.name === undefined || e.name === want.name) &&
        (want.country === undefined || e.country === want.country) &&
        (want.segment === undefined || e.segment === want.segment) &&
        (want.at === undefined || e.at === want.at) &&
        (want.email === undefined || ids("email").includes(want.email)) &&
        (want.anonymous === undefined || ids("anonymous_id").includes(want.anonymous))
    );
}

// Each call is one event of its own, and there are no others.
export function compare(name, wanted, events) {
    const left = [...events];
    const missing = [];
    for (const want of wanted) {
        const i = left.findIndex((e) => fits(want, e));
        if (i >= 0) left.splice(i, 1);
        else missing.push(want);
    }
    if (missing.length) bad(name, `${missing.length} of ${wanted.length} missing: ${JSON.stringify(missing[0])}; instead ${JSON.stringify(left.filter((e) => e.kind === missing[0].kind)[0] ?? left[0])}`);
    else if (left.length) bad(name, `${left.length} too many: ${JSON.stringify(left[0])}`);
    else ok(`${name} (${wanted.length})`);
}

// All that a source tells of is one person, who has this number.
export function onePerson(name, customers, source, user) {
    const mine = customers.filter((c) => c.profiles.some((p) => p.source === source));
    const has = mine.length === 1 && mine[0].profiles.some((p) => p.ids.some(([k, v]) => k === "user_id" && v === user));
    if (has) ok(name);
    else bad(name, `${mine.length} people: ${JSON.stringify(mine.map((c) => c.profiles))}`);
}

export const times = (n, f) => Array.from({ length: n }, (_, i) => f(i));
