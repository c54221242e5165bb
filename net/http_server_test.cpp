// What the server does with well-formed requests: bodies of every kind, both ways, and answers from any
// thread.
#include "net/http_server.h"

#include <gtest/gtest.h>

#include "net/http_client.h"
#include "net/raw_client.h"
#include "net/test_handler.h"

namespace net {
namespace {

using namespace std::chrono_literals;

class HttpServerTest : public testing::Test {
  protected:
    HttpServerTest() : server(HttpServer::start({.io_threads = 2}, handler).take()) {}

    std::string url(std::string_view path) const {
        return "http://127.0.0.1:" + std::to_string(server->port()) + std::string(path);
    }
    ClientResponse send(ClientRequest request) { return client.send(request).take(); }

    TestHandler handler;
    std::unique_ptr<HttpServer> server;
    HttpClient client;
};

// The simplest exchange, answered on the loop and from another thread, over one kept-alive connection.
TEST_F(HttpServerTest, AnswersInlineAndLater) {
    for (int i = 0; i < 3; ++i) {
        const ClientResponse echo = send({.method = "POST", .url = url("/echo"), .body = "hello"});
        EXPECT_EQ(echo.status, 200);
        EXPECT_EQ(echo.body, "hello");
        EXPECT_TRUE(echo.headers.contains("date"));
        EXPECT_EQ(send({.url = url("/later")}).body, "later");
    }
    EXPECT_EQ(send({.url = url("/method")}).body, "GET 127.0.0.1");
    EXPECT_EQ(server->counts().connections_accepted, 1u);
    EXPECT_EQ(server->counts().requests, 7u);
}

// Objects are sent from files and readers, with and without a known length, larger than any buffer.
TEST_F(HttpServerTest, SendsEveryKindOfBody) {
    EXPECT_EQ(send({.url = url("/big")}).body, alphabet(3'000'000));
    EXPECT_EQ(send({.url = url("/file")}).body, alphabet(1'500'000));
    EXPECT_EQ(send({.url = url("/reader")}).body, alphabet(1'000'000));
    const ClientResponse known = send({.url = url("/reader-known")});
    EXPECT_EQ(known.body, alphabet(1'000'000));
    EXPECT_EQ(known.headers.find("content-length"), "1000000");
    EXPECT_EQ(send({.url = url("/empty")}).status, 204);
    EXPECT_EQ(server->counts().connections_accepted, 1u) << "none of them may cost the connection";
}

// A client must be able to tell a broken answer from a whole one.
TEST_F(HttpServerTest, ABrokenReaderBreaksTheConnection) {
    const auto answer = client.send({.url = url("/reader-breaks")});
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().kind, base::FailureKind::unavailable);
}

// HEAD has the header of GET and no body; 204 has no length: keep-alive clients hang otherwise.
TEST_F(HttpServerTest, HeadAndNoContentHaveNoBody) {
    RawClient raw(server->port());
    raw.send("HEAD /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const std::string head = raw.receive_all();
    EXPECT_TRUE(head.ends_with("\r\n\r\n"));
    EXPECT_NE(head.find("Content-Length: 3000000"), std::string::npos);
    RawClient fresh(server->port());
    const std::string empty = fresh.exchange("GET /empty HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(empty.find("Content-Length"), std::string::npos);
    EXPECT_NE(fresh.exchange("GET /method HTTP/1.1\r\nHost: x\r\n\r\n").find("GET 127.0.0.1"),
              std::string::npos);
}

// Streamed uploads arrive whole and in order, by length and chunked, larger than the pipe.
TEST_F(HttpServerTest, StreamsRequestBodies) {
    EXPECT_EQ(send({.method = "PUT", .url = url("/stream"), .body = alphabet(3'000'000)}).body,
              "3000000 good");
    EXPECT_EQ(send({.method = "PUT", .url = url("/stream")}).body, "0 good");
    RawClient raw(server->port());
    std::string chunked = "PUT /stream HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    chunked += "1a\r\n" + alphabet(26) + "\r\n34\r\n" + alphabet(52) + "\r\n0\r\nTrailer: t\r\n\r\n";
    EXPECT_NE(raw.exchange(chunked).find("78 good"), std::string::npos);
    EXPECT_NE(raw.exchange("GET /method HTTP/1.1\r\nHost: x\r\n\r\n").find("GET"), std::string::npos);
}

// A slow reader must slow its client down, not fill the memory.
TEST_F(HttpServerTest, AFullPipeStopsTheSender) {
    RawClient raw(server->port());
    const timeval patience{.tv_sec = 0, .tv_usec = 300'000};
    raw.set_send_patience(patience);
    raw.send("PUT /stream-gated HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string piece = "65000\r\n" + alphabet(0x65000) + "\r\n";
    std::size_t sent = 0;
    while (sent < 64u << 20 && raw.send(piece)) sent += piece.size();
    EXPECT_LT(sent, 32u << 20) << "socket buffers and the pipe, not everything";
    handler.open_gate();
}

// Over its limit a streamed body ends in an error for its reader, so no half object is taken for a whole one.
TEST_F(HttpServerTest, StreamsEndInErrorsWhenTheyAreCutOrTooLong) {
    RawClient cut(server->port());
    cut.send("PUT /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
    cut.finish_sending();
    EXPECT_EQ(cut.receive_all().find("200 OK"), std::string::npos);
    const ClientResponse declared =
        send({.method = "PUT", .url = url("/stream"), .body = alphabet(4'000'001)});
    EXPECT_EQ(declared.status, 413);
    RawClient undeclared(server->port());
    undeclared.send("PUT /stream HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n7000000\r\n");
    EXPECT_NE(undeclared.receive().find("422"), std::string::npos);
    RawClient garbled(server->port());
    garbled.send("PUT /stream HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcXXXX\r\n\r\n");
    EXPECT_NE(garbled.receive().find("422"), std::string::npos);
}

// A refusal is cheap: it comes before the body is sent, and the client gets to read it.
TEST_F(HttpServerTest, RefusesBeforeTheBody) {
    RawClient raw(server->port());
    const std::string answer = raw.exchange(
        "PUT /overloaded HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_NE(answer.find("503 Service Unavailable"), std::string::npos);
    EXPECT_NE(answer.find("Retry-After: 1"), std::string::npos);
    EXPECT_NE(answer.find("Connection: close"), std::string::npos);
    RawClient early(server->port());
    EXPECT_NE(
        early.exchange("PUT /stream-early HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab").find("403"),
        std::string::npos);
    RawClient bodiless(server->port());
    EXPECT_NE(bodiless.exchange("GET /overloaded HTTP/1.1\r\nHost: x\r\n\r\n").find("503"),
              std::string::npos);
    EXPECT_NE(bodiless.exchange("GET /method HTTP/1.1\r\nHost: x\r\n\r\n").find("200"), std::string::npos);
}

// S3 clients wait for "100 Continue" before they send gigabytes; it comes only when the request is admitted.
TEST_F(HttpServerTest, ContinuesWhatItAdmits) {
    RawClient raw(server->port());
    raw.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(raw.receive(), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_NE(raw.exchange("hello").find("\r\n\r\nhello"), std::string::npos);
    const std::string over = raw.exchange(
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100001\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_NE(over.find("413"), std::string::npos);
}

// Pipelined requests are answered one after the other, in order, inline or not.
TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
    RawClient raw(server->port());
    std::string requests;
    for (int i = 0; i < 50; ++i) {
        const std::string body = std::to_string(i);
        requests += "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
                    "\r\n\r\n" + body;
        requests += "GET /later HTTP/1.1\r\nHost: x\r\n\r\n";
    }
    requests += "GET /big HTTP/1.1\r\nHost: x\r\n\r\nGET /file HTTP/1.1\r\nHost: x\r\n\r\n";
    raw.send(requests);
    for (int i = 0; i < 50; ++i) {
        EXPECT_TRUE(raw.receive().ends_with("\r\n\r\n" + std::to_string(i)));
        EXPECT_TRUE(raw.receive().ends_with("\r\n\r\nlater"));
    }
    EXPECT_TRUE(raw.receive().ends_with(alphabet(3'000'000)));
    EXPECT_TRUE(raw.receive().ends_with(alphabet(1'500'000)));
}

// Old tools (ab) speak 1.0: the connection closes unless they ask for more.
TEST_F(HttpServerTest, SpeaksHttp10) {
    RawClient raw(server->port());
    EXPECT_NE(
        raw.exchange("GET /method HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").find("Connection: keep-alive"),
        std::string::npos);
    raw.send("GET /reader HTTP/1.0\r\n\r\n");
    const std::string all = raw.receive_all();
    EXPECT_EQ(all.find("Transfer-Encoding"), std::string::npos);
    EXPECT_TRUE(all.ends_with("\r\n\r\n" + alphabet(1'000'000)));
}

// A defect in a handler is the server's fault, in HTTP's words, and no more than that.
TEST_F(HttpServerTest, HandlersThatThrowOrForgetAnswer500) {
    EXPECT_EQ(send({.url = url("/throw")}).status, 500);
    EXPECT_EQ(send({.url = url("/drop")}).status, 500);
    EXPECT_EQ(send({.url = url("/method")}).status, 200);
}

// Metadata that a user stored must not become headers of its own.
TEST_F(HttpServerTest, HeadersCannotBeInjected) {
    const ClientResponse response = send({.url = url("/inject")});
    EXPECT_FALSE(response.headers.contains("x-evil"));
    EXPECT_FALSE(response.headers.contains("set-cookie"));
    EXPECT_TRUE(response.headers.contains("x-good"));
}

// A long poll holds nothing but its socket; when the client goes, the handler can see it; late answers are
// dropped.
TEST_F(HttpServerTest, SinksOutliveTheirClientsAndTheServer) {
    RawClient raw(server->port());
    raw.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto sink = handler.wait_held();
    ASSERT_NE(sink, nullptr);
    EXPECT_TRUE(sink->connected());
    RawClient second(server->port());
    second.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto survivor = handler.wait_held();
    ASSERT_NE(survivor, nullptr);
    server->stop();
    EXPECT_FALSE(sink->connected());
    sink->send(Response{});
    EXPECT_FALSE(RawClient(server->port()).connected());
    server.reset();
    survivor->send(Response{});
}

// Two servers on one port would each get half of the requests.
TEST_F(HttpServerTest, APortInUseIsAnError) {
    const auto second = HttpServer::start({.port = server->port()}, handler);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().kind, base::FailureKind::unavailable);
    EXPECT_FALSE(HttpServer::start({.address = "not an address"}, handler).ok());
    EXPECT_FALSE(HttpServer::start({.tls_certificate_file = "/none"}, handler).ok());
}

// Many clients at once over both loops: nobody's answer goes to somebody else.
TEST_F(HttpServerTest, ManyClientsAtOnce) {
    std::vector<std::thread> threads;
    std::atomic<int> good{0};
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&, t] {
            RawClient raw(server->port());
            for (int i = 0; i < 200; ++i) {
                const std::string body = std::to_string(t * 1000 + i);
                const std::string answer = raw.exchange("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                                                        std::to_string(body.size()) + "\r\n\r\n" + body);
                if (answer.ends_with("\r\n\r\n" + body)) ++good;
                if (raw.exchange("GET /later HTTP/1.1\r\nHost: x\r\n\r\n").ends_with("later")) ++good;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(good, 8 * 400);
}

}  // namespace
}  // namespace net
