// S3::find_source, for the two operations that copy: CopyObject and UploadPartCopy.
#pragma once

#include "stratus/services/s3/conditions.h"
#include "stratus/services/s3/errors.h"
#include "stratus/services/s3/s3.h"

namespace stratus::s3 {

template <class Request>
wire::Outcome<VersionRecord> S3::find_source(const Snapshot& at, const wire::Context& ctx, const Request& in,
                                             const CopySource& source) const {
    if (in.copy_source_sse_customer_algorithm || in.copy_source_sse_customer_key) {
        return errors::not_implemented("x-amz-copy-source-server-side-encryption-customer-algorithm",
                                       "Server-side encryption with customer keys is not implemented.");
    }
    TRY(get_bucket_anywhere(at, ctx, source.bucket, in.expected_source_bucket_owner));
    auto version = get_readable(at, source.bucket, source.key, source.version_id);
    if (!version.ok() && version.error().code == "MethodNotAllowed") {
        return errors::invalid_request(
            "The source of a copy request may not specifically refer to a delete marker by version id.");
    }
    VersionRecord record = std::move(TRY(std::move(version)).record);
    const Verdict verdict =
        evaluate_copy_source({in.copy_source_if_match, in.copy_source_if_none_match,
                              in.copy_source_if_modified_since, in.copy_source_if_unmodified_since},
                             {record.etag, record.modified});
    if (verdict != Verdict::proceed) return errors::precondition_failed("x-amz-copy-source-If-*");
    return record;
}

}  // namespace stratus::s3
