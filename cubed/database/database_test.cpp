#include <gtest/gtest.h>

#include "cubed/database/connection.h"
#include "cubed/database/pool.h"
#include "cubed/database/test_server.h"

namespace cubed::database {

using base::FailureKind;

static Connection connect(const Settings& settings) {
    auto connection = Connection::open(settings);
    EXPECT_TRUE(connection.ok()) << connection.error().what;
    return connection.take();
}

// Every value that a statement carries must come back as it went in: this is what stands between input and
// SQL.
TEST(Connection, BindsWhatLooksLikeSqlAsData) {
    auto connection = connect(TestServer::instance().fresh_database());
    ASSERT_TRUE(connection.execute("CREATE TABLE note (id bigint, body text, raw bytea, tags text[])").ok());
    const std::string hostile = "'); DROP TABLE note; -- \" \\ $1 \xE2\x82\xAC";
    const std::string raw("\0\xFF'\\", 4);
    const std::vector<std::string> tags = {hostile, "{a,b}", "NULL", ""};
    ASSERT_TRUE(
        connection.query("INSERT INTO note VALUES ($1, $2, $3, $4)", 7, hostile, Bytes{raw}, tags).ok());
    const auto rows = connection.query("SELECT id, body, raw, tags[1], tags[2], tags[3], tags[4] FROM note");
    ASSERT_TRUE(rows.ok()) << rows.error().what;
    EXPECT_EQ(rows->integer(0, 0), 7);
    EXPECT_EQ(rows->text(0, 1), hostile);
    EXPECT_EQ(rows->bytes(0, 2), raw);
    for (std::size_t i = 0; i < tags.size(); ++i) EXPECT_EQ(rows->text(0, 3 + i), tags[i]);
}

// PostgreSQL cannot store NUL in text, and libpq would cut the value there without a word.
TEST(Connection, RefusesTextWithNul) {
    auto connection = connect(TestServer::instance().fresh_database());
    const auto rows = connection.query("SELECT $1::text", std::string("a\0b", 3));
    ASSERT_FALSE(rows.ok());
    EXPECT_EQ(rows.error().kind, FailureKind::invalid);
}

// Identifiers come from account names; a quote in one must not end it.
TEST(Sql, QuotesIdentifiersAndLiterals) {
    auto connection = connect(TestServer::instance().fresh_database());
    Statement create("CREATE TABLE ");
    create.identifier("a\"b; DROP").text(" (x text DEFAULT").literal("it's \\ a").text(")");
    ASSERT_TRUE(connection.execute(create).ok());
    Statement insert("INSERT INTO ");
    ASSERT_TRUE(connection.query(insert.identifier("a\"b; DROP").text(" DEFAULT VALUES")).ok());
    Statement select("SELECT x FROM ");
    const auto rows = connection.query(select.identifier("a\"b; DROP"));
    ASSERT_TRUE(rows.ok());
    EXPECT_EQ(rows->text(0, 0), "it's \\ a");
}

// The DPS's rows all travel this way; a wrong byte in the format would be a wrong number in a report.
TEST(Connection, CopiesBinaryRows) {
    auto connection = connect(TestServer::instance().fresh_database());
    ASSERT_TRUE(
        connection
            .execute("CREATE TABLE t (a bigint, b integer, c smallint, d text, e timestamptz, f uuid, "
                     "g boolean, h double precision, i bytea)")
            .ok());
    const Instant time =
        std::chrono::sys_days(std::chrono::year(2026) / 2 / 28) + std::chrono::microseconds(1);
    CopyRows rows;
    rows.row(9).int64(-5).int32(6).int16(-7).text("x\ty\n").instant(time);
    rows.uuid({0x01, 0x90, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}).boolean(true).float64(0.1);
    rows.bytes(std::string_view("\0\1", 2));
    rows.row(9);
    for (int i = 0; i < 9; ++i) rows.null();
    const auto copied = connection.copy_in("COPY t FROM STDIN (FORMAT binary)", rows);
    ASSERT_TRUE(copied.ok()) << copied.error().what;
    EXPECT_EQ(*copied, 2);
    const auto back = connection.query("SELECT * FROM t WHERE a = -5");
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back->text(0, 3), "x\ty\n");
    EXPECT_EQ(back->instant(0, 4), time);
    EXPECT_EQ(back->text(0, 5), "01900203-0405-0607-0809-0a0b0c0d0e0f");
    EXPECT_EQ(back->real(0, 7), 0.1);
    EXPECT_EQ(back->bytes(0, 8), std::string("\0\1", 2));
}

