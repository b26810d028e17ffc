import "./setup";
import assert from "node:assert/strict";
import { test } from "node:test";
import { inOrder } from "../src/pages/topics";
import { piecesOf } from "../src/ui/marked";

const cause = (words: string, from: number) => ({ words, from, adds: 1 });

test("marked words stand where bytes say, in every script", () => {
    const words = "El café 茶 está frío";
    const at = (x: string) => Buffer.from(words).indexOf(x);
    const pieces = piecesOf(words, [cause("frío", at("frío")), cause("café", at("café")), cause("茶", at("茶"))]);
    assert.deepEqual(pieces.filter((p) => p.hit).map((p) => p.text), ["café", "茶", "frío"]);
    assert.equal(pieces.map((p) => p.text).join(""), words);
});
test("a cause that does not stand where it says marks nothing, and no text is lost", () => {
    const words = "late again";
    for (const causes of [[cause("late", 3)], [cause("late", 0), cause("ate", 1)], [cause("x", 99)], []]) assert.equal(piecesOf(words, causes).map((p) => p.text).join(""), words);
});
test("topics stand below what they belong to; one whose parent is not there stands on top", () => {
    const node = (id: number, parent: number | null) => ({ topic: { id, parent } }) as Parameters<typeof inOrder>[0][number];
    const rows = inOrder([node(1, null), node(2, 3), node(3, 1), node(4, 99), node(5, 1)]);
    assert.deepEqual(rows.map((r) => [r.x.topic.id, r.depth]), [[1, 0], [3, 1], [2, 2], [5, 1], [4, 0]]);
});
