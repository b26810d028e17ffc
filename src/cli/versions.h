// versions: of the libraries that the program runs with.
#ifndef HEED_VERSIONS_H
#define HEED_VERSIONS_H

#include "cli/place.h"

void versions(buf *b);

#endif
