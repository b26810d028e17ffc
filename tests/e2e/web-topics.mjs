// What customers mean: a topic is made after looking at what it would do, and taken back; questions are answered by
// digits; what was said is found by meaning; and why heed reads words as it does is corrected where they stand.
import { axe, settle, test } from "./web-rig.mjs";

// Topics are learned and themes looked for before the pages are.
export async function seedTopics(page) {
    return page.evaluate(async () => {
        const csrf = document.querySelector("meta[name=csrf]").content;
        const get = async (path) => (await fetch(path)).json();
        const post = (path, body) => fetch(path, { method: "POST", headers: { "x-csrf-token": csrf, "content-type": "application/json" }, body: JSON.stringify(body ?? {}) }).then((r) => r.json());
        const jobs = [await post("/api/topics/learn"), await post("/api/themes/find")];
        for (let i = 0; i < 240; i++) {
            const now = await Promise.all(jobs.map((j) => get(`/api/jobs/${j.id}`)));
            if (now.every((j) => ["done", "failed", "cancelled"].includes(j.state))) break;
            await new Promise((r) => setTimeout(r, 500));
        }
        const tree = (await get("/api/topics?days=3650")).items;
        const often = (of) => [...tree].sort((a, b) => b.figures[of] - a.figures[of])[0]?.topic.id;
        return { topic: often("mentions"), unsure: often("unsure"), theme: (await get("/api/themes?limit=1")).items[0]?.id };
    });
}
export const topicAddresses = ({ topic, unsure, theme }) => ["/priorities", ...["board", "themes", "rising", "topics"].map((x) => `/priorities?tab=${x}`), ...(theme ? [`/priorities/theme/${theme}`] : []), `/topics/${topic}`, `/topics/${unsure}?how=unsure`, "/topics/ask", "/topics/audit", "/topics/audit?tab=report", "/answers?q=late"];

export async function topics(page, at, get, { customer }) {
    await test("a topic is made after looking at what it would do, and taken back", async () => {
        await page.goto(at("/priorities?tab=topics"));
        await settle(page);
        await page.waitForSelector("table[aria-labelledby=axis-what]");
        await page.keyboard.press("n");
        await page.keyboard.press("t");
        await page.waitForSelector("dialog[open] form");
        await page.getByLabel("Name", { exact: true }).fill("Gift wrapping");
        await page.getByLabel("What people say who mean it").fill("please wrap it as a present\nnicely wrapped");
        await page.waitForSelector("dialog[open] .outlook .rows li");
        const found = await axe(page);
        await page.keyboard.press("Control+Enter");
        await page.waitForSelector("th:has-text('Gift wrapping')");
        await page.focus("h1");
        await page.keyboard.press("Control+z");
        await page.waitForFunction(() => ![...document.querySelectorAll("main th")].some((x) => x.textContent.includes("Gift wrapping")));
        const changes = (await get("/api/topics/changes?limit=3")).items;
        return found || (changes.some((x) => x.act === "add" && x.undone) ? "" : JSON.stringify(changes.map((x) => x.act)));
    });
    await test("a question is answered by one digit and Enter, and says what that changed", async () => {
        await page.goto(at("/topics/ask"));
        await settle(page);
        if (!(await page.locator(".asked").count())) return ""; // nothing is unsure
        await page.keyboard.press("1");
        await page.waitForSelector(".options button[aria-pressed=true]");
        await page.keyboard.press("Enter");
        await page.waitForSelector(".note.good[role=status]");
        const said = await page.textContent(".note.good[role=status]");
        await page.keyboard.press("ArrowLeft");
        await page.waitForSelector("text=Question 1 of");
        return /looked at|learned/.test(said) ? "" : said;
    });
    await test("what was said is found, with its words marked, and more like it; the search stands in the address", async () => {
        await page.goto(at("/answers"));
        await settle(page);
        await page.getByLabel(/Search what customers said/).fill("coffee");
        await page.waitForURL(/q=coffee/);
        await page.waitForSelector("ol.rows mark");
        await page.click("ol.rows li button:has-text('More like this')");
        await page.waitForURL(/like=\d+/);
        await settle(page);
        await page.goBack();
        await page.waitForURL(/q=coffee/);
    });
    await test("Ctrl K leads to what customers said", async () => {
        await page.goto(at("/"));
        await settle(page);
        await page.keyboard.press("Control+k");
        await page.waitForSelector("dialog.palette input");
        await page.keyboard.type("grinder");
        await page.waitForSelector("[role=option]:has-text('what customers said')");
        await page.click("[role=option]:has-text('what customers said')");
        await page.waitForURL(/\/answers\?q=grinder/);
    });
    await test("why heed reads words so is told where they stand", async () => {
        await page.goto(at("/answers?q=coffee"));
        await settle(page);
        await page.click("ol.rows li button:has-text('Why?')");
        await page.waitForSelector("dialog[open] h3");
        await page.waitForFunction(() => !document.querySelector("dialog[open] .skeleton"));
        const found = await axe(page);
        await page.keyboard.press("Escape");
        await page.waitForFunction(() => !document.querySelector("dialog[open]"));
        await page.goto(at(`/customers/${customer}`));
        await settle(page);
        await page.waitForSelector("section[aria-labelledby=needs]");
        return found;
    });
}
