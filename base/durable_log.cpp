#include "base/durable_log.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <fcntl.h>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <pthread.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/log_files.h"
#include "base/log_format.h"

namespace base {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t read_descriptors_max = 64;

fs::path segment_path(const fs::path& directory, std::uint64_t segment) {
    return directory / fmt::format("{:020}.log", segment);
}

std::optional<std::uint64_t> segment_of(const fs::path& path) {
    const std::string stem = path.stem().string();
    std::uint64_t segment = 0;
    if (path.extension() != ".log" || stem.size() != 20) return std::nullopt;
    const auto [end, error] = std::from_chars(stem.data(), stem.data() + stem.size(), segment);
    if (error != std::errc{} || end != stem.data() + stem.size()) return std::nullopt;
    return segment;
}

/// Consecutive records for one segment, as they will lie in it.
struct Chunk {
    std::uint64_t segment = 0;
    std::uint32_t offset = 0;
    std::uint64_t first_sequence = 0;
    std::uint64_t last_sequence = 0;
    std::string bytes;
};

/// What one write and one fdatasync (per segment touched) make durable.
struct Group {
    std::vector<Chunk> chunks;
    std::size_t bytes = 0;

    const Chunk* holding(DurableLog::Position at) const {
        for (const Chunk& chunk : chunks) {
            const bool inside = at.segment == chunk.segment && at.offset >= chunk.offset &&
                                at.offset - chunk.offset < chunk.bytes.size();
            if (inside) return &chunk;
        }
        return nullptr;
    }
};

class SegmentedLog final : public DurableLog {
  public:
    SegmentedLog(Options options, std::unique_ptr<LogFiles> files)
        : options_(std::move(options)), files_(std::move(files)) {}
    ~SegmentedLog() override;

    Result<Unit> recover(const Replay& replay);
    void start();

    Result<Appended> append(std::span<const std::byte> record) override;
    std::uint64_t durable_sequence() const override;
    Result<Unit> wait_durable(std::uint64_t sequence) override;
    void when_durable(std::uint64_t sequence, Callback callback) override;
    Result<std::string> read(Position position) override;
    Result<Unit> remove_segments_before(std::uint64_t segment) override;
    std::uint64_t first_segment() const override;
    std::uint64_t active_segment() const override;
    std::uint64_t bytes() const override;

  private:
    struct Failed {
        std::uint64_t first, last;
        Failure failure;
    };
    struct Waiter {
        std::uint64_t sequence;
        Callback callback;
    };

    Result<std::vector<std::uint64_t>> list_segments() const;
    Result<Unit> recover_segment(std::uint64_t segment, bool is_last, const Replay& replay);
    Result<Unit> cut_tail(std::uint64_t segment, std::uint32_t good_bytes);

    void run();
    void write_group(const Group& group);
    Result<Unit> write_chunk(const Chunk& chunk);
    Result<Unit> open_segment(std::uint64_t segment);
    Result<Unit> make_segment(const fs::path& path);
    void cut_partial_write();
    void settle(std::uint64_t sequence);
    void fail_from(const Chunk& chunk, const Failure& failure);
    void run_callbacks(std::unique_lock<std::mutex>& lock);
    Result<Unit> outcome_of(std::uint64_t sequence) const;  // REQUIRES: mutex_ held
    std::uint32_t synced_in(std::uint64_t segment) const;   // REQUIRES: mutex_ held
    Result<std::shared_ptr<Fd>> descriptor_for_reading(std::uint64_t segment);

    // Constant after construction.
    const Options options_;
    const std::unique_ptr<LogFiles> files_;

    // The writer thread's own, once it runs.
    Fd file_;
    bool needs_cut_ = false;  ///< a failed write could not be undone yet

    mutable std::mutex mutex_;
    std::condition_variable work_, settled_changed_;
    // Protected by mutex_:
    Group pending_;
    std::shared_ptr<const Group> in_flight_;
    std::uint64_t next_sequence_ = 1;
    std::uint64_t settled_ = 0;
    std::vector<Failed> failed_;
    std::vector<Waiter> waiters_;
    Position next_{.segment = 1, .offset = log_format::segment_header_bytes};  ///< of the next record
    Position durable_{.segment = 0, .offset = 0};   ///< end of what is durable in the writer's segment
    std::map<std::uint64_t, std::uint64_t> sizes_;  ///< bytes of each segment on disk
    std::uint64_t bytes_on_disk_ = 0;
    std::map<std::uint64_t, std::shared_ptr<Fd>> readers_;
    bool stopping_ = false;

