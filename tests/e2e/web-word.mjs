// What the web app does with our word: something is given after the lines were asked, a signature by keyboard, a red line
// changed and retired, a message called off, a playbook switched on.
import { settle, test, until } from "./web-rig.mjs";

// What there is to look at: a few messages that the gate was asked for.
export async function seed(page, customer) {
    return page.evaluate(async (id) => {
        const csrf = document.querySelector("meta[name=csrf]").content;
        const post = (path, body) => fetch(path, { method: "POST", headers: { "x-csrf-token": csrf, "content-type": "application/json" }, body: JSON.stringify(body) }).then((r) => r.json());
        const words = { customer: id, template: "note", subject: "Your delivery", text: "It comes on Tuesday." };
        const made = await post("/api/outbox", { ...words, kind: "service", occasion: "order:1" });
        await post("/api/outbox", { ...words, kind: "marketing", occasion: "order:1" });
        const lines = (await (await fetch("/api/redlines")).json()).items;
        return { message: made.id, line: lines.find((l) => l.kind === "budget")?.id ?? lines[0]?.id };
    }, customer);
}
export const addresses = ({ message, line }) => [`/redlines/${line}`, "/redlines?tab=check", "/commitments?tab=signatures&all=1", "/messages", "/messages?tab=kept", "/messages?tab=counts", `/messages/${message}`, "/playbooks", "/playbooks/3", "/playbooks/3?tab=runs", "/playbooks/3?tab=effect"];

export async function word(page, at, get, { customer, line }) {
    await test("Home says what we owe, and leads there", async () => {
        await page.goto(at("/"));
        await settle(page);
        await page.waitForSelector("section[aria-labelledby=word]");
        await page.click("section[aria-labelledby=word] a[href^='/commitments/']");
        await page.waitForURL(/\/commitments\/\d+$/);
    });
    await test("the lines are asked, show their arithmetic, and what they allow is given and taken back", async () => {
        const count = async () => (await get(`/api/concessions?customer=${customer}&state=committed`)).items.length;
        const before = await count();
        await page.goto(at(`/redlines?tab=check&customer=${customer}`));
        await settle(page);
        await page.getByLabel(/Discount/).fill("1");
        await page.getByLabel(/Price before/).fill("10");
        await page.keyboard.press("Control+Enter");
        await page.waitForSelector("section[aria-labelledby=said] .rows li");
        const said = await page.textContent("section[aria-labelledby=said]");
        if (!(await page.locator("section[aria-labelledby=said] > .row .tag.good").count())) return said;
        await page.click("button:has-text('Reserve and give it')");
        await page.waitForSelector(".toast:has-text('Given')");
        const given = await count();
        await page.focus("h1");
        await page.keyboard.press("Control+z");
        const again = await until(count, (n) => n <= before);
        return given === before + 1 && again === before ? "" : `${before}, ${given}, ${again}`;
    });
    await test("what is refused says what would pass", async () => {
        await page.goto(at(`/redlines?tab=check&customer=${customer}`));
        await settle(page);
        await page.getByLabel(/Discount/).fill("80");
        await page.getByLabel(/Price before/).fill("100");
        await page.keyboard.press("Control+Enter");
        await page.waitForSelector("text=What would pass instead");
        await page.click("button:has-text('Take this')");
        await page.waitForSelector("section[aria-labelledby=said] > .row .tag.good");
    });
    await test("a signature is given by keyboard alone, with its reason", async () => {
        await page.goto(at("/commitments?tab=signatures"));
        await settle(page);
        const waiting = await page.locator("li[data-row]").count();
        await page.keyboard.press("j");
        await page.keyboard.press("j");
        await page.keyboard.press("d");
        await page.waitForSelector("dialog[open] textarea");
        await page.keyboard.type("We talked about it");
        await page.keyboard.press("Control+Enter");
        await page.waitForFunction((n) => document.querySelectorAll("li[data-row]").length === n - 1, waiting);
    });
    await test("a red line is changed, has a history, is retired, and that is undone", async () => {
        const at_first = await get(`/api/redlines/${line}`);
        await page.goto(at(`/redlines/${line}`));
        await settle(page);
        await page.getByLabel("Why").fill("No more than this");
        await page.getByLabel("Why").blur();
        await page.waitForSelector("text=/^Saved/");
        await page.waitForFunction(() => document.querySelectorAll("section[aria-labelledby=versions] li").length > 1);
        await page.click("button:has-text('Retire')");
        await page.waitForURL(at("/redlines"));
        const there = async () => (await get("/api/redlines")).items.some((l) => l.name === at_first.name && l.limit === at_first.limit);
        const gone = !(await there());
        await page.click(".toast button:has-text('Undo')");
        const back = await until(there);
        return gone && back ? "" : `gone ${gone}, back ${back}`;
    });
    await test("a playbook says who would have got it before it is switched on, and that is undone", async () => {
        await page.goto(at("/playbooks/3"));
        await settle(page);
        await page.click(".page-head button:has-text('Switch on')");
        await page.waitForSelector("dialog[open] :text('in the last 90 days')");
        await page.getByLabel("Who stands behind its messages").fill("Ada Berg");
        await page.keyboard.press("Control+Enter");
        await page.waitForSelector(".page-head .tag.good");
        await page.click(".toast button:has-text('Undo')");
        await page.waitForSelector(".page-head .tag:not(.good)");
    });
}
