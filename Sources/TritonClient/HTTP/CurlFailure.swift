internal import CCurl

/// The one place where libcurl's codes become ours.
enum CurlFailure {
    /// - Parameters:
    ///   - requestWasSent: whether at least a part of the request left this machine; before that the server surely did
    ///     not process it.
    ///   - systemReported: whether a system call failed, or may have (TLS hides it).
    static func error(_ code: CURLcode, requestWasSent: Bool, systemReported: Bool) -> TritonError {
        let reason = unsafe String(cString: curl_easy_strerror(code))
        return switch code {
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_HTTP2, CURLE_TOO_MANY_REDIRECTS,
            CURLE_BAD_CONTENT_ENCODING, CURLE_FILESIZE_EXCEEDED, CURLE_WRITE_ERROR, CURLE_CHUNK_FAILED:
            .invalidResponse(reason)
        case CURLE_OUT_OF_MEMORY where requestWasSent:
            // libcurl's word for a header line over 100 KB.
            .invalidResponse("a header line of the reply is too long")
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR,
            CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
            .unreachable(reason)
        case CURLE_RECV_ERROR where requestWasSent && !systemReported:
            // What libcurl also calls malformed chunks, with no system error behind it.
            .invalidResponse(reason)
        default:
            requestWasSent ? .connectionLost(reason) : .unreachable(reason)
        }
    }
}
