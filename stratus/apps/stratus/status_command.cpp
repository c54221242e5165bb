#include <cstdio>
#include <filesystem>
#include <map>
#include <vector>

#include <boost/json.hpp>

#include "base/json.h"
#include "net/http_client.h"
#include "stratus/apps/stratus/commands.h"

namespace stratus {
namespace {

using base::Failure;
using base::FailureKind;
using base::Result;

/// One line of Prometheus's text format: name{a="x",b="y"} value
struct Sample {
    std::string name;
    std::map<std::string, std::string> labels;
    double value = 0;
};

std::map<std::string, std::string> parse_labels(std::string_view text) {
    std::map<std::string, std::string> labels;
    while (!text.empty()) {
        const auto equals = text.find("=\"");
        if (equals == std::string_view::npos) break;
        const std::string name(text.substr(0, equals));
        std::string value;
        std::size_t at = equals + 2;
        for (; at < text.size() && text[at] != '"'; ++at) {
            if (text[at] == '\\' && at + 1 < text.size()) ++at;
            value += text[at];
        }
        labels.emplace(name, std::move(value));
        text.remove_prefix(std::min(at + 2, text.size()));  // the quote and the comma
    }
    return labels;
}

std::vector<Sample> parse_metrics(std::string_view text) {
    std::vector<Sample> samples;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const auto space = line.rfind(' ');
        if (line.empty() || line.front() == '#' || space == std::string_view::npos) continue;
        const auto brace = std::min(line.find('{'), space);
        Sample sample{.name = std::string(line.substr(0, brace))};
        if (brace < space) sample.labels = parse_labels(line.substr(brace + 1, space - brace - 2));
        sample.value = std::strtod(std::string(line.substr(space + 1)).c_str(), nullptr);
        samples.push_back(std::move(sample));
    }
    return samples;
}

Result<std::string> get(net::HttpClient& client, const std::string& url) {
    auto answer = client.send({.url = url, .timeout = std::chrono::seconds(5)});
    if (!answer.ok())
        return Failure{answer.error().kind, "no answer from " + url + " (" + answer.error().what + ")"};
    if (answer->status != 200) {
        return Failure{FailureKind::unavailable, url + " answers " + std::to_string(answer->status)};
    }
    return std::move(answer->body);
}

void print_operations(const std::vector<Sample>& samples) {
    struct Row {
        double requests = 0, errors = 0, seconds = 0, timed = 0;
    };
    std::map<std::string, Row> rows;
    for (const Sample& sample : samples) {
        const auto service = sample.labels.find("service");
        const auto operation = sample.labels.find("operation");
        if (service == sample.labels.end() || operation == sample.labels.end()) continue;
        Row& row = rows[service->second + ":" + operation->second];
        if (sample.name == "stratus_requests_total") row.requests += sample.value;
        if (sample.name == "stratus_request_errors_total") row.errors += sample.value;
        if (sample.name == "stratus_request_seconds_sum") row.seconds += sample.value;
        if (sample.name == "stratus_request_seconds_count") row.timed += sample.value;
    }
    if (rows.empty()) return;
    std::printf("\n%-60s %10s %10s %10s\n", "operation", "requests", "errors", "mean ms");
    for (const auto& [name, row] : rows) {
        std::printf("%-60s %10.0f %10.0f %10.2f\n", name.c_str(), row.requests, row.errors,
                    row.timed > 0 ? row.seconds / row.timed * 1e3 : 0.0);
    }
}

void print_queues(const std::vector<Sample>& samples) {
    struct Row {
        double visible = 0, in_flight = 0, delayed = 0, oldest = 0;
    };
    std::map<std::string, Row> rows;
    for (const Sample& sample : samples) {
        const auto queue = sample.labels.find("queue");
        if (queue == sample.labels.end()) continue;
        const auto label = [&](const char* name) {
            const auto found = sample.labels.find(name);
            return found == sample.labels.end() ? std::string() : found->second;
        };
        Row& row = rows[label("account") + " " + label("region") + " " + queue->second];
        if (sample.name == "stratus_sqs_messages_visible") row.visible = sample.value;
        if (sample.name == "stratus_sqs_messages_in_flight") row.in_flight = sample.value;
        if (sample.name == "stratus_sqs_messages_delayed") row.delayed = sample.value;
        if (sample.name == "stratus_sqs_oldest_message_seconds") row.oldest = sample.value;
    }
    if (rows.empty()) return;
    std::printf("\n%-60s %10s %10s %10s %10s\n", "queue", "visible", "in flight", "delayed", "oldest s");
    for (const auto& [name, row] : rows) {
        std::printf("%-60s %10.0f %10.0f %10.0f %10.0f\n", name.c_str(), row.visible, row.in_flight,
                    row.delayed, row.oldest);
    }
}

void print_others(const std::vector<Sample>& samples) {
    std::printf("\n");
    for (const Sample& sample : samples) {
        if (!sample.labels.empty() || sample.name.ends_with("_sum")) continue;
        std::printf("%-60s %10.0f\n", sample.name.c_str(), sample.value);
    }
}

void print_files(const std::filesystem::path& data_dir) {
    std::printf("\n");
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(data_dir, ignored)) {
        std::uintmax_t bytes = entry.is_regular_file(ignored) ? entry.file_size(ignored) : 0;
        if (entry.is_directory(ignored)) {
            for (const auto& inner : std::filesystem::recursive_directory_iterator(entry.path(), ignored)) {
                if (inner.is_regular_file(ignored)) bytes += inner.file_size(ignored);
            }
        }
        std::printf("%-60s %10ju bytes\n", entry.path().filename().c_str(), bytes);
    }
}

}  // namespace

Result<base::Unit> show_status(const StatusOptions& options) {
    net::HttpClient client;
    const std::string health = TRY(get(client, options.endpoint_url + "/_stratus/health"));
    const auto parsed = base::parse_json(health);
    const auto* about = parsed.ok() ? parsed->if_object() : nullptr;
    if (about == nullptr || !about->contains("services")) {
        return Failure{FailureKind::invalid, options.endpoint_url + " is not a stratusd"};
    }
    std::printf("%s: %s\n", options.endpoint_url.c_str(), boost::json::serialize(*about).c_str());
    const auto samples = parse_metrics(TRY(get(client, options.endpoint_url + "/_stratus/metrics")));
    print_operations(samples);
    print_queues(samples);
    print_others(samples);
    if (!options.data_dir.empty()) print_files(options.data_dir);
    return base::Unit{};
}

}  // namespace stratus
