#include <math.h>

#include "cli/picture.h"

enum { HIGH = 12, WIDE = 64, SVG_W = 720, SVG_H = 360, LEFT = 64, RIGHT = 16, TOP = 40, BOTTOM = 48 };

static const char MARKS[PICTURE_LINES] = {'*', 'o', '+', 'x'};

static double highest(const picture *p) {
    double top = 0;
    for (int k = 0; k < p->n_lines; k++)
        for (size_t i = 0; i < p->n; i++) {
            double y = p->lines[k].hi ? p->lines[k].hi[i] : p->lines[k].y[i];
            if (isfinite(y) && y > top) top = y;
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

static void bars_text(arena scratch, const term *t, const picture *p) {
    double top = highest(p);
    int wide = t->columns > 60 ? MIN(t->columns - 32, 48) : 40;
    (void)scratch;
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
    if (p->labels)
        bars_text(scratch, t, p);
    else
        lines_text(scratch, t, p);
    term_say(t, "\n");
}

// ---- as SVG ----

static void svg_text(buf *b, const char *text) {
    for (; *text; text++) switch (*text) {
        case '<': buf_add(b, S("&lt;")); break;
        case '>': buf_add(b, S("&gt;")); break;
        case '&': buf_add(b, S("&amp;")); break;
        default: buf_addc(b, *text);
        }
}

static double x_at(const picture *p, double i) {
    double span = p->labels ? (double)p->n : (double)MAX(p->n, 2) - 1;
    return LEFT + i * (SVG_W - LEFT - RIGHT) / span;
}

static double y_at(double y, double top) {
    return SVG_H - BOTTOM - y / top * (SVG_H - TOP - BOTTOM);
}

static void svg_head(buf *b, const picture *p) {
    buf_fmt(b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"t\">",
            SVG_W, SVG_H);
    buf_add(b, S("<title id=\"t\">"));
    svg_text(b, p->title);
    buf_add(b,
            S("</title><style>svg{color-scheme:light dark;font:13px system-ui,sans-serif}text{fill:#1b2733}"
              ".g{stroke:#8a97a5;stroke-opacity:.35}.l0{stroke:#0b5cad;fill:none;stroke-width:2}"
              ".l1{stroke:#b3541e;fill:none;stroke-width:2;stroke-dasharray:6 4}.b0{fill:#0b5cad}.b1{fill:#e0a37e}"
              ".d{fill:#0b5cad;fill-opacity:.15}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.l0{stroke:#6cb6ff}"
              ".b0{fill:#6cb6ff}}</style><text x=\"16\" y=\"22\" font-weight=\"600\">"));
    svg_text(b, p->title);
    buf_add(b, S("</text>"));
}

static void svg_axes(buf *b, const picture *p, double top) {
    for (int i = 0; i <= 4; i++) {
        double y = top * i / 4;
        buf_fmt(b, "<line class=\"g\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, SVG_W - RIGHT, y_at(y, top),
                y_at(y, top));
        buf_fmt(b, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.4g</text>", LEFT - 8, y_at(y, top) + 4, y);
    }
    for (int i = 0; !p->labels && i <= 4; i++)
        buf_fmt(b, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.4g</text>", x_at(p, (double)(p->n - 1) * i / 4),
                SVG_H - BOTTOM + 18, p->x0 + p->step * (double)(p->n - 1) * i / 4);
    for (size_t i = 0; p->labels && i < p->n; i++) {
        buf_fmt(b, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">", x_at(p, (double)i + 0.5), SVG_H - BOTTOM + 18);
        svg_text(b, p->labels[i]);
        buf_add(b, S("</text>"));
    }
    buf_fmt(b, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", SVG_W - RIGHT, SVG_H - 8);
    svg_text(b, p->x_name);
    buf_add(b, S("</text>"));
}

static void svg_line(buf *b, const picture *p, int k, double top) {
    const picture_line *l = &p->lines[k];
    if (l->lo) {
        buf_add(b, S("<path class=\"d\" d=\"M"));
        for (size_t i = 0; i < p->n; i++) buf_fmt(b, "%.1f %.1f ", x_at(p, (double)i), y_at(l->hi[i], top));
        for (size_t i = p->n; i-- > 0;) buf_fmt(b, "%.1f %.1f ", x_at(p, (double)i), y_at(l->lo[i], top));
        buf_add(b, S("Z\"/>"));
    }
    buf_fmt(b, "<polyline class=\"l%d\" points=\"", k % 2);
    for (size_t i = 0; i < p->n; i++)
        if (isfinite(l->y[i])) buf_fmt(b, "%.1f,%.1f ", x_at(p, (double)i), y_at(l->y[i], top));
    buf_add(b, S("\"/>"));
}

static void svg_bars(buf *b, const picture *p, int k, double top) {
    double wide = (x_at(p, 1) - x_at(p, 0)) * 0.8 / p->n_lines;
    for (size_t i = 0; i < p->n; i++) {
        double y = p->lines[k].y[i];
        if (!isfinite(y)) continue;
        buf_fmt(b, "<rect class=\"b%d\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", k % 2,
                x_at(p, (double)i + 0.1) + wide * k, y_at(y, top), wide, y_at(0, top) - y_at(y, top));
    }
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
        int x = LEFT + k * 180;
        buf_fmt(b, "<path class=\"%c%d\" d=\"M%d %d h24%s\"/><text x=\"%d\" y=\"%d\">", p->labels ? 'b' : 'l', k % 2, x,
                SVG_H - 12, p->labels ? "v-8h-24z" : "", x + 30, SVG_H - 8);
        svg_text(b, p->lines[k].name);
        buf_add(b, S("</text>"));
    }
    buf_add(b, S("</svg>\n"));
}
