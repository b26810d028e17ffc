#include <gsl/gsl_version.h>
#include <jansson.h>
#include <lzma.h>
#include <unicode/uversion.h>
#include <xxhash.h>
#include <zlib.h>
#include <zstd.h>

#include "cli/versions.h"

void versions(buf *b) {
    UVersionInfo v;
    char icu[U_MAX_VERSION_STRING_LENGTH];
    u_getVersion(v);
    u_versionToString(v, icu);
    unsigned xxh = XXH_versionNumber();
    buf_fmt(b, "ICU %s, jansson %s, GSL %s, xxHash %u.%u.%u, zlib %s, zstd %s, lzma %s", icu, jansson_version_str(),
            gsl_version, xxh / 10000, xxh / 100 % 100, xxh % 100, zlibVersion(), ZSTD_versionString(),
            lzma_version_string());
}
