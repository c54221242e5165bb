#include "base/result.h"

#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace base {
namespace {

struct WireError {
    std::string code;
    WireError(const Failure& failure) : code("Wire:" + failure.what) {}
};

Result<std::string> half(int number) {
    if (number % 2 != 0) return Failure{FailureKind::invalid, "odd"};
    return std::to_string(number / 2);
}

Result<std::unique_ptr<int>, WireError> through(int number) {
    const std::string text = TRY(half(number));
    return std::make_unique<int>(std::stoi(text));
}

Result<std::optional<int>> maybe(bool there) {
    if (!there) return std::nullopt;
    return 7;
}

// TRY has two jobs: move the value out, and convert the error to what the caller's signature says.
TEST(Result, TryMovesValuesAndConvertsErrors) {
    auto good = through(8);
    ASSERT_TRUE(good.ok());
    EXPECT_EQ(**good, 4);
    EXPECT_EQ(through(3).error().code, "Wire:odd");
}

TEST(Result, TakesWhatConvertsToItsValue) {
    EXPECT_EQ(*maybe(false), std::nullopt);
    EXPECT_EQ(**maybe(true), 7);
}

TEST(ResultDeathTest, AskingForTheWrongSideEndsTheProcess) {
    EXPECT_DEATH((void)half(3).value(), "holds an error");
    EXPECT_DEATH((void)half(2).error(), "holds a value");
}

}  // namespace
}  // namespace base
