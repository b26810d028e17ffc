// Builds the web app: node build.mjs OUT. Into OUT/files go packed files with a hash of their content in their names,
// and a page for each language; OUT/assets.S and OUT/table.c put them into the program. Fails when a budget is exceeded,
// or a language lacks words.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { lint } from "./lint.mjs";
import { catalogues, words } from "./words.mjs";

const out = process.argv[2] ?? "../build/web";
const here = new URL(".", import.meta.url).pathname;
const KB = 1024;
// Packed, in bytes. The first load is what Home needs: scripts, words and styles; all scripts are what nobody loads at once.
const budgets = { firstScripts: 30.5 * KB, styles: 8 * KB, allScripts: 184 * KB, firstLoad: 45 * KB, widget: 6 * KB };

const faults = lint(here);
if (faults.length) throw new Error(`web/lint.mjs:\n${faults.join("\n")}`);
const languages = catalogues(join(here, "i18n"));

// What pages share is cut by who shares it, which makes dozens of small files. Pages other than Home ask for all of the
// kit, so that it comes in two: what Home needs too, and the rest.
const kitNames = readdirSync(join(here, "src/ui")).filter((name) => /\.tsx?$/.test(name) && !/^(palette|shortcuts|details|evidence|words_dialog)\./.test(name));
const kit = {
    name: "kit",
    setup(build) {
        build.onLoad({ filter: /src[/\\]pages[/\\].*\.tsx$/ }, ({ path }) => {
            if (/[/\\](home|duties|start)\.tsx$/.test(path)) return;
            const up = join(here, "src/ui");
            return { contents: readFileSync(path, "utf8") + kitNames.map((name) => `\nimport ${JSON.stringify(join(up, name))};`).join(""), loader: "tsx" };
        });
    },
};
const result = await esbuild.build({
    absWorkingDir: here,
    entryPoints: { main: "src/main.tsx", style: "styles/main.css" },
    outdir: join(here, "dist-unwritten"),
    write: false,
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    metafile: true,
    legalComments: "none",
    jsx: "automatic",
    jsxImportSource: "preact",
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    // light-dark() must reach the browser as it stands.
    target: ["es2022", "chrome123", "firefox120", "safari17.5"],
    plugins: [words, kit],
    alias: { "d3-interpolate": "./src/charts/numbers.mjs", "d3-format": "./src/charts/numbers.mjs" },
    logLevel: "warning",
});

// The widget is one file that other websites load, with its words in every language.
const widgetWords = Object.fromEntries(Object.entries(languages).map(([lang, all]) => [lang, Object.fromEntries(Object.entries(all).filter(([key]) => key.startsWith("widget.")))]));
const widget = await esbuild.build({
    absWorkingDir: here,
    entryPoints: ["widget/w.ts"],
    write: false,
    bundle: true,
    minify: true,
    format: "iife",
    charset: "utf8",
    define: { WORDS: JSON.stringify(widgetWords) },
    target: ["es2022", "chrome111", "firefox113", "safari16.4"],
    logLevel: "warning",
});

// ---- files ----

const files = new Map();
for (const file of result.outputFiles) files.set(basename(file.path), Buffer.from(file.contents));
const icon = readFileSync(join(here, "styles/icon.svg"));
const iconName = `icon-${createHash("sha256").update(icon).digest("hex").slice(0, 8).toUpperCase()}.svg`;
files.set(iconName, icon);
files.set("w.js", Buffer.from(widget.outputFiles[0].contents));

// What was written by others is named with its licence, as those ask.
const packages = [...new Set(Object.keys(result.metafile.inputs).map((i) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(i)?.[1]).filter(Boolean))].sort();
const licences = packages.map((p) => {
    const dir = join(here, "node_modules", p);
    const file = readdirSync(dir).find((f) => /^licen[cs]e/i.test(f));
    const { name, version, license } = JSON.parse(readFileSync(join(dir, "package.json"), "utf8"));
    return `${name} ${version} (${license})\n\n${file ? readFileSync(join(dir, file), "utf8").trim() : ""}\n`;
});
files.set("licences.txt", Buffer.from(licences.join(`\n${"-".repeat(60)}\n\n`)));

// The tenth byte names the machine that packed; without it every machine packs alike.
const pack = (bytes) => {
    const packed = gzipSync(bytes, { level: 9 });
    packed[9] = 255;
    return packed;
};
const packed = new Map([...files].map(([name, bytes]) => [name, pack(bytes)]));

