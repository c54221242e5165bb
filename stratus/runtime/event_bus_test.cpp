// A lost wake-up is a consumer that sleeps beside a full queue: the bus must never lose one, whoever comes
// first.
#include "stratus/runtime/event_bus.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace stratus {
namespace {

// The window between looking and waiting is where naive code loses events.
TEST(EventBusTest, ATicketTakenBeforeANotifyWakesAtOnce) {
    EventBus bus;
    const Ticket ticket = bus.ticket("q");
    bus.notify("q");
    int woken = 0;
    EXPECT_EQ(bus.wait(ticket, [&] { ++woken; }), 0u);
    EXPECT_EQ(woken, 1);
    EXPECT_EQ(bus.waiting(), 0u);
}

TEST(EventBusTest, ANotifyWakesEveryWaiterOfItsKeyOnce) {
    EventBus bus;
    int woken = 0;
    int other = 0;
    bus.wait(bus.ticket("q"), [&] { ++woken; });
    bus.wait(bus.ticket("q"), [&] { ++woken; });
    bus.wait(bus.ticket("other"), [&] { ++other; });
    bus.notify("q");
    bus.notify("q");
    EXPECT_EQ(woken, 2);
    EXPECT_EQ(other, 0);
    bus.notify_all();
    EXPECT_EQ(other, 1);
}

TEST(EventBusTest, ACancelledWaiterIsNeverCalled) {
    EventBus bus;
    const auto id = bus.wait(bus.ticket("q"), [] { FAIL() << "woken after cancel"; });
    EXPECT_TRUE(bus.cancel(id));
    EXPECT_FALSE(bus.cancel(id));
    bus.notify("q");
    bus.notify_all();
}

// Producer and consumer race as they do in a queue: the consumer must see every item without polling.
TEST(EventBusTest, NoWakeUpIsLostUnderARace) {
    EventBus bus;
    constexpr int items = 20'000;
    std::atomic<int> produced = 0;
    std::thread producer([&] {
        for (int i = 0; i < items; ++i) {
            ++produced;
            bus.notify("q");
        }
    });
    int seen = 0;
    while (seen < items) {
        const Ticket ticket = bus.ticket("q");
        const int now = produced;
        if (now > seen) {
            seen = now;
            continue;
        }
        std::atomic<bool> woken = false;
        bus.wait(ticket, [&] {
            woken = true;
            woken.notify_one();
        });
        woken.wait(false);
    }
    producer.join();
    EXPECT_EQ(seen, items);
}

}  // namespace
}  // namespace stratus
