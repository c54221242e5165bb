#include <boost/describe.hpp>

#include "aws/s3/types.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "base/record.h"
#include "cubed/predictor/publish.h"
#include "wire/stream.h"

namespace cubed::predictor {

using base::Failure;
using base::FailureKind;
using base::Result;
using base::Unit;

/// The object "latest".
struct LatestModel {
    std::string version;
    std::string key;
    std::string sha256;
};
BOOST_DESCRIBE_STRUCT(LatestModel, (), (version, key, sha256))

namespace {

constexpr std::size_t model_bytes_max = 256 * 1024 * 1024;

Result<Unit> put(const Cloud& cloud, const std::string& key, const std::string& bytes,
                 const std::string& type) {
    aws::s3::PutObjectRequest request;
    request.bucket = model_bucket;
    request.key = key;
    request.content_type = type;
    request.content_length = static_cast<std::int64_t>(bytes.size());
    request.checksum_sha256 = base::base64_encode(base::sha256(bytes));
    request.body = wire::reader_of(bytes);
    const auto answer = cloud.s3().put_object(request);
    if (!answer.ok()) return failure_of(answer.error());
    return Unit{};
}

Result<std::string> get(const Cloud& cloud, const std::string& key) {
    aws::s3::GetObjectRequest request;
    request.bucket = model_bucket;
    request.key = key;
    auto answer = cloud.s3().get_object(request);
    if (!answer.ok()) return failure_of(answer.error());
    if (auto* text = std::get_if<std::string>(&answer->body.from)) return std::move(*text);
    if (auto* reader = std::get_if<std::shared_ptr<wire::BodyReader>>(&answer->body.from);
        reader && *reader) {
        auto bytes = wire::read_all(**reader, model_bytes_max);
        if (!bytes.ok()) return failure_of(bytes.error());
        return std::move(*bytes);
    }
    return Failure{FailureKind::internal, "an answer of S3 without a readable body"};
}

}  // namespace

Result<Unit> ensure_model_bucket(const Cloud& cloud, const std::string& region) {
    aws::s3::HeadBucketRequest head;
    head.bucket = model_bucket;
    const auto known = cloud.s3().head_bucket(head);
    if (known.ok()) return Unit{};
    if (known.error().http_status != 404) return failure_of(known.error());
    aws::s3::CreateBucketRequest request;
    request.bucket = model_bucket;
    if (region != "us-east-1") {
        request.create_bucket_configuration.emplace();
        request.create_bucket_configuration->location_constraint = region;
    }
    const auto made = cloud.s3().create_bucket(request);
    if (!made.ok() && made.error().code != "BucketAlreadyOwnedByYou") return failure_of(made.error());
    return Unit{};
}

Result<Unit> put_model(const Cloud& cloud, const Fit& fit) {
    return put(cloud, object_key(fit.model, fit.version), fit.file, "application/octet-stream");
}

Result<Unit> put_latest(const Cloud& cloud, const Fit& fit) {
    const LatestModel latest{fit.version, object_key(fit.model, fit.version),
                             base::hex_encode(base::sha256(fit.file))};
    return put(cloud, latest_key(fit.model.account, fit.model.goal), base::encode_record(latest),
               "application/json");
}

Result<CustomerModel> get_latest(const Cloud& cloud, std::string_view account, std::int32_t goal) {
    const std::string pointer = TRY(get(cloud, latest_key(account, goal)));
    const auto latest = TRY(base::decode_record<LatestModel>(pointer));
    const std::string bytes = TRY(get(cloud, latest.key));
    if (base::hex_encode(base::sha256(bytes)) != latest.sha256) {
        return Failure{FailureKind::corrupt, "model file: not the one its pointer names"};
    }
    return decode_model(bytes);
}

}  // namespace cubed::predictor
