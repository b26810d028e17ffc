// What the tests of the web app share: a server on a sample company, a browser that is watched for everything that must
// not happen, and lines "ok" and "not ok".
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { chromium } from "playwright-core";

export const browserPath = process.env.CHROMIUM || "/usr/bin/chromium";
if (!existsSync(browserPath)) {
    console.log(`skip web: no ${browserPath}`);
    process.exit(0);
}
const heed = process.env.HEED;
export const ok = (name) => console.log(`ok web: ${name}`);
export const bad = (name, why) => console.log(`not ok web: ${name}: ${String(why?.stack ?? why).split("\n").slice(0, 4).join(" | ")}`);
export async function test(name, run) {
    try {
        const why = await run();
        if (typeof why === "string" && why) bad(name, why);
        else ok(name);
    } catch (x) {
        bad(name, x);
    }
}

export function demo(store, customers) {
    const r = spawnSync(heed, ["demo", "--no-serve", "--customers", String(customers), "--store", store, "-q"], { encoding: "utf8" });
    if (r.status) throw new Error(`heed demo: ${r.stderr}`);
    spawnSync(heed, ["value", "--fit", "--store", store], { encoding: "utf8" });
}
export async function serve(store) {
    const child = spawn(heed, ["serve", "--store", store, "--listen", "127.0.0.1:0", "--json"], { stdio: ["ignore", "pipe", "inherit"] });
    const said = await new Promise((done, stop) => {
        let text = "";
        child.stdout.on("data", (x) => {
            text += x;
            if (text.includes("\n")) done(JSON.parse(text));
        });
        child.on("exit", (code) => stop(new Error(`heed serve ended: ${code}`)));
    });
    return { url: said.origin, link: said.link, child, stop: () => new Promise((done) => (child.on("exit", done), child.kill("SIGTERM"))) };
}

const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"];
export const launch = () => chromium.launch({ executablePath: browserPath, args });

// Everything that no page may do, written down as it happens.
export const faults = [];
const expected = /Failed to load resource|net::ERR_INTERNET_DISCONNECTED|ERR_ABORTED/;
export function watch(context, origin) {
    context.on("request", (q) => {
        const u = new URL(q.url());
        if (/^https?:$/.test(u.protocol) && u.origin !== origin) faults.push(`asks ${u.origin}`);
    });
    context.on("page", (page) => {
        page.on("console", (m) => m.type() === "error" && !expected.test(m.text()) && faults.push(`${page.url()}: console: ${m.text()}`));
        page.on("pageerror", (e) => faults.push(`${page.url()}: ${e.stack}`));
    });
    return context.addInitScript(() => {
        document.addEventListener("securitypolicyviolation", (e) => console.error(`CSP: ${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
    });
}

const axeSource = readFileSync(new URL("./node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
// The page's own policy lets no other script in; the debugger's door does.
export async function axe(page) {
    await page.evaluate(axeSource);
    const found = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ["violations"] })).violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target} (${(n.any[0] ?? n.all[0] ?? n.none[0])?.message ?? ""})`).join("; ")}`));
    return found.join(" || ");
}
export const overflow = (page) =>
    page.evaluate(() => {
        const by = document.documentElement.scrollWidth - innerWidth;
        if (by <= 0) return "";
        const wide = [...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, .tabs"));
        return `${by} px too wide: ${wide.slice(-3).map((e) => `${e.tagName}.${e.className?.baseVal ?? e.className}`).join(" ")}`;
    });
// What whoever hears the page goes by, beyond what axe asks: tables and regions with names, headings in order, landmarks
// that can be told apart, drawings with a sentence, buttons of one list that are not all called the same.
export const heard = (page) =>
    page.evaluate(() => {
        const all = (what, within = document) => [...within.querySelectorAll(what)].filter((e) => e.checkVisibility());
        const text = (e) => (e.getAttribute("aria-label") ?? e.textContent).replace(/\s+/g, " ").trim();
        const said = all("table").filter((x) => !x.getAttribute("aria-label") && !x.getAttribute("aria-labelledby") && !x.caption).map((x) => `a table without a name: ${text(x).slice(0, 40)}`);
        for (const x of all("[aria-labelledby]")) if (!document.getElementById(x.getAttribute("aria-labelledby"))) said.push(`a region named by nothing: ${x.getAttribute("aria-labelledby")}`);
        for (const x of all("main :is(nav, aside, [role=region], [role=img], dialog)")) if (!x.getAttribute("aria-label") && !x.getAttribute("aria-labelledby")) said.push(`without a name: ${x.tagName}`);
        let last = 0;
        for (const h of all("h1, h2, h3, h4")) {
            const level = Number(h.tagName[1]);
            if (level > last + 1) said.push(`a heading too deep: ${text(h)}`);
            if (!text(h)) said.push("an empty heading");
            last = level;
        }
        if (all("h1").length !== 1) said.push(`${all("h1").length} headings of the page`);
        for (const list of all("main :is(ul, tbody)")) {
            const names = all("button", list).map(text);
            const twice = names.find((n, i) => names.indexOf(n) !== i && all("li, tr", list).length > 1 && all("li, tr", list).every((row) => all("button", row).filter((b) => text(b) === n).length === 1));
            if (twice) said.push(`every row has a button '${twice}'`);
        }
        if (!document.querySelector(".toasts[role=status]")) said.push("nothing tells what happens");
        return said.slice(0, 4).join(" || ");
    });
// Looks until what it sees fits, for two minutes at most, and gives back what it saw last. A slow machine is only slow.
export async function until(look, fits = Boolean) {
    for (const end = Date.now() + 120_000; ; await new Promise((r) => setTimeout(r, 50))) {
        const seen = await look();
        if (fits(seen) || Date.now() > end) return seen;
    }
}
// The page that is gone to next hears what happens elsewhere. Asked for before one goes there.
export function hears(page) {
    const live = page.waitForResponse((r) => new URL(r.url()).pathname === "/api/live");
    live.catch(() => {}); // a test that fails before it asks has said why
    return live;
}
// A page is there when its heading is, and nothing loads any more.
export async function settle(page) {
    await page.waitForSelector("main h1");
    await page.waitForFunction(() => !document.querySelector(".skeleton"), null);
    await page.evaluate(() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r))));
}
