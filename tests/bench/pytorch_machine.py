"""What make bench-pytorch says of the machine: processor, instructions, and whether other work disturbs."""
import os
import platform
import time

BUSY = 0.05  # share of all processors' time that others may take


def cpuinfo(key):
    """Returns the value of the first line of /proc/cpuinfo with that key, "" if there is none."""
    try:
        with open("/proc/cpuinfo") as info:
            return next((line.split(": ", 1)[1].strip() for line in info if line.startswith(key + "\t")), "")
    except OSError:
        return ""


def has_avx512():
    return "avx512f" in cpuinfo("flags").split()


def describe():
    flags = cpuinfo("flags").split()
    vectors = "AVX-512" if has_avx512() else "AVX2" if "avx2" in flags else platform.machine()
    return f"{cpuinfo('model name') or platform.processor() or 'unknown processor'}, {vectors}"


def threads():
    """Returns how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def busy_and_total():
    """Returns two counts since the start: ticks of work (also that of other virtual machines), and all."""
    with open("/proc/stat") as stat:
        # user, nice, system, idle, waiting for disks, two kinds of interrupts, stolen
        ticks = [int(n) for n in stat.readline().split()[1:9]]
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks)


def other_work(seconds=1.0):
    """Returns the share of the processors' time that is taken. Call it while nothing of ours runs."""
    try:
        before = busy_and_total()
        time.sleep(seconds)
        after = busy_and_total()
    except OSError:  # no /proc
        return min(1.0, os.getloadavg()[0] / os.cpu_count())
    return (after[0] - before[0]) / max(1, after[1] - before[1])
