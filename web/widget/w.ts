// The widget: one line in a company's pages. A quiet button for whoever has something to say, and now and then a
// question, when the server says so. Where the server is not there, or does not know the site, nothing happens at all.
//
//     <script src="https://heed.example.org/w.js" data-key="w_…" async></script>
//
// data-lang="de"; data-theme="light", "dark" or "auto"; data-button="none"; data-wait="8" seconds before it shows
// itself; data-user and data-hash say who is signed in. window.heed.identify(id, hash), .open() and .close() do the same
// from a script.
import { flush, fresh, keep, kept, later, post, type Said } from "./store";
import { style } from "./style";
import { words } from "./words";

interface Question {
    ask: string;
    scale: "nps" | "csat5" | "ces7" | "open";
    lo: number;
    hi: number;
    words: string | null;
    lang: string | null;
}
interface Now {
    name: string;
    button: boolean;
    ask: Question | null;
    again: number;
    privacy: string | null;
}
type Child = Node | string | false | null | undefined;

const script = document.currentScript as HTMLScriptElement | null;
const set = script?.dataset ?? {};
const host = script?.src.replace(/\/w\.js.*$/, "") ?? "";
const { say, lang } = words(set.lang);
let user = set.user;
let hash = set.hash;
let now: Now | undefined;

// ---- elements ----

function el<K extends keyof HTMLElementTagNameMap>(tag: K, props: Partial<HTMLElementTagNameMap[K]> & { attrs?: Record<string, string> } = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
    const { attrs, ...rest } = props;
    const e = Object.assign(document.createElement(tag), rest);
    for (const name in attrs) e.setAttribute(name, attrs[name] ?? "");
    e.append(...children.filter((c): c is Node | string => !!c));
    return e;
}
const button = (text: string, className: string, onclick: () => void) => el("button", { type: "button", className, textContent: text, onclick });
const radios = (name: string, values: [string, string][]) => el("div", { className: values.length > 7 ? "s m" : "s" }, ...values.map(([value, text]) => el("label", {}, el("input", { type: "radio", name, value }), el("span", { textContent: text }))));

const place = el("aside", { attrs: { "aria-label": say("button") }, className: set.theme === "dark" || set.theme === "light" ? set.theme : "auto" });
const root = place.attachShadow({ mode: "open" });
const sheet = new CSSStyleSheet();
sheet.replaceSync(style);
root.adoptedStyleSheets = [sheet];
const opener = button(say("button"), "open", () => show(null, true));
opener.setAttribute("aria-haspopup", "dialog");
const spoken = el("div", { className: "h", attrs: { "aria-live": "polite" } });
root.append(opener, spoken);

// ---- the panel ----

let panel: HTMLElement | undefined;
let before: Element | null = null;
let dismiss = close; // what closing means: of a question, "not now"

function close(): void {
    if (!panel) return;
    const back = panel.contains(root.activeElement);
    panel.remove();
    panel = undefined;
    opener.hidden = !now?.button || set.button === "none";
    if (back) (opener.hidden ? (before as HTMLElement | null) : opener)?.focus();
}
const who = () => ({ key: set.key, visitor: kept().v, user, hash });

// What was said stays in the form until it is stored, or kept for later.
async function send(q: Question | null, form: HTMLFormElement, error: HTMLElement): Promise<void> {
    const data = new FormData(form);
    const text = ((data.get("text") as string | null) ?? "").trim();
    const mail = ((data.get("mail") as string | null) ?? "").trim();
    const picked = data.get("score") as string | null;
    const bad = mail && !/^\S+@\S+$/.test(mail) ? "mail_wrong" : (q && q.hi > q.lo ? !picked : !text) ? "empty" : "";
    error.textContent = bad && say(bad);
    if (bad) return (form.querySelector(bad === "mail_wrong" ? ".f" : "input,textarea") as HTMLElement).focus();
    const said: Said = { ...who(), id: fresh(), page: location.origin + location.pathname, lang, at: Date.now(), ...(text && { text }), ...(mail && { mail }) };
    if (q) said.ask = q.ask;
    if (picked !== null) said[q ? "score" : "mood"] = Number(picked);
    const taken = await post<{ reply: string | null }>(`${host}/w/v1/answer`, said);
    if (taken === null) return void (error.textContent = say("refused"));
    if (!taken) later(said);
    thank(!taken, taken?.reply ?? null);
}
function thank(waits: boolean, reply: string | null): void {
    const title = el("h2", { id: "t", tabIndex: -1, textContent: say("thanks") });
    const focused = panel?.contains(root.activeElement);
    dismiss = close;
    const when = reply && new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short" }).format(new Date(reply));
    panel?.replaceChildren(title, el("p", { textContent: waits ? say("kept") : when ? say("reply", { when }) : say("read"), attrs: { role: "status" } }), el("div", { className: "r" }, button(say("close"), "go", close)));
    if (focused) title.focus();
}
function decline(q: Question, for_ever: boolean): void {
    keep({ n: Date.now() + 864e5 }); // the server knows for how long; this saves asking it
    void post(`${host}/w/v1/no`, { ...who(), ask: q.ask, ...(for_ever && { for_ever }) });
    close();
}

