// The catalogues: one JSON file for each language, the same keys and the same {places} in all of them.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const places = (text) => (text.match(/\{\w+\}/g) ?? []).sort().join(" ");
const form = /_(zero|one|two|few|many|other)$/;

export function catalogues(folder) {
    const all = {};
    for (const file of readdirSync(folder).filter((f) => /^[a-z]{2}\.json$/.test(f)).sort())
        all[file.slice(0, 2)] = JSON.parse(readFileSync(join(folder, file), "utf8"));
    const problems = [];
    // A word in several forms has one that ends with _one, and one that ends with _other.
    const base = (key) => key.replace(form, "");
    const plural = { test: (key) => form.test(key) && `${base(key)}_one` in all.en && `${base(key)}_other` in all.en };
    const known = new Set(Object.keys(all.en).map(base));
    for (const [lang, words] of Object.entries(all)) {
        const forms = new Intl.PluralRules(lang).resolvedOptions().pluralCategories;
        for (const key of Object.keys(words)) if (!known.has(base(key))) problems.push(`${lang}: '${key}' is not in en.json`);
        for (const [key, text] of Object.entries(all.en)) {
            // "many" of Spanish is for millions, which we never write out.
            const wanted = plural.test(key) ? forms.filter((f) => f !== "many").map((f) => `${base(key)}_${f}`) : [key];
            for (const k of wanted) if (!words[k]) problems.push(`${lang}: '${k}' is missing`);
            if (words[key] && !plural.test(key) && places(words[key]) !== places(text)) problems.push(`${lang}: '${key}' has other {places} than in English`);
        }
    }
    if (problems.length) throw new Error(`words:\n${[...new Set(problems)].join("\n")}`);
    return all;
}

// A catalogue is one value, not a variable for each word, in two files: what Home and most pages need, and the rest. The words of the server's own pages and mails, and of the widget, stay with those. What the server says in English
// ("said.") is a third one for each other language: pairs of the English sentence and its translation.
const later = /^(account|agree|answers|audit|browser|cal|check|cohort|company|consent|customers?|delivery|dissat|duty|field|gate|hardship|holiday|hook|hours|identity|import|inbox|job|key|line|mailset|meaning|needs|oidc|out|outbox|playbook|palette|points|prio|privacy|promise|quarantine|raw|report|retention|rising|search|site|source|spark|stage|std|team|theme|timeline|topic|value|who|worth)\.(?!new$)/;
export const words = {
    name: "words",
    setup(build) {
        build.onLoad({ filter: /i18n[/\\]\w+\.json$/ }, ({ path, suffix }) => {
            const all = JSON.parse(readFileSync(path, "utf8"));
            if (suffix === "?said") {
                const english = JSON.parse(readFileSync(join(path, "../en.json"), "utf8"));
                return { contents: `export default ${JSON.stringify(Object.keys(all).filter((key) => key.startsWith("said.")).map((key) => [english[key], all[key]]))}`, loader: "js" };
            }
            const ours = Object.fromEntries(Object.entries(all).filter(([key]) => !/^(server|mail|widget|said)\./.test(key) && later.test(key) === (suffix === "?later")));
            return { contents: `export default ${JSON.stringify(ours)}`, loader: "js" };
        });
    },
};
