// The widget in Chromium, in a page of another origin under the strictest policy, and the public pages without
// JavaScript: nothing is violated, nothing takes focus by itself, what was said is stored once.
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { axe, bad, demo, launch, ok, overflow, serve, test, until } from "./web-rig.mjs";

demo("shop", 60);
const server = await serve("shop");
const browser = await launch();

// ---- the owner sets it up ----

const owner = await browser.newContext();
const desk = await owner.newPage();
await desk.goto(server.link);
const fields = ["owner@example.org", "Ada Berg", "correct horse battery"];
for (const [i, field] of (await desk.locator("main input:not([type=hidden])").all()).entries()) await field.fill(fields[i] ?? "");
await desk.locator("main button").first().click();
await desk.waitForSelector("main h1");
await desk.goto(`${server.url}/`);
const api = (method, path, body, headers = {}) =>
    desk.evaluate(
        async ([m, p, b, h]) => {
            const csrf = document.querySelector("meta[name=csrf]").content;
            const r = await fetch(p, { method: m, headers: { "x-csrf-token": csrf, "content-type": "application/json", ...h }, body: b && JSON.stringify(b) });
            return r.status === 204 ? null : r.json();
        },
        [method, path, body, headers],
    );

// ---- the shop: a page of another origin ----

let key = "";
let attributes = "";
const policy = (heed) => `default-src 'none'; script-src ${heed}; style-src 'self'; connect-src ${heed}; form-action 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'`;
const shop = createServer((q, r) => {
    const url = new URL(q.url, "http://shop");
    if (url.pathname === "/style.css") return r.setHeader("content-type", "text/css").end("body{margin:0;font:16px sans-serif}main{padding:20px}");
    r.setHeader("content-type", "text/html; charset=utf-8");
    r.setHeader("content-security-policy", policy(url.searchParams.get("heed") ?? server.url));
    const rtl = url.searchParams.get("dir") === "rtl";
    const lang = url.searchParams.get("lang") ?? "en";
    r.end(`<!doctype html><html lang="${lang}"${rtl ? ' dir="rtl"' : ""}><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Shop</title><link rel="stylesheet" href="/style.css">
        <script src="${url.searchParams.get("heed") ?? server.url}/w.js" data-key="${url.searchParams.get("key") ?? key}" data-wait="0.05" ${attributes} async></script></head>
        <body><main><h1>Shop</h1><label>Search <input id="search"></label></main></body></html>`);
});
await new Promise((r) => shop.listen(0, "127.0.0.1", r));
const shopUrl = `http://127.0.0.1:${shop.address().port}`;

const made = await api("POST", "/api/sites", { name: "Sunrise", slug: "sunrise", origins: [shopUrl], privacy: "https://sunrise.example/privacy" });
key = made.site.key;
await api("PUT", "/api/gate/limits/quiet_from", { value: 8 }, { "if-match": '"0"' }); // the test runs at night, too
const heard = async () => (await api("GET", `/api/feedback?source=${made.site.source}&limit=200`)).items ?? []; // before the first word there is no such source
const hearing = (n) => until(heard, (all) => all.length >= n);

// ---- visitors ----

const faults = [];
async function visitor(options = {}) {
    const context = await browser.newContext(options);
    context.on("request", (q) => {
        const u = new URL(q.url());
        if (/^https?:$/.test(u.protocol) && u.origin !== shopUrl && u.origin !== server.url && u.port !== "59981") faults.push(`asks ${u.origin}`);
        if (u.origin === server.url && q.headers().cookie) faults.push(`sends a cookie to ${u.pathname}`);
    });
    await context.addInitScript(() => document.addEventListener("securitypolicyviolation", (e) => console.error(`CSP: ${e.violatedDirective} ${e.blockedURI} ${e.sample}`)));
    const page = await context.newPage();
    page.on("console", (m) => m.type() === "error" && !/Failed to load resource/.test(m.text()) && faults.push(m.text()));
    page.on("pageerror", (e) => faults.push(e.stack));
    return { context, page };
}
const widget = (page) => page.locator("aside[aria-label]");
async function come(page, query = "") {
    await page.goto(`${shopUrl}/${query}`);
    await widget(page).waitFor({ state: "attached" });
}

await test("a quiet button: by keyboard alone it is opened, filled in, sent and closed", async () => {
    const { context, page } = await visitor();
    await come(page);
    await page.focus("#search");
    await page.keyboard.press("Tab");
    const focused = () => page.evaluate(() => document.activeElement.shadowRoot?.activeElement?.textContent);
    if ((await focused()) !== "Feedback") return `focus is on ${await focused()}`;
    await page.keyboard.press("Enter");
    const inside = await page.evaluate(() => document.activeElement.shadowRoot?.activeElement?.tagName);
    if (inside !== "TEXTAREA") return `focus went to ${inside}`;
    await page.keyboard.press("Escape");
    if ((await focused()) !== "Feedback") return "Escape did not give the focus back";
    await page.keyboard.press("Enter");
    await page.keyboard.type("The coffee is good");
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Control+Enter");
    await widget(page).getByRole("status").waitFor();
    const [said] = await hearing(1);
    await page.keyboard.press("Escape");
    if ((await focused()) !== "Feedback") return "closing lost the focus";
    await context.close();
    return said?.words === "The coffee is good" && said.mood === "happy" && said.kind === "comment" ? "" : JSON.stringify(said);
});

