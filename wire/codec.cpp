#include "wire/codec.h"

#include "wire/codecs.h"

namespace wire {

const Codec& codec_of(Protocol protocol) {
    switch (protocol) {
        case Protocol::aws_json: return aws_json_codec();
        case Protocol::query: return query_codec();
        case Protocol::ec2_query: return ec2_query_codec();
        case Protocol::rest_json: return rest_json_codec();
        case Protocol::rest_xml: return rest_xml_codec();
    }
    __builtin_unreachable();
}

}  // namespace wire
