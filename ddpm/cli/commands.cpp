// Selects the command that the arguments name, and turns exceptions into exit codes
// (ddpm/cli/commands.h). Checked by: tests/ddpm/cli/test_cli.cpp.
#include "ddpm/cli/commands.h"

#include <filesystem>
#include <new>
#include <ostream>

#include "ddpm/cli/advice.h"
#include "ddpm/cli/interrupt.h"
#include "ddpm/formats/quote.h"

namespace ddpm {

namespace {

// Returns the whole program as a command: its parts are what the first argument can name.
const Command& program() {
  static const Command all{"ddpm",
                           "Denoising Diffusion Probabilistic Models (Ho, Jain, Abbeel 2020)",
                           {},
                           nullptr,
                           {train_command(), sample_command(), predict_command(), schedule_command(),
                            describe_command(), score_command(), figure_command()}};
  return all;
}

const std::string help_option = "--help";

// What ddpm/machine/environment.h does.
const std::string environment_help =
    "Environment: no more threads run than this process may use processors (affinity and container's\n"
    "quota), whatever OMP_NUM_THREADS and --threads say. Waiting threads soon sleep: the program sets\n"
    "GOMP_SPINCOUNT (GCC's OpenMP) or KMP_BLOCKTIME (LLVM's) for itself, and does not follow longer\n"
    "spinning, OMP_WAIT_POLICY=active, KMP_LIBRARY and OMP_STACKSIZE above 4G. OMP_PROC_BIND is followed,\n"
    "with a warning: beside a busy process it makes steps slower. DDPM_ENVIRONMENT=keep leaves all this as\n"
    "it is, and is silent.\n";

// Prints what the command does and its parts. `words` are the words that select it, such as "ddpm figure".
void print_parts(std::ostream& out, const std::string& words, const Command& command) {
  out << command.summary << "\n\n" << words << " COMMAND [--option value ...]\n\n";
  for (const Command& part : command.parts) {
    std::string name = "  " + part.name;
    name.resize(12, ' ');
    out << name << part.summary << "\n";
  }
  out << "\n" << words << " COMMAND --help lists the command's options.\n";
  if (&command == &program())
    out << "To begin:  ddpm train --data digits --out runs/first --minutes 2\n"
        << "           ddpm sample --run runs/first\n\n"
        << environment_help;
}

void print_help(std::ostream& out, const std::string& words, const Command& command) {
  out << words << ": " << command.summary << "\n\n";
  print_options(out, command.options);
}

const Command& find_part(const std::string& words, const Command& command, const std::string& name) {
  std::vector<std::string> names;
  for (const Command& part : command.parts) {
    if (part.name == name) return part;
    names.push_back(part.name);
  }
  const std::string near = nearest(name, names);
  throw UsageError(text("there is no command ", quote(words + " " + name),
                        near.empty() ? "; see " + words + " --help" : "; did you mean " + near + "?"));
}

// A command, the words that select it, such as "ddpm figure schedule", and the arguments that follow them.
struct Selected {
  std::string words;
  const Command* command;
  std::vector<std::string> arguments;
};

// Goes down from part to part, as far as the arguments name them.
Selected select(const std::vector<std::string>& arguments) {
  Selected s{program().name, &program(), arguments};
  while (!s.command->parts.empty() && !s.arguments.empty() && s.arguments[0] != help_option) {
    s.command = &find_part(s.words, *s.command, s.arguments[0]);
    s.words += " " + s.command->name;
    s.arguments.erase(s.arguments.begin());
  }
  return s;
}

void dispatch(const std::vector<std::string>& arguments, const Console& console) {
  const Selected s = select(arguments);
  const bool has_parts = !s.command->parts.empty();
  if (has_parts && s.arguments.empty()) {
    print_parts(console.err, s.words, *s.command);
    throw UsageError("name a command");
  }
  for (const std::string& argument : s.arguments)
    if (argument == help_option)
      return has_parts ? print_parts(console.out, s.words, *s.command)
                       : print_help(console.out, s.words, *s.command);
  Options options(s.command->options, s.arguments);
  s.command->run(options, console);
}

}  // namespace

void check_command(const std::vector<std::string>& arguments) {
  const Selected s = select(arguments);
  if (!s.command->parts.empty()) throw UsageError("name a command");
  Options(s.command->options, s.arguments);
}

int run_command(const std::vector<std::string>& arguments, const Console& console) {
  const auto report = [&](const std::string& sentence, int code) {
    console.err << printable("ddpm: " + sentence) << std::endl;
    return code;
  };
  try {
    dispatch(arguments, console);
    console.out.flush();
    if (!console.out) fail("cannot write to standard output: is it closed, or is the disk full?");
    return 0;
  } catch (const UsageError& error) {
    return report(error.what(), 2);
  } catch (const Interrupted& stop) {
    return report(stop.what(), 130);
  } catch (const Error& error) {
    return report(advised(error), 1);
  } catch (const std::filesystem::filesystem_error& error) {
    return report(text(error.path1().string(), ": ", error.code().message()), 1);
  } catch (const std::bad_alloc&) {
    return report(out_of_memory, 1);
  } catch (const std::exception& error) {
    return report(text("internal error: ", error.what()), 1);
  }
}

}  // namespace ddpm