// A failed COPY must leave the connection in step: the batch is tried again on it.
TEST(Connection, GoesOnAfterAFailedCopy) {
    auto connection = connect(TestServer::instance().fresh_database());
    ASSERT_TRUE(connection.execute("CREATE TABLE t (a bigint PRIMARY KEY)").ok());
    CopyRows rows;
    rows.row(1).int64(1);
    rows.row(1).int64(1);
    const auto copied = connection.copy_in("COPY t FROM STDIN (FORMAT binary)", rows);
    ASSERT_FALSE(copied.ok());
    EXPECT_EQ(copied.error().kind, FailureKind::conflict);
    EXPECT_EQ(connection.sqlstate(), "23505");
    EXPECT_EQ(connection.query("SELECT count(*) FROM t")->integer(0, 0), 0);
}

TEST(Connection, PipelinesAndStreams) {
    auto connection = connect(TestServer::instance().fresh_database());
    std::vector<Statement> statements;
    statements.emplace_back(Sql("CREATE TABLE t (a bigint)"));
    statements.emplace_back(Sql("INSERT INTO t SELECT generate_series(1, $1)"), 1000);
    statements.emplace_back(Sql("SELECT count(*) FROM t"));
    const auto answers = connection.pipeline(statements);
    ASSERT_TRUE(answers.ok()) << answers.error().what;
    EXPECT_EQ(answers->at(2).integer(0, 0), 1000);
    std::int64_t sum = 0;
    const auto streamed =
        connection.stream(Sql("SELECT a FROM t"), [&](const Rows& row) -> base::Result<base::Unit> {
            sum += row.integer(0, 0);
            return base::Unit{};
        });
    ASSERT_TRUE(streamed.ok());
    EXPECT_EQ(sum, 500'500);
    statements.emplace_back(Sql("SELECT 1 / 0"));
    statements.emplace_back(Sql("SELECT 1"));
    statements.erase(statements.begin());
    EXPECT_FALSE(connection.pipeline(statements).ok());
    EXPECT_EQ(connection.query("SELECT count(*) FROM t")->integer(0, 0), 1000)
        << "a failed pipeline is undone";
}

TEST(Transaction, RollsBackUnlessCommitted) {
    auto connection = connect(TestServer::instance().fresh_database());
    ASSERT_TRUE(connection.execute("CREATE TABLE t (a bigint)").ok());
    {
        auto transaction = Transaction::begin(connection);
        ASSERT_TRUE(transaction.ok());
        ASSERT_TRUE(connection.query("INSERT INTO t VALUES (1)").ok());
    }
    EXPECT_EQ(connection.query("SELECT count(*) FROM t")->integer(0, 0), 0);
}

// The database goes away and comes back: a waiting connector must find it by itself.
TEST(Pool, ComesBackAfterTheServerDoes) {
    const Settings settings = TestServer::instance().fresh_database();
    Pool pool([&] { return settings; }, 2);
    ASSERT_TRUE(pool.acquire().ok());
    TestServer::instance().stop("immediate");
    {
        auto lease = pool.acquire();
        if (lease.ok()) {
            const auto rows = (*lease)->query("SELECT 1");
            ASSERT_FALSE(rows.ok());
            EXPECT_EQ(rows.error().kind, FailureKind::unavailable);
        }
    }
    EXPECT_EQ(pool.acquire().error().kind, FailureKind::unavailable);
    TestServer::instance().start();
    auto lease = pool.acquire();
    ASSERT_TRUE(lease.ok()) << lease.error().what;
    EXPECT_TRUE((*lease)->query("SELECT 1").ok());
    const auto up = connect_when_up([&] { return settings; }, {});
    EXPECT_TRUE(up.ok());
}

TEST(Settings, ComesFromASecretAndBack) {
    const Settings settings{
        .host = "db.example", .port = 6543, .user = "u", .password = "p\"'", .database = "d"};
    const auto back = settings_from_secret(secret_of(settings));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back->host, "db.example");
    EXPECT_EQ(back->port, 6543);
    EXPECT_EQ(back->password, "p\"'");
    for (const char* bad : {"", "[]", "{}", R"({"host":"h","port":"70000","username":"u","dbname":"d"})",
                            R"({"engine":"mysql","host":"h","username":"u","dbname":"d"})"}) {
        EXPECT_FALSE(settings_from_secret(bad).ok()) << bad;
    }
}

TEST(Instant, FormatsAndParses) {
    for (const char* text : {"1999-12-31 23:59:59.999999+00", "2026-11-24 00:00:00.000000+00"}) {
        EXPECT_EQ(format_instant(*parse_instant(text)), text);
    }
    for (const char* bad : {"", "2026", "2026-13-01 00:00:00+00", "2026-11-24 00:00:00+02", "infinity"}) {
        EXPECT_FALSE(parse_instant(bad).ok()) << bad;
    }
}

}  // namespace cubed::database