    std::thread writer_;
};

SegmentedLog::~SegmentedLog() {
    if (!writer_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    work_.notify_all();
    writer_.join();
}

// Recovery
// ---------------------------------------------------------------------------------------------------

Result<std::vector<std::uint64_t>> SegmentedLog::list_segments() const {
    std::vector<std::uint64_t> segments;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(options_.directory, error)) {
        if (const auto segment = segment_of(entry.path())) segments.push_back(*segment);
    }
    if (error) return failure_from_errno(error.value(), "list " + options_.directory.string());
    std::sort(segments.begin(), segments.end());
    return segments;
}

Result<Unit> SegmentedLog::recover(const Replay& replay) {
    TRY(make_directories(options_.directory));
    const std::vector<std::uint64_t> segments = TRY(list_segments());
    for (const std::uint64_t segment : segments) {
        TRY(recover_segment(segment, segment == segments.back(), replay));
    }
    return Unit{};
}

Result<Unit> SegmentedLog::recover_segment(std::uint64_t segment, bool is_last, const Replay& replay) {
    const std::string bytes = TRY(read_file(segment_path(options_.directory, segment)));
    const auto visit = [&](std::uint32_t offset, std::string_view payload) {
        return replay(Position{.segment = segment, .offset = offset}, as_bytes(payload));
    };
    const log_format::ScanEnd end = TRY(log_format::scan_segment(segment, bytes, visit));
    const bool may_be_torn = is_last || bytes.size() <= log_format::segment_header_bytes;
    if (!end.complete && (end.damaged || !may_be_torn)) {
        return Failure{FailureKind::corrupt,
                       fmt::format("log {} segment {} is damaged at byte {}: acknowledged records are lost",
                                   options_.directory.string(), segment, end.good_bytes)};
    }
    if (!end.complete) TRY(cut_tail(segment, end.good_bytes));
    const std::uint32_t size = std::max(end.good_bytes, log_format::segment_header_bytes);
    sizes_[segment] = size;
    bytes_on_disk_ += size;
    next_ = durable_ = Position{.segment = segment, .offset = size};
    return Unit{};
}

Result<Unit> SegmentedLog::cut_tail(std::uint64_t segment, std::uint32_t good_bytes) {
    log_warning(
        "durable_log", "cutting a torn tail",
        {{"directory", options_.directory.string()}, {"segment", segment}, {"bytes_kept", good_bytes}});
    const Fd file = TRY(open_file(segment_path(options_.directory, segment), O_RDWR));
    TRY(files_->truncate(file.get(), good_bytes));
    if (good_bytes == 0) TRY(files_->write_at(file.get(), log_format::segment_header(), 0));
    return files_->sync(file.get());
}

void SegmentedLog::start() {
    writer_ = std::thread([this] { run(); });
    pthread_setname_np(writer_.native_handle(), "durable-log");
}

// Appending
// --------------------------------------------------------------------------------------------------

std::uint32_t SegmentedLog::synced_in(std::uint64_t segment) const {
    return durable_.segment == segment ? durable_.offset : 0;
}

Result<DurableLog::Appended> SegmentedLog::append(std::span<const std::byte> record) {
    const std::string_view payload = as_text(record);
    const std::size_t needed = log_format::record_header_bytes + payload.size();
    if (payload.empty() || payload.size() > limits::log_record_bytes_max ||
        log_format::segment_header_bytes + needed > options_.segment_bytes) {
        return Failure{FailureKind::invalid,
                       fmt::format("a record of {} bytes does not fit", payload.size())};
    }
    std::unique_lock lock(mutex_);
    const std::size_t in_flight = in_flight_ ? in_flight_->bytes : 0;
    if (pending_.bytes + in_flight + needed > limits::log_pending_bytes_max) {
        return Failure{FailureKind::no_space, "too much is waiting for the disk"};
    }
    const std::uint64_t headers = log_format::segment_header_bytes * (pending_.chunks.size() + 1);
    const std::uint64_t total = bytes_on_disk_ + in_flight + pending_.bytes + headers + needed;
    if (options_.bytes_max != 0 && total > options_.bytes_max) {
        return Failure{FailureKind::no_space, "the log has reached its limit"};
    }
    if (next_.offset + needed > options_.segment_bytes) {
        next_ = Position{.segment = next_.segment + 1, .offset = log_format::segment_header_bytes};
    }
    const std::uint64_t sequence = next_sequence_++;
    const bool was_empty = pending_.chunks.empty();
    if (was_empty || pending_.chunks.back().segment != next_.segment) {
        pending_.chunks.push_back(
            Chunk{.segment = next_.segment, .offset = next_.offset, .first_sequence = sequence});
    }
    Chunk& chunk = pending_.chunks.back();
    log_format::append_record(chunk.bytes, next_.segment, next_.offset, synced_in(next_.segment), payload);
    chunk.last_sequence = sequence;
    pending_.bytes += needed;
    const Position position = next_;
    next_.offset += static_cast<std::uint32_t>(needed);
    const bool writer_sleeps = was_empty && !in_flight_;
    lock.unlock();
    if (writer_sleeps) work_.notify_one();
    return Appended{.sequence = sequence, .position = position};
}

Result<Unit> SegmentedLog::outcome_of(std::uint64_t sequence) const {
    for (const Failed& failed : failed_) {
        if (sequence >= failed.first && sequence <= failed.last) return failed.failure;
    }
    return Unit{};
}

std::uint64_t SegmentedLog::durable_sequence() const {
    const std::lock_guard lock(mutex_);
    return settled_;
}

Result<Unit> SegmentedLog::wait_durable(std::uint64_t sequence) {
    std::unique_lock lock(mutex_);
    CHECK(sequence < next_sequence_, "waiting for a record that was never appended");
    settled_changed_.wait(lock, [&] { return settled_ >= sequence; });
    return outcome_of(sequence);
}

void SegmentedLog::when_durable(std::uint64_t sequence, Callback callback) {
    std::unique_lock lock(mutex_);
    CHECK(sequence < next_sequence_, "waiting for a record that was never appended");
    if (settled_ < sequence) {
        waiters_.push_back(Waiter{.sequence = sequence, .callback = std::move(callback)});
        return;
    }
    const Result<Unit> outcome = outcome_of(sequence);
    lock.unlock();
    callback(outcome);
}

// The writer thread
// ------------------------------------------------------------------------------------------

void SegmentedLog::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        work_.wait(lock, [this] { return stopping_ || !pending_.chunks.empty(); });
        if (pending_.chunks.empty()) return;
        in_flight_ = std::make_shared<const Group>(std::exchange(pending_, Group{}));
        const std::shared_ptr<const Group> group = in_flight_;
        lock.unlock();
        write_group(*group);
        lock.lock();
        in_flight_.reset();
        settled_changed_.notify_all();
        run_callbacks(lock);
    }
}

