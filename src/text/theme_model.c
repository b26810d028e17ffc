#include <math.h>

#include "text/floats.h"
#include "text/theme_inside.h"

enum { HEAD = 16, PINS_MOST = 1 << 20, PARTS_MOST = 4 * THEMES_MOST, NAME_MOST = 256 };
static const char MAGIC[8] = "heedthm\x01";

// ---- the nearest ----

// Cosine of a row and a centre, from the halves that both have: a text without a vector is compared by its letters.
static float likeness_of(const float *row, const float *centre, bool meaning, bool letters) {
    const size_t from = meaning ? 0 : THEME_HALF, n = meaning && letters ? THEME_WIDTH : THEME_HALF;
    const float both = floats_dot(row + from, centre + from, n);
    if (n == THEME_WIDTH) return both;
    const float length = sqrtf(floats_dot(centre + from, centre + from, n));
    return length > 1e-6f ? both / length : 0;
}

static bool is_there(const float *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (x[i] < 0 || x[i] > 0) return true;
    return false;
}

uint32_t theme_nearest_part(const theme_model *m, const float *row, float *distance) {
    const bool meaning = is_there(row, THEME_HALF), letters = is_there(row + THEME_HALF, THEME_HALF);
    uint32_t best = THEME_NONE;
    *distance = 2;
    for (size_t p = 0; p < m->n_parts; p++) {
        const float is =
            1 - (meaning || letters ? likeness_of(row, m->centres + p * THEME_WIDTH, meaning, letters) : 0);
        if (is < *distance) *distance = is, best = (uint32_t)p;
    }
    *distance = fmaxf(0, *distance);
    return best;
}

theme_choice theme_nearest(const theme_model *m, const float *row) {
    theme_choice c = {.distance = 2, .second_distance = 2};
    const bool meaning = is_there(row, THEME_HALF), letters = is_there(row + THEME_HALF, THEME_HALF);
    uint32_t second = THEME_NONE;
    c.at = THEME_NONE;
    for (size_t p = 0; p < m->n_parts; p++) {
        const uint32_t of = m->theme_of[p];
        const float is =
            1 - (meaning || letters ? likeness_of(row, m->centres + p * THEME_WIDTH, meaning, letters) : 0);
        if (is < c.distance) {
            if (c.at != of) second = c.at, c.second_distance = c.distance;
            c.distance = is, c.at = of;
        } else if (of != c.at && is < c.second_distance) {
            c.second_distance = is, second = of;
        }
    }
    if (c.at == THEME_NONE) return (theme_choice){0};
    c.distance = fmaxf(0, c.distance);
    c.second_distance = fmaxf(0, c.second_distance);
    c.id = m->ids[c.at];
    c.second = second == THEME_NONE ? 0 : m->ids[second];
    c.far = c.distance > m->far;
    return c;
}

static float strange(float distance, float held) {
    return 1 - held * (1 - distance);
}

theme_choice theme_nearest_held(const theme_model *m, const float *row, float held) {
    theme_choice c = theme_nearest(m, row);
    c.distance = strange(c.distance, held);
    c.second_distance = strange(c.second_distance, held);
    c.far = c.id && c.distance > m->far;
    return c;
}

uint32_t theme_pinned(const theme_model *m, uint64_t key) {
    size_t low = 0, high = m->n_pins;
    while (low < high) {
        const size_t at = (low + high) / 2;
        if (m->pin_keys[at] < key)
            low = at + 1;
        else
            high = at;
    }
    return low < m->n_pins && m->pin_keys[low] == key ? m->pin_of[low] : THEME_NONE;
}

// The distance of a row from the nearest part of a theme.
float theme_distance(const theme_model *m, const float *row, uint32_t theme) {
    const bool meaning = is_there(row, THEME_HALF), letters = is_there(row + THEME_HALF, THEME_HALF);
    float least = 1;
    bool first = true;
    for (size_t p = 0; p < m->n_parts && (meaning || letters); p++) {
        if (m->theme_of[p] != theme) continue;
        const float is = 1 - likeness_of(row, m->centres + p * THEME_WIDTH, meaning, letters);
        least = first ? is : fminf(least, is);
        first = false;
    }
    return fmaxf(0, least);
}

