#include "cubed/database/copy.h"

#include <bit>
#include <cstring>

namespace cubed::database {

// PostgreSQL counts microseconds from 2000-01-01 UTC.
static constexpr auto postgres_epoch = std::chrono::sys_days(std::chrono::year(2000) / 1 / 1);

template <class Unsigned>
void CopyRows::put(Unsigned number) {
    char bytes[sizeof number];
    for (std::size_t i = 0; i < sizeof number; ++i) {
        bytes[i] = char(number >> (8 * (sizeof number - 1 - i)));
    }
    stream_.append(bytes, sizeof bytes);
}

void CopyRows::clear() {
    stream_.assign("PGCOPY\n\377\r\n\0", 11);
    put(std::uint32_t(0));  // flags
    put(std::uint32_t(0));  // no header extension
    rows_ = 0;
}

CopyRows& CopyRows::row(std::int16_t fields) {
    put(std::uint16_t(fields));
    ++rows_;
    return *this;
}

CopyRows& CopyRows::null() {
    put(std::uint32_t(-1));
    return *this;
}

CopyRows& CopyRows::int16(std::int16_t number) {
    put(std::uint32_t(2));
    put(std::uint16_t(number));
    return *this;
}

CopyRows& CopyRows::int32(std::int32_t number) {
    put(std::uint32_t(4));
    put(std::uint32_t(number));
    return *this;
}

CopyRows& CopyRows::int64(std::int64_t number) {
    put(std::uint32_t(8));
    put(std::uint64_t(number));
    return *this;
}

CopyRows& CopyRows::float64(double number) {
    return int64(std::bit_cast<std::int64_t>(number));
}

CopyRows& CopyRows::boolean(bool flag) {
    put(std::uint32_t(1));
    stream_ += flag ? '\1' : '\0';
    return *this;
}

CopyRows& CopyRows::text(std::string_view text) {
    put(std::uint32_t(text.size()));
    stream_.append(text);
    return *this;
}

CopyRows& CopyRows::bytes(std::string_view bytes) {
    return text(bytes);
}

CopyRows& CopyRows::instant(Instant time) {
    return int64((time - postgres_epoch).count());
}

CopyRows& CopyRows::uuid(const Uuid& uuid) {
    put(std::uint32_t(uuid.size()));
    stream_.append(reinterpret_cast<const char*>(uuid.data()), uuid.size());
    return *this;
}

}  // namespace cubed::database