void SegmentedLog::write_group(const Group& group) {
    for (const Chunk& chunk : group.chunks) {
        const Result<Unit> written = write_chunk(chunk);
        if (!written.ok()) {
            needs_cut_ = true;
            cut_partial_write();
            return fail_from(chunk, written.error());
        }
        const std::lock_guard lock(mutex_);
        const std::uint64_t end = chunk.offset + chunk.bytes.size();
        durable_ = Position{.segment = chunk.segment, .offset = static_cast<std::uint32_t>(end)};
        bytes_on_disk_ += end - std::exchange(sizes_[chunk.segment], end);
        settled_ = chunk.last_sequence;
    }
}

Result<Unit> SegmentedLog::write_chunk(const Chunk& chunk) {
    if (needs_cut_) {
        cut_partial_write();
        if (needs_cut_)
            return Failure{FailureKind::no_space, "an earlier failed write is still to be undone"};
    }
    if (!file_.valid() || chunk.segment != durable_.segment) TRY(open_segment(chunk.segment));
    TRY(files_->write_at(file_.get(), chunk.bytes, chunk.offset));
    return files_->sync(file_.get());
}

/// Opens the segment that the next chunk goes to; makes it when it is new. What came before is already
/// durable.
Result<Unit> SegmentedLog::open_segment(std::uint64_t segment) {
    const fs::path path = segment_path(options_.directory, segment);
    file_.reset();
    bool is_new = false;
    {
        const std::lock_guard lock(mutex_);
        is_new = !sizes_.contains(segment);
    }
    if (!is_new) {
        file_ = TRY(open_file(path, O_RDWR));
        return Unit{};
    }
    const Result<Unit> made = make_segment(path);
    if (!made.ok()) {
        file_.reset();
        ::unlink(path.c_str());
        return made;
    }
    const std::lock_guard lock(mutex_);
    sizes_[segment] = log_format::segment_header_bytes;
    bytes_on_disk_ += log_format::segment_header_bytes;
    durable_ = Position{.segment = segment, .offset = log_format::segment_header_bytes};
    return Unit{};
}

