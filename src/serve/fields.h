// fields: ?fields=id,name,summary.orders: of an answer only what is asked for, the same for every route. A name stands
// for all that is in it; of a page it is asked of each item.
#ifndef HEED_FIELDS_H
#define HEED_FIELDS_H

#include "base/base.h"

// json: an answer of the type `gives`. ERR_invalid when the type has no such field.
must_use bool fields_keep(arena *a, str json, str fields, str gives, str *out, err *e);

#endif
