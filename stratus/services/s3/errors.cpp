#include "stratus/services/s3/errors.h"

#include <fmt/format.h>

#include "aws/s3/errors.h"

namespace stratus::s3::errors {

namespace {

Error make(const char* code, int status, std::string message) {
    return Error(code, std::move(message), status);
}

}  // namespace

Error access_control_list_not_supported() {
    return make("AccessControlListNotSupported", 400, "The bucket does not allow ACLs");
}
Error access_denied() {
    return make("AccessDenied", 403, "Access Denied");
}
Error bad_digest(std::string message) {
    return make("BadDigest", 400, std::move(message));
}
Error bucket_already_exists(std::string_view bucket) {
    return aws::s3::errors::bucket_already_exists(
               "The requested bucket name is not available. The bucket namespace is shared by all users of "
               "the "
               "system. Please select a different name and try again.")
        .with("BucketName", std::string(bucket));
}
Error bucket_already_owned_by_you(std::string_view bucket) {
    return aws::s3::errors::bucket_already_owned_by_you(
               "Your previous request to create the named bucket succeeded and you already own it.")
        .with("BucketName", std::string(bucket));
}
Error bucket_not_empty(std::string_view bucket) {
    return make("BucketNotEmpty", 409, "The bucket you tried to delete is not empty")
        .with("BucketName", std::string(bucket));
}
Error entity_too_large(std::uint64_t size, std::uint64_t size_max) {
    return make("EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size")
        .with("ProposedSize", std::to_string(size))
        .with("MaxSizeAllowed", std::to_string(size_max));
}
Error entity_too_small(int part, std::uint64_t size, std::uint64_t size_min, std::string_view etag) {
    return make("EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size")
        .with("ProposedSize", std::to_string(size))
        .with("MinSizeAllowed", std::to_string(size_min))
        .with("PartNumber", std::to_string(part))
        .with("ETag", std::string(etag));
}
Error illegal_location_constraint(std::string_view constraint) {
    return make(
        "IllegalLocationConstraintException", 400,
        fmt::format("The {} location constraint is incompatible for the region specific endpoint this "
                    "request was sent to.",
                    constraint.empty() ? "unspecified" : constraint));
}
Error incomplete_body() {
    return make("IncompleteBody", 400,
                "You did not provide the number of bytes specified by the Content-Length HTTP header");
}
Error invalid_argument(std::string_view name, std::string_view value, std::string message) {
    return make("InvalidArgument", 400, std::move(message))
        .with("ArgumentName", std::string(name))
        .with("ArgumentValue", std::string(value));
}
Error invalid_bucket_acl_with_object_ownership() {
    return make("InvalidBucketAclWithObjectOwnership", 400,
                "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting");
}
Error invalid_bucket_name(std::string_view bucket) {
    return make("InvalidBucketName", 400, "The specified bucket is not valid.")
        .with("BucketName", std::string(bucket));
}
Error invalid_digest() {
    return make("InvalidDigest", 400, "The Content-MD5 you specified was invalid.");
}
Error invalid_encryption_algorithm(std::string_view algorithm) {
    return make("InvalidEncryptionAlgorithmError", 400,
                fmt::format("The encryption request that you specified is not valid: {}", algorithm));
}
Error invalid_location_constraint(std::string_view constraint) {
    return make("InvalidLocationConstraint", 400, "The specified location-constraint is not valid")
        .with("LocationConstraint", std::string(constraint));
}
Error invalid_part(std::string_view upload_id, int part, std::string_view etag) {
    return make("InvalidPart", 400,
                "One or more of the specified parts could not be found.  The part may not have been "
                "uploaded, or "
                "the specified entity tag may not match the part's entity tag.")
        .with("UploadId", std::string(upload_id))
        .with("PartNumber", std::to_string(part))
        .with("ETag", std::string(etag));
}
Error invalid_part_number(int requested, std::uint32_t actual) {
    return make("InvalidPartNumber", 416, "The requested partnumber is not satisfiable")
        .with("PartNumberRequested", std::to_string(requested))
        .with("ActualPartCount", std::to_string(actual));
}
Error invalid_part_order(std::string_view upload_id) {
    return make("InvalidPartOrder", 400,
                "The list of parts was not in ascending order. Parts must be ordered by part number.")
        .with("UploadId", std::string(upload_id));
}
Error invalid_range(std::string_view requested, std::uint64_t size) {
    return make("InvalidRange", 416, "The requested range is not satisfiable")
        .with("RangeRequested", std::string(requested))
        .with("ActualObjectSize", std::to_string(size))
        .with_header("Content-Range", fmt::format("bytes */{}", size));
}
Error invalid_request(std::string message) {
    return make("InvalidRequest", 400, std::move(message));
}
Error invalid_storage_class() {
    return make("InvalidStorageClass", 400, "The storage class you specified is not valid");
}
Error invalid_tag(std::string message, std::string_view key) {
    return make("InvalidTag", 400, std::move(message)).with("TagKey", std::string(key));
}
Error key_too_long(std::size_t size) {
    return make("KeyTooLongError", 400, "Your key is too long")
        .with("Size", std::to_string(size))
        .with("MaxSizeAllowed", "1024");
}
Error malformed_xml() {
    return make("MalformedXML", 400,
                "The XML you provided was not well-formed or did not validate against our published schema");
}
Error metadata_too_large(std::size_t size) {
    return make("MetadataTooLarge", 400, "Your metadata headers exceed the maximum allowed metadata size")
        .with("Size", std::to_string(size))
        .with("MaxSizeAllowed", "2048");
}
Error method_not_allowed(std::string_view allowed) {
    return make("MethodNotAllowed", 405, "The specified method is not allowed against this resource.")
        .with_header("Allow", std::string(allowed));
}
Error no_such_bucket(std::string_view bucket) {
    return aws::s3::errors::no_such_bucket("The specified bucket does not exist")
        .with("BucketName", std::string(bucket));
}
Error no_such_key(std::string_view key) {
    return aws::s3::errors::no_such_key("The specified key does not exist.").with("Key", std::string(key));
}
Error no_such_tag_set(std::string_view bucket) {
    return make("NoSuchTagSet", 404, "The TagSet does not exist").with("BucketName", std::string(bucket));
}
Error no_such_upload(std::string_view upload_id) {
    return aws::s3::errors::no_such_upload(
               "The specified upload does not exist. The upload ID may be invalid, or the upload may have "
               "been "
               "aborted or completed.")
        .with("UploadId", std::string(upload_id));
}
Error no_such_version(std::string_view key, std::string_view version_id) {
    return make("NoSuchVersion", 404, "The specified version does not exist.")
        .with("Key", std::string(key))
        .with("VersionId", std::string(version_id));
}
Error not_implemented(std::string_view header, std::string message) {
    return make("NotImplemented", 501, std::move(message)).with("Header", std::string(header));
}
Error not_modified() {
    return make("NotModified", 304, "Not Modified");
}
Error permanent_redirect(std::string_view bucket, std::string_view region, std::string_view endpoint) {
    return make("PermanentRedirect", 301,
                "The bucket you are attempting to access must be addressed using the specified endpoint. "
                "Please "
                "send all future requests to this endpoint.")
        .with("Bucket", std::string(bucket))
        .with("Endpoint", std::string(endpoint))
        .with("Region", std::string(region))
        .with_header("x-amz-bucket-region", std::string(region));
}
Error precondition_failed(std::string_view condition) {
    return make("PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold")
        .with("Condition", std::string(condition));
}

}  // namespace stratus::s3::errors
