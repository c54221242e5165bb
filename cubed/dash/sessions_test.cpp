#include "cubed/dash/sessions.h"

#include <gtest/gtest.h>

namespace cubed::dash {
namespace {

using namespace std::chrono_literals;

class SessionsTest : public testing::Test {
  protected:
    SessionsTest()
        : sessions(
              std::string(32, 'k'),
              [this](const std::string& name) -> base::Result<std::string> {
                  if (away) return base::Failure{base::FailureKind::unavailable, "away"};
                  if (name != "cubed/dash/c-a-demo-uk") {
                      return base::Failure{base::FailureKind::not_found, "no such secret"};
                  }
                  return std::string(R"({"password":"s3cret"})");
              },
              clock) {
        request.peer = "192.0.2.1";
    }

    WebRequest with_cookie_of(const std::string& set_cookie) {
        WebRequest next = request;
        const auto equals = set_cookie.find('=');
        next.cookies[set_cookie.substr(0, equals)] =
            set_cookie.substr(equals + 1, set_cookie.find(';') - equals - 1);
        return next;
    }

    base::SimClock clock;
    bool away = false;
    Sessions sessions;
    WebRequest request;
};

// The whole point: the right password opens exactly its account, for twelve hours.
TEST_F(SessionsTest, ASessionLastsTwelveHours) {
    const auto cookie = sessions.sign_in(request, "c-a-demo-uk", "s3cret");
    ASSERT_TRUE(cookie.ok());
    EXPECT_EQ(sessions.account_of(with_cookie_of(*cookie)), "c-a-demo-uk");
    clock.advance(12h - 1s);
    EXPECT_TRUE(sessions.account_of(with_cookie_of(*cookie)));
    clock.advance(1s);
    EXPECT_FALSE(sessions.account_of(with_cookie_of(*cookie)));
}

// A refusal must not tell a stranger which accounts exist.
TEST_F(SessionsTest, WrongAccountAndWrongPasswordReadTheSame) {
    const auto wrong_password = sessions.sign_in(request, "c-a-demo-uk", "guess");
    const auto wrong_account = sessions.sign_in(request, "c-a-other-uk", "guess");
    const auto not_a_token = sessions.sign_in(request, "../x", "");
    ASSERT_FALSE(wrong_password.ok());
    ASSERT_FALSE(wrong_account.ok());
    ASSERT_FALSE(not_a_token.ok());
    EXPECT_EQ(wrong_password.error().what, wrong_account.error().what);
    EXPECT_EQ(wrong_password.error().what, not_a_token.error().what);
}

// An account whose secret is missing must not open with the empty password.
TEST_F(SessionsTest, AnEmptyPasswordOpensNothing) {
    EXPECT_FALSE(sessions.sign_in(request, "c-a-other-uk", "").ok());
    EXPECT_FALSE(sessions.sign_in(request, "c-a-demo-uk", "").ok());
}

TEST_F(SessionsTest, ForgedCookiesAreNoSession) {
    const auto cookie = sessions.sign_in(request, "c-a-demo-uk", "s3cret");
    ASSERT_TRUE(cookie.ok());
    WebRequest forged = with_cookie_of(*cookie);
    std::string& value = forged.cookies["cubed_session"];
    for (size_t i = 0; i < value.size(); ++i) {
        WebRequest altered = forged;
        altered.cookies["cubed_session"][i] ^= 1;
        EXPECT_FALSE(sessions.account_of(altered)) << "byte " << i;
    }
    forged.cookies["cubed_session"] = "c-a-demo-uk.9999999999.";
    EXPECT_FALSE(sessions.account_of(forged));
}

// Guessing is slowed per peer, and a correct password does not help once too many were wrong.
TEST_F(SessionsTest, TooManyWrongAttemptsWait) {
    for (int i = 0; i < 10; ++i) std::ignore = sessions.sign_in(request, "c-a-demo-uk", "guess");
    const auto refused = sessions.sign_in(request, "c-a-demo-uk", "s3cret");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, base::FailureKind::unavailable);
    clock.advance(5min);
    EXPECT_TRUE(sessions.sign_in(request, "c-a-demo-uk", "s3cret").ok());
}

// Secrets Manager being away is not a wrong password.
TEST_F(SessionsTest, AnUnreadableSecretIsSaidSo) {
    away = true;
    const auto refused = sessions.sign_in(request, "c-a-demo-uk", "s3cret");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, base::FailureKind::unavailable);
}

}  // namespace
}  // namespace cubed::dash
