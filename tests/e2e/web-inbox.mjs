// The inbox in the browser: by keyboard alone; what two people do at once; what comes in while one looks; and who begins
// where.
import { createHmac, randomUUID } from "node:crypto";
import { axe, hears, overflow, settle, test, until } from "./web-rig.mjs";

// Somebody who is not made up, and what they write, by a webhook that is signed as Standard Webhooks says.
export async function door(page, url) {
    const secret = await page.evaluate(async () => {
        const headers = { "x-csrf-token": document.querySelector("meta[name=csrf]").content, "content-type": "application/json" };
        await fetch("/api/hooks/desk", { method: "PUT", headers, body: JSON.stringify({ scheme: "standard" }) });
        return (await (await fetch("/api/hooks/desk/secrets", { method: "POST", headers, body: "{}" })).json()).secret;
    });
    return async (event) => {
        const body = JSON.stringify({ kind: "message_in", at: new Date().toISOString(), ext: randomUUID(), channel: "email", ...event });
        const [id, at] = [randomUUID(), Math.floor(Date.now() / 1000)];
        const mac = createHmac("sha256", Buffer.from(secret.replace(/^whsec_/, ""), "base64")).update(`${id}.${at}.${body}`).digest("base64");
        const answer = await fetch(`${url}/hooks/desk`, { method: "POST", headers: { "content-type": "application/json", "webhook-id": id, "webhook-timestamp": String(at), "webhook-signature": `v1,${mac}` }, body });
        if (!answer.ok) throw new Error(`the webhook was refused: ${answer.status} ${await answer.text()}`);
    };
}
const people = ["Zoe Quist", "Yan Ode", "Xenia Pohl", "Wim Haas", "Vera Lund"];
const asked = ["Where is my parcel?", "The lid is broken.", "May I change the address?", "I was billed twice.", "How do I clean it?"];
export async function seedInbox(page, url) {
    const send = await door(page, url);
    for (const [i, name] of people.entries()) await send({ at: new Date(Date.now() - (5 - i) * 36e5).toISOString(), thread: `t${i}`, name, ids: { email: `${name.split(" ")[0].toLowerCase()}@example.org` }, text: asked[i], lang: "en" });
    const ours = async () => {
        const items = await page.evaluate(async () => (await (await fetch("/api/inbox?sort=new&limit=20")).json()).items);
        return people.map((name) => items.find((x) => x.name === name)).filter(Boolean);
    };
    const items = await until(ours, (x) => x.length === people.length);
    if (items.length < people.length) throw new Error("what was written does not stand in the inbox");
    return { send, items };
}
export const inboxAddresses = ({ items }) => ["/inbox", `/inbox/${items[0].id}`, `/inbox/${items[1].id}?sort=new`, "/inbox?tab=waiting", "/inbox?tab=done&channel=chat", "/inbox?q=nothing+like+this", "/inbox/12"];

