// For tests: a handler with one path per way to answer.
#pragma once

#include <chrono>
#include <condition_variable>
#include <fcntl.h>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/encoding.h"
#include "base/executor.h"
#include "base/files.h"
#include "net/http_server.h"

namespace net {

/// A body of `total` bytes "abc...z", in pieces; may break off or hide its length.
class AlphabetReader final : public BodyReader {
  public:
    AlphabetReader(std::size_t total, bool tells_length, std::size_t breaks_at = SIZE_MAX)
        : total_(total), tells_length_(tells_length), breaks_at_(breaks_at) {}

    base::Result<std::size_t> read(std::span<std::byte> out) override {
        if (sent_ >= breaks_at_) return base::Failure{base::FailureKind::corrupt, "broken on purpose"};
        const std::size_t count = std::min({out.size(), total_ - sent_, std::size_t{10'000}});
        for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<std::byte>('a' + (sent_ + i) % 26);
        sent_ += count;
        return count;
    }
    std::optional<std::uint64_t> length() const override {
        if (!tells_length_) return std::nullopt;
        return total_;
    }

  private:
    const std::size_t total_;
    const bool tells_length_;
    const std::size_t breaks_at_;
    std::size_t sent_ = 0;
};

inline std::string alphabet(std::size_t size) {
    std::string out;
    for (std::size_t i = 0; i < size; ++i) out += static_cast<char>('a' + i % 26);
    return out;
}

class TestHandler final : public Handler {
  public:
    static constexpr std::uint64_t buffer_max = 100'000;
    static constexpr std::uint64_t stream_max = 4'000'000;

    ~TestHandler() override { pool.stop(); }

    Admission admit(const RequestHead& head) override {
        if (head.target == "/overloaded") return Refuse{.response = refusal(503)};
        if (head.target.starts_with("/stream")) return Stream{.bytes_max = stream_max, .lease = lease};
        return Buffer{.bytes_max = buffer_max, .lease = lease};
    }

    void handle(Request request, std::shared_ptr<ResponseSink> sink) override {
        const std::string& target = request.head.target;
        if (target == "/later") {
            const bool accepted =
                pool.try_submit([sink] { sink->send(Response{.body = std::string("later")}); });
            if (!accepted) sink->send(refusal(503));
        } else if (target == "/hold") {
            const std::lock_guard lock(mutex);
            held.push_back(std::move(sink));
            held_changed.notify_all();
        } else if (target == "/throw") {
            throw std::runtime_error("on purpose");
        } else if (target != "/drop") {
            sink->send(answer(request));
        }
    }

    void handle_stream(RequestHead head, std::shared_ptr<BodyReader> body,
                       std::shared_ptr<ResponseSink> sink) override {
        if (head.target == "/stream-early")
            return sink->send(Response{.status = 403, .body = std::string("no")});
        const bool accepted = pool.try_submit([this, body, sink, slow = head.target == "/stream-gated"] {
            if (slow) {
                std::unique_lock lock(mutex);
                held_changed.wait_for(lock, std::chrono::seconds{5}, [this] { return gate_open; });
            }
            sink->send(read_all(*body));
        });
        if (!accepted) sink->send(refusal(503));
    }

    std::shared_ptr<ResponseSink> wait_held() {
        std::unique_lock lock(mutex);
        held_changed.wait_for(lock, std::chrono::seconds{5}, [this] { return !held.empty(); });
        if (held.empty()) return nullptr;
        auto sink = std::move(held.back());
        held.pop_back();
        return sink;
    }
    void open_gate() {
        const std::lock_guard lock(mutex);
        gate_open = true;
        held_changed.notify_all();
    }

    std::shared_ptr<void> lease = std::make_shared<int>(0);
    base::TempDirectory directory;
    base::ThreadPool pool{{.name = "test", .threads = 2}};
    std::mutex mutex;
    std::condition_variable held_changed;
    std::vector<std::shared_ptr<ResponseSink>> held;
    bool gate_open = false;

  private:
    Response answer(const Request& request) {
        const std::string& target = request.head.target;
        if (target == "/big") return Response{.body = alphabet(3'000'000)};
        if (target == "/empty") return Response{.status = 204};
        if (target == "/reader") return Response{.body = std::make_unique<AlphabetReader>(1'000'000, false)};
        if (target == "/reader-known")
            return Response{.body = std::make_unique<AlphabetReader>(1'000'000, true)};
        if (target == "/reader-breaks") {
            return Response{.body = std::make_unique<AlphabetReader>(1'000'000, false, 300'000)};
        }
        if (target == "/file") return file_answer();
        if (target == "/inject") {
            Response response{.body = std::string("safe")};
            response.headers.add("X-Evil", "a\r\nSet-Cookie: b");
            response.headers.add("X Bad", "v");
            response.headers.add("X-Good", "v");
            return response;
        }
        if (target == "/method")
            return Response{.body = request.head.method + " " + request.head.peer_address};
        return Response{.body = request.body};
    }

    Response file_answer() {
        const auto path = directory.path() / "file";
        if (!base::write_file_durably(path, alphabet(2'000'000)).ok()) return refusal(500);
        auto file = std::make_shared<base::Fd>(base::open_file(path, O_RDONLY).take());
        return Response{.body = FileRange{.file = std::move(file), .offset = 26, .length = 1'500'000}};
    }

    static Response read_all(BodyReader& body) {
        std::string out;
        for (;;) {
            std::byte block[5000];
            const auto got = body.read(block);
            if (!got.ok())
                return Response{.status = 422, .body = std::string(base::name_of(got.error().kind))};
            if (got.value() == 0) break;
            out += base::as_text(std::span(block).first(got.value()));
        }
        return Response{.body =
                            std::to_string(out.size()) + (out == alphabet(out.size()) ? " good" : " bad")};
    }
};

}  // namespace net