// ---- what loads first ----

const outputs = Object.entries(result.metafile.outputs).map(([path, o]) => ({ name: basename(path), ...o }));
const made = (source) => outputs.find((o) => o.entryPoint === source);
const all = (first, seen = new Set()) => {
    if (!first || seen.has(first.name)) return seen;
    seen.add(first.name);
    for (const i of first.imports) if (i.kind === "import-statement") all(outputs.find((o) => o.name === basename(i.path)), seen);
    return seen;
};
const main = made("src/main.tsx");
const style = made("styles/main.css");
const first = all(main);
const home = all(made("src/pages/home.tsx"), new Set(first));
const size = (names) => [...names].reduce((sum, name) => sum + packed.get(name).length, 0);
const catalogue = (lang) => made(`i18n/${lang}.json`).name;

// ---- the pages ----

const template = readFileSync(join(here, "src/index.html"), "utf8");
const pages = new Map();
for (const lang of [...Object.keys(languages), "xx", "xa"]) {
    const of = languages[lang] ? lang : "en";
    const preload = [...first].filter((n) => n !== main.name).concat(catalogue(of));
    const page = template
        .replaceAll("[lang]", lang)
        .replaceAll("[dir]", lang === "xa" ? "rtl" : "ltr")
        .replaceAll("[icon]", `/assets/${iconName}`)
        .replaceAll("[style]", `/assets/${style.name}`)
        .replaceAll("[main]", `/assets/${main.name}`)
        .replaceAll("[noscript]", languages[of]["app.noscript"])
        .replaceAll("[preload]", preload.map((n) => `<link rel="modulepreload" href="/assets/${n}">`).join("\n"));
    pages.set(`index.${lang}.html`, Buffer.from(page));
}

// ---- budgets ----

const scripts = [...packed.keys()].filter((n) => n.endsWith(".js") && n !== "w.js");
const catalogueFiles = (l) => [catalogue(l), made(`i18n/${l}.json?later`).name, made(`i18n/${l}.json?said`)?.name].filter(Boolean);
const languageSizes = Object.keys(languages).map((l) => size(catalogueFiles(l)));
const sizes = {
    firstScripts: size(home),
    styles: packed.get(style.name).length,
    allScripts: size(scripts) - languageSizes.reduce((a, b) => a + b, 0),
    widget: packed.get("w.js").length,
    firstLoad: size(home) + packed.get(style.name).length + Math.max(...Object.keys(languages).map((l) => packed.get(catalogue(l)).length)) + pages.get("index.en.html").length,
};
for (const [what, bytes] of Object.entries(sizes)) {
    const kb = (n) => `${(n / KB).toFixed(1)} KB`;
    if (bytes > budgets[what]) {
        console.error(`web: ${what} is ${kb(bytes)}, more than ${kb(budgets[what])}`);
        process.exitCode = 1;
    } else if (process.env.VERBOSE) console.log(`${what.padEnd(14)} ${kb(bytes).padStart(9)} of ${kb(budgets[what])}`);
}
if (process.exitCode) process.exit();

// ---- into the program ----

const types = { js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8", svg: "image/svg+xml", html: "text/html; charset=utf-8", txt: "text/plain; charset=utf-8" };
rmSync(join(out, "files"), { recursive: true, force: true });
mkdirSync(join(out, "files"), { recursive: true });
const rows = [...packed, ...pages].sort(([a], [b]) => (a < b ? -1 : 1));
let assembly = "    .section .rodata\n";
let declared = "";
let table = "";
rows.forEach(([name, bytes], i) => {
    writeFileSync(join(out, "files", name), bytes);
    const tag = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
    assembly += `    .global heed_web_${i}, heed_web_${i}_end\nheed_web_${i}:\n    .incbin "files/${name}"\nheed_web_${i}_end:\n`;
    declared += `extern const char heed_web_${i}[], heed_web_${i}_end[];\n`;
    table += `    {"${name}", "${types[name.split(".").pop()]}", "\\"${tag}\\"", heed_web_${i}, heed_web_${i}_end},\n`;
});
assembly += '    .section .note.GNU-stack,"",%progbits\n';
writeFileSync(join(out, "assets.S"), assembly);
writeFileSync(join(out, "table.c"), `#include "serve/assets.h"\n\n${declared}\nconst asset heed_web[] = {\n${table}    {0},\n};\n`);
for (const f of readdirSync(out)) if (f.endsWith(".tmp")) rmSync(join(out, f));
