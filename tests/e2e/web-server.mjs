// The pages that the server writes itself, without scripts: in each language, in light, dark and at 320 px.
import { axe, overflow, settle, test, watch } from "./web-rig.mjs";

const looks = [
    ["in light", { colorScheme: "light" }],
    ["in dark", { colorScheme: "dark" }],
    ["at 320 px", { viewport: { width: 320, height: 640 }, hasTouch: true }],
];
// What stands on each in each language, so that a page that forgot its words is found.
const open = [
    ["/signin", { en: "Sign in", de: "Anmelden", es: "Iniciar sesión" }],
    ["/promises", { en: "What we promise, and how we keep it", de: "Was wir versprechen und wie wir es halten", es: "Qué prometemos y cómo lo cumplimos" }],
    ["/u/x", { en: "This link is not valid", de: "Dieser Link ist nicht gültig", es: "Este enlace no es válido" }],
    ["/fix/x", { en: "This link is not valid", de: "Dieser Link ist nicht gültig", es: "Este enlace no es válido" }],
];
const ours = (customer) => [
    ["/account", { en: "Your account", de: "Ihr Konto", es: "Su cuenta" }],
    [`/customers/${customer}/sheet?price=10000&discount=500`, { en: "For ", de: "Für ", es: "Para " }],
];

// What is promised is shown to everybody once it is switched on.
async function switchOn(page) {
    await page.evaluate(async () => {
        const csrf = document.querySelector("meta[name=csrf]").content;
        const { version } = await (await fetch("/api/promises/settings")).json();
        const headers = { "x-csrf-token": csrf, "content-type": "application/json", "if-match": `"${version}"` };
        await fetch("/api/promises/settings", { method: "PATCH", headers, body: JSON.stringify({ page: true }) });
    });
}

// page: of the app, signed in.
export async function serverPages(browser, desk, heed, page, customer, all) {
    await switchOn(page);
    const state = await page.context().storageState();
    for (const [look, options] of all ? looks : [looks[2]])
        for (const [who, list] of [[undefined, open], [state, ours(customer)]]) {
            const context = await browser.newContext({ ...desk, ...options, storageState: who });
            await watch(context, heed.url);
            const p = await context.newPage();
            for (const [path, words] of list)
                for (const [lang, heading] of Object.entries(words))
                    await test(`${path} in ${lang} ${look}: no fault of access, nothing too wide`, async () => {
                        await p.goto(`${heed.url}${path}${path.includes("?") ? "&" : "?"}lang=${lang}`);
                        await settle(p);
                        const said = await p.textContent("h1");
                        const at = await p.evaluate(() => `${document.documentElement.lang} ${document.documentElement.dir} ${document.scripts.length}`);
                        const wrong = said.startsWith(heading) && at.startsWith(lang) && at.endsWith(" ltr 0") ? "" : `'${said}', ${at}`;
                        return [wrong, await axe(p), await overflow(p)].filter(Boolean).join(" || ");
                    });
            await context.close();
        }
}
