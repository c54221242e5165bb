#include "base/metrics.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/check.h"

namespace base {

namespace {

enum Kind { counter_kind, gauge_kind, histogram_kind };

std::string escaped(std::string_view value) {
    std::string out;
    for (const char c : value) {
        if (c == '\\' || c == '"') out += '\\';
        if (c == '\n') {
            out += "\\n";
        } else {
            out += c;
        }
    }
    return out;
}

std::string label_text(const Labels& labels) {
    std::string out;
    for (const auto& [name, value] : labels) {
        if (!out.empty()) out += ',';
        out += fmt::format("{}=\"{}\"", name, escaped(value));
    }
    return out;
}

std::string braced(const std::string& labels) {
    return labels.empty() ? "" : "{" + labels + "}";
}

void render_histogram(std::string& out, const std::string& name, const std::string& labels,
                      const Histogram& histogram) {
    const std::string before = labels.empty() ? "" : labels + ",";
    std::uint64_t below = 0;
    for (std::size_t bucket = 0; bucket <= Histogram::bucket_count; ++bucket) {
        below += histogram.in_bucket(bucket);
        const std::string bound =
            bucket < Histogram::bucket_count ? fmt::format("{:g}", Histogram::bound(bucket)) : "+Inf";
        out += fmt::format("{}_bucket{{{}le=\"{}\"}} {}\n", name, before, bound, below);
    }
    out += fmt::format("{}_sum{} {:g}\n{}_count{} {}\n", name, braced(labels), histogram.sum(), name,
                       braced(labels), below);
}

}  // namespace

double Histogram::bound(std::size_t bucket) {
    return std::ldexp(50e-6, static_cast<int>(bucket));
}

void Histogram::observe(double seconds) {
    std::size_t bucket = 0;
    while (bucket < bucket_count && seconds > bound(bucket)) ++bucket;
    buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(seconds, std::memory_order_relaxed);
}

std::uint64_t Histogram::count() const {
    std::uint64_t total = 0;
    for (const auto& bucket : buckets_) total += bucket.load(std::memory_order_relaxed);
    return total;
}

double Histogram::quantile(double q) const {
    const double wanted = q * static_cast<double>(count());
    if (wanted <= 0) return 0;
    std::uint64_t below = 0;
    for (std::size_t bucket = 0; bucket < bucket_count; ++bucket) {
        below += in_bucket(bucket);
        if (static_cast<double>(below) >= wanted) return bound(bucket);
    }
    return bound(bucket_count);
}

struct MetricsRegistry::Family {
    std::string help;
    int kind;
    std::map<std::string, std::unique_ptr<Counter>> counters;
    std::map<std::string, std::unique_ptr<Gauge>> gauges;
    std::map<std::string, std::unique_ptr<Histogram>> histograms;
};

MetricsRegistry::MetricsRegistry() = default;
MetricsRegistry::~MetricsRegistry() = default;

MetricsRegistry::Family& MetricsRegistry::family(std::string_view name, std::string_view help, int kind) {
    auto found = families_.find(name);
    if (found == families_.end()) {
        auto made = std::make_unique<Family>(Family{.help = std::string(help), .kind = kind});
        found = families_.emplace(std::string(name), std::move(made)).first;
    }
    CHECK(found->second->kind == kind, "a metric's name stands for one kind");
    return *found->second;
}

Counter& MetricsRegistry::counter(std::string_view name, std::string_view help, Labels labels) {
    const std::lock_guard lock(mutex_);
    auto& slot = family(name, help, counter_kind).counters[label_text(labels)];
    if (!slot) slot = std::make_unique<Counter>();
    return *slot;
}

Gauge& MetricsRegistry::gauge(std::string_view name, std::string_view help, Labels labels) {
    const std::lock_guard lock(mutex_);
    auto& slot = family(name, help, gauge_kind).gauges[label_text(labels)];
    if (!slot) slot = std::make_unique<Gauge>();
    return *slot;
}

Histogram& MetricsRegistry::histogram(std::string_view name, std::string_view help, Labels labels) {
    const std::lock_guard lock(mutex_);
    auto& slot = family(name, help, histogram_kind).histograms[label_text(labels)];
    if (!slot) slot = std::make_unique<Histogram>();
    return *slot;
}

void MetricsRegistry::on_render(std::function<void()> update) {
    const std::lock_guard lock(mutex_);
    updates_.push_back(std::move(update));
}

std::string MetricsRegistry::render() const {
    std::vector<std::function<void()>> updates;
    {
        const std::lock_guard lock(mutex_);
        updates = updates_;
    }
    for (const auto& update : updates) update();  // outside the lock: updates ask for gauges

    static constexpr const char* kinds[] = {"counter", "gauge", "histogram"};
    std::string out;
    const std::lock_guard lock(mutex_);
    for (const auto& [name, family] : families_) {
        out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, escaped(family->help), name,
                           kinds[family->kind]);
        for (const auto& [labels, metric] : family->counters) {
            out += fmt::format("{}{} {}\n", name, braced(labels), metric->value());
        }
        for (const auto& [labels, metric] : family->gauges) {
            out += fmt::format("{}{} {:.15g}\n", name, braced(labels), metric->value());
        }
        for (const auto& [labels, metric] : family->histograms) {
            render_histogram(out, name, labels, *metric);
        }
    }
    return out;
}

}  // namespace base
