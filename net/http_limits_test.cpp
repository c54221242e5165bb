// What the server does with garbage, half requests, slow clients, and requests made to be read in two ways.
#include <gtest/gtest.h>

#include "base/random.h"
#include "net/http_server.h"
#include "net/raw_client.h"
#include "net/test_handler.h"

namespace net {
namespace {

using namespace std::chrono_literals;

int status_of(const std::string& answer) {
    if (!answer.starts_with("HTTP/1.1 ")) return 0;
    return std::stoi(answer.substr(9, 3));
}

class HttpLimitsTest : public testing::Test {
  protected:
    std::unique_ptr<HttpServer> start(HttpServer::Options options = {}) {
        return HttpServer::start(std::move(options), handler).take();
    }
    TestHandler handler;
};

// Every byte sequence gets an answer in HTTP or a closed connection; none of them takes the server down.
TEST_F(HttpLimitsTest, GarbageIsAnswered400) {
    const auto server = start();
    for (const char* garbage :
         {"garbage\r\n\r\n", "\x16\x03\x01\x02\x01\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/1.1\nHost: x\n\n",
          "GET / HTTP/9.9\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost : x\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "G\x01T / HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: x\r\n: v\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
          "GET / HTTP/1.1\r\nHost: x\r\nA: b\rC: d\r\n\r\n"}) {
        RawClient raw(server->port());
        EXPECT_EQ(status_of(raw.exchange(garbage)), 400) << garbage;
        EXPECT_TRUE(raw.at_end()) << "out of step: the connection must not go on";
    }
    base::SeededRandom random(11);
    for (int i = 0; i < 200; ++i) {
        RawClient raw(server->port());
        raw.send(random.bytes(1 + random.below(300)) + "\r\n\r\n");
        raw.finish_sending();
        raw.receive_all();
    }
    RawClient after(server->port());
    EXPECT_EQ(status_of(after.exchange("GET /method HTTP/1.1\r\nHost: x\r\n\r\n")), 200);
}

// Request smuggling: whatever would let a proxy in front and this server disagree on the end of a request.
TEST_F(HttpLimitsTest, AmbiguousFramingIsRefused) {
    const auto server = start();
    const std::string smuggled = "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n";
    for (const std::string framing :
         {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n",
          "Content-Length: 5, 6\r\n", "Transfer-Encoding: identity\r\n",
          "Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding: xchunked\r\n",
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding : chunked\r\n",
          "Content-Length: +5\r\n", "Content-Length: 0x5\r\n", "Content-Length: \r\n"}) {
        RawClient raw(server->port());
        raw.send("POST /echo HTTP/1.1\r\nHost: x\r\n" + framing + "\r\n0\r\n\r\n" + smuggled);
        const std::string all = raw.receive_all();
        EXPECT_EQ(status_of(all), 400) << framing;
        EXPECT_EQ(all.find("HTTP/1.1", 1), std::string::npos)
            << "one answer, to the first request: " << framing;
    }
    RawClient old(server->port());
    old.send("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    EXPECT_EQ(status_of(old.receive_all()), 400);
}

// Headers have a size that is enough for presigned URLs and long tokens, and an end.
TEST_F(HttpLimitsTest, OversizedHeadersAreAnswered431) {
    const auto server = start({.header_bytes = 4096});
    for (const std::string& request :
         {"GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(5000, 'a') + "\r\n\r\n",
          "GET /" + std::string(10'000, 'u') + " HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: x\r\n" + std::string(100'000, 'b')}) {
        RawClient raw(server->port());
        raw.send(request);
        EXPECT_EQ(status_of(raw.receive_all()), 431);
    }
    RawClient fits(server->port());
    EXPECT_EQ(
        status_of(fits.exchange("GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(3900, 'a') + "\r\n\r\n")),
        200);
}

// A body over the operation's limit is refused when it is announced, not when the memory is gone.
TEST_F(HttpLimitsTest, OversizedBodiesAreAnswered413) {
    const auto server = start();
    RawClient declared(server->port());
    declared.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\nsome");
    EXPECT_EQ(status_of(declared.receive_all()), 413);
    RawClient chunked(server->port());
    chunked.send(
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n40000000\r\n");
    EXPECT_EQ(status_of(chunked.receive_all()), 413);
}

// Slow clients lose their place: in the header, in the body, and when they are silent.
TEST_F(HttpLimitsTest, SlowClientsAreTimedOut) {
    const auto server = start({.idle_timeout = 200ms, .header_timeout = 100ms, .stall_timeout = 100ms});
    {
        RawClient silent(server->port());
        EXPECT_EQ(silent.receive_all(), "");
        RawClient header(server->port());
        header.send("GET / HTTP/1.1\r\nHo");
        EXPECT_EQ(status_of(header.receive_all()), 408);
        RawClient body(server->port());
        body.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
        EXPECT_EQ(status_of(body.receive_all()), 408);
        RawClient stream(server->port());
        stream.send("PUT /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
        const std::string answer = stream.receive_all();
        EXPECT_EQ(status_of(answer), 422);
        EXPECT_NE(answer.find("timed out"), std::string::npos);
    }
    RawClient deaf(server->port());
    deaf.send(
        "GET /big HTTP/1.1\r\nHost: x\r\n\r\nGET /big HTTP/1.1\r\nHost: x\r\n\r\nGET /big HTTP/1.1\r\nHost: "
        "x\r\n\r\n");
    while (server->counts().connections_open > 0) std::this_thread::yield();
}

// Over the limit of connections the answer is 503, and there is room again when somebody leaves.
TEST_F(HttpLimitsTest, TooManyConnectionsAreAnswered503) {
    const auto server = start({.connections = 2});
    const std::string request = "GET /method HTTP/1.1\r\nHost: x\r\n\r\n";
    RawClient first(server->port()), second(server->port());
    EXPECT_EQ(status_of(first.exchange(request)), 200);
    EXPECT_EQ(status_of(second.exchange(request)), 200);
    {
        RawClient third(server->port());
        third.send(request);
        EXPECT_EQ(status_of(third.receive_all()), 503);
    }
    EXPECT_EQ(server->counts().connections_refused, 1u);
    first.close();
    while (server->counts().connections_open > 1) std::this_thread::yield();
    RawClient fourth(server->port());
    EXPECT_EQ(status_of(fourth.exchange(request)), 200);
}

// Clients vanish at every point of a request; the server must neither leak the connection nor crash.
TEST_F(HttpLimitsTest, HalfRequestsAreForgotten) {
    const auto server = start();
    const std::string request =
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n01234567890123456789";
    for (std::size_t size = 0; size < request.size(); ++size) {
        RawClient raw(server->port());
        raw.send(std::string_view(request).substr(0, size));
    }
    for (const char* target : {"/big", "/reader", "/file", "/later", "/stream", "/hold"}) {
        RawClient raw(server->port());
        raw.send(std::string("GET ") + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    if (const auto held = handler.wait_held()) held->send(Response{});
    while (server->counts().connections_open > 0) std::this_thread::yield();
    RawClient after(server->port());
    EXPECT_EQ(status_of(after.exchange(request)), 200);
    after.close();
    handler.pool.stop();
    while (server->counts().connections_open > 0) std::this_thread::yield();
    EXPECT_EQ(handler.lease.use_count(), 1)
        << "what admission lent is given back, whatever became of the request";
}

// The same request in any fragmentation is the same request.
TEST_F(HttpLimitsTest, AnyFragmentationReadsTheSame) {
    const auto server = start();
    const std::string request =
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
        "chunked\r\n\r\n4\r\nabcd\r\n1\r\ne\r\n0\r\n\r\n";
    RawClient raw(server->port());
    for (std::size_t cut = 1; cut < request.size(); ++cut) {
        raw.send(request.substr(0, cut));
        raw.send(request.substr(cut));
        EXPECT_TRUE(raw.receive().ends_with("\r\n\r\nabcde")) << cut;
    }
}

}  // namespace
}  // namespace net
