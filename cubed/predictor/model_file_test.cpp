#include "cubed/predictor/model_file.h"

#include <array>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "cubed/predictor/score.h"

namespace cubed::predictor {
namespace {

CustomerModel small_model() {
    CustomerModel model;
    model.account = "c-a-demo-uk";
    model.goal = 3;
    model.model = "markov_2";
    model.order = 2;
    model.watermark = base::Instant{std::chrono::seconds{1'700'000'000}};
    model.conversion_rate = 0.1;
    model.value_per_journey = 123.5;
    model.metrics = {{"log_loss_1", 1.25}};
    model.channels = {"SEO", "PPC", "Direct"};
    model.referer_ids = {11, 12, 13};
    model.effect = {0.5, 0.25, 0.0};
    model.value_effect = {0.4, 0.3, 0.0};
    model.states = {{0, 1, 2, 0x10002, 0x20001}, {0.1, 0.2, 0.3, 0.4, 0.5}};
    model.first_order = {{0, 1, 2, 3}, {0.1, 0.15, 0.25, 0.05}};
    return model;
}

// A scorer must see what training saw, to the bit.
TEST(ModelFile, RoundTrip) {
    const CustomerModel model = small_model();
    const std::string bytes = encode_model(model);
    EXPECT_EQ(bytes.size() % 64, 0u);
    const auto decoded = decode_model(bytes);
    ASSERT_TRUE(decoded.ok()) << decoded.error().what;
    EXPECT_EQ(*decoded, model);
    EXPECT_EQ(encode_model(*decoded), bytes) << "equal models give equal bytes";
    EXPECT_EQ(object_key(model, version_of(model, bytes)),
              "c-a-demo-uk/customer/3/20231114T221320Z-" + version_of(model, bytes).substr(17) + ".model");
}

// Every single-bit error and every cut must be refused: a damaged model would give wrong numbers in silence.
TEST(ModelFile, RefusesEveryDamage) {
    const std::string bytes = encode_model(small_model());
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (const int bit : {0, 5, 7}) {
            std::string damaged = bytes;
            damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
            const auto decoded = decode_model(damaged);
            ASSERT_FALSE(decoded.ok()) << at;
            ASSERT_EQ(decoded.error().kind, base::FailureKind::corrupt);
        }
        ASSERT_FALSE(decode_model(std::string_view(bytes).substr(0, at)).ok()) << at;
    }
    EXPECT_FALSE(decode_model(bytes + std::string(64, '\0')).ok());
}

// Broken numbers cannot be written, so they cannot be read: encode ends the process rather than publish them.
TEST(ModelFileDeathTest, InconsistentModelsAreNeverWritten) {
    CustomerModel model = small_model();
    model.effect[1] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_DEATH(encode_model(model), "consistent");
    model = small_model();
    model.states.states[1] = 0x40001;  // a fourth channel
    EXPECT_DEATH(encode_model(model), "consistent");
}

// The scorer's three levels of knowledge, and its shares.
TEST(Score, ProbabilityBacksOffToWhatIsKnown) {
    const CustomerModel model = small_model();
    using Path = std::vector<attribution::Channel>;
    EXPECT_EQ(conversion_probability(model, Path{0, 1}), 0.4);     // the pair (SEO, PPC)
    EXPECT_EQ(conversion_probability(model, Path{2, 0, 1}), 0.4);  // its last two touches
    EXPECT_EQ(conversion_probability(model, Path{1, 2}), 0.05);    // a pair never seen: the last touch
    EXPECT_EQ(conversion_probability(model, Path{}), 0.1);
    EXPECT_EQ(conversion_probability(model, Path{9}), 0.1);
    const std::array<std::string_view, 3> names = {"PPC", "unheard of", "SEO"};
    EXPECT_EQ(path_of(model, names), (Path{1, 3, 0}));
}

TEST(Score, SharesSumToOneAndFollowTheEffects) {
    const CustomerModel model = small_model();
    using Path = std::vector<attribution::Channel>;
    EXPECT_EQ(touch_shares(model.effect, Path{0, 1, 0}), (std::vector<double>{1. / 3, 1. / 3, 1. / 3}));
    EXPECT_EQ(touch_shares(model.effect, Path{2, 2}), (std::vector<double>{0.5, 0.5}));
    EXPECT_EQ(touch_shares(model.effect, Path{2, 0}), (std::vector<double>{0, 1}));
    EXPECT_TRUE(touch_shares(model.effect, Path{}).empty());
}

}  // namespace
}  // namespace cubed::predictor
