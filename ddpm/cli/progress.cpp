// See ddpm/cli/progress.h. Checked by: tests/ddpm/cli/test_progress.cpp.
#include "ddpm/cli/progress.h"

#include <ostream>

#include "ddpm/formats/quote.h"

namespace ddpm {

void Progress::show(const std::string& line) {
  // ESC [K erases the rest of a longer previous line.
  if (console_.terminal)
    console_.err << "\r" << line << "\x1b[K" << std::flush;
  else
    console_.err << line << "\n" << std::flush;
  shown_ = true;
  open_ = console_.terminal;
  since_ = Stopwatch();
}

void Progress::finish() {
  if (open_) console_.err << "\n" << std::flush;
  open_ = false;
}

LongWork::LongWork(const Console& console) : console_(console), progress_(console) {}

Reporter LongWork::reporter() {
  return {.progress =
              [this](const std::string& line, bool last) {
                const bool show = last || progress_.due();
                if (show) progress_.show(line);
                return show;
              },
          .warn =
              [this](const std::string& sentence) {
                progress_.finish();
                console_.err << printable("warning: " + sentence) << std::endl;
              },
          .stop = InterruptGuard::requested};
}

}  // namespace ddpm
