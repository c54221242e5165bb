// files.h, executor.h and metrics.h.
#include <atomic>
#include <fcntl.h>
#include <future>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "base/executor.h"
#include "base/files.h"
#include "base/metrics.h"

namespace base {
namespace {

// Credentials and keys are written this way: whole or not at all, and for the owner alone.
TEST(Files, DurableWritesReplaceAtomicallyWithTheMode) {
    const TempDirectory directory;
    const auto path = directory.path() / "key";
    ASSERT_TRUE(write_file_durably(path, "one", 0600).ok());
    ASSERT_TRUE(write_file_durably(path, "two", 0640).ok());
    EXPECT_EQ(read_file(path).value(), "two");
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0640u);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory.path()), {}), 1)
        << "no temporary left";
}

// Callers tell "not there" from "broken" by the kind.
TEST(Files, FailuresCarryTheirKind) {
    const TempDirectory directory;
    EXPECT_EQ(read_file(directory.path() / "none").error().kind, FailureKind::not_found);
    EXPECT_FALSE(write_file_durably(directory.path() / "no" / "dir", "x").ok());
    ASSERT_TRUE(make_directories(directory.path() / "a" / "b").ok());
    ASSERT_TRUE(make_directories(directory.path() / "a" / "b").ok());
    ASSERT_TRUE(write_file_durably(directory.path() / "f", "12345").ok());
    EXPECT_FALSE(make_directories(directory.path() / "f" / "g").ok());
    EXPECT_FALSE(read_file(directory.path() / "f", 4).ok());
    const Fd file = open_file(directory.path() / "f", O_RDWR).take();
    std::byte out[4];
    EXPECT_TRUE(read_exactly_at(file.get(), out, 1).ok());
    EXPECT_EQ(read_exactly_at(file.get(), out, 2).error().kind, FailureKind::corrupt);
}

// A full pool must say so: the caller sheds load instead of queueing without end.
TEST(ThreadPool, RefusesWhatIsOverItsBound) {
    std::promise<void> gate, started;
    ThreadPool pool({.name = "test", .threads = 1, .queue_max = 1});
    ASSERT_TRUE(pool.try_submit([&] {
        started.set_value();
        gate.get_future().wait();
    }));
    started.get_future().wait();
    std::atomic<int> ran{0};
    EXPECT_TRUE(pool.try_submit([&] { ++ran; }));
    EXPECT_FALSE(pool.try_submit([&] { ++ran; }));
    gate.set_value();
    pool.stop();
    EXPECT_EQ(ran, 1);
    EXPECT_FALSE(pool.submit([] {}));
}

// Prometheus must be able to scrape it, whatever is in a label.
TEST(Metrics, RendersPrometheusText) {
    MetricsRegistry metrics;
    metrics.counter("hits_total", "Hits.", {{"account", "a\"b"}}).add(3);
    metrics.gauge("depth", "Depth.").set(2.5);
    Histogram& latency = metrics.histogram("latency_seconds", "Latency.");
    latency.observe(0.00007);
    latency.observe(1000);
    metrics.on_render([&] { metrics.gauge("depth", "Depth.").add(1); });
    const std::string text = metrics.render();
    EXPECT_NE(text.find("# TYPE hits_total counter\nhits_total{account=\"a\\\"b\"} 3\n"), std::string::npos);
    EXPECT_NE(text.find("depth 3.5\n"), std::string::npos);
    EXPECT_NE(text.find("latency_seconds_bucket{le=\"5e-05\"} 0\n"), std::string::npos);
    EXPECT_NE(text.find("latency_seconds_bucket{le=\"0.0001\"} 1\n"), std::string::npos);
    EXPECT_NE(text.find("latency_seconds_bucket{le=\"+Inf\"} 2\n"), std::string::npos);
    EXPECT_NE(text.find("latency_seconds_count 2\n"), std::string::npos);
    EXPECT_EQ(&metrics.counter("hits_total", "Hits.", {{"account", "a\"b"}}),
              &metrics.counter("hits_total", "", {{"account", "a\"b"}}));
    EXPECT_LE(latency.quantile(0.5), 0.0001);
}

}  // namespace
}  // namespace base
