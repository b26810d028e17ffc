#include <math.h>

#include "cli/picture.h"

enum { HIGH = 13, WIDE = 64, SVG_W = 720, SVG_H = 360, LEFT = 64, RIGHT = 16, TOP = 40, BOTTOM = 48 };

static const char MARKS[PICTURE_LINES] = {'*', 'o', '+', 'x'};

static double highest(const picture *p) {
    double top = 0;
    for (int k = 0; k < p->n_lines; k++)
        for (size_t i = 0; i < p->n; i++) {
            double y = p->lines[k].y[i], hi = p->lines[k].hi ? p->lines[k].hi[i] : y;
            if (isfinite(y) && y > top) top = y;
            if (isfinite(hi) && hi > top) top = hi;
        }
    return top > 0 ? top : 1;
}

// A round number not below x: 1, 2 or 5 times a power of ten.
static double round_up(double x) {
    double power = pow(10, floor(log10(x)));
    for (int i = 0; i < 3; i++) {
        static const double steps[] = {1, 2, 5};
        if (steps[i] * power >= x) return steps[i] * power;
    }
    return 10 * power;
}

// ---- on a terminal ----

static void lines_text(arena scratch, const term *t, const picture *p) {
    double top = round_up(highest(p));
    int wide = t->columns > 30 ? MIN(t->columns - 14, WIDE) : WIDE;
    char *grid = make(&scratch, char, HIGH *(wide + 1));
    memset(grid, ' ', (size_t)(HIGH * (wide + 1)));
    for (int k = p->n_lines - 1; k >= 0; k--)
        for (int x = 0; x < wide; x++) {
            size_t i = p->n < 2 ? 0 : (size_t)lround((double)x * (double)(p->n - 1) / (wide - 1));
            double y = p->lines[k].y[i];
            if (!isfinite(y)) continue;
            int row = HIGH - 1 - (int)lround(fmax(y, 0) / top * (HIGH - 1));
            char *at = &grid[MAX(row, 0) * (wide + 1) + x];
            *at = *at == ' ' ? MARKS[k] : '#';
        }
    for (int y = 0; y < HIGH; y++) {
        str line = {grid + y * (wide + 1), (size_t)wide};
        if (y % 3 == 0 || y == HIGH - 1)
            term_say(t, "%10.4g |%.*s\n", top * (HIGH - 1 - y) / (HIGH - 1), STR_ARG(line));
        else
            term_say(t, "%10s |%.*s\n", "", STR_ARG(line));
    }
    term_say(t, "%10s +", "");
    for (int x = 0; x < wide; x++) term_say(t, "-");
    term_say(t, "\n%10s  %-*.6g%.6g  %s\n", "", wide - 6, p->x0, p->x0 + p->step * (double)(p->n - 1), p->x_name);
    for (int k = 0; k < p->n_lines; k++) term_say(t, "%12s %c %s\n", "", MARKS[k], p->lines[k].name);
    if (p->n_lines > 1) term_say(t, "%12s # both\n", "");
}

static void bars_text(const term *t, const picture *p) {
    double top = highest(p);
    int wide = t->columns > 60 ? MIN(t->columns - 32, 48) : 40;
    for (size_t i = 0; i < p->n; i++)
        for (int k = 0; k < p->n_lines; k++) {
            double y = p->lines[k].y[i];
            int n = isfinite(y) ? (int)lround(y / top * wide) : 0;
            term_say(t, "%8s %-8s ", k ? "" : p->labels[i], p->lines[k].name);
            for (int x = 0; x < n; x++) term_say(t, "%c", k ? '-' : '=');
            term_say(t, " %.6g\n", isfinite(y) ? round(y * 10) / 10 : 0);
        }
}

void picture_text(arena scratch, const term *t, const picture *p) {
    term_head(t, p->title);
    if (!p->n)
        term_say(t, "  nothing to draw\n");
    else if (p->labels)
        bars_text(t, p);
    else
        lines_text(scratch, t, p);
}

// ---- as SVG ----

static void svg_text(buf *b, const char *text) {
    for (; *text; text++) switch (*text) {
        case '<': buf_add(b, S("&lt;")); break;
        case '>': buf_add(b, S("&gt;")); break;
        case '&': buf_add(b, S("&amp;")); break;
        default:
            if ((unsigned char)*text >= ' ') buf_addc(b, *text);
        }
}

