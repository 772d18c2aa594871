#pragma once

// How a formula's functions are declared for the compiler that reads them.
#define TFCUSTOMACT_FUNCTION inline
