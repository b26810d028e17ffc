// log: what an operator reads. Lines of text for people, or JSON lines for machines. Never a secret, never a customer's
// words.
#ifndef HEED_LOG_H
#define HEED_LOG_H

#include "base/base.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

typedef struct {
    FILE *out;            // NULL = stderr
    enum log_level least; // lines below are dropped
    bool json;
    int64_t (*now_us)(void *ctx);
    void *ctx;
} logger;

// Fields are alternating keys and values, NULL ends: log_line(&l, LOG_INFO, "import done", "rows", "12", NULL)
__attribute__((sentinel)) void log_line(const logger *l, enum log_level level, const char *what, ...);

#endif
