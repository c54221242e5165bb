#include "stratus/gateway/body_adapters.h"

namespace stratus {
namespace {

class RequestBody final : public wire::BodyReader {
  public:
    explicit RequestBody(std::shared_ptr<net::BodyReader> body) : body_(std::move(body)) {}

    wire::Outcome<std::size_t> read(std::span<std::byte> into) override {
        auto got = body_->read(into);
        if (got.ok()) return *got;
        switch (got.error().kind) {
            case base::FailureKind::invalid:
                return wire::Error("EntityTooLarge",
                                   "Your proposed upload exceeds the maximum allowed object size.", 400)
                    .because(got.error().what);
            default:
                return wire::Error(
                           "RequestTimeout",
                           "Your socket connection to the server was not read from or written to within the "
                           "timeout period. Idle connections will be closed.",
                           400)
                    .because(got.error().what);
        }
    }
    std::optional<std::uint64_t> length() const override { return body_->length(); }

  private:
    std::shared_ptr<net::BodyReader> body_;
};

class ResponseBody final : public net::BodyReader {
  public:
    explicit ResponseBody(std::shared_ptr<wire::BodyReader> body) : body_(std::move(body)) {}

    base::Result<std::size_t> read(std::span<std::byte> out) override {
        auto got = body_->read(out);
        if (got.ok()) return *got;
        return base::Failure{base::FailureKind::unavailable, got.error().code + ": " + got.error().message};
    }
    std::optional<std::uint64_t> length() const override { return body_->length(); }

  private:
    std::shared_ptr<wire::BodyReader> body_;
};

}  // namespace

std::shared_ptr<wire::BodyReader> to_wire_reader(std::shared_ptr<net::BodyReader> body) {
    return std::make_shared<RequestBody>(std::move(body));
}

net::Body to_net_body(wire::BodySource source) {
    if (auto* bytes = std::get_if<std::string>(&source.from)) return std::move(*bytes);
    if (auto* range = std::get_if<wire::FileRange>(&source.from)) {
        // Shared, and only read from: the descriptor's object is not changed by sending.
        return net::FileRange{std::const_pointer_cast<base::Fd>(range->file), range->offset, range->length};
    }
    return std::make_unique<ResponseBody>(
        std::move(std::get<std::shared_ptr<wire::BodyReader>>(source.from)));
}

}  // namespace stratus
