// Sentences of the server in the reader's language: the one that says most wins, places are told again, what is not
// known stays as it is.
import "./setup";
import assert from "node:assert/strict";
import { test } from "node:test";
import de from "../i18n/de.json?said";
import es from "../i18n/es.json?said";
import { money } from "../src/lib/i18n";
import { rulesOf, translate } from "../src/lib/said_rules";

test("a sentence of the server is told in German and in Spanish, with what stands in it", () => {
    const german = rulesOf(de);
    assert.equal(translate("27 more promises are needed", german), "es fehlen noch 27 Zusagen");
    assert.equal(translate('"soon" is no time; write it as 2026-01-31 or 2026-01-31T14:05:00Z', german), "„soon“ ist keine Zeit; schreiben Sie 2026-01-31 oder 2026-01-31T14:05:00Z");
    assert.match(translate("345.00 EUR of 400.00 EUR given this month", german)!, /^345,00\s€|^€345.00|345/);
    assert.match(translate("345.00 EUR of 400.00 EUR given this month", german)!, /\(diesen Monat\)$/);
    assert.equal(translate("The file is empty.", rulesOf(es)), "El archivo está vacío");
});
test("what the catalogue does not know is not guessed", () => {
    assert.equal(translate("the moon is made of cheese", rulesOf(de)), null);
    assert.equal(translate("", rulesOf(de)), null);
});
test("every sentence is found again by its own pattern, and by no earlier one", () => {
    const filled = (text: string) => text.replace(/\{money(to)?\}/g, "7.00 EUR").replace(/\{(\w+)\}/g, "7");
    assert.ok(de.length > 200 && es.length === de.length);
    for (const [english, text] of de) assert.equal(translate(filled(english), rulesOf(de)), filled(text).replace(/7\.00 EUR/g, money({ value: 700, currency: "EUR" })), english);
});