/// A segment is whole and findable before its first record is written.
Result<Unit> SegmentedLog::make_segment(const fs::path& path) {
    file_ = TRY(files_->create(path));
    TRY(files_->write_at(file_.get(), log_format::segment_header(), 0));
    TRY(files_->sync(file_.get()));
    return sync_directory(options_.directory);
}

/// After a failed write: back to the last durable byte, so that replay never meets half a group before a
/// later segment; a segment without any record goes altogether. Tried again before the next write until it
/// works.
void SegmentedLog::cut_partial_write() {
    if (file_.valid()) {
        const Result<Unit> cut = files_->truncate(file_.get(), durable_.offset);
        const Result<Unit> synced = cut.ok() ? files_->sync(file_.get()) : cut;
        if (!synced.ok()) return;
    }
    needs_cut_ = false;
    const bool is_empty = file_.valid() && durable_.offset == log_format::segment_header_bytes;
    if (!is_empty || ::unlink(segment_path(options_.directory, durable_.segment).c_str()) != 0) return;
    file_.reset();
    const std::lock_guard lock(mutex_);
    sizes_.erase(durable_.segment);
    bytes_on_disk_ -= log_format::segment_header_bytes;
}

/// Everything appended from this chunk on fails, what is still queued included: its places were counted on
/// top of the lost ones. The next record starts a fresh segment, so that no place is ever used twice.
void SegmentedLog::fail_from(const Chunk& chunk, const Failure& failure) {
    log_error("durable_log", "a group could not be written",
              {{"directory", options_.directory.string()}, {"why", failure.what}});
    const std::lock_guard lock(mutex_);
    const std::uint64_t last = next_sequence_ - 1;
    if (!failed_.empty() && failed_.back().last + 1 == chunk.first_sequence) {
        failed_.back().last = last;
    } else {
        failed_.push_back(Failed{.first = chunk.first_sequence, .last = last, .failure = failure});
    }
    constexpr std::size_t failures_remembered = 256;
    if (failed_.size() > failures_remembered) failed_.erase(failed_.begin());
    pending_ = Group{};
    settled_ = last;
    next_ = Position{.segment = next_.segment + 1, .offset = log_format::segment_header_bytes};
}

/// Runs the callbacks of what is settled, in order, with the lock released.
void SegmentedLog::run_callbacks(std::unique_lock<std::mutex>& lock) {
    const auto is_waiting = [this](const Waiter& waiter) { return waiter.sequence > settled_; };
    const auto ready_from = std::stable_partition(waiters_.begin(), waiters_.end(), is_waiting);
    std::vector<Waiter> ready(std::make_move_iterator(ready_from), std::make_move_iterator(waiters_.end()));
    waiters_.erase(ready_from, waiters_.end());
    const auto by_sequence = [](const Waiter& a, const Waiter& b) { return a.sequence < b.sequence; };
    std::stable_sort(ready.begin(), ready.end(), by_sequence);
    std::vector<Result<Unit>> outcomes;
    outcomes.reserve(ready.size());
    for (const Waiter& waiter : ready) outcomes.push_back(outcome_of(waiter.sequence));
    lock.unlock();
    for (std::size_t i = 0; i < ready.size(); ++i) ready[i].callback(outcomes[i]);
    ready.clear();
    lock.lock();
}

// Reading and removing
// ---------------------------------------------------------------------------------------

Result<std::shared_ptr<Fd>> SegmentedLog::descriptor_for_reading(std::uint64_t segment) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = readers_.find(segment);
        if (found != readers_.end()) return found->second;
    }
    auto opened = std::make_shared<Fd>(TRY(open_file(segment_path(options_.directory, segment), O_RDONLY)));
    const std::lock_guard lock(mutex_);
    if (readers_.size() >= read_descriptors_max) readers_.erase(readers_.begin());
    readers_[segment] = opened;
    return opened;
}

