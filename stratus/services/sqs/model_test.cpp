// The queue against the most naive one that can be written: a list that is scanned. Random operations,
// simulated time, restarts at any moment; every answer must be the same.
#include <algorithm>
#include <cstdlib>

#include "stratus/services/sqs/engine_fixture.h"

namespace stratus::sqs {
namespace {

using namespace std::chrono_literals;
using base::Instant;

/// Everything is a scan over all messages, in the order in which they were sent.
struct NaiveQueue {
    struct Message {
        std::string body;
        std::string group;
        Instant sent;
        Instant hidden_until;
        std::uint64_t receipt = 0;
        std::uint32_t receives = 0;
        std::uint32_t receives_since_start = 0;
        bool in_flight = false;
    };
    struct Send {
        std::string id;
        Instant at;
    };

    QueueRules rules;
    std::vector<Message> messages;
    std::vector<Send> sends;

    bool is_hidden(const Message& one, Instant now) const { return one.hidden_until > now; }
    void expire(Instant now) {
        std::erase_if(messages, [&](const Message& one) { return one.sent + rules.retention <= now; });
        for (Message& one : messages) {
            if (!is_hidden(one, now)) one.in_flight = false;
        }
    }
    bool send(const std::string& body, const std::string& group, const std::string& id,
              std::optional<std::chrono::seconds> delay, Instant now) {
        if (rules.fifo) {
            for (const Send& earlier : sends) {
                if (earlier.id == id && earlier.at + 5min > now) return false;
            }
            sends.push_back({id, now});
        }
        messages.push_back({body, group, now, now + delay.value_or(rules.delay)});
        return true;
    }
    bool is_locked(const std::string& group) const {
        return std::any_of(messages.begin(), messages.end(),
                           [&](const Message& one) { return one.group == group && one.in_flight; });
    }
    /// Indexes of what a receive must give.
    std::vector<std::size_t> choose(std::size_t count, Instant now) {
        std::vector<std::size_t> chosen;
        std::set<std::string> done;
        for (std::size_t i = 0; i < messages.size() && chosen.size() < count; ++i) {
            if (!rules.fifo) {
                if (!is_hidden(messages[i], now)) chosen.push_back(i);
                continue;
            }
            if (is_locked(messages[i].group) || !done.insert(messages[i].group).second) continue;
            for (std::size_t j = i; j < messages.size() && chosen.size() < count; ++j) {
                if (messages[j].group != messages[i].group) continue;
                if (is_hidden(messages[j], now)) break;
                chosen.push_back(j);
            }
        }
        return chosen;
    }
    Message* find(const std::string& body) {
        const auto at =
            std::find_if(messages.begin(), messages.end(), [&](const Message& m) { return m.body == body; });
        return at == messages.end() ? nullptr : &*at;
    }
    void restart() {
        for (Message& one : messages) {
            if (one.in_flight) one.hidden_until = one.sent;
            one.in_flight = false;
            one.receives_since_start = 0;
            one.receipt = 0;
        }
    }
};

struct Walk : EngineFixture {
    struct Held {
        std::string body;
        Receipt receipt;
    };

    NaiveQueue naive;
    base::SeededRandom dice;
    std::vector<Held> held;
    int next_body = 0;

    Walk(std::uint64_t seed, QueueRules rules) : EngineFixture(seed), dice(seed) {
        limits.payload_bytes_max = 2'000;
        segment_bytes = 3'000;
        naive.rules = rules;
        add(1, rules);
    }

    void step() {
        naive.expire(clock.now());
        switch (dice.below(12)) {
            case 0:
            case 1:
            case 2:
            case 3: return send_some();
            case 4:
            case 5:
            case 6: return receive_some();
            case 7: return erase_one();
            case 8: return change_one();
            case 9: return clock.advance(base::Microseconds(dice.below(40'000'000)));
            case 10: return compare_counts();
            default: return rarely();
        }
    }

