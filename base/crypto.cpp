#include "base/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/check.h"

namespace base {

namespace {

// Fetching an algorithm takes a lock and a look-up in OpenSSL 3, so each is fetched once and kept.
const EVP_MD* algorithm(DigestKind kind) {
    static const EVP_MD* const md5 = EVP_MD_fetch(nullptr, "MD5", nullptr);
    static const EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
    static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    switch (kind) {
        case DigestKind::md5: return md5;
        case DigestKind::sha1: return sha1;
        case DigestKind::sha256: return sha256;
        default: return nullptr;
    }
}

struct FreeDigest {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeMac {
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
struct FreeCipher {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeDigest>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

unsigned char* raw(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* raw(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string digest_of(DigestKind kind, std::string_view data) {
    static thread_local DigestContext context{EVP_MD_CTX_new()};
    std::string out(EVP_MD_get_size(algorithm(kind)), '\0');
    unsigned int size = 0;
    const bool good = EVP_DigestInit_ex2(context.get(), algorithm(kind), nullptr) == 1 &&
                      EVP_DigestUpdate(context.get(), data.data(), data.size()) == 1 &&
                      EVP_DigestFinal_ex(context.get(), raw(out), &size) == 1;
    CHECK(good, "OpenSSL must be able to digest");
    return out;
}

std::string big_endian(std::uint64_t value, int bytes) {
    std::string out;
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xff);
    return out;
}

constexpr std::size_t tag_bytes = 16;

}  // namespace

std::string sha256(std::string_view data) {
    return digest_of(DigestKind::sha256, data);
}
std::string sha1(std::string_view data) {
    return digest_of(DigestKind::sha1, data);
}
std::string md5(std::string_view data) {
    return digest_of(DigestKind::md5, data);
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
    static EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    static thread_local std::unique_ptr<EVP_MAC_CTX, FreeMac> context{EVP_MAC_CTX_new(mac)};
    char name[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                     OSSL_PARAM_construct_end()};
    std::string out(32, '\0');
    std::size_t size = 0;
    static constexpr unsigned char empty_key = 0;  // a null pointer would mean "keep the key of before"
    const unsigned char* key_bytes = key.empty() ? &empty_key : raw(key);
    const bool good = EVP_MAC_init(context.get(), key_bytes, key.size(), parameters) == 1 &&
                      EVP_MAC_update(context.get(), raw(data), data.size()) == 1 &&
                      EVP_MAC_final(context.get(), raw(out), &size, out.size()) == 1;
    CHECK(good, "OpenSSL must be able to authenticate");
    return out;
}

struct Digest::Context {
    DigestKind kind;
    DigestContext openssl;
    std::uint64_t checksum = 0;
};

Digest::Digest(DigestKind kind) : context_(new Context{.kind = kind}) {
    if (algorithm(kind) == nullptr) return;
    context_->openssl.reset(EVP_MD_CTX_new());
    const int good = EVP_DigestInit_ex2(context_->openssl.get(), algorithm(kind), nullptr);
    CHECK(good == 1, "OpenSSL must be able to digest");
}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::update(std::string_view data) {
    Context& context = *context_;
    switch (context.kind) {
        case DigestKind::crc32:
            context.checksum = crc32_extend(static_cast<std::uint32_t>(context.checksum), data);
            return;
        case DigestKind::crc32c:
            context.checksum = crc32c_extend(static_cast<std::uint32_t>(context.checksum), data);
            return;
        case DigestKind::crc64nvme: context.checksum = crc64nvme_extend(context.checksum, data); return;
        default: break;
    }
    CHECK(EVP_DigestUpdate(context.openssl.get(), data.data(), data.size()) == 1, "digesting cannot fail");
}

std::string Digest::finish() {
    Context& context = *context_;
    if (context.kind == DigestKind::crc64nvme) return big_endian(context.checksum, 8);
    if (algorithm(context.kind) == nullptr) return big_endian(context.checksum, 4);
    std::string out(EVP_MD_get_size(algorithm(context.kind)), '\0');
    unsigned int size = 0;
    CHECK(EVP_DigestFinal_ex(context.openssl.get(), raw(out), &size) == 1, "digesting cannot fail");
    return out;
}

std::string aes256gcm_seal(std::string_view key, std::string_view nonce, std::string_view plain,
                           std::string_view associated) {
    CHECK(key.size() == 32 && nonce.size() == 12, "AES-256-GCM takes a 32-byte key and a 12-byte nonce");
    static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    const CipherContext context{EVP_CIPHER_CTX_new()};
    std::string out(plain.size() + tag_bytes, '\0');
    int size = 0;
    int final_size = 0;
    const bool good =
        EVP_EncryptInit_ex2(context.get(), cipher, raw(key), raw(nonce), nullptr) == 1 &&
        EVP_EncryptUpdate(context.get(), nullptr, &size, raw(associated),
                          static_cast<int>(associated.size())) == 1 &&
        EVP_EncryptUpdate(context.get(), raw(out), &size, raw(plain), static_cast<int>(plain.size())) == 1 &&
        EVP_EncryptFinal_ex(context.get(), raw(out) + size, &final_size) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes, raw(out) + plain.size()) == 1;
    CHECK(good, "OpenSSL must be able to encrypt");
    return out;
}

Result<std::string> aes256gcm_open(std::string_view key, std::string_view nonce, std::string_view sealed,
                                   std::string_view associated) {
    if (key.size() != 32 || nonce.size() != 12 || sealed.size() < tag_bytes) {
        return Failure{FailureKind::corrupt, "not a sealed box"};
    }
    static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    const CipherContext context{EVP_CIPHER_CTX_new()};
    std::string tag(sealed.substr(sealed.size() - tag_bytes));
    sealed.remove_suffix(tag_bytes);
    std::string out(sealed.size(), '\0');
    int size = 0;
    int final_size = 0;
    const bool good = EVP_DecryptInit_ex2(context.get(), cipher, raw(key), raw(nonce), nullptr) == 1 &&
                      EVP_DecryptUpdate(context.get(), nullptr, &size, raw(associated),
                                        static_cast<int>(associated.size())) == 1 &&
                      EVP_DecryptUpdate(context.get(), raw(out), &size, raw(sealed),
                                        static_cast<int>(sealed.size())) == 1 &&
                      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, tag_bytes, raw(tag)) == 1 &&
                      EVP_DecryptFinal_ex(context.get(), raw(out) + size, &final_size) == 1;
    if (!good) return Failure{FailureKind::corrupt, "the sealed box was altered or the key is another"};
    return out;
}

bool constant_time_equal(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace base
