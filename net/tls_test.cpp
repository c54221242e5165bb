// TLS is the same server behind a handshake: bodies of every kind both ways, and clients that do not shake
// hands.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "net/http_client.h"
#include "net/raw_client.h"
#include "net/test_handler.h"

namespace net {
namespace {

using namespace std::chrono_literals;

/// A self-signed certificate for 127.0.0.1, made anew so that none can expire.
void write_certificate(const std::filesystem::path& certificate_file, const std::filesystem::path& key_file) {
    EVP_PKEY* const key = EVP_EC_gen("P-256");
    X509* const certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* const name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1,
                               -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION* const address =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(certificate, address, -1);
    X509_sign(certificate, key, EVP_sha256());
    std::FILE* out = std::fopen(certificate_file.c_str(), "w");
    PEM_write_X509(out, certificate);
    std::fclose(out);
    out = std::fopen(key_file.c_str(), "w");
    PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(out);
    X509_EXTENSION_free(address);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

class TlsTest : public testing::Test {
  protected:
    TlsTest() {
        write_certificate(certificate(), handler.directory.path() / "key.pem");
        server = HttpServer::start({.io_threads = 2,
                                    .tls_certificate_file = certificate(),
                                    .tls_key_file = handler.directory.path() / "key.pem",
                                    .header_timeout = 200ms},
                                   handler)
                     .take();
    }
    std::string certificate() const { return handler.directory.path() / "certificate.pem"; }
    std::string url(std::string_view path) const {
        return "https://127.0.0.1:" + std::to_string(server->port()) + std::string(path);
    }

    TestHandler handler;
    std::unique_ptr<HttpServer> server;
};

// Everything that works in clear works sealed, over one connection.
TEST_F(TlsTest, ServesEveryKindOfBody) {
    HttpClient client({.ca_file = certificate()});
    const auto get = [&](std::string_view path) { return client.send({.url = url(path)}).take().body; };
    EXPECT_EQ(client.send({.method = "POST", .url = url("/echo"), .body = "hello"}).value().body, "hello");
    EXPECT_EQ(get("/later"), "later");
    EXPECT_EQ(get("/big"), alphabet(3'000'000));
    EXPECT_EQ(get("/file"), alphabet(1'500'000));
    EXPECT_EQ(get("/reader"), alphabet(1'000'000));
    EXPECT_EQ(get("/reader-known"), alphabet(1'000'000));
    const ClientRequest upload{.method = "PUT", .url = url("/stream"), .body = alphabet(3'000'000)};
    EXPECT_EQ(client.send(upload).value().body, "3000000 good");
    EXPECT_EQ(server->counts().connections_accepted, 1u);
    EXPECT_EQ(client.send({.url = url("/overloaded")}).value().status, 503);
}

// A client must be able to trust the certificate, or not connect at all.
TEST_F(TlsTest, AnUnknownCertificateIsRefused) {
    HttpClient client;
    const auto refused = client.send({.url = url("/echo")});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, base::FailureKind::denied);
}

// Plain HTTP, garbage and silence where a handshake is due cost a connection for a moment, and nothing else.
TEST_F(TlsTest, WhatIsNoHandshakeIsClosed) {
    for (const char* bytes : {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\x16\x03\x01\x00", ""}) {
        RawClient raw(server->port());
        raw.send(bytes);
        EXPECT_EQ(raw.receive_all().find("HTTP/1.1 2"), std::string::npos);
    }
    while (server->counts().connections_open > 0) std::this_thread::yield();
    HttpClient client({.ca_file = certificate()});
    EXPECT_EQ(client.send({.method = "POST", .url = url("/echo"), .body = "still here"}).value().body,
              "still here");
}

}  // namespace
}  // namespace net
