// See ddpm/machine/streams.h.
#include "ddpm/machine/streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <initializer_list>

namespace ddpm {

// open() returns the lowest descriptor that is free, which is the closed one: those below it are open.
void open_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != descriptor) std::_Exit(1);
}

}  // namespace ddpm