    void send_some() {
        for (std::uint64_t i = dice.below(3); i <= 2; ++i) {
            const std::string body = std::to_string(next_body++);
            const std::string group =
                naive.rules.fifo ? std::string(1, static_cast<char>('a' + dice.below(3))) : "";
            const std::string id = naive.rules.fifo ? std::to_string(dice.below(200)) : "";
            Outgoing out = message(body, group, id);
            if (!naive.rules.fifo && dice.below(3) == 0) out.delay = std::chrono::seconds(dice.below(30));
            const bool expected = naive.send(body, group, id, out.delay, clock.now());
            const auto answer = queue().send({out}, clock.now());
            ASSERT_TRUE(answer.ok());
            ASSERT_EQ(!answer.value().sent[0].duplicate, expected);
        }
    }

    void receive_some() {
        const std::size_t count = 1 + dice.below(4);
        const std::chrono::seconds visibility(dice.below(60));
        const auto chosen = naive.choose(count, clock.now());
        const auto got = receive(count, 1, visibility);
        ASSERT_EQ(got.size(), chosen.size());
        for (std::size_t i = 0; i < got.size(); ++i) {
            NaiveQueue::Message& one = naive.messages[chosen[i]];
            ASSERT_EQ(got[i].payload->body, one.body);
            // Exact until a restart, which may forget counts.
            ASSERT_LE(got[i].receive_count, ++one.receives);
            ASSERT_GE(got[i].receive_count, ++one.receives_since_start);
            ASSERT_EQ(got[i].sent, one.sent);
            one.in_flight = true;
            one.hidden_until = clock.now() + visibility;
            one.receipt = got[i].receipt;
            held.push_back({one.body, receipt_of(got[i])});
        }
    }

    void erase_one() {
        if (held.empty()) return;
        const Held& chosen = held[dice.below(held.size())];
        auto* one = naive.find(chosen.body);
        const auto answer = queue().erase(std::span(&chosen.receipt, 1), clock.now());
        ASSERT_TRUE(answer.ok());
        bool expired = false;
        if (one != nullptr) {
            const bool latest = one->receipt == chosen.receipt.stamp || one->receipt == 0;
            const bool out = one->in_flight || one->receipt == 0;
            expired = naive.rules.fifo && !(latest && out);
            if (latest && !expired)
                naive.messages.erase(naive.messages.begin() + (one - naive.messages.data()));
        }
        ASSERT_EQ(answer.value().verdicts[0] == EraseVerdict::expired, expired);
    }

    void change_one() {
        if (held.empty()) return;
        const Held& chosen = held[dice.below(held.size())];
        const std::chrono::seconds to(dice.below(50));
        auto* one = naive.find(chosen.body);
        auto expected = VisibilityVerdict::gone;
        if (one != nullptr && !one->in_flight) expected = VisibilityVerdict::not_in_flight;
        if (one != nullptr && one->in_flight && one->receipt == chosen.receipt.stamp) {
            expected = VisibilityVerdict::done;
            one->hidden_until = clock.now() + to;
        }
        ASSERT_EQ(queue().change_visibility(chosen.receipt, to, clock.now()), expected);
    }

    void compare_counts() {
        const auto counts = queue().counts(clock.now());
        std::size_t in_flight = 0;
        std::size_t delayed = 0;
        for (const auto& one : naive.messages) {
            if (one.in_flight) {
                ++in_flight;
            } else if (naive.is_hidden(one, clock.now())) {
                ++delayed;
            }
        }
        ASSERT_EQ(counts.in_flight, in_flight);
        ASSERT_EQ(counts.delayed, delayed);
        ASSERT_EQ(counts.visible, naive.messages.size() - in_flight - delayed);
        ASSERT_LE(counts.payload_bytes, limits.payload_bytes_max);
    }

