// Selects the command that the arguments name, and turns exceptions into exit codes
// (ddpm/cli/commands.h). Checked by: tests/ddpm/cli/test_cli.cpp.
#include "ddpm/cli/commands.h"

#include <filesystem>
#include <new>
#include <ostream>

#include "ddpm/cli/advice.h"
#include "ddpm/cli/interrupt.h"
#include "kernels/kernels.h"

namespace ddpm {

namespace {

const std::vector<const Command*>& commands() {
  static const std::vector<const Command*> all = {&train_command(),    &sample_command(),
                                                  &predict_command(),  &schedule_command(),
                                                  &describe_command(), &score_command()};
  return all;
}

const std::string help_option = "--help";

void print_overview(std::ostream& out) {
  out << "Denoising Diffusion Probabilistic Models (Ho, Jain, Abbeel 2020)\n\n"
      << "ddpm COMMAND [--option value ...]\n\n";
  for (const Command* command : commands()) {
    std::string name = "  " + command->name;
    name.resize(12, ' ');
    out << name << command->summary << "\n";
  }
  out << "\nddpm COMMAND --help lists the command's options.\n"
      << "To begin:  ddpm train --data digits --out runs/first --minutes 2\n"
      << "           ddpm sample --run runs/first\n";
}

void print_help(std::ostream& out, const Command& command) {
  out << "ddpm " << command.name << ": " << command.summary << "\n\n";
  print_options(out, command.options);
}

void dispatch(const std::vector<std::string>& arguments, const Console& console) {
  if (arguments.empty()) {
    print_overview(console.err);
    throw UsageError("name a command");
  }
  if (arguments[0] == help_option) return print_overview(console.out);
  const Command& command = find_command(arguments[0]);
  for (const std::string& argument : arguments)
    if (argument == help_option) return print_help(console.out, command);

  Options options(command.options, {arguments.begin() + 1, arguments.end()});
  command.run(options, console);
}

}  // namespace

const Command& find_command(const std::string& name) {
  std::vector<std::string> names;
  for (const Command* command : commands()) {
    if (command->name == name) return *command;
    names.push_back(command->name);
  }
  const std::string near = nearest(name, names);
  throw UsageError(text("there is no command \"", name, "\"",
                        near.empty() ? "; see ddpm --help" : "; did you mean " + near + "?"));
}

int run_command(const std::vector<std::string>& arguments, const Console& console) {
  const auto report = [&](const std::string& sentence, int code) {
    console.err << "ddpm: " << sentence << std::endl;
    return code;
  };
  try {
    dispatch(arguments, console);
    console.out.flush();
    if (!console.out) fail("cannot write to standard output: is the disk full?");
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
    return report("there is not enough memory: lower --batch, --count or the network's size", 1);
  } catch (const std::exception& error) {
    return report(text("internal error: ", error.what()), 1);
  }
}

}  // namespace ddpm
