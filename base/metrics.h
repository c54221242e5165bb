// Counters, gauges and histograms, rendered in Prometheus's text format.
// A metric is found once (a map look-up under a lock) and then used lock-free; keep the reference.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace base {

using Labels = std::vector<std::pair<std::string, std::string>>;

class Counter {
  public:
    void add(std::uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

class Gauge {
  public:
    void set(double to) { value_.store(to, std::memory_order_relaxed); }
    void add(double by) { value_.fetch_add(by, std::memory_order_relaxed); }
    double value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<double> value_{0};
};

/// Seconds in exponential buckets from 50 microseconds to 26 seconds (doubling), which suits latencies.
class Histogram {
  public:
    static constexpr std::size_t bucket_count = 20;
    static double bound(std::size_t bucket);
    void observe(double seconds);
    std::uint64_t count() const;
    double sum() const { return sum_.load(std::memory_order_relaxed); }
    std::uint64_t in_bucket(std::size_t bucket) const {
        return buckets_[bucket].load(std::memory_order_relaxed);
    }
    /// An upper bound of the quantile `q` (0 to 1) by bucket; 0 when empty.
    double quantile(double q) const;

  private:
    std::array<std::atomic<std::uint64_t>, bucket_count + 1> buckets_{};  // the last one is +Inf
    std::atomic<double> sum_{0};
};

/// Owns its metrics; references stay valid as long as it lives. Thread-safe. Asking twice for one name and
/// labels gives the same metric; one name used as two kinds is a broken invariant.
class MetricsRegistry {
  public:
    MetricsRegistry();
    ~MetricsRegistry();

    Counter& counter(std::string_view name, std::string_view help, Labels labels = {});
    Gauge& gauge(std::string_view name, std::string_view help, Labels labels = {});
    Histogram& histogram(std::string_view name, std::string_view help, Labels labels = {});

    /// Called at each rendering, before it, to set gauges that are read rather than counted.
    void on_render(std::function<void()> update);

    std::string render() const;

  private:
    struct Family;
    Family& family(std::string_view name, std::string_view help, int kind);  // REQUIRES: mutex_ held

    mutable std::mutex mutex_;
    std::map<std::string, std::unique_ptr<Family>, std::less<>> families_;  // protected by mutex_
    std::vector<std::function<void()>> updates_;                            // protected by mutex_
};

}  // namespace base
