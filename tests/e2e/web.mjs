// The web app in Chromium, over a sample company: every page without a fault, by keyboard, on a phone, on paper; what
// two people do at once; and what happens when the line is cut. WEB=all looks at every page in every look.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { axe, demo, faults, heard, hears, launch, overflow, serve, settle, test, watch } from "./web-rig.mjs";
import { inbox, inboxAddresses, seedInbox } from "./web-inbox.mjs";
import { serverPages } from "./web-server.mjs";
import { standardAddresses, standards } from "./web-standards.mjs";
import { seedTopics, topicAddresses, topics } from "./web-topics.mjs";
import { trees } from "./web-tree.mjs";
import { addresses, seed, word } from "./web-word.mjs";

const all = process.env.WEB_ALL === "1";
demo("s", all ? 3000 : 400);
const heed = await serve("s");
const browser = await launch();
const desk = { viewport: { width: 1280, height: 800 }, locale: "en-GB", reducedMotion: "reduce" };
const context = await browser.newContext(desk);
await watch(context, heed.url);
const page = await context.newPage();
const at = (path) => heed.url + path;
const get = (path) => page.evaluate(async (p) => (await fetch(p)).json(), path);

// ---- the first owner, by keyboard ----

await test("the first owner comes in by the link that works once, by keyboard alone", async () => {
    await page.goto(heed.link);
    for (const text of ["owner@example.org", "Ada Berg", "correct horse battery"]) {
        await page.waitForTimeout(20);
        for (let i = 0; i < 12 && !(await page.evaluate(() => document.activeElement.tagName === "INPUT" && !document.activeElement.value)); i++) await page.keyboard.press("Tab");
        await page.keyboard.type(text);
    }
    await page.keyboard.press("Enter");
    await page.waitForSelector("main h1");
    await settle(page);
    return page.url() === at("/") ? "" : `at ${page.url()}`;
});
const customer = (await get("/api/customers?limit=1&sort=-orders")).items[0].id;
await page.evaluate(async () => {
    const csrf = document.querySelector("meta[name=csrf]").content;
    const post = (path, body) => fetch(path, { method: "POST", headers: { "x-csrf-token": csrf, "content-type": "application/json" }, body: JSON.stringify(body) });
    await post("/api/segments", { name: "Regulars", rule: "orders >= 2" });
    await post("/api/commitments", { what: "Call about the grinder", kind: "callback", due: "2020-01-02", made: "2020-01-01" });
});
const segment = (await get("/api/segments")).items[0].id;
const promise = (await get("/api/commitments")).items[0].id;
const ours = await seed(page, customer);
const queue = await seedInbox(page, heed.url);
const meant = await seedTopics(page);

// ---- every page ----

const settings = ["company", "calendar", "mail", "team", "signin", "sources", "imports", "quarantine", "keys", "hooks", "widget", "webhooks", "identity", "understanding", "privacy", "audit", "jobs", "sample", "browser"];
const pages = ["/", "/dissatisfied", "/dissatisfied?tab=judge", "/dissatisfied?tab=right", "/customers", `/customers/${customer}`, "/stages", "/segments", "/segments?tab=value", "/segments?tab=compare&by=channel&measure=stars", `/segments/${segment}`, "/answers", "/commitments", "/commitments?tab=open", "/commitments?tab=noticed", "/redlines", `/commitments/${promise}`, "/measures/nps", "/measures/complaints", "/reports", ...standardAddresses, ...addresses(ours), ...inboxAddresses(queue), ...topicAddresses(meant), ...settings.map((s) => `/settings/${s}`), "/no/such/page"];