for (const [name, options] of [
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["a phone", { colorScheme: "dark", viewport: { width: 320, height: 640 } }],
])
    await test(`axe finds nothing in ${name}, closed and open, and nothing is too wide`, async () => {
        const { context, page } = await visitor(options);
        await come(page);
        const closed = await axe(page);
        await widget(page).getByRole("button").click();
        const found = closed || (await axe(page)) || (await overflow(page));
        await context.close();
        return found;
    });
await test("it stands on the other side where writing runs from the right, and is not printed", async () => {
    const { context, page } = await visitor();
    await come(page, "?dir=rtl");
    const box = await widget(page).getByRole("button").boundingBox();
    await page.emulateMedia({ media: "print" });
    const printed = await page.evaluate(() => getComputedStyle(document.querySelector("aside")).display);
    await context.close();
    return box.x < 100 && printed === "none" ? "" : `${JSON.stringify(box)}, printed: ${printed}`;
});
await test("it speaks the language of the page", async () => {
    const { context, page } = await visitor();
    await come(page, "?lang=de-AT");
    await widget(page).getByRole("button").click();
    const text = await widget(page).getByRole("dialog").textContent();
    await context.close();
    return text.includes("Was möchten Sie uns sagen?") ? "" : text;
});

// ---- a question ----

const question = await api("POST", "/api/questions", { site: made.site.id, name: "NPS", way: "widget", scale: "nps", share: 100 });
await test("a question opens by itself, takes no focus, and is sent when Send is pressed, not before", async () => {
    const { context, page } = await visitor();
    await page.goto(`${shopUrl}/`);
    await page.focus("#search");
    const dialog = widget(page).getByRole("dialog");
    await dialog.waitFor();
    if ((await page.evaluate(() => document.activeElement.id)) !== "search") return "it took the focus";
    if ((await dialog.getAttribute("aria-modal")) !== "false") return "it is modal";
    const found = await axe(page);
    if (found) return found;
    const before = (await heard()).length;
    await dialog.getByRole("radio", { name: "0", exact: true }).focus();
    for (let i = 0; i < 9; i++) await page.keyboard.press("ArrowRight");
    if ((await heard()).length !== before) return "something was sent before Send";
    await dialog.getByRole("textbox").fill("Fast and friendly");
    await dialog.getByRole("button", { name: "Send" }).click();
    await dialog.getByRole("status").waitFor();
    const now = await hearing(before + 1);
    await page.reload();
    await widget(page).waitFor({ state: "attached" });
    await page.waitForTimeout(300);
    const again = await dialog.count();
    await context.close();
    return now.length === before + 1 && now[0].score === 9 && now[0].words === "Fast and friendly" && !again ? "" : JSON.stringify({ now: now[0], again });
});
await test("not now is peace", async () => {
    const { context, page } = await visitor();
    await page.goto(`${shopUrl}/`);
    await widget(page).getByRole("button", { name: "Not now" }).click();
    await page.waitForTimeout(200);
    await page.evaluate(() => {
        const kept = JSON.parse(localStorage["heed.widget"]);
        localStorage["heed.widget"] = JSON.stringify({ ...kept, n: 0 });
    });
    await page.reload();
    await widget(page).waitFor({ state: "attached" });
    await page.waitForTimeout(300);
    const again = await widget(page).getByRole("dialog").count();
    await context.close();
    return again ? "it asked again" : "";
});
await test("offline it is kept, and goes out once when the line is back", async () => {
    const { context, page } = await visitor();
    await page.goto(`${shopUrl}/`);
    const dialog = widget(page).getByRole("dialog");
    await dialog.waitFor();
    const before = (await heard()).length;
    await context.setOffline(true);
    await dialog.getByRole("radio", { name: "7", exact: true }).check({ force: true });
    await dialog.getByRole("button", { name: "Send" }).click();
    await dialog.getByText("You are offline").waitFor();
    if ((await heard()).length !== before) return "it was sent";
    await context.setOffline(false);
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await hearing(before + 1);
    await page.waitForFunction(() => !JSON.parse(localStorage["heed.widget"]).q.length);
    const after = await heard();
    await context.close();
    return after.length === before + 1 && after[0].score === 7 ? "" : JSON.stringify(after.slice(0, 2));
});
await test("the same answer sent by two pages at once is one", async () => {
    const { context, page } = await visitor();
    await page.goto(`${shopUrl}/`);
    await widget(page).waitFor({ state: "attached" });
    const before = (await heard()).length;
    await page.evaluate(
        async ([url, k]) => {
            const body = JSON.stringify({ key: k, id: "two-pages-at-once", text: "Twice", at: Date.now() });
            await Promise.all([1, 2, 3].map(() => fetch(`${url}/w/v1/answer`, { method: "POST", body, credentials: "omit" })));
        },
        [server.url, key],
    );
    await hearing(before + 1);
    const after = await heard();
    await context.close();
    return after.length === before + 1 ? "" : `${after.length - before} stored`;
});
await test("who is signed in is believed by the website's signature alone", async () => {
    const said = [];
    for (const hash of [createHmac("sha256", made.secret).update("C-77").digest("hex"), "0".repeat(64)]) {
        attributes = `data-user="C-77" data-hash="${hash}"`;
        const { context, page } = await visitor();
        const answer = page.waitForResponse((r) => r.url().endsWith("/w/v1/next"));
        await page.goto(`${shopUrl}/`);
        said.push((await (await answer).json()).signed);
        await context.close();
    }
    attributes = "";
    return said.join() === "true,false" ? "" : said.join();
});
await test("where heed is not there, or does not know the site, nothing happens", async () => {
    for (const query of ["?key=w_unknown", "?heed=http://127.0.0.1:59981"]) {
        const { context, page } = await visitor();
        await page.goto(`${shopUrl}/${query}`);
        await page.waitForTimeout(400);
        const there = await widget(page).count();
        await context.close();
        if (there) return `${query}: it showed itself`;
    }
    await api("PATCH", `/api/sites/${made.site.id}`, { origins: ["https://elsewhere.example"] }, { "if-match": '"1"' });
    const { context, page } = await visitor();
    await page.goto(`${shopUrl}/`);
    await page.waitForTimeout(400);
    const there = await widget(page).count();
    await context.close();
    return there ? "it showed itself on a website that is not listed" : "";
});

