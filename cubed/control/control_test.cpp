#include <map>

#include <gtest/gtest.h>

#include "cubed/control/create_account.h"
#include "cubed/control/migrations.h"
#include "cubed/database/test_server.h"

namespace cubed::control {

using database::Connection;
using database::TestServer;

class FakeCloud final : public Cloud {
  public:
    base::Result<base::Unit> ensure_queue(const std::string& name, const std::string& dead) override {
        if (fail_queue) return base::Failure{base::FailureKind::unavailable, "no SQS"};
        queues[name] = dead;
        return base::Unit{};
    }
    base::Result<std::optional<std::string>> find_secret(const std::string& name) override {
        const auto found = secrets.find(name);
        return found == secrets.end() ? std::nullopt : std::optional(found->second);
    }
    base::Result<base::Unit> put_secret(const std::string& name, const std::string& value) override {
        secrets[name] = value;
        return base::Unit{};
    }
    std::map<std::string, std::string> queues, secrets;
    bool fail_queue = false;
};

TEST(AccountNames, FollowThePlatformsRules) {
    const auto names = account_names("demo", "uk");
    ASSERT_TRUE(names.ok());
    EXPECT_EQ(names->token, "c-a-demo-uk");
    EXPECT_EQ(names->database, "cubed_a_demo_uk");
    EXPECT_EQ(names->queue, "visscore_main_c-a-demo-uk");
    EXPECT_EQ(account_names_of("c-a-demo-uk")->database, names->database);
    for (const char* bad : {"", "De", "a b", "a'b", "a-b", "abcdefghijklmnopqrstu"}) {
        EXPECT_FALSE(account_names(bad, "uk").ok()) << bad;
    }
    EXPECT_FALSE(account_names_of("c-a-uk").ok());
    EXPECT_EQ(*clean_domain("https://www.Shop.Example:8443/x?y"), "shop.example");
    for (const char* bad : {"", "a b", "-..-", ".x", "x'--"}) EXPECT_FALSE(clean_domain(bad).ok()) << bad;
}

// A pattern is the client's own text and runs on every visit: what could hang or starve the DPS is refused
// here.
TEST(Patterns, BombsAndNonsenseAreRefusedWithTheReason) {
    EXPECT_FALSE(pattern_problem("google\\.(com|co\\.uk)").has_value());
    EXPECT_FALSE(pattern_problem("(a+)+$").has_value()) << "linear in RE2";
    for (const char* bad : {"(", "a{100000}", "((a{100}){100}){100}", "(?=x)", "\\1", "*"}) {
        EXPECT_TRUE(pattern_problem(bad).has_value()) << bad;
    }
    EXPECT_TRUE(pattern_problem(std::string(201, 'a')).has_value());
}

// An interrupted creation is run again; the second run must find what the first made, password included.
TEST(CreateAccount, IsResumableAndRepeatable) {
    FakeCloud cloud;
    base::SystemRandom random;
    const auto admin = TestServer::instance().admin();
    ASSERT_TRUE(create_attrib(admin, cloud, random).ok());
    const auto again = create_attrib(admin, cloud, random);
    ASSERT_TRUE(again.ok()) << again.error().what;
    const auto central = attrib_settings(cloud);
    ASSERT_TRUE(central.ok());
    EXPECT_EQ(central->user, "attrib");

    NewAccount request{.name = "demo",
                       .location = "uk",
                       .domain = "shop.example",
                       .events = {"it's; an event"},
                       .goals = {{.name = "Sale", .events = {"purchase"}}}};
    cloud.fail_queue = true;
    EXPECT_FALSE(create_account(*central, cloud, random, request).ok());
    auto attrib = Connection::open(*central);
    ASSERT_TRUE(attrib.ok());
    EXPECT_TRUE(load_accounts(*attrib)->empty()) << "an unfinished account must not be seen";
    const std::string secret = cloud.secrets.at("cubed/account/c-a-demo-uk");
    cloud.fail_queue = false;
    for (int i = 0; i < 2; ++i) {
        const auto made = create_account(*central, cloud, random, request);
        ASSERT_TRUE(made.ok()) << made.error().what;
    }
    EXPECT_EQ(cloud.secrets.at("cubed/account/c-a-demo-uk"), secret);
    EXPECT_EQ(cloud.queues.at("visscore_main_c-a-demo-uk"), "visscore_dead_c-a-demo-uk");

    const auto account = load_account(*attrib, "c-a-demo-uk");
    ASSERT_TRUE(account.ok());
    auto client = Connection::open(*client_settings(cloud, *account));
    ASSERT_TRUE(client.ok()) << client.error().what;
    EXPECT_EQ(client->query("SELECT count(*) FROM attrib_event")->integer(0, 0), 2);
    EXPECT_EQ(client->query("SELECT count(*), count(DISTINCT position) FROM attrib_pattern")->text(0, 0),
              client->query("SELECT count(DISTINCT position) FROM attrib_pattern")->text(0, 0));
    EXPECT_EQ(client->query("SELECT count(*) FROM attrib_product_event")->integer(0, 0), 1);

    // Collectors look at `updated`: it must move with everything that hangs on the account.
    ASSERT_TRUE(attrib
                    ->query("INSERT INTO attrib_blocked_ip (account_id, range) VALUES ($1, '10.0.0.0/8')",
                            account->id)
                    .ok());
    EXPECT_GT(load_account(*attrib, "c-a-demo-uk")->updated, account->updated);

    // One client's role must not reach another's data.
    auto settings = *client_settings(cloud, *account);
    settings.database = "attrib";
    EXPECT_FALSE(Connection::open(settings).ok());
}

TEST(Migrations, RefuseAnAppliedOneWithAnotherText) {
    auto connection = Connection::open(TestServer::instance().fresh_database());
    ASSERT_TRUE(connection.ok());
    const auto applied = migrate(*connection, "client");
    ASSERT_TRUE(applied.ok()) << applied.error().what;
    EXPECT_GE(applied->size(), 3u);
    EXPECT_TRUE(migrate(*connection, "client")->empty());
    ASSERT_TRUE(connection->execute("UPDATE cubed_migration SET sha256 = 'x' WHERE name LIKE '0001%'").ok());
    const auto changed = migrate(*connection, "client");
    ASSERT_FALSE(changed.ok());
    EXPECT_EQ(changed.error().kind, base::FailureKind::conflict);
}

TEST(Configuration, AddsAndSwitchesOnAgain) {
    auto connection = Connection::open(TestServer::instance().fresh_database());
    ASSERT_TRUE(connection.ok());
    ASSERT_TRUE(migrate(*connection, "client").ok());
    ASSERT_TRUE(add_default_channels(*connection).ok());
    const PatternRule rule{.channel = "Partners", .pattern = "partner\\.example"};
    const auto first = add_pattern(*connection, rule);
    ASSERT_TRUE(first.ok()) << first.error().what;
    EXPECT_EQ(*add_pattern(*connection, rule), *first);
    EXPECT_FALSE(add_pattern(*connection, {.channel = "Partners", .pattern = "("}).ok());
    EXPECT_FALSE(add_pattern(*connection, {.channel = "Partners"}).ok());
    EXPECT_FALSE(add_goal(*connection, {.name = "x"}).ok());
    EXPECT_FALSE(add_goal(*connection, {.name = "x", .type = "other", .events = {"e"}}).ok());
}

}  // namespace cubed::control