async function everywhere(name, options, list, media, from = { url: heed.url, state: context }) {
    const other = await browser.newContext({ ...desk, ...options, storageState: await from.state.storageState() });
    await watch(other, from.url);
    const p = await other.newPage();
    if (media) await p.emulateMedia({ media });
    for (const path of list)
        await test(`${path} ${name}: no fault of access, nothing too wide`, async () => {
            await p.goto(from.url + path);
            await settle(p);
            return [await axe(p), await heard(p), await overflow(p)].filter(Boolean).join(" || ");
        });
    await other.close();
}
const most = pages.filter((p) => !p.startsWith("/settings/") || /company|calendar|mail|imports|keys|privacy|jobs|identity|understanding/.test(p));
const some = ["/", `/inbox/${queue.items[0].id}`, "/inbox", "/customers", "/stages", `/customers/${customer}`, "/segments?tab=value", "/settings/team", "/priorities", "/priorities?tab=topics", `/topics/${meant.topic}`, "/topics/ask", "/answers?q=late"];
await everywhere("in light", { colorScheme: "light" }, all ? pages : most);
await everywhere("in dark", { colorScheme: "dark" }, all ? pages : [...some.slice(0, 6), ...some.slice(7)]);
await everywhere("at 320 px", { viewport: { width: 320, height: 640 }, hasTouch: true }, all ? pages : some);
await everywhere("on paper", { viewport: { width: 688, height: 1000 }, colorScheme: "dark" }, all ? pages : ["/reports", some[1]], "print");
if (all) {
    spawnSync(process.env.HEED, ["init", "empty", "-q"]);
    const nothing = await serve("empty");
    const first = await browser.newContext(desk);
    const p = await first.newPage();
    await p.goto(nothing.link);
    for (const [name, text] of [["email", "owner@example.org"], ["name", "Ada Berg"], ["password", "correct horse battery"]]) await p.fill(`input[name=${name}]`, text);
    await p.keyboard.press("Enter");
    await settle(p);
    await everywhere("with nothing in it", {}, pages.filter((x) => !/\d/.test(x)), null, { url: nothing.url, state: first });
    await first.close();
    await nothing.stop();
}
if (all) await everywhere("with forced colours", { forcedColors: "active" }, pages);
await serverPages(browser, desk, heed, page, customer, all);

// ---- as it is heard ----

await trees(page, at, { customer, item: queue.items[0].id });

// ---- by keyboard ----

await test("g and a letter go to a page, and its heading takes the focus", async () => {
    await page.goto(at("/"));
    await settle(page);
    await page.keyboard.press("g");
    await page.keyboard.press("c");
    await page.waitForURL(at("/customers"));
    await page.waitForFunction(() => document.activeElement?.tagName === "H1" && document.activeElement.textContent === "Customers");
});
await test("j and Enter open a customer, back comes back to the same list", async () => {
    await settle(page);
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    const name = await page.evaluate(() => document.activeElement.textContent);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/customers\/\d+$/);
    await settle(page);
    const heading = await page.textContent("h1");
    await page.goBack();
    await page.waitForURL(at("/customers"));
    return heading === name ? "" : `'${heading}' instead of '${name}'`;
});
await test("a figure opens by Enter, closes by Escape, and gives the focus back", async () => {
    await page.goto(at("/"));
    await settle(page);
    await page.focus(".est-open");
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog[open] .facts");
    const text = await page.textContent("dialog[open]");
    for (const word of ["Method", "Time zone", "likely", "The rows behind it"]) if (!text.includes(word)) return `no '${word}' in it`;
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => !document.querySelector("dialog[open]") && document.activeElement.classList.contains("est-open"));
});
await test("Ctrl K finds a customer by name", async () => {
    await page.goto(at("/customers"));
    await settle(page);
    const name = await page.textContent("tr[data-row='3'] .row-link");
    await page.keyboard.press("Control+k");
    await page.waitForSelector("dialog.palette input");
    await page.keyboard.type(name);
    await page.waitForFunction((n) => document.querySelector("[role=option]")?.firstChild.textContent === n, name);
    const found = await axe(page);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/customers\/\d+$/);
    return found;
});
await test("Ctrl K, a name and Enter at once, on a slow line, still is the customer", async () => {
    await page.goto(at("/customers"));
    await settle(page);
    const name = await page.textContent("tr[data-row='3'] .row-link");
    await page.route("**/api/customers?q=*", async (route) => {
        await new Promise((r) => setTimeout(r, 400));
        await route.continue();
    });
    await page.keyboard.press("Control+k");
    await page.waitForSelector("dialog.palette input");
    await page.keyboard.type(name);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/customers\/\d+$/);
    await page.unroute("**/api/customers?q=*");
    await settle(page);
    const heading = await page.textContent("h1");
    return heading === name ? "" : `'${heading}' instead of '${name}'`;
});
await test("single keys can be switched off", async () => {
    await page.keyboard.press("Shift+?");
    await page.waitForSelector("dialog[open] input[type=checkbox]");
    const found = await axe(page);
    await page.uncheck("dialog[open] input[type=checkbox]");
    await page.keyboard.press("Escape");
    const before = page.url();
    await page.keyboard.press("g");
    await page.keyboard.press("h");
    await page.waitForTimeout(100);
    const stayed = page.url() === before;
    await page.evaluate(() => localStorage.removeItem("heed.letters"));
    return found || (stayed ? "" : "it went away");
});
await test("a chart is read out by arrow keys, and is a table when asked", async () => {
    await page.goto(at("/measures/nps"));
    await settle(page);
    await page.waitForSelector("svg.chart[role=img]");
    await page.focus("svg.chart[role=img]");
    await page.keyboard.press("End");
    const said = await page.textContent(".readout");
    await page.click("figure button:has-text('Show as table')");
    const rows = await page.locator("figure table tbody tr").count();
    return /n = /.test(said) && rows > 3 ? "" : `'${said}', ${rows} rows`;
});