// A question that opens by itself takes no focus: whoever is typing goes on. Opened by a person, it does.
function show(q: Question | null, byPerson: boolean): void {
    if (panel) return;
    before = document.activeElement;
    const name = now?.name ?? "";
    const words = q ? q.words || say(q.scale, { name }) : say("title");
    const scored = q && q.hi > q.lo;
    const error = el("p", { className: "e", attrs: { role: "alert" } });
    const area = el("textarea", { name: "text", maxLength: 2000, rows: 3 });
    const form = el(
        "form",
        { noValidate: true },
        scored &&
            el(
                "fieldset",
                { attrs: { "aria-labelledby": "t" } },
                radios("score", Array.from({ length: q.hi - q.lo + 1 }, (_, i) => [String(q.lo + i), String(q.lo + i)])),
                el("div", { className: "ends" }, el("span", { textContent: `${q.lo} = ${say(`${q.scale}_low`)}` }), el("span", { textContent: `${q.hi} = ${say(`${q.scale}_high`)}` })),
            ),
        el("label", { className: "w" }, scored ? say("why") : say("text"), area),
        !q && el("fieldset", {}, el("legend", { textContent: say("mood") }), radios("score", [["-1", say("mood_bad")], ["0", say("mood_mid")], ["1", say("mood_good")]])),
        !q && !user && el("label", { className: "w" }, say("mail"), el("input", { type: "email", name: "mail", className: "f", autocomplete: "email" })),
        error,
        el("div", { className: "r" }, el("button", { className: "go", textContent: say("send") }), q && button(say("not_now"), "", () => decline(q, false)), q && button(say("never"), "k", () => decline(q, true)), now?.privacy && el("a", { href: now.privacy, target: "_blank", rel: "noopener noreferrer", textContent: say("privacy") })),
    );
    form.onsubmit = (e) => {
        e.preventDefault();
        void send(q, form, error);
    };
    dismiss = q ? () => decline(q, false) : close;
    const shut = button("×", "x", () => dismiss());
    shut.setAttribute("aria-label", say("close"));
    panel = el("section", { lang, attrs: { role: "dialog", "aria-modal": "false", "aria-labelledby": "t" } }, el("h2", { id: "t", textContent: words, lang: (q?.words && q.lang) || lang }), form, shut);
    panel.addEventListener("keydown", (e) => e.key === "Enter" && (e.ctrlKey || e.metaKey) && form.requestSubmit());
    root.append(panel);
    opener.hidden = true;
    if (byPerson) (form.querySelector("input,textarea") as HTMLElement).focus();
    else spoken.textContent = words;
}
document.addEventListener("keydown", (e) => e.key === "Escape" && panel && dismiss());

// ---- the server ----

async function ask(): Promise<void> {
    if (panel) return;
    if (document.hidden) return document.addEventListener("visibilitychange", () => void ask(), { once: true });
    const k = kept();
    const same = (k.u ?? "") === (user ?? "");
    if (!same) keep({ v: fresh(), u: user, n: 0 }); // somebody else: another number
    else if (!k.v) keep({ v: fresh() });
    if (same && k.s && (k.n ?? 0) > Date.now()) now = { ...k.s, ask: null, again: 0 };
    else {
        now = (await post<Now>(`${host}/w/v1/next`, who())) ?? undefined;
        if (now) keep({ n: Date.now() + now.again * 1000, s: { name: now.name, button: now.button, privacy: now.privacy } });
    }
    if (!now) return;
    document.body.append(place);
    opener.hidden = !now.button || set.button === "none" || !!panel;
    if (now.ask) show(now.ask, false);
    void flush(`${host}/w/v1/answer`);
}
function begin(): void {
    if (!set.key || !host) return;
    addEventListener("online", () => void flush(`${host}/w/v1/answer`));
    setTimeout(() => void ask(), 1000 * (Number(set.wait) || 3));
}
(window as unknown as { heed: object }).heed = {
    identify(id?: string, signature?: string) {
        user = id;
        hash = signature;
        if (now) void ask();
    },
    open: () => now && show(null, true),
    close,
};
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
else begin();
