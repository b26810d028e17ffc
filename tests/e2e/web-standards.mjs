// What is promised by rule, when we are open, and how we send: made, changed by two people at once, and taken back.
import { settle, test, until } from "./web-rig.mjs";

export const standardAddresses = ["/commitments?tab=standards", "/commitments?tab=open&standard=1"];

export async function standards(page, at, get, { context }) {
    const named = async (name) => (await get("/api/promises/standards?limit=500")).items.find((s) => s.name === name);
    const change = async (p, name, to, edit = "Edit", label = "In words that customers may read") => {
        await p.goto(at("/commitments?tab=standards"));
        await settle(p);
        await p.locator("tr", { hasText: name }).getByRole("button", { name: new RegExp(`^${edit}`) }).click();
        await p.getByLabel(label).fill(to);
    };

    await test("a service promise is made by keyboard, and taken back by Ctrl Z", async () => {
        await page.goto(at("/commitments?tab=standards"));
        await settle(page);
        await page.keyboard.press("n");
        await page.keyboard.press("s");
        await page.waitForSelector("dialog[open] input");
        await page.keyboard.type("A call back the same day");
        await page.getByLabel("What is owed").selectOption("callback");
        await page.getByLabel("Within", { exact: true }).fill("6");
        await page.keyboard.press("Control+Enter");
        await page.waitForSelector("tr:has-text('A call back the same day')");
        const made = await named("A call back the same day");
        await page.focus("h1");
        await page.keyboard.press("Control+z");
        const gone = await until(async () => !(await named("A call back the same day")));
        return made.minutes === 360 && made.clock === "open" && gone ? "" : JSON.stringify({ made, gone });
    });
    await test("two people change one promise: both versions are shown, and one is chosen", async () => {
        const name = (await get("/api/promises/standards")).items[0].name;
        await change(page, name, `${name}, mine`);
        const other = await context.newPage();
        await change(other, name, `${name}, theirs`);
        await other.keyboard.press("Control+Enter");
        await other.waitForSelector("dialog", { state: "detached" });
        await other.close();
        await page.keyboard.press("Control+Enter");
        await page.waitForSelector("dialog[open] [role=alert] table");
        const said = await page.textContent("dialog[open] [role=alert]");
        await page.click("dialog[open] button:has-text('Keep mine')");
        await page.waitForSelector("dialog", { state: "detached" });
        const kept = await until(() => named(`${name}, mine`));
        await page.focus("h1");
        await page.keyboard.press("Control+z");
        const back = await until(() => named(name));
        return said.includes(`${name}, theirs`) && kept && back ? "" : `${said} ${kept} ${back}`;
    });
    await test("what is promised no more can be promised again, without a gap", async () => {
        const first = (await get("/api/promises/standards")).items[0];
        await page.goto(at("/commitments?tab=standards"));
        await settle(page);
        await page.locator("tr", { hasText: first.name }).getByRole("button", { name: /^Promise it no more/ }).click();
        const ended = await until(async () => !(await named(first.name)));
        await page.click(".toast button:has-text('Undo')");
        const again = await until(() => named(first.name));
        const all = (await get("/api/promises/standards?all=true")).items.filter((s) => s.id === first.id);
        const [before, after] = all.slice(-2);
        return ended && again && before.until === after.from ? "" : JSON.stringify({ ended, again, before, after });
    });
    await test("what the server refuses is told in the reader's language, with its own words under it", async () => {
        await context.addCookies([{ name: "heed_lang", value: "de", url: at("/") }]);
        await change(page, (await get("/api/promises/standards")).items[0].name, "x", "Bearbeiten", "In Worten, die Kunden lesen dürfen");
        await page.getByLabel("Binnen", { exact: true }).fill("0");
        await page.keyboard.press("Control+Enter");
        await page.waitForSelector("dialog[open] [role=alert]");
        const said = await page.textContent("dialog[open] [role=alert]");
        await page.click("dialog[open] [role=alert] summary");
        const detail = await page.textContent("dialog[open] [role=alert] [lang=en]");
        await context.addCookies([{ name: "heed_lang", value: "en", url: at("/") }]);
        return /Eine Angabe stimmt nicht/.test(said) && /^within: /.test(detail) ? "" : `${said} / ${detail}`;
    });
    await test("our hours are set with the holidays of a region, and a closed day", async () => {
        await page.goto(at("/settings/calendar"));
        await settle(page);
        await page.click("button.primary:has-text('Change'), button.primary:has-text('Set our hours')");
        await page.getByLabel("Monday, from").fill("10:00");
        await page.getByLabel("Public holidays of").selectOption("DE-BY");
        await page.getByLabel("Further closed days").fill("2099-12-31");
        await page.keyboard.press("Enter");
        await page.keyboard.press("Control+Enter");
        await page.waitForSelector("dd:has-text('Germany: Bayern')");
        const now = await get("/api/promises/calendar");
        const named = await page.textContent("section[aria-labelledby=ahead]");
        await page.focus("h1");
        await page.keyboard.press("Control+z");
        const back = await until(async () => (await get("/api/promises/calendar")).country === "DE");
        return now.week[0].open === "10:00" && now.closed === "2099-12-31" && /All Saints/.test(named) && back ? "" : JSON.stringify({ now, named, back });
    });
    await test("mail is set up; the password goes in and never out", async () => {
        await page.goto(at("/settings/mail"));
        await settle(page);
        for (const [label, text] of [["Mail server", "127.0.0.1"], ["Login", "shop"], ["Password", "not to be seen"], ["Sender’s address", "shop@example.org"]]) await page.getByLabel(label, { exact: true }).fill(text);
        await page.getByLabel("Sealing").selectOption("none");
        await page.keyboard.press("Control+Enter");
        await page.waitForSelector("text=One is kept and is never shown");
        const said = await page.evaluate(async () => (await fetch("/api/outbox/setup")).text());
        const field = await page.getByLabel("Password", { exact: true }).inputValue();
        return said.includes("not to be seen") || field || (await page.content()).includes("not to be seen") ? `${said} ${field}` : "";
    });
    await test("a key is made, shows what to publish, and signs when somebody says so", async () => {
        await page.click("button:has-text('New key')");
        await page.waitForSelector("dialog[open] input");
        await page.keyboard.press("Control+Enter");
        await page.waitForSelector("input[aria-label='Content of the record']");
        const record = await page.inputValue("input[aria-label='Content of the record']");
        await page.click("button:has-text('It is published')");
        await page.waitForSelector(".tag.good:has-text('signs')");
        return /^v=DKIM1; k=rsa; p=/.test(record) ? "" : record;
    });
}
