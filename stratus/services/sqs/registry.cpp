#include "stratus/services/sqs/registry.h"

#include <algorithm>
#include <mutex>

#include <fmt/core.h>

namespace stratus::sqs {

std::string QueueName::arn() const {
    return fmt::format("arn:aws:sqs:{}:{}:{}", region, account, name);
}

std::optional<QueueName> QueueName::of_arn(std::string_view arn) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto colon = arn.find(':');
        parts.push_back(arn.substr(0, colon));
        if (colon == std::string_view::npos) break;
        arn.remove_prefix(colon + 1);
    }
    if (parts.size() != 6 || parts[0] != "arn" || !parts[1].starts_with("aws") || parts[2] != "sqs")
        return {};
    if (std::any_of(parts.begin() + 3, parts.end(), [](auto part) { return part.empty(); })) return {};
    return QueueName{std::string(parts[4]), std::string(parts[3]), std::string(parts[5])};
}

LiveQueueRef make_live(QueueName name, QueueRecord record, std::shared_ptr<Queue> queue) {
    auto live = std::make_shared<LiveQueue>();
    live->arn = name.arn();
    live->settings = settings_of(record.attributes, name.name);
    live->arrivals = fmt::format("sqs/{}", record.id);
    live->name = std::move(name);
    live->record = std::move(record);
    live->queue = std::move(queue);
    return live;
}

LiveQueueRef Registry::find(const QueueName& name) const {
    const std::shared_lock lock(mutex_);
    const auto at = queues_.find(name);
    return at == queues_.end() ? nullptr : at->second;
}

void Registry::put(LiveQueueRef queue) {
    const std::lock_guard lock(mutex_);
    queues_.insert_or_assign(queue->name, queue);
}

void Registry::erase(const QueueName& name) {
    const std::lock_guard lock(mutex_);
    queues_.erase(name);
}

void Registry::clear() {
    std::map<QueueName, LiveQueueRef> gone;
    const std::lock_guard lock(mutex_);
    gone.swap(queues_);
}

std::vector<LiveQueueRef> Registry::all() const {
    const std::shared_lock lock(mutex_);
    std::vector<LiveQueueRef> found;
    for (const auto& [name, queue] : queues_) found.push_back(queue);
    return found;
}

std::vector<LiveQueueRef> Registry::list(std::string_view account, std::string_view region,
                                         std::string_view prefix, std::string_view after,
                                         std::size_t limit) const {
    const QueueName from{std::string(account), std::string(region), std::string(std::max(prefix, after))};
    const std::shared_lock lock(mutex_);
    std::vector<LiveQueueRef> found;
    for (auto at = queues_.lower_bound(from); at != queues_.end() && found.size() < limit; ++at) {
        const QueueName& name = at->first;
        if (name.account != account || name.region != region || !name.name.starts_with(prefix)) break;
        if (name.name != after) found.push_back(at->second);
    }
    return found;
}

}  // namespace stratus::sqs
