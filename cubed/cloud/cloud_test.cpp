// The same files and variables must work for us as for AWS's own tools.
#include "cubed/cloud/cloud.h"

#include <gtest/gtest.h>

namespace cubed {
namespace {

TEST(Credentials, AreReadFromTheirProfile) {
    const auto found = parse_credentials(
        "# by hand\n[default]\naws_access_key_id = "
        "AKIA1\naws_secret_access_key=s/e+c=\r\n\n[other]\naws_access_key_id=x",
        "default");
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(found->access_key_id, "AKIA1");
    EXPECT_EQ(found->secret_access_key, "s/e+c=");
}

TEST(Credentials, MissingProfilesAndKeysAreToldApart) {
    EXPECT_EQ(parse_credentials("[a]\n", "b").error().kind, base::FailureKind::not_found);
    EXPECT_EQ(parse_credentials("[a]\naws_access_key_id=x", "a").error().kind, base::FailureKind::invalid);
    EXPECT_EQ(parse_credentials("", "a").error().kind, base::FailureKind::not_found);
    EXPECT_EQ(parse_credentials("[", "a").error().kind, base::FailureKind::not_found);
}

TEST(Queues, AreNamedByTheAccountsToken) {
    EXPECT_EQ(main_queue_name("c-a-demo-uk"), "visscore_main_c-a-demo-uk");
}

}  // namespace
}  // namespace cubed
