#include "wire/stream.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "wire/common_errors.h"

namespace wire {
namespace {

class StringReader final : public BodyReader {
  public:
    explicit StringReader(std::string bytes) : bytes_(std::move(bytes)) {}
    Outcome<std::size_t> read(std::span<std::byte> into) override {
        const std::size_t count = std::min(into.size(), bytes_.size() - at_);
        std::memcpy(into.data(), bytes_.data() + at_, count);
        at_ += count;
        return count;
    }
    std::optional<std::uint64_t> length() const override { return bytes_.size(); }

  private:
    std::string bytes_;
    std::size_t at_ = 0;
};

}  // namespace

std::shared_ptr<BodyReader> reader_of(std::string bytes) {
    return std::make_shared<StringReader>(std::move(bytes));
}

Outcome<std::string> read_all(BodyReader& reader, std::size_t limit_bytes) {
    std::string all;
    std::array<std::byte, 16384> buffer;
    while (true) {
        const std::size_t count = TRY(reader.read(buffer));
        if (count == 0) return all;
        if (all.size() + count > limit_bytes) return request_too_large(limit_bytes);
        all.append(reinterpret_cast<const char*>(buffer.data()), count);
    }
}

std::optional<std::uint64_t> length_of(const BodySource& source) {
    struct Visitor {
        std::optional<std::uint64_t> operator()(const std::string& bytes) const { return bytes.size(); }
        std::optional<std::uint64_t> operator()(const FileRange& range) const { return range.length; }
        std::optional<std::uint64_t> operator()(const std::shared_ptr<BodyReader>& reader) const {
            return reader ? reader->length() : std::optional<std::uint64_t>(0);
        }
    };
    return std::visit(Visitor{}, source.from);
}

}  // namespace wire
