import "./setup";
import assert from "node:assert/strict";
import { test } from "node:test";
import { controlLimits } from "../src/charts/line";
import { csvText } from "../src/lib/csv";
import { type Figure, digitsFor, roundMoney, sayChange, sayFigure, tied, writeFigure, writeRange } from "../src/lib/figure";
import { loadWords, percentParts } from "../src/lib/i18n";
import { pseudo } from "../src/lib/pseudo";

await loadWords();
const fig = (value: number, lo: number, hi: number, n = 332, state: Figure["state"] = "ok"): Figure => ({ value, lo, hi, n, method: "m", state });

test("digits follow the range", () => {
    assert.deepEqual([5, 1, 0.5, 0.1, 0.04, 0].map(digitsFor), [0, 0, 1, 1, 2, 0]);
    assert.equal(sayFigure(fig(39.2, 30.1, 46.8), "points"), "39 · likely 30 to 47 · n = 332");
    assert.equal(sayFigure(fig(0.0231, 0.018, 0.029), "share"), "2.3% · likely 1.8 to 2.9% · n = 332");
    assert.equal(sayFigure(fig(3.972, 3.88, 4.06), "mark"), "3.97 · likely 3.88 to 4.06 · n = 332");
});
test("a range never looks like a subtraction, and minus is a minus", () => {
    assert.equal(writeRange(fig(-12, -38, 14), "points"), "likely −38 to 14");
    assert.equal(sayChange({ diff: -4, lo: -12.2, hi: 3.8, method: "" }, "points"), "−4, likely −12 to +4");
});
test("money is rounded to two digits of half the range", () => {
    assert.equal(roundMoney(2419612, 645000), 2420000);
    assert.equal(writeFigure(fig(2419612, 1880000, 3170000), { currency: "EUR" }).value, "€24,200");
    assert.equal(writeFigure(fig(2419612, 1880000, 3170000), { currency: "EUR" }).range, "likely 18,800 to €31,700");
});
test("lengths of time keep one unit", () => {
    assert.equal(sayFigure(fig(45360, 42840, 47520, 741), "seconds"), "12.6 hr · likely 11.9 hr to 13.2 hr · n = 741");
    assert.equal(writeFigure(fig(432000, 172800, 2073600), "seconds").range, "likely 2 days to 24 days");
});
test("what was counted has no range", () => {
    assert.equal(sayFigure({ value: 0.5, lo: 0.5, hi: 0.5, n: 24, method: "", state: "ok" }, "share"), "50% · all 24 counted");
});
test("what cannot be told shows no number", () => {
    const f: Figure = { value: null, lo: null, hi: null, n: 3, method: "", state: "refused" };
    assert.equal(writeFigure(f, "share").value, "");
    assert.equal(sayFigure(f, "share"), "Cannot be told yet");
});
test("no upper bound is said so", () => {
    assert.equal(writeRange({ value: 5, lo: 2, hi: null }, "number"), "likely at least 2".replace("likely ", ""));
});
test("parts of a whole sum to 100", () => {
    assert.deepEqual(percentParts([16, 30, 55]), [16, 30, 54]);
    assert.deepEqual(percentParts([1, 1, 1]), [34, 33, 33]);
    assert.deepEqual(percentParts([0, 0]), [0, 0]);
    let seed = 7;
    for (let i = 0; i < 500; i++) {
        const parts = Array.from({ length: 1 + (i % 9) }, () => (seed = (seed * 48271) % 2147483647) % 1000);
        const sum = percentParts(parts).reduce((a, b) => a + b, 0);
        assert.equal(sum, parts.some(Boolean) ? 100 : 0);
    }
});
test("neighbours whose ranges overlap are one group", () => {
    assert.deepEqual(tied([{ lo: 50, hi: 60 }, { lo: 45, hi: 58 }, { lo: 10, hi: 20 }]), [0, 0, 1]);
});
test("a u-chart's limits follow Montgomery's formula", () => {
    // Mean rate 2 per 1,000, exposure of 2,500 customers: 2 ± 3 √(2 / 2.5).
    const step = (value: number) => ({ since: "", until: "", estimate: fig(value, 0, 0, 2500) });
    const limits = [...controlLimits([step(1), step(3)]).values()][0]!;
    assert.ok(Math.abs(limits[1] - (2 + 3 * Math.sqrt(2 / 2.5))) < 1e-9);
    assert.equal(limits[0], 0);
});
test("a file for spreadsheets holds no formulas", () => {
    assert.equal(csvText(["a"], [["=1+1"], ['say "hi"'], [-5], ["-x"]]), "a\r\n'=1+1\r\n\"say \"\"hi\"\"\"\r\n-5\r\n'-x\r\n");
});
test("pseudo-language keeps the places", () => {
    assert.match(pseudo({ a: "Go to {page}" }).a!, /^\[Gø tø \{page\}·+\]$/);
});
