#include "stratus/store/faulty_disk.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <vector>

#include <sqlite3.h>

#include "base/random.h"

namespace stratus {
namespace {

constexpr sqlite3_int64 sector_bytes = 512;

/// What one sector held at the last sync.
struct Sector {
    std::string bytes;
};

}  // namespace

struct FaultyDisk::State {
    /// What a file loses with the power: the sectors changed since its last sync, and its length at that
    /// time.
    struct Unsynced {
        std::map<sqlite3_int64, Sector> before;
        sqlite3_int64 size_before = 0;
        bool dirty = false;
    };
    /// One open file. SQLite allocates it and casts; the real file follows it in memory.
    struct File {
        sqlite3_file base;
        State* disk;
        std::string* path;
        sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
    };

    std::mutex mutex;
    std::string name;
    sqlite3_vfs vfs{};
    sqlite3_vfs* real_vfs = nullptr;
    std::map<std::string, Unsynced> files;
    bool powerless = false;
    std::uint64_t bytes_left = UINT64_MAX;
    std::uint64_t syncs = 0;

    static File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
    static const sqlite3_io_methods* methods();
    void remember(File& file, sqlite3_int64 offset, sqlite3_int64 bytes);
    void restore(const std::string& path, const Unsynced& unsynced, base::Random& random) const;

    static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags);
    static int close(sqlite3_file* file);
    static int read(sqlite3_file* file, void* out, int bytes, sqlite3_int64 offset);
    static int write(sqlite3_file* file, const void* data, int bytes, sqlite3_int64 offset);
    static int truncate(sqlite3_file* file, sqlite3_int64 size);
    static int sync(sqlite3_file* file, int flags);
};

/// Keeps what the sectors that [offset, offset + bytes) touches hold now, if they are not already remembered.
void FaultyDisk::State::remember(File& file, sqlite3_int64 offset, sqlite3_int64 bytes) {
    Unsynced& unsynced = files[*file.path];
    sqlite3_int64 size = 0;
    file.real()->pMethods->xFileSize(file.real(), &size);
    if (!unsynced.dirty) unsynced.size_before = size;
    unsynced.dirty = true;
    for (sqlite3_int64 at = offset / sector_bytes * sector_bytes; at < offset + bytes; at += sector_bytes) {
        if (at >= unsynced.size_before || unsynced.before.contains(at)) continue;
        Sector sector{
            std::string(static_cast<std::size_t>(std::min(sector_bytes, unsynced.size_before - at)), '\0')};
        file.real()->pMethods->xRead(file.real(), sector.bytes.data(), static_cast<int>(sector.bytes.size()),
                                     at);
        unsynced.before.emplace(at, std::move(sector));
    }
}

void FaultyDisk::State::restore(const std::string& path, const Unsynced& unsynced,
                                base::Random& random) const {
    std::FILE* file = std::fopen(path.c_str(), "r+b");
    if (file == nullptr) return;
    for (const auto& [offset, sector] : unsynced.before) {
        if (random.below(2) == 0) continue;  // this one happened to reach the disk
        std::fseek(file, offset, SEEK_SET);
        std::fwrite(sector.bytes.data(), 1, sector.bytes.size(), file);
    }
    std::fclose(file);
    // What was appended: all of it, none of it, or a part.
    std::error_code ignored;
    const auto now = static_cast<sqlite3_int64>(std::filesystem::file_size(path, ignored));
    const sqlite3_int64 grown = std::max<sqlite3_int64>(0, now - unsynced.size_before);
    const auto kept = static_cast<sqlite3_int64>(random.below(static_cast<std::uint64_t>(grown) + 1));
    std::filesystem::resize_file(path, static_cast<std::uintmax_t>(unsynced.size_before + kept), ignored);
}

int FaultyDisk::State::open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags,
                            int* out_flags) {
    auto* disk = static_cast<State*>(vfs->pAppData);
    File& ours = of(file);
    ours.base.pMethods = nullptr;
    const int code = disk->real_vfs->xOpen(disk->real_vfs, path, ours.real(), flags, out_flags);
    if (code != SQLITE_OK) return code;
    ours.base.pMethods = methods();
    ours.disk = disk;
    ours.path = new std::string(path == nullptr ? "" : path);
    return SQLITE_OK;
}

int FaultyDisk::State::close(sqlite3_file* file) {
    File& ours = of(file);
    delete ours.path;
    return ours.real()->pMethods->xClose(ours.real());
}

int FaultyDisk::State::read(sqlite3_file* file, void* out, int bytes, sqlite3_int64 offset) {
    File& ours = of(file);
    const std::lock_guard lock(ours.disk->mutex);
    if (ours.disk->powerless) return SQLITE_IOERR_READ;
    return ours.real()->pMethods->xRead(ours.real(), out, bytes, offset);
}

int FaultyDisk::State::write(sqlite3_file* file, const void* data, int bytes, sqlite3_int64 offset) {
    File& ours = of(file);
    State& disk = *ours.disk;
    const std::lock_guard lock(disk.mutex);
    if (disk.powerless) return SQLITE_IOERR_WRITE;
    if (disk.bytes_left < static_cast<std::uint64_t>(bytes)) return SQLITE_FULL;
    if (disk.bytes_left != UINT64_MAX) disk.bytes_left -= static_cast<std::uint64_t>(bytes);
    disk.remember(ours, offset, bytes);
    return ours.real()->pMethods->xWrite(ours.real(), data, bytes, offset);
}

