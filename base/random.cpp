#include "base/random.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <sys/random.h>

#include "base/check.h"
#include "base/encoding.h"

namespace base {

namespace {

void fill_from_system(std::span<std::byte> out) {
    while (!out.empty()) {
        const ssize_t got = getrandom(out.data(), out.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        CHECK(got > 0, "the system's random generator must work");
        out = out.subspan(static_cast<std::size_t>(got));
    }
}

std::string uuid_text(std::array<std::byte, 16> raw, unsigned version) {
    raw[6] = (raw[6] & std::byte{0x0f}) | static_cast<std::byte>(version << 4);
    raw[8] = (raw[8] & std::byte{0x3f}) | std::byte{0x80};
    const std::string digits = hex_encode(as_text(raw));
    std::string out;
    out.reserve(36);
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
        out += digits[i];
    }
    return out;
}

std::uint64_t splitmix(std::uint64_t& state) {
    state += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

}  // namespace

std::uint64_t Random::next() {
    std::uint64_t value = 0;
    fill(std::as_writable_bytes(std::span(&value, 1)));
    return value;
}

std::uint64_t Random::below(std::uint64_t limit) {
    CHECK(limit > 0, "below() needs a positive limit");
    const std::uint64_t reject_from = UINT64_MAX - UINT64_MAX % limit;  // keeps the draw unbiased
    std::uint64_t value = next();
    while (value >= reject_from) value = next();
    return value % limit;
}

std::string Random::bytes(std::size_t count) {
    std::string out(count, '\0');
    fill(std::as_writable_bytes(std::span(out)));
    return out;
}

std::string Random::hex(std::size_t count) {
    return hex_encode(bytes(count));
}

std::string Random::characters(std::string_view alphabet, std::size_t count) {
    CHECK(!alphabet.empty() && alphabet.size() <= 256, "an alphabet has 1 to 256 characters");
    const std::size_t accepted = 256 - 256 % alphabet.size();
    std::string out;
    out.reserve(count);
    while (out.size() < count) {
        for (const char c : bytes(count - out.size())) {
            const auto drawn = static_cast<unsigned char>(c);
            if (drawn < accepted) out += alphabet[drawn % alphabet.size()];
        }
    }
    return out;
}

std::string Random::uuid4() {
    std::array<std::byte, 16> raw;
    fill(raw);
    return uuid_text(raw, 4);
}

std::string Random::uuid7(Instant at) {
    std::array<std::byte, 16> raw;
    fill(raw);
    const auto millis = static_cast<std::uint64_t>(at.time_since_epoch().count() / 1000);
    for (int i = 0; i < 6; ++i) raw[i] = static_cast<std::byte>(millis >> (40 - 8 * i));
    return uuid_text(raw, 7);
}

std::string Random::ulid(Instant at) {
    static constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    std::string out(26, '0');
    auto millis = static_cast<std::uint64_t>(at.time_since_epoch().count() / 1000);
    for (int i = 9; i >= 0; --i) {
        out[i] = alphabet[millis & 31];
        millis >>= 5;
    }
    const std::string tail = characters(alphabet, 16);
    std::copy(tail.begin(), tail.end(), out.begin() + 10);
    return out;
}

void SystemRandom::fill(std::span<std::byte> out) {
    // Small draws come from a buffer of this thread: one system call for many identifiers.
    static thread_local std::array<std::byte, 512> buffer;
    static thread_local std::size_t used = buffer.size();
    if (out.size() > buffer.size() / 4) return fill_from_system(out);
    if (buffer.size() - used < out.size()) {
        fill_from_system(buffer);
        used = 0;
    }
    std::memcpy(out.data(), buffer.data() + used, out.size());
    std::memset(buffer.data() + used, 0, out.size());
    used += out.size();
}

SeededRandom::SeededRandom(std::uint64_t seed) {
    for (std::uint64_t& word : state_) word = splitmix(seed);
}

void SeededRandom::fill(std::span<std::byte> out) {
    const std::lock_guard lock(mutex_);
    while (!out.empty()) {
        const std::uint64_t value = std::rotl(state_[1] * 5, 7) * 9;
        const std::uint64_t shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        const std::size_t count = std::min(out.size(), sizeof value);
        std::memcpy(out.data(), &value, count);
        out = out.subspan(count);
    }
}

}  // namespace base
