// How long pages take until their data stands there, in stores of different sizes, each page opened four times:
//   HEED=build/heed node tests/e2e/pace.mjs SMALL LARGE
// No test: it prints milliseconds for docs/benchmarks.md. The stores must have no accounts yet.
import { launch, serve, settle, watch } from "./web-rig.mjs";

const pages = ["/", "/inbox", "/customers", "/segments", "/segments?tab=value", "/answers", "/commitments", "/redlines", "/messages", "/playbooks", "/reports"];
const took = new Map(pages.map((path) => [path, []]));
const browser = await launch();
for (const store of process.argv.slice(2)) {
    const s = await serve(store);
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    await watch(context, s.url);
    const page = await context.newPage();
    await page.goto(s.link);
    if (await page.$("input[name=name]")) await page.fill("input[name=name]", "Ada");
    if (await page.$("input[name=email]")) await page.fill("input[name=email]", "ada@example.org");
    for (const field of await page.$$("input[type=password]")) await field.fill("correct horse battery 9");
    await page.click("form button");
    await page.waitForTimeout(1500);
    for (const path of pages) {
        const ms = [];
        for (let i = 0; i < 4; i++) {
            const from = performance.now();
            await page.goto(s.url + path);
            await settle(page);
            ms.push(Math.round(performance.now() - from));
        }
        took.get(path).push(ms.join(" "));
    }
    await context.close();
    await s.stop();
}
await browser.close();
for (const [path, all] of took) console.log(path.padEnd(22), all.join("   |   "));