theme_choice theme_assign(const theme_model *m, arena scratch, str text, const int8_t *vector) {
    float row[THEME_WIDTH];
    const uint64_t key = theme_key(scratch, text);
    if (!key || !m->n_parts) return (theme_choice){.distance = 1};
    const float held = theme_space_of(&m->space, scratch, text, vector, row);
    theme_choice c = theme_nearest_held(m, row, held);
    const uint32_t pinned = m->n_pins ? theme_pinned(m, key) : THEME_NONE;
    if (pinned == THEME_NONE) return c;
    if (pinned != c.at) c.second = c.id, c.second_distance = c.distance;
    c.at = pinned;
    c.id = m->ids[pinned];
    c.distance = strange(theme_distance(m, row, pinned), held);
    c.far = false;
    return c;
}

// ---- what it holds ----

size_t theme_count(const theme_model *m) {
    return m->n_themes;
}

int64_t theme_id(const theme_model *m, size_t at) {
    assert(at < m->n_themes);
    return m->ids[at];
}

str theme_name(const theme_model *m, size_t at) {
    assert(at < m->n_themes);
    return m->names[at];
}

str theme_make(const theme_model *m) {
    return m->make;
}

double theme_far(const theme_model *m) {
    return (double)m->far;
}

int64_t theme_next_id(const theme_model *m) {
    return m->next_id;
}

bool theme_model_link(arena *a, theme_model *m) {
    m->theme_of = make(a, uint32_t, m->n_parts + 1);
    for (size_t p = 0; p < m->n_parts; p++) {
        uint32_t t = 0;
        while (t < m->n_themes && m->ids[t] != m->parts[p].id) t++;
        if (t == m->n_themes) return false;
        m->theme_of[p] = t;
    }
    return true;
}

// ---- bytes ----

void theme_write(buf *b, const theme_model *m) {
    arena scratch = arena_open((size_t)1 << 32);
    buf body = buf_new(&scratch, (size_t)1 << 31);
    theme_space_write(&body, &m->space);
    buf_varint(&body, m->make.len);
    buf_add(&body, m->make);
    buf_bytes(&body, &m->far, sizeof m->far);
    buf_varint(&body, (uint64_t)m->next_id);
    buf_varint(&body, m->n_themes);
    for (size_t t = 0; t < m->n_themes; t++) {
        buf_varint(&body, (uint64_t)m->ids[t]);
        buf_varint(&body, m->names[t].len);
        buf_add(&body, m->names[t]);
    }
    buf_varint(&body, m->n_parts);
    for (size_t p = 0; p < m->n_parts; p++) {
        buf_varint(&body, (uint64_t)m->parts[p].id);
        buf_bytes(&body, m->centres + p * THEME_WIDTH, THEME_WIDTH * sizeof *m->centres);
    }
    buf_varint(&body, m->n_pins);
    for (size_t i = 0; i < m->n_pins; i++) {
        buf_bytes(&body, &m->pin_keys[i], sizeof *m->pin_keys);
        buf_varint(&body, m->pin_of[i]);
    }
    const uint64_t sum = str_hash(buf_str(&body));
    buf_bytes(b, MAGIC, sizeof MAGIC);
    buf_bytes(b, &sum, sizeof sum);
    buf_add(b, buf_str(&body));
    arena_close(&scratch);
}

static bool take(str *rest, void *out, size_t n) {
    if (rest->len < n) return false;
    if (n) memcpy(out, rest->s, n);
    *rest = str_sub(*rest, n, rest->len - n);
    return true;
}

static bool read_count(str *rest, size_t *n, size_t most) {
    uint64_t x;
    if (!buf_read_varint(rest, &x) || x > most) return false;
    *n = (size_t)x;
    return true;
}

