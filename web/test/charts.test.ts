import "./setup";
import assert from "node:assert/strict";
import { test } from "node:test";
import { agesShown, goCohort } from "../src/charts/cohorts";
import { spread, stack } from "../src/charts/quantile";
import { laterOf } from "../src/pages/inbox_ask";
import { initials } from "../src/pages/inbox_list";
import { loadWords } from "../src/lib/i18n";

await loadWords();

test("dots stand at the middles of equal parts of the chances", () => {
    // Quantiles of the standard normal distribution, from tables.
    const z = [[0.025, -1.95996], [0.05, -1.64485], [0.1, -1.28155], [0.25, -0.67449], [0.5, 0], [0.75, 0.67449], [0.9, 1.28155], [0.95, 1.64485], [0.975, 1.95996]];
    const dots = spread(z.map(([p, value]) => ({ p: p!, value: value! })));
    assert.equal(dots.length, 20);
    assert.equal(dots[0], -1.95996);
    assert.equal(dots[19], 1.95996);
    // Φ⁻¹(0.475) = −0.06271 and Φ⁻¹(0.725) = 0.59776; between the quantiles that are known the line lies a little beside.
    assert.ok(Math.abs(dots[9]! + 0.06271) < 0.01 && Math.abs(dots[14]! - 0.59776) < 0.02);
    for (let i = 0; i < 20; i++) assert.ok(Math.abs(dots[i]! + dots[19 - i]!) < 1e-9, "symmetric");
    assert.deepEqual(spread([]), []);
    assert.deepEqual(spread([{ p: 0.5, value: 7 }], 3), [7, 7, 7]);
});
test("every dot stands in one stack, none over another, none far from where it belongs", () => {
    let seed = 11;
    const next = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
    for (let k = 0; k < 300; k++) {
        const wide = 4 + 20 * next();
        const places = Array.from({ length: 1 + (k % 30) }, () => 600 * next() ** 2).sort((a, b) => a - b);
        const dots = stack(places, wide);
        assert.equal(dots.length, places.length);
        dots.forEach((d, i) => assert.ok(Math.abs(d.x - places[i]!) < wide));
        assert.equal(new Set(dots.map((d) => `${d.x} ${d.level}`)).size, dots.length);
        // Levels fill from the ground: a dot stands on the ground or on another of its stack.
        for (const d of dots) assert.ok(d.level === 0 || dots.some((o) => o.x === d.x && o.level === d.level - 1));
    }
});
test("cohorts show as many ages as there is room for, the first always", () => {
    assert.deepEqual(agesShown(13, 700), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    assert.deepEqual(agesShown(13, 230), [0, 3, 6, 9, 12]);
    assert.deepEqual(agesShown(1, 10), [0]);
});
test("arrow keys go through a triangle along rows and down columns, and stay inside", () => {
    // Rows of 3, 2 and 1 cells.
    const places: [number, number][] = [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [2, 0]];
    assert.equal(goCohort(places, 0, 1, 0), 1);
    assert.equal(goCohort(places, 1, 0, 1), 4);
    assert.equal(goCohort(places, 2, 0, 1), 4); // the nearest age there is
    assert.equal(goCohort(places, 4, 0, 1), 5);
    assert.equal(goCohort(places, 5, 0, 1), 5);
    assert.equal(goCohort(places, 5, 0, -1), 3);
    assert.equal(goCohort(places, 1, 0, -1), 1);
});
test("until when: so long from now, or a day to come", () => {
    const now = Date.parse("2026-11-22T12:00:00Z");
    assert.equal(laterOf("3h", now)?.id, "3h");
    assert.equal(laterOf("2 w", now)?.id, "2w");
    assert.equal(laterOf("2026-12-01", now)?.id, "2026-12-01");
    for (const no of ["", "0d", "3 months", "2026-11-01", "tomorrow", "-1d"]) assert.equal(laterOf(no, now), null, no);
});
test("initials", () => {
    assert.equal(initials("Ada Berg"), "AB");
    assert.equal(initials("ada.berg@example.org"), "A");
    assert.equal(initials("Zoë"), "Z");
});
