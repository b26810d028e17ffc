#include "listen/adapter.h"

// Every format there is, most particular first: when two are equally sure of a file, the earlier one reads it.
extern const adapter ADAPTER_generic_csv;

const adapter *const adapters[] = {
    &ADAPTER_generic_csv,
    NULL,
};