int FaultyDisk::State::truncate(sqlite3_file* file, sqlite3_int64 size) {
    File& ours = of(file);
    const std::lock_guard lock(ours.disk->mutex);
    if (ours.disk->powerless) return SQLITE_IOERR_TRUNCATE;
    sqlite3_int64 now = 0;
    ours.real()->pMethods->xFileSize(ours.real(), &now);
    ours.disk->remember(ours, size, std::max<sqlite3_int64>(0, now - size));
    return ours.real()->pMethods->xTruncate(ours.real(), size);
}

int FaultyDisk::State::sync(sqlite3_file* file, int flags) {
    File& ours = of(file);
    const std::lock_guard lock(ours.disk->mutex);
    if (ours.disk->powerless) return SQLITE_IOERR_FSYNC;
    ++ours.disk->syncs;
    // The real sync is left out: what this disk remembers as synced is what lose_power() leaves alone.
    std::ignore = flags;
    ours.disk->files.erase(*ours.path);
    return SQLITE_OK;
}

const sqlite3_io_methods* FaultyDisk::State::methods() {
    static const sqlite3_io_methods methods = [] {
        sqlite3_io_methods m{};
        m.iVersion = 2;
        m.xClose = close;
        m.xRead = read;
        m.xWrite = write;
        m.xTruncate = truncate;
        m.xSync = sync;
        m.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) {
            return of(f).real()->pMethods->xFileSize(of(f).real(), size);
        };
        m.xLock = [](sqlite3_file* f, int lock) { return of(f).real()->pMethods->xLock(of(f).real(), lock); };
        m.xUnlock = [](sqlite3_file* f, int lock) {
            return of(f).real()->pMethods->xUnlock(of(f).real(), lock);
        };
        m.xCheckReservedLock = [](sqlite3_file* f, int* held) {
            return of(f).real()->pMethods->xCheckReservedLock(of(f).real(), held);
        };
        m.xFileControl = [](sqlite3_file* f, int op, void* argument) {
            return of(f).real()->pMethods->xFileControl(of(f).real(), op, argument);
        };
        m.xSectorSize = [](sqlite3_file*) { return static_cast<int>(sector_bytes); };
        m.xDeviceCharacteristics = [](sqlite3_file*) { return 0; };
        m.xShmMap = [](sqlite3_file* f, int region, int bytes, int extend, void volatile** out) {
            return of(f).real()->pMethods->xShmMap(of(f).real(), region, bytes, extend, out);
        };
        m.xShmLock = [](sqlite3_file* f, int offset, int n, int flags) {
            return of(f).real()->pMethods->xShmLock(of(f).real(), offset, n, flags);
        };
        m.xShmBarrier = [](sqlite3_file* f) { of(f).real()->pMethods->xShmBarrier(of(f).real()); };
        m.xShmUnmap = [](sqlite3_file* f, int remove) {
            return of(f).real()->pMethods->xShmUnmap(of(f).real(), remove);
        };
        return m;
    }();
    return &methods;
}

FaultyDisk::FaultyDisk() : state_(std::make_unique<State>()) {
    State& state = *state_;
    state.real_vfs = sqlite3_vfs_find(nullptr);
    state.name = "faulty-" + std::to_string(reinterpret_cast<std::uintptr_t>(&state));
    state.vfs = *state.real_vfs;
    state.vfs.szOsFile = static_cast<int>(sizeof(State::File)) + state.real_vfs->szOsFile;
    state.vfs.zName = state.name.c_str();
    state.vfs.pNext = nullptr;
    state.vfs.pAppData = &state;
    state.vfs.xOpen = State::open;
    state.vfs.xDelete = [](sqlite3_vfs* vfs, const char* path, int sync) {
        auto* disk = static_cast<State*>(vfs->pAppData);
        const std::lock_guard lock(disk->mutex);
        if (disk->powerless) return SQLITE_IOERR_DELETE;
        disk->files.erase(path);
        return disk->real_vfs->xDelete(disk->real_vfs, path, sync);
    };
    sqlite3_vfs_register(&state.vfs, 0);
}

FaultyDisk::~FaultyDisk() {
    sqlite3_vfs_unregister(&state_->vfs);
}

const std::string& FaultyDisk::name() const {
    return state_->name;
}

void FaultyDisk::lose_power(std::uint64_t seed) {
    const std::lock_guard lock(state_->mutex);
    state_->powerless = true;
    base::SeededRandom random(seed);
    for (const auto& [path, unsynced] : state_->files) {
        if (unsynced.dirty) state_->restore(path, unsynced, random);
    }
    state_->files.clear();
}

void FaultyDisk::set_bytes_left(std::uint64_t bytes) {
    const std::lock_guard lock(state_->mutex);
    state_->bytes_left = bytes;
}

std::uint64_t FaultyDisk::syncs() const {
    const std::lock_guard lock(state_->mutex);
    return state_->syncs;
}

}  // namespace stratus