export async function inbox(page, at, get, { context, browser, heed, desk, send, items }) {
    const rows = () => page.locator(".queue li");
    const open = (path = "/inbox?sort=new") => page.goto(at(path)).then(() => settle(page)).then(() => page.waitForSelector(".queue li"));
    const focused = () => page.evaluate(() => document.activeElement.closest(".queue li")?.dataset.id ?? document.activeElement.tagName);
    const item = async (id) => (await get(`/api/inbox/${id}`)).item;
    const becomes = async (id, fits) => {
        const x = await until(() => item(id), fits);
        return fits(x) ? "" : JSON.stringify(x);
    };

    await test("inbox: g i goes there, j and k go through it, Enter goes in, Escape comes back", async () => {
        await page.goto(at("/customers"));
        await settle(page);
        await page.keyboard.press("g");
        await page.keyboard.press("i");
        await page.waitForURL(/\/inbox$/);
        await page.waitForSelector(".queue li");
        await page.keyboard.press("j");
        const first = await focused();
        await page.keyboard.press("j");
        await page.waitForFunction(() => /\/inbox\/\d+$/.test(location.pathname));
        const second = await focused();
        await page.keyboard.press("k");
        const back = await focused();
        await page.waitForFunction((id) => location.pathname.endsWith(id), first);
        await page.waitForSelector(".talk-body .bubble");
        await page.keyboard.press("Enter");
        const heading = await page.evaluate(() => document.activeElement.tagName);
        await page.keyboard.press("Escape");
        return first === back && first !== second && heading === "H2" && (await focused()) === first ? "" : `${first} ${second} ${back} ${heading} ${await focused()}`;
    });
    await test("inbox: filters and the item stand in the address; a deep link shows the same; back takes them away", async () => {
        await open("/inbox");
        await page.click("button:has-text('Filters')");
        await page.getByLabel("Channel").selectOption("chat");
        await page.waitForURL(/channel=chat/);
        await settle(page);
        const few = await rows().count();
        await rows().first().locator("a").click();
        await page.waitForURL(/\/inbox\/\d+\?.*channel=chat/);
        const name = await page.textContent(".talk-head h2");
        const deep = await context.newPage();
        await deep.goto(page.url());
        await deep.waitForSelector(".talk-head h2");
        const same = (await deep.textContent(".talk-head h2")) === name && (await deep.locator(".queue li").count()) === few;
        await deep.close();
        await page.goBack();
        await page.waitForURL(/\/inbox\?channel=chat$/);
        await page.goBack();
        await page.waitForURL(/\/inbox$/);
        return same && few > 0 ? "" : `${few} rows`;
    });
    await test("inbox: e is done with it and opens the next; Ctrl Z takes that back", async () => {
        await open(`/inbox/${items[4].id}?sort=new`);
        await page.waitForSelector(".talk-body .bubble");
        await page.focus("h1");
        await page.keyboard.press("e");
        await page.waitForSelector(".toast:has-text('done')");
        await page.waitForFunction((id) => !location.pathname.endsWith(id), String(items[4].id));
        const why = await becomes(items[4].id, (x) => x.tab === "done");
        await page.keyboard.press("Control+z");
        return why || (await becomes(items[4].id, (x) => x.tab === "open"));
    });
    await test("inbox: a gives it to somebody, l says what it is about, z puts it aside, all by keys", async () => {
        await open(`/inbox/${items[3].id}?sort=new`);
        await page.waitForSelector(".talk-body .bubble");
        await page.focus("h1");
        await page.keyboard.press("a");
        await page.waitForSelector("dialog[open] [role=option]");
        const found = await axe(page);
        await page.keyboard.press("Enter");
        await page.waitForSelector(`.queue li[data-id="${items[3].id}"] .who`);
        await page.keyboard.press("l");
        await page.waitForSelector("dialog[open] input");
        await page.keyboard.type("double billing");
        await page.keyboard.press("Enter");
        await page.waitForSelector(".topics li:has-text('double billing')");
        await page.keyboard.press("Escape");
        await page.keyboard.press("z");
        await page.waitForSelector("dialog[open] [role=option]");
        await page.keyboard.type("3d");
        await page.waitForFunction(() => document.querySelectorAll("dialog[open] [role=option]").length === 1);
        await page.keyboard.press("Enter");
        const why = await becomes(items[3].id, (x) => x.state === "later" && x.assignee && x.topics.includes("double billing"));
        await page.goto(at("/inbox?tab=waiting"));
        await page.waitForSelector(`.queue li[data-id="${items[3].id}"]`);
        return found || why;
    });
    await test("inbox: x and Shift-x choose, and what is chosen is done at once, and comes back", async () => {
        await open();
        const first = await page.locator(".queue li").first().getAttribute("data-id");
        await page.keyboard.press("j");
        await page.keyboard.press("x");
        await page.keyboard.press("j");
        await page.keyboard.press("j");
        await page.keyboard.press("Shift+X");
        await page.waitForSelector(".chosen-bar:has-text('3 chosen')");
        const before = (await get("/api/inbox/counts")).open;
        await page.keyboard.press("e");
        await page.waitForSelector(".toast:has-text('3 done')");
        const fewer = (await get("/api/inbox/counts")).open;
        await page.keyboard.press("Control+z");
        const again = await until(async () => (await get("/api/inbox/counts")).open, (n) => n >= before);
        await page.waitForSelector(`.queue li[data-id="${first}"]`);
        return before - fewer === 3 && again === before ? "" : `${before}, ${fewer}, ${again}`;
    });
    await test("inbox: an answer is kept while it is typed, says what the gate would say, and goes out by Ctrl Enter", async () => {
        await open(`/inbox/${items[0].id}?sort=new`);
        await page.waitForSelector(".reply textarea");
        await page.focus("h1");
        await page.keyboard.press("r");
        await page.keyboard.type("It left us this morning.");
        await page.waitForSelector(".reply :text('Draft kept')");
        const draft = (await get(`/api/inbox/${items[0].id}`)).drafts[0]?.words;
        await page.reload();
        await page.waitForFunction(() => document.querySelector(".reply textarea")?.value === "It left us this morning.");
        const gate = await page.textContent(".reply-gate");
        const found = await axe(page);
        await page.focus(".reply textarea");
        await page.keyboard.press("Control+Enter");
        await page.waitForSelector(".toast:has-text('On its way')");
        const why = await becomes(items[0].id, (x) => x.tab === "waiting");
        await page.goto(at(`/inbox/${items[0].id}?tab=waiting`));
        await page.waitForSelector(".bubble:has-text('It left us this morning.')");
        return found || why || (draft === "It left us this morning." && /Yes/.test(gate) ? "" : `draft '${draft}', gate '${gate}'`);
    });
    await test("inbox: a sent answer is called back, and its words are there again", async () => {
        await open(`/inbox/${items[1].id}?sort=new`);
        await page.fill(".reply textarea", "A new lid is on its way.");
        await page.keyboard.press("Control+Enter");
        await page.waitForSelector(".toast:has-text('On its way')");
        await page.click(".toast button:has-text('Undo')");
        await page.waitForFunction(() => document.querySelector(".reply textarea")?.value === "A new lid is on its way.");
        const sent = (await get("/api/outbox?limit=10")).items.find((m) => m.name === "Yan Ode");
        await page.fill(".reply textarea", "");
        return sent?.state === "cancelled" ? "" : JSON.stringify(sent);
    });
    await test("inbox: two people answer the same; the later one sees both, and says what holds", async () => {
        const path = `/inbox/${items[2].id}?sort=new`;
        const live = hears(page);
        await open(path);
        await live;
        await page.fill(".reply textarea", "Yes, until Friday.");
        const other = await context.newPage();
        await other.goto(at(path));
        await other.waitForSelector(".reply textarea");
        await other.evaluate(async (id) => {
            const x = await (await fetch(`/api/inbox/${id}`)).json();
            await fetch(`/api/inbox/${id}/reply`, { method: "POST", headers: { "x-csrf-token": document.querySelector("meta[name=csrf]").content, "content-type": "application/json", "if-match": `"${x.item.version}"` }, body: JSON.stringify({ words: "No, it has left." }) });
        }, items[2].id);
        await other.close();
        await page.waitForSelector(".meanwhile:has-text('No, it has left.')");
        const kept = await page.inputValue(".reply textarea");
        const found = await axe(page);
        const stopped = await page.locator(".reply button.primary[disabled]").count();
        await page.click(".meanwhile button:has-text('Keep mine')");
        await page.focus(".reply textarea");
        await page.keyboard.press("Control+Enter");
        await page.waitForSelector(".toast:has-text('On its way')");
        return found || (kept === "Yes, until Friday." && stopped ? "" : `'${kept}', ${stopped}`);
    });
    await test("inbox: what comes in waits behind a pill, and the list does not jump", async () => {
        const live = hears(page);
        await open();
        await live;
        const first = await page.locator(".queue li").first().getAttribute("data-id");
        await send({ thread: "t9", name: "Uma Falk", ids: { email: "uma@example.org" }, text: "Hello, is anybody there?", lang: "en" });
        await page.waitForSelector(".pill:has-text('1 new')");
        const still = await page.locator(".queue li").first().getAttribute("data-id");
        await page.click(".pill");
        await page.waitForSelector(".queue li:first-child:has-text('Uma Falk')");
        return still === first ? "" : `${first} became ${still}`;
    });
    await test("inbox: on a phone one pane at a time, and back", async () => {
        await page.setViewportSize({ width: 390, height: 800 });
        await open();
        await rows().first().locator("a").click();
        await page.waitForSelector(".talk-body .bubble");
        const one = !(await page.locator(".queue").isVisible());
        const why = [await axe(page), await overflow(page)].filter(Boolean).join(" || ");
        await page.click("a[aria-label='Back to the list']");
        await page.waitForSelector(".queue li");
        await page.setViewportSize(desk.viewport);
        return why || (one ? "" : "the list stands beside it");
    });
    await test("whoever answers customers begins at the inbox; whoever may not see it is told so, under a heading", async () => {
        const enter = async (role) => {
            const link = await page.evaluate(async (r) => (await (await fetch("/api/accounts", { method: "POST", headers: { "x-csrf-token": document.querySelector("meta[name=csrf]").content, "content-type": "application/json" }, body: JSON.stringify({ email: `${r}@example.org`, name: r, role: r }) })).json()).link.url, role);
            const way = at(new URL(link).pathname);
            const theirs = await browser.newContext(desk);
            const p = await theirs.newPage();
            await p.goto(way);
            await p.fill("input[name=password]", "correct horse battery");
            await p.keyboard.press("Enter");
            await p.waitForSelector("main h1");
            return [theirs, p];
        };
        const [a, agent] = await enter("agent");
        await agent.waitForURL(/\/inbox$/);
        await agent.click("nav a[href='/']");
        await agent.waitForURL(at("/"));
        await a.close();
        const [b, viewer] = await enter("viewer");
        const home = viewer.url();
        await viewer.goto(at("/inbox"));
        await viewer.waitForSelector("main h1");
        const heading = await viewer.textContent("main h1");
        const found = await axe(viewer);
        await b.close();
        return found || (home === at("/") && heading === "Not permitted" ? "" : `${home}, '${heading}'`);
    });
}
