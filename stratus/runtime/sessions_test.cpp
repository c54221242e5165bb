// Session tokens are the only proof that temporary credentials are real: forging or stretching one must fail.
#include "stratus/runtime/sessions.h"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "base/files.h"

namespace stratus {
namespace {

TEST(SessionsTest, ATokenOpensToItsSessionAndNothingElseOpens) {
    base::SeededRandom random(1);
    const Sessions sessions(MasterKey(std::string(32, 'k')), random);
    const Session session =
        sessions.begin({.account = "111111111111", .arn = "arn:aws:iam::111111111111:root"});
    const std::string token = sessions.token_of(session);
    const auto opened = sessions.open(token);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(opened->access_key_id, session.access_key_id);
    EXPECT_EQ(opened->secret_access_key, session.secret_access_key);
    EXPECT_EQ(opened->account, "111111111111");

    std::string altered = token;
    altered[40] = altered[40] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(sessions.open(altered).ok());
    EXPECT_FALSE(sessions.open("").ok());
    EXPECT_FALSE(sessions.open("not base64!").ok());
    EXPECT_FALSE(Sessions(MasterKey(std::string(32, 'x')), random).open(token).ok());
}

// A key that others can read protects nothing: refuse, in words, rather than go on.
TEST(MasterKeyTest, IsMadeOnceAndGuarded) {
    const base::TempDirectory directory;
    const auto file = directory.path() / "master.key";
    base::SystemRandom random;
    const auto made = MasterKey::open_or_create(file, random);
    ASSERT_TRUE(made.ok());
    EXPECT_EQ(MasterKey::open_or_create(file, random)->derive("a"), made->derive("a"));
    EXPECT_NE(made->derive("a"), made->derive("b"));
    ASSERT_EQ(chmod(file.c_str(), 0644), 0);
    EXPECT_EQ(MasterKey::open_or_create(file, random).error().kind, base::FailureKind::denied);
    ASSERT_TRUE(base::write_file_durably(file, "short", 0600).ok());
    EXPECT_EQ(MasterKey::open_or_create(file, random).error().kind, base::FailureKind::corrupt);
}

}  // namespace
}  // namespace stratus
