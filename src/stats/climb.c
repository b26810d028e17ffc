#include <gsl/gsl_eigen.h>
#include <math.h>

#include "stats/climb.h"

static double dot(const double *a, const double *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static void times(const double *m, const double *x, size_t n, double *out) {
    for (size_t i = 0; i < n; i++) out[i] = dot(m + i * n, x, n);
}

static double longest(const double *x, size_t n) {
    double most = 0;
    for (size_t i = 0; i < n; i++) most = fmax(most, fabs(x[i]));
    return most;
}

typedef struct {
    double height, slope; // along the direction
    double *x, *g;
} spot;

static spot look(climber *c, const double *x, const double *d, double t, spot into) {
    for (size_t i = 0; i < c->n; i++) into.x[i] = x[i] + t * d[i];
    c->calls++;
    into.height = c->f(c->ctx, into.x, into.g);
    into.slope = dot(into.g, d, c->n);
    return into;
}

// A step along d that gains enough: shorter while it gains too little, longer while it still rises steeply. Rounding
// makes the height uncertain in its last digits. Returns the step, 0 when none gains.
static double stretch(climber *c, const double *x, const double *d, double height, double slope, double most,
                      spot *at) {
    double t = fmin(1, most), noise = 1e-13 * fabs(height) + 1e-12, low = 0;
    for (int i = 0; i < 40; i++) {
        *at = look(c, x, d, t, *at);
        bool enough = at->height >= height + 1e-4 * t * slope - noise && isfinite(at->slope);
        if (!enough) {
            double bend = isfinite(at->height) ? slope * t * t / (2 * (height + slope * t - at->height)) : 0;
            t = fmax(low + 0.1 * (t - low), fmin(low + 0.5 * (t - low), bend));
        } else if (at->slope > 0.9 * slope && t * 2 <= most && low <= 0 && i < 8) {
            t *= 2;
        } else {
            return t;
        }
        if (t < 1e-12) break;
    }
    return 0;
}

// The inverse form of BFGS, y = how much the gradient fell along s.
static void improve(double *h, const double *s, const double *y, double *hy, size_t n, bool fresh) {
    double sy = dot(s, y, n), yy = dot(y, y, n);
    if (!(sy > 1e-10 * sqrt(dot(s, s, n) * yy))) return;
    if (fresh) {
        memset(h, 0, n * n * sizeof *h);
        for (size_t i = 0; i < n; i++) h[i * n + i] = sy / yy;
    }
    times(h, y, n, hy);
    double yhy = dot(y, hy, n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            h[i * n + j] += (1 + yhy / sy) * s[i] * s[j] / sy - (hy[i] * s[j] + s[i] * hy[j]) / sy;
}

static void forget(double *h, const double *g, size_t n) {
    double scale = 0.3 / fmax(longest(g, n), 1e-300);
    memset(h, 0, n * n * sizeof *h);
    for (size_t i = 0; i < n; i++) h[i * n + i] = scale;
}

double climb(arena *a, climber *c, double *x, double *shape, double gain) {
    size_t n = c->n;
    double *g = make(a, double, n), *d = make(a, double, n), *s = make(a, double, n);
    double *y = make(a, double, n), *hy = make(a, double, n);
    spot at = {.x = make(a, double, n), .g = make(a, double, n)};
    c->calls++;
    double height = c->f(c->ctx, x, g);
    bool fresh = shape[0] <= 0;
    if (fresh) forget(shape, g, n);
    for (int i = 0; i < (c->most ? c->most : 200) && isfinite(height); i++) {
        times(shape, g, n, d);
        double slope = dot(g, d, n), most = (c->stride > 0 ? c->stride : 1.5) / fmax(longest(d, n), 1e-300);
        if (!fresh && slope >= 0 && slope < 2 * gain) break;
        double t = slope > 0 ? stretch(c, x, d, height, slope, most, &at) : 0;
        if (t <= 0) {
            if (fresh) break;
            forget(shape, g, n), fresh = true;
            continue;
        }
        for (size_t k = 0; k < n; k++) s[k] = t * d[k], y[k] = g[k] - at.g[k];
        improve(shape, s, y, hy, n, fresh);
        memcpy(x, at.x, n * sizeof *x);
        memcpy(g, at.g, n * sizeof *g);
        height = at.height, fresh = false;
        if (c->leave && c->leave(c->ctx, x)) break;
    }
    return height;
}

void climb_curvature(arena *a, climber *c, const double *x, double *out) {
    size_t n = c->n;
    double *up = make(a, double, n), *down = make(a, double, n), *at = make(a, double, n);
    double step = 1e-4;
    memcpy(at, x, n * sizeof *x);
    for (size_t i = 0; i < n; i++) {
        at[i] = x[i] + step, c->f(c->ctx, at, up);
        at[i] = x[i] - step, c->f(c->ctx, at, down);
        at[i] = x[i], c->calls += 2;
        for (size_t j = 0; j < n; j++) out[i * n + j] = (down[j] - up[j]) / (2 * step);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) out[i * n + j] = out[j * n + i] = (out[i * n + j] + out[j * n + i]) / 2;
}

static int know_nothing(size_t n, double most, double *out) {
    memset(out, 0, n * n * sizeof *out);
    for (size_t i = 0; i < n; i++) out[i * n + i] = most;
    return (int)n;
}

int climb_covariance(arena scratch, const double *curvature, size_t n, double most, double *out) {
    for (size_t k = 0; k < n * n; k++)
        if (!isfinite(curvature[k])) return know_nothing(n, most, out);
    double *copy = make(&scratch, double, (n * n)), *value = make(&scratch, double, n),
           *axis = make(&scratch, double, (n * n));
    memcpy(copy, curvature, n * n * sizeof *copy);
    memset(out, 0, n * n * sizeof *out);
    gsl_matrix_view m = gsl_matrix_view_array(copy, n, n), v = gsl_matrix_view_array(axis, n, n);
    gsl_vector_view e = gsl_vector_view_array(value, n);
    gsl_eigen_symmv_workspace *w = gsl_eigen_symmv_alloc(n);
    gsl_eigen_symmv(&m.matrix, &e.vector, &v.matrix, w);
    gsl_eigen_symmv_free(w);
    int flat = 0;
    for (size_t k = 0; k < n; k++) {
        bool firm = value[k] * most > 1;
        double var = firm ? 1 / value[k] : most;
        flat += !firm;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) out[i * n + j] += var * axis[i * n + k] * axis[j * n + k];
    }
    return flat;
}
