#include "cubed/dps/geography.h"

#include <fmt/format.h>
#include <maxminddb.h>

namespace cubed::dps {

using base::Failure;
using base::FailureKind;
using base::Result;

struct Geography::File {
    MMDB_s database{};
    ~File() { MMDB_close(&database); }
};

Geography::Geography() = default;
Geography::~Geography() = default;
Geography::Geography(Geography&&) noexcept = default;

Result<Geography> Geography::open(const std::string& path) {
    Geography geography;
    if (path.empty()) return geography;
    MMDB_s database{};
    const int status = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &database);
    if (status != MMDB_SUCCESS) {
        const bool there = status != MMDB_FILE_OPEN_ERROR && status != MMDB_IO_ERROR;
        return Failure{there ? FailureKind::corrupt : FailureKind::not_found,
                       fmt::format("geography file '{}': {}", path, MMDB_strerror(status))};
    }
    geography.file_ = std::make_unique<File>();
    geography.file_->database = database;
    return geography;
}

template <class... Keys>
static std::string text_at(MMDB_entry_s& entry, Keys... keys) {
    MMDB_entry_data_s data{};
    const bool found = MMDB_get_value(&entry, &data, keys..., nullptr) == MMDB_SUCCESS && data.has_data &&
                       data.type == MMDB_DATA_TYPE_UTF8_STRING;
    return found ? std::string(data.utf8_string, data.data_size) : std::string();
}

Place Geography::find(const std::string& address) const {
    Place place;
    if (!file_ || address.empty()) return place;
    int address_error = 0, database_error = 0;
    auto found = MMDB_lookup_string(&file_->database, address.c_str(), &address_error, &database_error);
    if (address_error != 0 || database_error != MMDB_SUCCESS || !found.found_entry) return place;
    place.country = text_at(found.entry, "country", "iso_code");
    if (place.country.empty()) place.country = text_at(found.entry, "country_code");
    place.region = text_at(found.entry, "subdivisions", "0", "names", "en");
    place.city = text_at(found.entry, "city", "names", "en");
    return place;
}

}  // namespace cubed::dps