static void svg_label(buf *b, double x, double y, const char *anchor, const char *text) {
    buf_fmt(b, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
    svg_text(b, text);
    buf_add(b, S("</text>"));
}

static double last_of(const picture *p) {
    return p->n > 1 ? (double)(p->n - 1) : 1;
}

static double x_at(const picture *p, double i) {
    double span = p->labels ? (double)MAX(p->n, 1) : last_of(p);
    return LEFT + i * (SVG_W - LEFT - RIGHT) / span;
}

static double y_at(double y, double top) {
    return SVG_H - BOTTOM - fmax(y, 0) / top * (SVG_H - TOP - BOTTOM);
}

static void svg_head(buf *b, const picture *p) {
    buf_fmt(b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\">", SVG_W, SVG_H);
    buf_add(b, S("<title>"));
    svg_text(b, p->title);
    // Lines differ by their dashes as well as by colour; the colours hold a contrast of 4.5 to white and to #111.
    buf_add(b,
            S("</title><style>svg{color-scheme:light dark;font:13px system-ui,sans-serif}text{fill:#1b2733}"
              ".g{stroke:#8a97a5;stroke-opacity:.35}.l0,.l1,.l2,.l3{fill:none;stroke-width:2}"
              ".l0{stroke:#0b5cad}.l1{stroke:#a8480f;stroke-dasharray:7 4}.l2{stroke:#2b6e3f;stroke-dasharray:2 3}"
              ".l3{stroke:#7a3ea8;stroke-dasharray:9 3 2 3}.b0{fill:#0b5cad}.b1{fill:#a8480f;fill-opacity:.65}"
              ".b2{fill:#2b6e3f}.b3{fill:#7a3ea8}.d0{fill:#0b5cad}.d1{fill:#a8480f}.d2{fill:#2b6e3f}"
              ".d3{fill:#7a3ea8}.d0,.d1,.d2,.d3{fill-opacity:.15}@media(prefers-color-scheme:dark){text{fill:#e6edf3}"
              ".l0{stroke:#6cb6ff}.l1{stroke:#f0a36c}.l2{stroke:#7bd88f}.l3{stroke:#c9a0f0}.b0,.d0{fill:#6cb6ff}"
              ".b1,.d1{fill:#f0a36c}.b2,.d2{fill:#7bd88f}.b3,.d3{fill:#c9a0f0}}</style>"));
    buf_fmt(b, "<text x=\"16\" y=\"22\" font-weight=\"600\">");
    svg_text(b, p->title);
    buf_add(b, S("</text>"));
    svg_label(b, SVG_W - RIGHT, 22, "end", p->y_name);
}

static void svg_axes(buf *b, const picture *p, double top) {
    char tick[40];
    for (int i = 0; i <= 4; i++) {
        double y = top * i / 4;
        buf_fmt(b, "<line class=\"g\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, SVG_W - RIGHT, y_at(y, top),
                y_at(y, top));
        snprintf(tick, sizeof tick, "%.6g", y);
        svg_label(b, LEFT - 8, y_at(y, top) + 4, "end", tick);
    }
    for (int i = 0; !p->labels && i <= 4; i++) {
        double at = last_of(p) * i / 4;
        snprintf(tick, sizeof tick, "%.4g", p->x0 + p->step * at);
        svg_label(b, x_at(p, at), SVG_H - BOTTOM + 18, "middle", tick);
    }
    for (size_t i = 0; p->labels && i < p->n; i++)
        svg_label(b, x_at(p, (double)i + 0.5), SVG_H - BOTTOM + 18, "middle", p->labels[i]);
    svg_label(b, SVG_W - RIGHT, SVG_H - 8, "end", p->x_name);
}

static bool has_band(const picture_line *l, size_t i) {
    return l->lo && l->hi && isfinite(l->lo[i]) && isfinite(l->hi[i]);
}

static void svg_band(buf *b, const picture *p, int k, double top) {
    const picture_line *l = &p->lines[k];
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) n += has_band(l, i);
    if (n < 2) return;
    buf_fmt(b, "<polygon class=\"d%d\" points=\"", k);
    for (size_t i = 0; i < p->n; i++)
        if (has_band(l, i)) buf_fmt(b, "%.1f,%.1f ", x_at(p, (double)i), y_at(l->hi[i], top));
    for (size_t i = p->n; i-- > 0;)
        if (has_band(l, i)) buf_fmt(b, "%.1f,%.1f ", x_at(p, (double)i), y_at(l->lo[i], top));
    buf_add(b, S("\"/>"));
}

static void svg_line(buf *b, const picture *p, int k, double top) {
    const picture_line *l = &p->lines[k];
    svg_band(b, p, k, top);
    buf_fmt(b, "<polyline class=\"l%d\" points=\"", k);
    for (size_t i = 0; i < p->n; i++)
        if (isfinite(l->y[i])) buf_fmt(b, "%.1f,%.1f ", x_at(p, (double)i), y_at(l->y[i], top));
    buf_add(b, S("\"/>"));
}

static void svg_bars(buf *b, const picture *p, int k, double top) {
    double wide = (x_at(p, 1) - x_at(p, 0)) * 0.8 / p->n_lines;
    for (size_t i = 0; i < p->n; i++) {
        double y = p->lines[k].y[i];
        if (!isfinite(y)) continue;
        buf_fmt(b, "<rect class=\"b%d\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", k,
                x_at(p, (double)i + 0.1) + wide * k, y_at(y, top), wide, y_at(0, top) - y_at(y, top));
    }
}

static void svg_legend(buf *b, const picture *p, int k) {
    int x = LEFT + k * 140, y = SVG_H - 12;
    if (p->labels)
        buf_fmt(b, "<rect class=\"b%d\" x=\"%d\" y=\"%d\" width=\"24\" height=\"8\"/>", k, x, y - 4);
    else
        buf_fmt(b, "<path class=\"l%d\" d=\"M%d %dh24\"/>", k, x, y);
    svg_label(b, x + 30, y + 4, "start", p->lines[k].name);
}

void picture_svg(buf *b, const picture *p) {
    double top = round_up(highest(p));
    svg_head(b, p);
    svg_axes(b, p, top);
    for (int k = 0; k < p->n_lines; k++) {
        if (p->labels)
            svg_bars(b, p, k, top);
        else
            svg_line(b, p, k, top);
        svg_legend(b, p, k);
    }
    buf_add(b, S("</svg>\n"));
}
