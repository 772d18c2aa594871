// The formula of every activation in the list.
#pragma once

#include "csrc/formulas/elu.h"
#include "csrc/formulas/list.h"
#include "csrc/formulas/swish.h"
