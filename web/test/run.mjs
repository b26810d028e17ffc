// Bundles the unit tests and runs them by node:test.
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import * as esbuild from "esbuild";
import { words } from "../words.mjs";

const here = new URL("..", import.meta.url).pathname;
const out = mkdtempSync(join(process.env.TMP ?? tmpdir(), "web-test-"));
await esbuild.build({
    absWorkingDir: here,
    entryPoints: readdirSync(join(here, "test")).filter((f) => f.endsWith(".test.ts")).map((f) => `test/${f}`),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    jsx: "automatic",
    jsxImportSource: "preact",
    plugins: [words],
    logLevel: "warning",
});
const run = spawnSync(process.execPath, ["--test", "--test-reporter=tap", ...readdirSync(out).filter((f) => f.endsWith(".test.mjs")).map((f) => join(out, f))], { encoding: "utf8" });
for (const line of run.stdout.split("\n")) {
    const m = /^\s*(not )?ok \d+ - (?!.*\.test\.mjs)(.*)$/.exec(line);
    if (m) console.log(`${m[1] ? "not ok" : "ok"} web: ${m[2]}`);
}
if (run.status) console.log(run.stdout + run.stderr);
process.exit(run.status ?? 1);
