// The descriptors 0, 1 and 2: stdin, stdout and stderr.
// Checked by: tests/ddpm/machine/test_streams.cpp.
#pragma once

namespace ddpm {

// Opens /dev/null for each of stdin, stdout and stderr that is closed, as some schedulers start programs.
// Otherwise the next file that is opened, such as the lock of a run, would become stdout and take what the
// program prints. Opens it for reading alone, so that results which nobody would see are an error. Ends the
// process with exit status 1 if /dev/null cannot be opened. Call first in main().
void open_standard_streams();

}  // namespace ddpm