static bool read_id(str *rest, int64_t *id, int64_t below) {
    uint64_t x;
    if (!buf_read_varint(rest, &x) || x == 0 || x >= (uint64_t)below) return false;
    *id = (int64_t)x;
    return true;
}

static bool read_text(arena *a, str *rest, str *out) {
    size_t length;
    if (!read_count(rest, &length, NAME_MOST) || length > rest->len) return false;
    *out = str_dup(a, str_sub(*rest, 0, length));
    *rest = str_sub(*rest, length, rest->len - length);
    return true;
}

static bool read_themes(arena *a, str *rest, theme_model *m) {
    if (!read_text(a, rest, &m->make)) return false;
    if (!take(rest, &m->far, sizeof m->far) || !(m->far >= 0 && m->far <= 2)) return false;
    if (!read_id(rest, &m->next_id, INT64_MAX) || !read_count(rest, &m->n_themes, PARTS_MOST)) return false;
    m->ids = make(a, int64_t, m->n_themes + 1);
    m->names = make(a, str, m->n_themes + 1);
    for (size_t t = 0; t < m->n_themes; t++) {
        if (!read_id(rest, &m->ids[t], m->next_id) || !read_text(a, rest, &m->names[t])) return false;
        for (size_t k = 0; k < t; k++)
            if (m->ids[k] == m->ids[t]) return false;
    }
    return true;
}

static bool read_parts(arena *a, str *rest, theme_model *m) {
    if (!read_count(rest, &m->n_parts, PARTS_MOST)) return false;
    m->parts = make(a, theme_part, m->n_parts + 1);
    m->centres = arena_alloc(a, sizeof *m->centres, 64, m->n_parts * THEME_WIDTH + 1);
    for (size_t p = 0; p < m->n_parts; p++) {
        float *centre = m->centres + p * THEME_WIDTH;
        if (!read_id(rest, &m->parts[p].id, m->next_id) || !take(rest, centre, THEME_WIDTH * sizeof *centre))
            return false;
        for (size_t k = 0; k < THEME_WIDTH; k++)
            if (!(fabsf(centre[k]) <= 1.01f)) return false;
    }
    return theme_model_link(a, m);
}

static bool read_pins(arena *a, str *rest, theme_model *m) {
    if (!read_count(rest, &m->n_pins, PINS_MOST) || m->n_pins > rest->len) return false;
    m->pin_keys = make(a, uint64_t, m->n_pins + 1);
    m->pin_of = make(a, uint32_t, m->n_pins + 1);
    for (size_t i = 0; i < m->n_pins; i++) {
        size_t of;
        if (!take(rest, &m->pin_keys[i], sizeof *m->pin_keys) || !read_count(rest, &of, m->n_themes) ||
            of >= m->n_themes || (i && m->pin_keys[i] <= m->pin_keys[i - 1]))
            return false;
        m->pin_of[i] = (uint32_t)of;
    }
    return true;
}

bool theme_read(arena *a, str bytes, theme_model **out, err *e) {
    uint64_t sum;
    theme_model *m = make(a, theme_model, 1);
    *out = NULL;
    if (bytes.len < HEAD || memcmp(bytes.s, MAGIC, sizeof MAGIC - 1) != 0)
        return fail(e, ERR_corrupt, "these are no themes; find them anew");
    if (bytes.s[7] != MAGIC[7])
        return fail(e, ERR_invalid, "the themes are of version %d, not %d; find them anew", bytes.s[7], MAGIC[7]);
    memcpy(&sum, bytes.s + 8, sizeof sum);
    str rest = str_sub(bytes, HEAD, bytes.len - HEAD);
    if (str_hash(rest) != sum || !theme_space_read(a, &rest, &m->space) || !read_themes(a, &rest, m) ||
        !read_parts(a, &rest, m) || !read_pins(a, &rest, m) || rest.len)
        return fail(e, ERR_corrupt, "the themes are damaged; take them from a copy, or find them anew");
    *out = m;
    return true;
}
