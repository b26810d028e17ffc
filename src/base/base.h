// base: what every room stands on: errors, arenas, strings, buffers, and the calls we do not make.
#ifndef HEED_BASE_H
#define HEED_BASE_H

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "str.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define MIN(a, b)    ((a) < (b) ? (a) : (b))
#define MAX(a, b)    ((a) > (b) ? (a) : (b))

// Banned in our code: use str_, buf_, str_i64, civil_. Library headers come before this one for that reason.
#ifndef __cplusplus
#undef alloca // a macro of stdlib.h
#pragma GCC poison strcpy strcat sprintf strtok atoi atol gets localtime gmtime alloca
#endif

#endif