// ---- addresses ----

await test("filters stand in the address, and back takes them away", async () => {
    await page.goto(at("/customers"));
    await settle(page);
    await page.click("button:has-text('Waiting for us')");
    await page.waitForURL(/waiting=1/);
    await settle(page);
    const few = await page.locator("tr[data-row]").count();
    const deep = await context.newPage();
    await deep.goto(page.url());
    await settle(deep);
    const same = await deep.locator("tr[data-row]").count();
    await deep.close();
    await page.goBack();
    await page.waitForFunction(() => !location.search);
    return same === few ? "" : `${few} and ${same} rows`;
});
await test("who is not signed in comes back to the page they wanted", async () => {
    const stranger = await browser.newContext(desk);
    const p = await stranger.newPage();
    await p.goto(at("/customers?waiting=1"));
    await p.fill("input[name=email]", "owner@example.org");
    await p.fill("input[name=password]", "correct horse battery");
    await p.keyboard.press("Enter");
    await p.waitForURL(/customers\?waiting=1/);
    await stranger.close();
});

// ---- work ----

await test("a promise is noted, kept, and that is undone", async () => {
    await page.goto(at(`/customers/${customer}`));
    await settle(page);
    await page.keyboard.press("p");
    await page.waitForSelector("dialog[open] textarea");
    await page.keyboard.type("Send a new filter");
    await page.keyboard.press("Control+Enter");
    await page.waitForSelector("aside li:has-text('Send a new filter')");
    await page.click("aside li:has-text('Send a new filter') button:has-text('Kept')");
    await page.waitForSelector("aside li:has-text('Send a new filter'):has-text('kept')");
    await page.focus("h1");
    await page.keyboard.press("Control+z");
    await page.waitForSelector("aside li:has-text('Send a new filter') button:has-text('Kept')");
});
await test("two people on one segment: the later one is asked whose words hold", async () => {
    const other = await context.newPage();
    for (const p of [page, other]) {
        await p.goto(at(`/segments/${segment}`));
        await settle(p);
    }
    await other.getByLabel("What it is for").fill("Bo's words");
    await other.getByLabel("What it is for").blur();
    await other.waitForSelector("text=/^Saved/");
    await page.getByLabel("What it is for").fill("Ada's words");
    await page.getByLabel("What it is for").blur();
    await page.waitForSelector("text=Somebody else changed this");
    const shown = await page.textContent(".note.bad");
    await page.click("button:has-text('Keep mine')");
    await page.waitForSelector("text=/^Saved/");
    const kept = (await get(`/api/segments/${segment}`)).about;
    await other.close();
    return shown.includes("Bo's words") && shown.includes("Ada's words") && kept === "Ada's words" ? "" : `${shown} / ${kept}`;
});
await test("a file is sent, checked, taken in and taken back", async () => {
    writeFileSync("orders.csv", "order_id,order_date,customer_id,email,total\n1,2026-01-02,71,zoe@example.org,10.00\n2,2026-01-03,72,yan@example.org,20.00\n3,never,73,xi@example.org,30.00\n");
    await page.goto(at("/settings/imports?new=1"));
    await settle(page);
    await page.setInputFiles("input[type=file]", "orders.csv");
    await page.click("button:has-text('Check every row')");
    await page.waitForSelector("text=This is what would happen");
    await page.click("button:has-text('Import now')");
    await page.waitForSelector("text=Imported:");
    await page.goto(at("/settings/imports"));
    await page.click("a:has-text('orders.csv')");
    await page.click("button:has-text('Undo this import')");
    await page.click("dialog[open] button.danger");
    await page.waitForSelector(".tag:has-text('taken back')"); // a job, behind whatever else there is to do
});
await test("with the line cut the page says so and keeps what was typed, and goes on when it is back", async () => {
    await page.goto(at(`/segments/${segment}`));
    await settle(page);
    await context.setOffline(true);
    await page.getByLabel("What it is for").fill("Typed in a tunnel");
    await page.getByLabel("What it is for").blur();
    await page.waitForSelector(".notices .warn");
    await context.setOffline(false);
    await page.getByLabel("What it is for").fill("Typed in a tunnel, and out of it");
    await page.getByLabel("What it is for").blur();
    await page.waitForSelector("text=/^Saved/");
    const about = (await get(`/api/segments/${segment}`)).about;
    return about === "Typed in a tunnel, and out of it" ? "" : about;
});
await test("what happens elsewhere shows without a reload", async () => {
    const live = hears(page);
    await page.goto(at("/commitments?tab=open"));
    await settle(page);
    await live;
    const other = await context.newPage();
    await other.goto(at("/commitments?new=1"));
    await other.getByLabel("What was promised").fill("A visit");
    await other.keyboard.press("Control+Enter");
    await other.waitForSelector(".toast");
    await other.close();
    await page.waitForSelector(".pill, li:has-text('A visit')");
    if (await page.locator(".pill").count()) await page.click(".pill");
    await page.waitForSelector("li:has-text('A visit')");
});

