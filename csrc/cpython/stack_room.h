// Whether the thread has room on its stack for more calls. The interpreter counts calls within calls, up to 1000, but a
// small stack, as threads may be given, is full before that.
#pragma once

namespace leafwise {

// True also where nobody knows.
bool has_stack_room() noexcept;

}  // namespace leafwise
