#include "stratus/services/sqs/digest.h"

#include <algorithm>
#include <memory>

#include <openssl/evp.h>

#include "base/check.h"

namespace stratus::sqs {

namespace {

class Md5 {
  public:
    Md5() : context_(EVP_MD_CTX_new()), algorithm_(EVP_MD_fetch(nullptr, "MD5", nullptr)) {
        CHECK(context_ != nullptr && algorithm_ != nullptr, "OpenSSL has no MD5");
    }
    ~Md5() {
        EVP_MD_CTX_free(context_);
        EVP_MD_free(algorithm_);
    }
    Md5(const Md5&) = delete;
    Md5& operator=(const Md5&) = delete;

    std::string hex_of(std::string_view text) {
        unsigned char digest[16];
        CHECK(EVP_DigestInit_ex2(context_, algorithm_, nullptr) == 1, "MD5 init");
        CHECK(EVP_DigestUpdate(context_, text.data(), text.size()) == 1, "MD5 update");
        CHECK(EVP_DigestFinal_ex(context_, digest, nullptr) == 1, "MD5 final");
        static constexpr char digits[] = "0123456789abcdef";
        std::string hex(32, '0');
        for (std::size_t i = 0; i < sizeof(digest); ++i) {
            hex[2 * i] = digits[digest[i] >> 4];
            hex[2 * i + 1] = digits[digest[i] & 15];
        }
        return hex;
    }

  private:
    EVP_MD_CTX* context_;
    EVP_MD* algorithm_;
};

void append_sized(std::string& out, std::string_view text) {
    const auto size = static_cast<std::uint32_t>(text.size());
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((size >> shift) & 0xff);
    out += text;
}

}  // namespace

std::string md5_hex(std::string_view text) {
    thread_local Md5 md5;
    return md5.hex_of(text);
}

std::string md5_of_attributes(std::vector<MessageAttribute> attributes) {
    if (attributes.empty()) return {};
    std::sort(attributes.begin(), attributes.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    std::string text;
    for (const MessageAttribute& attribute : attributes) {
        append_sized(text, attribute.name);
        append_sized(text, attribute.data_type);
        text += attribute.binary ? '\2' : '\1';
        append_sized(text, attribute.value);
    }
    return md5_hex(text);
}

}  // namespace stratus::sqs
