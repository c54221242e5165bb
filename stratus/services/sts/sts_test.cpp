// STS is the first call of most tools: what it says about the caller, and what it hands out, must be true.
#include "stratus/services/sts/sts.h"

#include <gtest/gtest.h>

#include "aws/sts/types.h"

namespace stratus::sts {
namespace {

using namespace std::chrono_literals;

class StsTest : public testing::Test {
  protected:
    wire::Context context() const {
        wire::Context ctx;
        ctx.caller = {.account = "111111111111",
                      .arn = "arn:aws:iam::111111111111:root",
                      .user_id = "111111111111",
                      .access_key_id = "AKIAEXAMPLE"};
        return ctx;
    }
    base::SimClock clock_;
    base::SeededRandom random_{1};
    Sessions sessions_{MasterKey(std::string(32, 'k')), random_};
    Sts sts_{sessions_, clock_};
};

TEST_F(StsTest, SaysWhoIsCalling) {
    const auto identity = sts_.get_caller_identity(context(), {});
    ASSERT_TRUE(identity.ok());
    EXPECT_EQ(identity->account, "111111111111");
    EXPECT_EQ(identity->arn, "arn:aws:iam::111111111111:root");
}

// No fake success: a role that does not exist cannot be assumed, in AWS's own words.
TEST_F(StsTest, NoRoleCanBeAssumedWithoutIam) {
    const auto refused = sts_.assume_role(
        context(), {.role_arn = "arn:aws:iam::111111111111:role/deploy", .role_session_name = "session"});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, "AccessDenied");
    EXPECT_EQ(refused.error().http_status, 403);
}

// The credentials must open again to the same account, and end when they say they end.
TEST_F(StsTest, SessionTokensProveTheAccountForAnHour) {
    const auto given = sts_.get_session_token(context(), {.duration_seconds = 129'600});
    ASSERT_TRUE(given.ok());
    const auto session = sessions_.open(given->credentials->session_token);
    ASSERT_TRUE(session.ok());
    EXPECT_EQ(session->account, "111111111111");
    EXPECT_EQ(session->secret_access_key, given->credentials->secret_access_key);
    EXPECT_EQ(session->expires, clock_.now() + 1h);

    auto temporary = context();
    temporary.caller.access_key_id = session->access_key_id;
    EXPECT_EQ(sts_.get_session_token(temporary, {}).error().code, "AccessDenied");
    EXPECT_EQ(sts_.get_session_token(context(), {.token_code = "123456"}).error().code, "AccessDenied");
}

}  // namespace
}  // namespace stratus::sts