    void rarely() {
        switch (dice.below(8)) {
            case 0: naive.restart(); return restart();
            case 1: {
                const auto before = queue().next_number(clock.now());
                queue().purge_before(before);
                known[0].purged_before = before;
                return naive.messages.clear();
            }
            default:
                for (int i = 0; i < 50; ++i) {
                    const auto reclaimed = engine->reclaim();
                    ASSERT_TRUE(reclaimed.ok()) << reclaimed.error().what;
                    if (!reclaimed.value()) return;
                }
                FAIL() << "reclaiming does not come to an end";
        }
    }
};

void walk(std::uint64_t seed, QueueRules rules) {
    Walk at(seed, rules);
    for (int i = 0; i < 400; ++i) {
        at.step();
        ASSERT_FALSE(testing::Test::HasFatalFailure()) << "seed " << seed << ", step " << i;
    }
}

/// More seeds for a longer look: SQS_MODEL_SEEDS=100000.
std::uint64_t seeds() {
    const char* asked = std::getenv("SQS_MODEL_SEEDS");
    return asked == nullptr ? 150 : std::strtoull(asked, nullptr, 10);
}

// An index in five structures is easily wrong in one of them; a scan over a list is not.
TEST(Model, AStandardQueueIsTheNaiveOne) {
    QueueRules rules;
    rules.delay = 3s;
    rules.retention = 200s;
    for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
        walk(seed, rules);
        ASSERT_FALSE(HasFatalFailure());
    }
}

TEST(Model, AFifoQueueIsTheNaiveOne) {
    QueueRules rules = fifo_rules();
    rules.retention = 400s;
    for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
        walk(seed, rules);
        ASSERT_FALSE(HasFatalFailure());
    }
}

// Every history of six steps over two groups: send a, send b, receive one, delete the oldest held, let time
// pass. Whatever happens, each group is delivered in order and never twice at once.
TEST(Model, EveryShortFifoHistoryKeepsEachGroupInOrder) {
    constexpr int steps = 6;
    constexpr int choices = 5;
    int histories = 1;
    for (int i = 0; i < steps; ++i) histories *= choices;
    EngineFixture at;
    at.add(1, fifo_rules());
    for (int history = 0; history < histories; ++history) {
        const QueueId id = static_cast<QueueId>(history) + 2;
        Queue& queue = *at.engine->add(id, fifo_rules());
        std::vector<std::pair<Delivery, Instant>> held;
        std::map<std::string, int> sent;
        std::map<std::string, int> erased;
        int code = history;
        for (int i = 0; i < steps; ++i, code /= choices) {
            const int choice = code % choices;
            const Instant now = at.clock.now();
            if (choice < 2) {
                const std::string group = choice == 0 ? "a" : "b";
                const std::string body = std::to_string(sent[group]++);
                ASSERT_TRUE(queue.send({at.message(body, group, group + body)}, now).ok());
            } else if (choice == 2) {
                auto answer = queue.receive({}, now);
                for (Delivery& one : answer.value().deliveries) {
                    for (const auto& [other, until] : held) {
                        ASSERT_FALSE(other.payload->group == one.payload->group && until > now) << history;
                    }
                    ASSERT_EQ(one.payload->body, std::to_string(erased[one.payload->group])) << history;
                    held.emplace_back(std::move(one), now + 30s);
                }
            } else if (choice == 3 && !held.empty()) {
                const auto [one, until] = held.front();
                held.erase(held.begin());
                const Receipt receipt{id, one.number, one.receipt};
                const auto answer = queue.erase(std::span(&receipt, 1), now);
                if (until > now) ++erased[one.payload->group];
                ASSERT_EQ(answer.value().verdicts[0] == EraseVerdict::done,
                          until > now || erased[one.payload->group] > std::stoi(one.payload->body))
                    << history;
            } else if (choice == 4) {
                at.clock.advance(20s);
            }
        }
        at.engine->remove(id);
    }
}

}  // namespace
}  // namespace stratus::sqs
