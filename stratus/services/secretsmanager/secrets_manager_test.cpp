// Secrets Manager's behaviour below the wire: versions and labels, idempotency, the recovery window on a
// simulated clock, replicas, and what is on disk.
#include "stratus/services/secretsmanager/secrets_manager.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "aws/secretsmanager/types.h"
#include "stratus/store/memory_store.h"

namespace stratus::secretsmanager {
namespace {

using namespace aws::secretsmanager;
using namespace std::chrono_literals;

constexpr std::string_view token_a = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa";
constexpr std::string_view token_b = "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb";

class SecretsManagerTest : public testing::Test {
  protected:
    static wire::Context in(std::string region, std::string account = "000000000000") {
        wire::Context context;
        context.region = std::move(region);
        context.caller.account = std::move(account);
        return context;
    }

    CreateSecretResponse create(const std::string& name, const std::string& value = "one") {
        return manager.create_secret(ctx, {.name = name, .secret_string = value}).take();
    }
    std::string value_of(const std::string& id, std::optional<std::string> stage = std::nullopt) {
        return manager.get_secret_value(ctx, {.secret_id = id, .version_stage = std::move(stage)})
            .value()
            .secret_string.value();
    }
    PutSecretValueResponse put(const std::string& id, const std::string& value,
                               std::vector<std::string> stages = {}, std::optional<std::string> token = {}) {
        return manager
            .put_secret_value(ctx, {.secret_id = id,
                                    .client_request_token = std::move(token),
                                    .secret_string = value,
                                    .version_stages = std::move(stages)})
            .take();
    }
    std::size_t stored(std::string_view table) {
        return store.read([&](const Snapshot& at) { return at.scan(table, Range::all(), 10'000); })
            .value()
            .size();
    }

    MemoryStore store;
    MasterKey master{std::string(32, 'k')};
    base::SimClock clock;
    base::SeededRandom random{1};
    SecretsManager manager{store, master, clock, random};
    wire::Context ctx = in("eu-west-1");
};

template <class T>
std::string code(const wire::Outcome<T>& outcome) {
    return outcome.ok() ? "none" : outcome.error().type();
}

// The first thing every client does.
TEST_F(SecretsManagerTest, ASecretIsFoundByNameAndBothArns) {
    const auto made = create("app/db");
    const std::string arn = *made.arn;
    EXPECT_TRUE(arn.starts_with("arn:aws:secretsmanager:eu-west-1:000000000000:secret:app/db-"));
    EXPECT_EQ(arn.size(),
              std::string_view("arn:aws:secretsmanager:eu-west-1:000000000000:secret:app/db-XXXXXX").size());
    for (const std::string& id : {std::string("app/db"), arn, arn.substr(0, arn.size() - 7)}) {
        EXPECT_EQ(value_of(id), "one") << id;
    }
    for (const std::string id :
         {"app/d", "app", "arn:aws:secretsmanager:us-east-1:000000000000:secret:app/db",
          "arn:aws:secretsmanager:eu-west-1:000000000000:secret:app/db-000000", "arn:"}) {
        EXPECT_EQ(code(manager.get_secret_value(ctx, {.secret_id = id})), "ResourceNotFoundException") << id;
    }
}

// A name that looks like another's ARN ending must not be taken for it.
TEST_F(SecretsManagerTest, NamesThatEndLikeASuffixAreTheirOwn) {
    create("key");
    const auto tricky = create("key-abcdef", "two");
    EXPECT_EQ(value_of("key-abcdef"), "two");
    EXPECT_EQ(value_of(*tricky.arn), "two");
    EXPECT_EQ(value_of("arn:aws:secretsmanager:eu-west-1:000000000000:secret:key-abcdef"), "two");
}

// Accounts and regions are kept apart from the start.
TEST_F(SecretsManagerTest, AccountsAndRegionsAreApart) {
    create("s");
    EXPECT_EQ(code(manager.get_secret_value(in("us-east-1"), {.secret_id = "s"})),
              "ResourceNotFoundException");
    EXPECT_EQ(code(manager.get_secret_value(in("eu-west-1", "1"), {.secret_id = "s"})),
              "ResourceNotFoundException");
}

// Names are part of ARNs: what AWS does not allow must not get in.
TEST_F(SecretsManagerTest, BadNamesAndSecondNamesAreRefused) {
    for (const char* name : {"a b", "ü", "a*", "a:b", "a\\"}) {
        EXPECT_EQ(code(manager.create_secret(ctx, {.name = name})), "ValidationException") << name;
    }
    create("s");
    EXPECT_EQ(code(manager.create_secret(ctx, {.name = "s", .secret_string = "x"})),
              "ResourceExistsException");
    EXPECT_EQ(code(manager.create_secret(ctx, {.name = "t", .secret_binary = "x", .secret_string = "x"})),
              "InvalidParameterException");
    EXPECT_EQ(code(manager.create_secret(ctx, {.name = "t", .kms_key_id = "alias/mine"})),
              "EncryptionFailure");
}

// SDKs retry with the same token: the second try must not fail, and must not make a second version.
TEST_F(SecretsManagerTest, TokensMakeWritesIdempotent) {
    const CreateSecretRequest request{
        .name = "s", .client_request_token = std::string(token_a), .secret_string = "v"};
    const auto first = manager.create_secret(ctx, request).take();
    EXPECT_EQ(manager.create_secret(ctx, request).value().arn, first.arn);
    auto other = request;
    other.secret_string = "w";
    EXPECT_EQ(code(manager.create_secret(ctx, other)), "ResourceExistsException");

    put("s", "w", {}, std::string(token_b));
    put("s", "w", {}, std::string(token_b));
    EXPECT_EQ(value_of("s"), "w");
    EXPECT_EQ(value_of("s", "AWSPREVIOUS"), "v");
    const auto conflicting = manager.put_secret_value(
        ctx, {.secret_id = "s", .client_request_token = std::string(token_b), .secret_string = "x"});
    EXPECT_EQ(code(conflicting), "ResourceExistsException");
}

// AWSCURRENT and AWSPREVIOUS follow each other; rotation stages a value beside them first.
TEST_F(SecretsManagerTest, LabelsMoveAsVersionsCome) {
    const auto made = create("s");
    put("s", "two");
    EXPECT_EQ(value_of("s"), "two");
    EXPECT_EQ(value_of("s", "AWSPREVIOUS"), "one");
    const auto pending = put("s", "three", {"AWSPENDING"});
    EXPECT_EQ(value_of("s"), "two");
    EXPECT_EQ(value_of("s", "AWSPENDING"), "three");
    put("s", "four");
    EXPECT_EQ(value_of("s", "AWSPREVIOUS"), "two");

    const auto described = manager.describe_secret(ctx, {.secret_id = "s"}).take();
    EXPECT_EQ(described.version_ids_to_stages.size(), 3u);
    EXPECT_EQ(described.version_ids_to_stages.at(*pending.version_id),
              std::vector<std::string>{"AWSPENDING"});
    EXPECT_EQ(manager.list_secret_version_ids(ctx, {.secret_id = "s"}).value().versions.size(), 3u);
    const auto all =
        manager.list_secret_version_ids(ctx, {.secret_id = "s", .include_deprecated = true}).take();
    EXPECT_EQ(all.versions.size(), 4u);
    EXPECT_EQ(manager.get_secret_value(ctx, {.secret_id = "s", .version_id = made.version_id})
                  .value()
                  .secret_string,
              "one");
}

// Finishing a rotation is one label move; a stale idea of where the label is must not win.
TEST_F(SecretsManagerTest, UpdateSecretVersionStageDemandsTheHolder) {
    const std::string first = *create("s").version_id;
    const std::string second = *put("s", "two", {"AWSPENDING"}).version_id;
    const auto move = [&](std::string stage, std::optional<std::string> from, std::optional<std::string> to) {
        return manager.update_secret_version_stage(ctx, {.secret_id = "s",
                                                         .version_stage = std::move(stage),
                                                         .remove_from_version_id = std::move(from),
                                                         .move_to_version_id = std::move(to)});
    };
    EXPECT_EQ(code(move("AWSCURRENT", {}, second)), "InvalidParameterException");
    EXPECT_EQ(code(move("AWSCURRENT", second, second)), "InvalidParameterException");
    EXPECT_EQ(code(move("AWSCURRENT", first, {})), "InvalidParameterException");
    EXPECT_EQ(code(move("AWSCURRENT", {}, {})), "InvalidParameterException");
    EXPECT_EQ(code(move("AWSCURRENT", first, std::string(token_a))), "ResourceNotFoundException");
    EXPECT_EQ(code(move("MINE", first, {})), "InvalidParameterException");
    ASSERT_EQ(code(move("AWSCURRENT", first, second)), "none");
    EXPECT_EQ(value_of("s"), "two");
    EXPECT_EQ(value_of("s", "AWSPREVIOUS"), "one");
    ASSERT_EQ(code(move("AWSPENDING", second, {})), "none");
    EXPECT_EQ(code(manager.get_secret_value(ctx, {.secret_id = "s", .version_stage = "AWSPENDING"})),
              "ResourceNotFoundException");
    ASSERT_EQ(code(move("MINE", {}, first)), "none");
    EXPECT_EQ(value_of("s", "MINE"), "one");
    const auto both =
        manager.get_secret_value(ctx, {.secret_id = "s", .version_id = first, .version_stage = "AWSCURRENT"});
    EXPECT_EQ(code(both), "InvalidRequestException");
}

// The window is the only thing between a slip and a lost credential: to the microsecond.
TEST_F(SecretsManagerTest, TheRecoveryWindowEndsWhenItSays) {
    create("s");
    const auto deleted = manager.delete_secret(ctx, {.secret_id = "s", .recovery_window_in_days = 7}).take();
    EXPECT_EQ(deleted.deletion_date, clock.now() + std::chrono::days{7});
    EXPECT_EQ(code(manager.get_secret_value(ctx, {.secret_id = "s"})), "InvalidRequestException");
    EXPECT_EQ(code(manager.create_secret(ctx, {.name = "s"})), "InvalidRequestException");
    EXPECT_EQ(code(manager.delete_secret(ctx, {.secret_id = "s"})), "InvalidRequestException");
    EXPECT_EQ(manager.describe_secret(ctx, {.secret_id = "s"}).value().deleted_date, deleted.deletion_date);

    clock.advance(std::chrono::days{7} - 1us);
    ASSERT_TRUE(manager.restore_secret(ctx, {.secret_id = "s"}).ok());
    EXPECT_EQ(value_of("s"), "one");
    clock.advance(std::chrono::days{30});
    ASSERT_TRUE(manager.erase_due_secrets().ok());
    EXPECT_EQ(value_of("s"), "one") << "restored is restored";

    ASSERT_TRUE(manager.delete_secret(ctx, {.secret_id = "s"}).ok());
    clock.advance(std::chrono::days{30});
    EXPECT_EQ(code(manager.restore_secret(ctx, {.secret_id = "s"})), "ResourceNotFoundException");
    EXPECT_EQ(code(manager.describe_secret(ctx, {.secret_id = "s"})), "ResourceNotFoundException");
    EXPECT_EQ(stored(values.name()), 1u);
    ASSERT_TRUE(manager.erase_due_secrets().ok());
    EXPECT_EQ(stored(values.name()) + stored(secrets.name()) + stored(deletions.name()), 0u);
    EXPECT_NE(create("s").arn, deleted.arn) << "a new secret of that name is another one";
}

// Force deletes at once and leaves nothing behind; its rules are AWS's.
TEST_F(SecretsManagerTest, ForcedDeletionIsImmediate) {
    create("s");
    put("s", "two");
    EXPECT_EQ(
        code(manager.delete_secret(
            ctx, {.secret_id = "s", .recovery_window_in_days = 7, .force_delete_without_recovery = true})),
        "InvalidParameterException");
    for (const std::int64_t days : {6, 31, 0, -1}) {
        EXPECT_EQ(code(manager.delete_secret(ctx, {.secret_id = "s", .recovery_window_in_days = days})),
                  "InvalidParameterException");
    }
    ASSERT_TRUE(manager.delete_secret(ctx, {.secret_id = "s", .force_delete_without_recovery = true}).ok());
    EXPECT_EQ(stored(values.name()) + stored(secrets.name()), 0u);
    EXPECT_TRUE(manager.delete_secret(ctx, {.secret_id = "s", .force_delete_without_recovery = true}).ok());
    EXPECT_EQ(code(manager.delete_secret(ctx, {.secret_id = "s"})), "ResourceNotFoundException");
    create("s", "again");
    EXPECT_EQ(value_of("s"), "again");
}

// What lies on disk must be useless without the master key, and a record moved elsewhere must not open.
TEST_F(SecretsManagerTest, ValuesAreSealedForTheirSecretAndVersion) {
    create("s", "correct horse battery staple");
    put("s", "second value");
    auto rows = store.read([&](const Snapshot& at) { return values.scan(at, Range::all(), 10); }).take();
    ASSERT_EQ(rows.size(), 2u);
    const auto raw =
        store.read([&](const Snapshot& at) { return at.scan(values.name(), Range::all(), 10); }).take();
    for (const Entry& entry : raw) EXPECT_EQ(entry.value.find("horse"), std::string::npos);

    ASSERT_TRUE(
        store.write([&](Transaction& tx) { return values.put(tx, rows[0].key, rows[1].record); }).ok());
    ASSERT_TRUE(
        store.write([&](Transaction& tx) { return values.put(tx, rows[1].key, rows[0].record); }).ok());
    EXPECT_EQ(code(manager.get_secret_value(ctx, {.secret_id = "s"})), "DecryptionFailure");

    const MasterKey other(std::string(32, 'x'));
    SecretsManager stranger(store, other, clock, random);
    EXPECT_EQ(code(stranger.get_secret_value(ctx, {.secret_id = "s"})), "DecryptionFailure");
}

// LastAccessedDate has the precision of a day, and reading must not cost a write each time.
TEST_F(SecretsManagerTest, AccessIsNotedOncePerDay) {
    create("s");
    EXPECT_FALSE(manager.describe_secret(ctx, {.secret_id = "s"}).value().last_accessed_date.has_value());
    value_of("s");
    const auto first = manager.describe_secret(ctx, {.secret_id = "s"}).value().last_accessed_date;
    EXPECT_EQ(first, std::chrono::floor<std::chrono::days>(clock.now()));
    const auto writes = store.statistics().writes;
    value_of("s");
    EXPECT_EQ(store.statistics().writes, writes);
    clock.advance(std::chrono::days{1});
    value_of("s");
    EXPECT_NE(manager.describe_secret(ctx, {.secret_id = "s"}).value().last_accessed_date, first);
}

// Old versions make room, but not those of the last day: a runaway writer meets a limit, as on AWS.
TEST_F(SecretsManagerTest, VersionsAreLimited) {
    create("s");
    for (int i = 0; i < 99; ++i) put("s", std::to_string(i));
    const PutSecretValueRequest more{.secret_id = "s", .secret_string = "more"};
    EXPECT_EQ(code(manager.put_secret_value(ctx, more)), "LimitExceededException");
    clock.advance(std::chrono::days{1});
    ASSERT_TRUE(manager.put_secret_value(ctx, more).ok());
    EXPECT_EQ(value_of("s", "AWSPREVIOUS"), "98");
    EXPECT_EQ(stored(values.name()), 100u);
}

// A replica is readable in its region and always in sync; promoted, it is a secret of its own.
TEST_F(SecretsManagerTest, ReplicasFollowTheirPrimary) {
    const auto made = create("s");
    const wire::Context there = in("us-east-1");
    const auto replicated = manager.replicate_secret_to_regions(
        ctx, {.secret_id = "s", .add_replica_regions = {{.region = "us-east-1"}}});
    ASSERT_TRUE(replicated.ok());
    EXPECT_EQ(replicated->replication_status.at(0).status, "InSync");
    put("s", "two");
    const auto read = manager.get_secret_value(there, {.secret_id = "s"}).take();
    EXPECT_EQ(read.secret_string, "two");
    EXPECT_TRUE(read.arn->starts_with("arn:aws:secretsmanager:us-east-1:"));
    EXPECT_EQ(read.arn->substr(read.arn->size() - 6), made.arn->substr(made.arn->size() - 6));
    EXPECT_EQ(manager.describe_secret(there, {.secret_id = *read.arn}).value().primary_region, "eu-west-1");
    EXPECT_EQ(code(manager.put_secret_value(there, {.secret_id = "s", .secret_string = "x"})),
              "InvalidRequestException");
    EXPECT_EQ(code(manager.delete_secret(there, {.secret_id = "s"})), "InvalidRequestException");
    EXPECT_EQ(code(manager.delete_secret(ctx, {.secret_id = "s"})), "InvalidRequestException");
    EXPECT_EQ(code(manager.stop_replication_to_replica(ctx, {.secret_id = "s"})), "InvalidRequestException");

    ASSERT_TRUE(manager.stop_replication_to_replica(there, {.secret_id = "s"}).ok());
    put("s", "three");
    EXPECT_EQ(manager.get_secret_value(there, {.secret_id = "s"}).value().secret_string, "two");
    ASSERT_TRUE(manager.put_secret_value(there, {.secret_id = "s", .secret_string = "own"}).ok());
    EXPECT_EQ(value_of("s"), "three");

    const ReplicateSecretToRegionsRequest again{.secret_id = "s",
                                                .add_replica_regions = {{.region = "us-east-1"}}};
    EXPECT_EQ(code(manager.replicate_secret_to_regions(ctx, again)), "InvalidRequestException");
    auto forced = again;
    forced.force_overwrite_replica_secret = true;
    ASSERT_TRUE(manager.replicate_secret_to_regions(ctx, forced).ok());
    EXPECT_EQ(manager.get_secret_value(there, {.secret_id = "s"}).value().secret_string, "three");
    ASSERT_TRUE(
        manager
            .remove_regions_from_replication(ctx, {.secret_id = "s", .remove_replica_regions = {"us-east-1"}})
            .ok());
    EXPECT_EQ(code(manager.get_secret_value(there, {.secret_id = "s"})), "ResourceNotFoundException");
    EXPECT_EQ(code(manager.remove_regions_from_replication(
                  ctx, {.secret_id = "s", .remove_replica_regions = {"us-east-1"}})),
              "InvalidParameterException");
    EXPECT_TRUE(manager.delete_secret(ctx, {.secret_id = "s"}).ok());
}

// Filters and pages: nothing is listed twice or lost, whatever the page size.
TEST_F(SecretsManagerTest, ListsInPagesByFilters) {
    for (int i = 0; i < 25; ++i) {
        clock.advance(1s);
        ASSERT_TRUE(manager
                        .create_secret(ctx, {.name = (i % 2 == 0 ? "even/" : "odd/") + std::to_string(i),
                                             .description = i % 5 == 0 ? "The Fifth one" : "another",
                                             .tags = {{.key = "n" + std::to_string(i % 3), .value = "v"}}})
                        .ok());
    }
    const auto names = [&](std::vector<Filter> filters, std::string order, std::int32_t size) {
        std::vector<std::string> out;
        ListSecretsRequest request{
            .max_results = size, .filters = std::move(filters), .sort_order = std::move(order)};
        do {
            auto page = manager.list_secrets(ctx, request).take();
            for (const auto& entry : page.secret_list) out.push_back(*entry.name);
            request.next_token = page.next_token;
        } while (request.next_token);
        return out;
    };
    for (const std::int32_t size : {1, 7, 25, 100}) {
        auto up = names({}, "asc", size);
        EXPECT_EQ(up.size(), 25u);
        EXPECT_EQ(up.front(), "even/0");
        std::reverse(up.begin(), up.end());
        EXPECT_EQ(names({}, "desc", size), up);
    }
    EXPECT_EQ(names({{.key = "name", .values = {"odd/"}}}, "asc", 5).size(), 12u);
    EXPECT_EQ(names({{.key = "name", .values = {"!odd/"}}}, "asc", 5).size(), 13u);
    EXPECT_EQ(names({{.key = "name", .values = {"ODD/"}}}, "asc", 5).size(), 0u);
    EXPECT_EQ(names({{.key = "name", .values = {"odd/", "even/"}}}, "asc", 5).size(), 25u);
    EXPECT_EQ(names({{.key = "description", .values = {"fifth"}}}, "asc", 5).size(), 5u);
    EXPECT_EQ(names({{.key = "description", .values = {"ifth"}}}, "asc", 5).size(), 0u);
    EXPECT_EQ(names({{.key = "tag-key", .values = {"n1"}}}, "asc", 5).size(), 8u);
    EXPECT_EQ(names({{.key = "tag-value", .values = {"w"}}}, "asc", 5).size(), 0u);
    EXPECT_EQ(
        names({{.key = "all", .values = {"FIFTH one"}}, {.key = "name", .values = {"odd"}}}, "asc", 5).size(),
        2u);
    EXPECT_EQ(code(manager.list_secrets(ctx, {.next_token = "bogus"})), "InvalidNextTokenException");
    EXPECT_EQ(code(manager.list_secrets(ctx, {.filters = {{.key = "nope", .values = {"x"}}}})),
              "InvalidParameterException");

    ASSERT_TRUE(manager.delete_secret(ctx, {.secret_id = "odd/1"}).ok());
    EXPECT_EQ(names({}, "asc", 10).size(), 24u);
    EXPECT_EQ(manager.list_secrets(ctx, {.include_planned_deletion = true}).value().secret_list.size(), 25u);
}

// One missing secret must not cost the caller the others.
TEST_F(SecretsManagerTest, BatchesReportErrorsPerSecret) {
    create("a");
    create("b");
    create("gone");
    ASSERT_TRUE(manager.delete_secret(ctx, {.secret_id = "gone"}).ok());
    ASSERT_TRUE(manager.create_secret(ctx, {.name = "valueless"}).ok());
    const auto batch =
        manager.batch_get_secret_value(ctx, {.secret_id_list = {"a", "none", "gone", "valueless", "b"}})
            .take();
    ASSERT_EQ(batch.secret_values.size(), 2u);
    ASSERT_EQ(batch.errors.size(), 3u);
    EXPECT_EQ(batch.errors[0].error_code, "ResourceNotFoundException");
    EXPECT_EQ(batch.errors[1].error_code, "InvalidRequestException");
    EXPECT_EQ(batch.errors[1].secret_id, "gone");
    const auto filtered = manager.batch_get_secret_value(
        ctx, {.filters = {{.key = "name", .values = {"a", "b"}}}, .max_results = 1});
    EXPECT_EQ(filtered->secret_values.size(), 1u);
    EXPECT_TRUE(filtered->next_token.has_value());
    EXPECT_EQ(code(manager.batch_get_secret_value(ctx, {})), "InvalidParameterException");
    EXPECT_EQ(code(manager.batch_get_secret_value(ctx, {.secret_id_list = {"a"}, .max_results = 1})),
              "InvalidParameterException");
}

// A password that lacks a required kind is rejected by the system it is for.
TEST_F(SecretsManagerTest, RandomPasswordsKeepTheirPromises) {
    for (int i = 0; i < 200; ++i) {
        const std::string five =
            *manager.get_random_password(ctx, {.password_length = 5, .include_space = true})
                 .value()
                 .random_password;
        EXPECT_EQ(five.size(), 5u);
        EXPECT_NE(five.find(' '), std::string::npos);
        EXPECT_NE(five.find_first_of("0123456789"), std::string::npos);
        const std::string digits = *manager
                                        .get_random_password(ctx, {.password_length = 20,
                                                                   .exclude_characters = "01234",
                                                                   .exclude_punctuation = true,
                                                                   .exclude_uppercase = true,
                                                                   .exclude_lowercase = true})
                                        .value()
                                        .random_password;
        EXPECT_EQ(digits.find_first_not_of("56789"), std::string::npos);
    }
    EXPECT_EQ(manager.get_random_password(ctx, {}).value().random_password->size(), 32u);
    EXPECT_EQ(code(manager.get_random_password(ctx, {.password_length = 3})), "InvalidParameterException");
    EXPECT_EQ(code(manager.get_random_password(ctx, {.password_length = 4097})), "InvalidParameterException");
    EXPECT_EQ(code(manager.get_random_password(ctx, {.exclude_numbers = true,
                                                     .exclude_punctuation = true,
                                                     .exclude_uppercase = true,
                                                     .exclude_lowercase = true})),
              "InvalidParameterException");
}

// Policies are stored only when they are policies; a public one can be kept out.
TEST_F(SecretsManagerTest, ResourcePoliciesAreChecked) {
    create("s");
    const std::string good =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::1:root"},"Action":"secretsmanager:*","Resource":"*"}]})";
    const std::string open =
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"secretsmanager:*","Resource":"*"}})";
    ASSERT_TRUE(manager.put_resource_policy(ctx, {.secret_id = "s", .resource_policy = good}).ok());
    EXPECT_EQ(manager.get_resource_policy(ctx, {.secret_id = "s"}).value().resource_policy, good);
    EXPECT_EQ(code(manager.put_resource_policy(
                  ctx, {.secret_id = "s", .resource_policy = open, .block_public_policy = true})),
              "PublicPolicyException");
    EXPECT_TRUE(manager.put_resource_policy(ctx, {.secret_id = "s", .resource_policy = open}).ok());
    for (const char* bad : {"{", "[]", "{}", R"({"Statement":[{"Effect":"Maybe"}]})"}) {
        EXPECT_EQ(code(manager.put_resource_policy(ctx, {.secret_id = "s", .resource_policy = bad})),
                  "MalformedPolicyDocumentException")
            << bad;
    }
    EXPECT_TRUE(
        *manager.validate_resource_policy(ctx, {.resource_policy = good}).value().policy_validation_passed);
    const auto checked =
        manager.validate_resource_policy(ctx, {.secret_id = "s", .resource_policy = open}).take();
    EXPECT_FALSE(*checked.policy_validation_passed);
    EXPECT_EQ(checked.validation_errors.size(), 1u);
    ASSERT_TRUE(manager.delete_resource_policy(ctx, {.secret_id = "s"}).ok());
    EXPECT_FALSE(manager.get_resource_policy(ctx, {.secret_id = "s"}).value().resource_policy.has_value());
}

// Without Lambda nothing can rotate, and nobody may be told that something did.
TEST_F(SecretsManagerTest, RotationIsRefused) {
    create("s");
    EXPECT_EQ(code(manager.rotate_secret(ctx, {.secret_id = "s"})), "InvalidRequestException");
    EXPECT_EQ(
        code(manager.rotate_secret(ctx, {.secret_id = "s", .rotation_lambda_arn = "arn:aws:lambda:::f"})),
        "AccessDeniedException");
    EXPECT_EQ(code(manager.rotate_secret(ctx, {.secret_id = "none"})), "ResourceNotFoundException");
    EXPECT_EQ(manager.cancel_rotate_secret(ctx, {.secret_id = "s"}).value().name, "s");
    EXPECT_FALSE(manager.describe_secret(ctx, {.secret_id = "s"}).value().rotation_enabled.value_or(false));
}

// Tags are replaced by key, counted, and reserved keys are kept out.
TEST_F(SecretsManagerTest, TagsAreMerged) {
    create("s");
    ASSERT_TRUE(
        manager.tag_resource(ctx, {.secret_id = "s", .tags = {{.key = "a", .value = "1"}, {.key = "b"}}})
            .ok());
    ASSERT_TRUE(manager.tag_resource(ctx, {.secret_id = "s", .tags = {{.key = "a", .value = "2"}}}).ok());
    ASSERT_TRUE(manager.untag_resource(ctx, {.secret_id = "s", .tag_keys = {"b", "unknown"}}).ok());
    const std::vector<Tag> expected = {{.key = "a", .value = "2"}};
    EXPECT_EQ(manager.describe_secret(ctx, {.secret_id = "s"}).value().tags, expected);
    EXPECT_EQ(code(manager.tag_resource(ctx, {.secret_id = "s", .tags = {{.key = "aws:x"}}})),
              "InvalidParameterException");
    std::vector<Tag> many;
    for (int i = 0; i < 50; ++i) many.push_back({.key = "k" + std::to_string(i)});
    EXPECT_EQ(code(manager.tag_resource(ctx, {.secret_id = "s", .tags = many})), "InvalidParameterException");
    EXPECT_EQ(manager.describe_secret(ctx, {.secret_id = "s"}).value().tags, expected) << "all or nothing";
}

}  // namespace
}  // namespace stratus::secretsmanager