Result<std::string> SegmentedLog::read(Position position) {
    {
        const std::lock_guard lock(mutex_);
        const Chunk* chunk = in_flight_ ? in_flight_->holding(position) : nullptr;
        if (chunk == nullptr) chunk = pending_.holding(position);
        if (chunk != nullptr) {
            const auto bytes = std::string_view(chunk->bytes).substr(position.offset - chunk->offset);
            return std::string(TRY(log_format::record_at(position.segment, position.offset, bytes)));
        }
    }
    const std::shared_ptr<Fd> file = TRY(descriptor_for_reading(position.segment));
    constexpr std::size_t first_read = 4096;  // most records come whole with their header
    std::string bytes(first_read, '\0');
    const ssize_t got = ::pread(file->get(), bytes.data(), bytes.size(), position.offset);
    if (got < 0) return failure_from_errno(errno, "read a log segment");
    bytes.resize(static_cast<std::size_t>(got));
    const std::uint32_t length = TRY(log_format::length_at(position.segment, position.offset, bytes));
    const std::size_t whole = log_format::record_header_bytes + std::size_t{length};
    if (whole > limits::log_record_bytes_max + log_format::record_header_bytes) {
        return Failure{FailureKind::corrupt, "a record longer than any that was written"};
    }
    if (bytes.size() < whole) {
        const std::size_t have = bytes.size();
        bytes.resize(whole);
        const auto rest = std::as_writable_bytes(std::span(bytes)).subspan(have);
        TRY(read_exactly_at(file->get(), rest, position.offset + have));
    }
    return std::string(TRY(log_format::record_at(position.segment, position.offset, bytes)));
}

Result<Unit> SegmentedLog::remove_segments_before(std::uint64_t segment) {
    std::vector<std::uint64_t> removable;
    {
        const std::lock_guard lock(mutex_);
        const std::uint64_t end = std::min({segment, durable_.segment, next_.segment});
        for (auto at = sizes_.begin(); at != sizes_.end() && at->first < end; at = sizes_.erase(at)) {
            removable.push_back(at->first);
            bytes_on_disk_ -= at->second;
            readers_.erase(at->first);
        }
    }
    for (const std::uint64_t number : removable) {
        TRY(remove_file(segment_path(options_.directory, number)));
    }
    return removable.empty() ? Result<Unit>(Unit{}) : sync_directory(options_.directory);
}

std::uint64_t SegmentedLog::first_segment() const {
    const std::lock_guard lock(mutex_);
    return sizes_.empty() ? next_.segment : sizes_.begin()->first;
}

std::uint64_t SegmentedLog::active_segment() const {
    const std::lock_guard lock(mutex_);
    return next_.segment;
}

std::uint64_t SegmentedLog::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_on_disk_ + pending_.bytes + (in_flight_ ? in_flight_->bytes : 0);
}

}  // namespace

Result<Fd> LogFiles::create(const fs::path& path) {
    return open_file(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
}
Result<Unit> LogFiles::write_at(int descriptor, std::string_view bytes, std::uint64_t offset) {
    return write_all_at(descriptor, bytes, offset);
}
Result<Unit> LogFiles::sync(int descriptor) {
    return sync_data(descriptor);
}
Result<Unit> LogFiles::truncate(int descriptor, std::uint64_t size) {
    if (::ftruncate(descriptor, static_cast<off_t>(size)) != 0) return failure_from_errno(errno, "truncate");
    return Unit{};
}

Result<std::unique_ptr<DurableLog>> open_durable_log(DurableLog::Options options, DurableLog::Replay replay,
                                                     std::unique_ptr<LogFiles> files) {
    CHECK(options.segment_bytes > 64 && options.segment_bytes <= UINT32_MAX,
          "a segment's offsets fit 32 bits");
    auto log = std::make_unique<SegmentedLog>(std::move(options), std::move(files));
    TRY(log->recover(replay));
    log->start();
    return std::unique_ptr<DurableLog>(std::move(log));
}

Result<std::unique_ptr<DurableLog>> DurableLog::open(Options options, Replay replay) {
    return open_durable_log(std::move(options), std::move(replay), std::make_unique<LogFiles>());
}

}  // namespace base
