/* SPDX-License-Identifier: MIT
 *
 * steady_clock.h - the time of measurements.
 */
#ifndef GN_CNN_STEADY_CLOCK_H
#define GN_CNN_STEADY_CLOCK_H

/// Seconds of the clock that never is set back, from some moment on: differences count. Thread-safe.
double gn_steady_seconds(void);

#endif
