// What the two files of outgoing share and nobody else sees.
#ifndef HEED_OUTGOING_PRIVATE_H
#define HEED_OUTGOING_PRIVATE_H

#include "jobs/outgoing.h"

// The time of what waits for an endpoint that is off.
#define DELIVERY_PARKED (INT64_MAX / 4)

bool outgoing_private(const outgoing *o);
bool outgoing_waits(outgoing *o); // whether something did; asked once

#endif
