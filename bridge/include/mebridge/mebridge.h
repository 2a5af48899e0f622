/* All of mebridge's C interface. */
#ifndef MEBRIDGE_H
#define MEBRIDGE_H
#include "engine.h"
#include "program.h"
#include "rambo.h"
#include "types.h"
#endif
