#include "aws/s3/api.h"
#include "stratus/apps/stratusd/hosting.h"
#include "stratus/services/s3/s3.h"
#include "stratus/store/blob_store.h"

namespace stratus {
namespace {

class S3Hosting final : public Hosting {
  public:
    S3Hosting(const Platform& platform, std::unique_ptr<BlobStore> blobs)
        : blobs_(std::move(blobs)), s3_(platform.store, *blobs_, platform.clock, platform.random) {}
    HostedService service() override {
        return {.binding = aws::s3::bind(s3_), .reset = [this] { return blobs_->reset(); }};
    }

  private:
    std::unique_ptr<BlobStore> blobs_;
    s3::S3 s3_;
};

}  // namespace

base::Result<std::unique_ptr<Hosting>> host_s3(const Platform& platform) {
    auto blobs = TRY(BlobStore::open({.directory = platform.data_dir / "blobs"}, platform.store));
    return std::unique_ptr<Hosting>(std::make_unique<S3Hosting>(platform, std::move(blobs)));
}

}  // namespace stratus