await standards(page, at, get, { context });
await word(page, at, get, { customer, ...ours });
await topics(page, at, get, { customer });
await inbox(page, at, get, { context, browser, heed, desk, ...queue });

// ---- paper, languages ----

await test("the brief is printed whole: light, with drawings that are no pictures", async () => {
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await page.setViewportSize({ width: 688, height: 1000 });
    await page.goto(at("/reports"));
    await settle(page);
    await page.waitForSelector("svg.chart");
    const cut = await page.evaluate(() => [...document.querySelectorAll("main svg.chart, main table, main .panel")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).length);
    const dark = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const pdf = (await page.pdf({ format: "A4", margin: { top: "14mm", bottom: "14mm", left: "14mm", right: "14mm" }, preferCSSPageSize: true })).toString("latin1");
    const images = (pdf.match(/\/Subtype\s*\/Image/g) ?? []).length;
    const sheets = (pdf.match(/\/Type\s*\/Page\b/g) ?? []).length;
    await page.emulateMedia({ media: "screen" });
    await page.setViewportSize(desk.viewport);
    return !cut && !images && sheets >= 2 && sheets <= 12 && dark === "rgb(255, 255, 255)" ? "" : `${cut} cut, ${images} pictures, ${sheets} sheets, ${dark}`;
});
for (const [code, dir] of [["de", "ltr"], ["es", "ltr"], ["xx", "ltr"], ["xa", "rtl"]])
    await test(`in '${code}' every word of ours is translated and fits`, async () => {
        await context.addCookies([{ name: "heed_lang", value: code, url: heed.url }]);
        const why = [];
        for (const path of ["/", `/customers/${customer}`, "/settings/imports", `/inbox/${queue.items[0].id}?tab=waiting`, "/segments?tab=cohorts"]) {
            await page.setViewportSize({ width: path === "/" ? 360 : 1280, height: 800 });
            await page.goto(at(path));
            await settle(page);
            why.push(await overflow(page));
            why.push(await page.evaluate((d) => (document.documentElement.dir === d ? "" : `dir is ${document.documentElement.dir}`), dir));
            if (code.startsWith("x")) why.push(await page.evaluate(() => [...document.querySelectorAll("h2,button:not(.est-open),label,th,dt")].filter((e) => e.checkVisibility() && !e.closest("[lang=''],td,.need,a,code,table.stack tbody") && /^[A-Za-z ]{4,}$/.test(e.textContent.trim()) && !/^Ctrl/.test(e.textContent)).map((e) => e.textContent.trim()).slice(0, 4).join(", ")));
            // Drawings run from left to right in every language: nothing that is written in them leaves them.
            why.push(await page.evaluate(() => [...document.querySelectorAll("svg.chart[role=img]")].filter((s) => [...s.querySelectorAll("text")].some((x) => x.getBoundingClientRect().left < s.getBoundingClientRect().left - 12)).map((s) => `${s.getAttribute("aria-label").slice(0, 40)} is cut`).join(", ")));
            if (!code.startsWith("x")) why.push(await page.evaluate(() => [...document.querySelectorAll("h1,h2,label,dt")].filter((e) => /^[a-z]+\.[a-z_]+$/.test(e.textContent)).map((e) => e.textContent).join(", ")));
        }
        await page.setViewportSize(desk.viewport);
        return why.filter(Boolean).join(" || ");
    });
await context.addCookies([{ name: "heed_lang", value: "en", url: heed.url }]);

await test("no page asks other hosts, breaks its policy or makes an error", () => [...new Set(faults)].slice(0, 6).join(" || "));
await browser.close();
await heed.stop();
process.exit(0);