// ---- public pages, without JavaScript ----

await test("feedback without JavaScript: sent, thanked for, stored once", async () => {
    const { context, page } = await visitor({ javaScriptEnabled: false, colorScheme: "dark" });
    const before = (await heard()).length;
    await page.goto(`${server.url}/f/sunrise`);
    await page.fill("#text", "From the page");
    await page.locator("input[value='-1']").check({ force: true });
    await page.fill("#mail", "ada@example.org");
    await page.getByRole("button").dblclick(); // as people do
    await page.waitForURL(/\/thanks/);
    const after = await hearing(before + 1);
    await context.close();
    return after.length === before + 1 && after[0].kind === "message_in" && after[0].mood === "unhappy" ? "" : JSON.stringify(after[0]);
});
await test("every public page is under 10 KB with its style sheet, and axe finds nothing", async () => {
    const mail = await api("POST", "/api/questions", { site: made.site.id, name: "By mail", way: "mail", scale: "ces7" });
    const preview = new URL(mail.preview).pathname;
    for (const colorScheme of ["light", "dark"])
        for (const path of ["/f/sunrise", "/f/sunrise/thanks?answer=1", preview, `${preview}/thanks`, "/f/nowhere"]) {
            const { context, page } = await visitor({ colorScheme, viewport: { width: 320, height: 700 } });
            let bytes = 0;
            page.on("response", async (r) => (bytes += (await r.request().sizes()).responseBodySize));
            await page.goto(server.url + path);
            await page.waitForLoadState("networkidle");
            const found = (await axe(page)) || (await overflow(page));
            await context.close();
            if (found) return `${path} in ${colorScheme}: ${found}`;
            if (bytes > 10240) return `${path}: ${bytes} bytes`;
        }
});
await test("opening every link of a mail answers nothing; without JavaScript the answer is sent by its button", async () => {
    const list = await api("GET", `/api/questions?site=${made.site.id}`);
    const preview = new URL(list.items.find((q) => q.way === "mail").preview).pathname;
    const { context, page } = await visitor({ javaScriptEnabled: false });
    const before = (await heard()).length;
    for (let v = 1; v <= 7; v++) {
        await page.goto(`${server.url}${preview}?v=${v}`);
        if (!(await page.locator(`input[value='${v}']`).isChecked())) return `?v=${v} did not choose it`;
    }
    if ((await heard()).length !== before) return "opening a link stored something";
    await page.getByRole("button", { name: "Send" }).click();
    await page.waitForURL(/\/thanks/);
    await context.close();
});

if (faults.length) bad("no violation, no error, no cookie, no other host", [...new Set(faults)].slice(0, 5).join(" | "));
else ok("no violation, no error, no cookie, no other host");
await browser.close();
shop.close();
await server.stop();
process.exit(0);
