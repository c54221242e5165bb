// stratusd: the cloud. Parses its options, starts, says so, and waits for a signal.
#include <cstdio>
#include <malloc.h>
#include <signal.h>
#include <sys/stat.h>

#include "base/log.h"
#include "stratus/apps/stratusd/cloud.h"

namespace {

/// Blocked before any thread starts, so that all threads inherit it and only wait_for_signal() sees them.
sigset_t block_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    signal(SIGPIPE, SIG_IGN);
    return set;
}

void warn_about_flags(const stratus::Options& options) {
    if (options.accept_any_credentials) {
        base::log_warning("stratusd",
                          "ACCEPTING ANY CREDENTIALS: no signature is verified, everybody is everybody");
    }
    if (options.test_endpoints) {
        base::log_warning("stratusd",
                          "TEST ENDPOINTS ARE ON: anyone who reaches this port can erase everything");
    }
}

}  // namespace

int main(int argc, char** argv) {
    int exit_code = 0;
    const auto options = stratus::parse_options(argc, argv, exit_code);
    if (!options) return exit_code;

    umask(077);
    mallopt(M_ARENA_MAX, 4);  // an arena per thread would cost more memory than it saves time
    // Bodies come and go by the megabyte: not from and to the kernel each time.
    mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024);
    mallopt(M_TRIM_THRESHOLD, 16 * 1024 * 1024);
    mallopt(M_TOP_PAD, 512 * 1024);
    const sigset_t signals = block_signals();
    warn_about_flags(*options);
    auto cloud = stratus::Cloud::start(*options);
    if (!cloud.ok()) {
        std::fprintf(stderr, "stratusd: %s\n", cloud.error().what.c_str());
        return 1;
    }
    std::printf("stratusd: ready at %s (region %s, account %s, credentials %s)\n",
                cloud.value()->url().c_str(), options->region.c_str(), options->account.c_str(),
                (options->data_dir / "credentials").c_str());
    std::fflush(stdout);

    int number = 0;
    sigwait(&signals, &number);
    base::log_info("stratusd", "stopping", {{"signal", number}});
    return 0;
}
