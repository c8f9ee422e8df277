internal import CCurl

/// One request on the wire: owns the easy handle, the header list and the reply's bytes.
///
/// Confined to the transport's thread. The easy handle's callbacks hold a pointer to this object; they run only inside
/// `curl_multi_perform`, and the loop keeps the object until the handle has left the multi handle.
@safe final class CurlTransfer {
    /// More header bytes than any KServe server sends; libcurl 7.88 itself bounds only a single line.
    static let maximumHeaderBytes = 64 << 10

    let easy: UnsafeMutableRawPointer
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private let maximumReplyBytes: Int
    private let usesTLS: Bool
    private var headerByteCount = 0
    /// Whether the head's last line, the empty one, has come: libcurl takes a connection that ends before it for a reply.
    private var headIsComplete = false
    private var body: [UInt8] = []
    /// Why a callback made libcurl give up.
    private var refusal: TritonError?
    /// The first option that libcurl did not take; a transfer must not run without, say, its list of protocols.
    private(set) var setupFailure: CURLcode = CURLE_OK

    /// - Parameter tag: comes back with the transfer's completion (`CURLINFO_PRIVATE`).
    /// - Returns: nil when there is no memory.
    init?(
        _ request: HTTPRequest, to endpoint: Endpoint, configuration: TransportConfiguration,
        tag: CallStateMachine.CallID
    ) {
        guard let easy = unsafe curl_easy_init() else { return nil }
        unsafe self.easy = unsafe easy
        maximumReplyBytes = configuration.maximumReplyBytes
        usesTLS = endpoint.usesTLS
        setConnectionOptions(configuration)
        setRequest(request, endpoint)
        unsafe check(ccurl_setopt_pointer(easy, CURLOPT_PRIVATE, UnsafeRawPointer(bitPattern: UInt(tag))))
        setCallbacks()
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(headerList)
    }

    // MARK: Options

    private func setConnectionOptions(_ configuration: TransportConfiguration) {
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_FOLLOWLOCATION, 0)
        // An empty string also keeps http_proxy of the environment out.
        set(CURLOPT_PROXY, "")
        set(CURLOPT_HTTP_CONTENT_DECODING, 0)
        set(CURLOPT_NOSIGNAL, 1)
        // Otherwise giving up a call waits for getaddrinfo, and all other calls with it.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_TCP_NODELAY, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_TCP_KEEPIDLE, configuration.keepaliveInterval.wholeSeconds)
        set(CURLOPT_TCP_KEEPINTVL, configuration.keepaliveTimeout.wholeSeconds)
        set(CURLOPT_CONNECTTIMEOUT_MS, configuration.connectTimeout.wholeMilliseconds)
        set(CURLOPT_MAXLIFETIME_CONN, configuration.connectionMaximumAge.wholeSeconds)
        set(CURLOPT_MAXAGE_CONN, configuration.connectionMaximumAge.wholeSeconds)
        set(CURLOPT_DNS_CACHE_TIMEOUT, configuration.connectionMaximumAge.wholeSeconds)
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let caFile = configuration.caFile {
            set(CURLOPT_CAINFO, caFile)
            // Only the given authorities count.
            unsafe check(ccurl_setopt_string(easy, CURLOPT_CAPATH, nil))
        }
        unsafe check(ccurl_setopt_offset(easy, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(configuration.maximumReplyBytes)))
    }

    private func setRequest(_ request: HTTPRequest, _ endpoint: Endpoint) {
        let scheme = endpoint.usesTLS ? "https" : "http"
        let host = endpoint.host.utf8.contains(UInt8(ascii: ":")) ? "[\(endpoint.host)]" : endpoint.host
        set(CURLOPT_URL, "\(scheme)://\(host):\(endpoint.port)/\(request.path)")
        guard let post = request.post else { return }
        set(CURLOPT_POST, 1)
        unsafe check(ccurl_setopt_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(post.body.count)))
        unsafe post.body.withUnsafeBytes { bytes in
            // Copied by libcurl: Swift gives an array no address that would hold until the transfer ends.
            unsafe check(ccurl_setopt_pointer(easy, CURLOPT_COPYPOSTFIELDS, bytes.baseAddress))
        }
        if let jsonLength = post.jsonLength {
            appendHeader("Content-Type: application/octet-stream")
            appendHeader("Inference-Header-Content-Length: \(jsonLength)")
        } else {
            appendHeader("Content-Type: application/json")
        }
        if let trace = post.traceParent { appendHeader("traceparent: \(trace)") }
        // No 'Expect: 100-continue', which would cost a round trip on every body over 1 MB.
        appendHeader("Expect:")
        unsafe check(ccurl_setopt_list(easy, CURLOPT_HTTPHEADER, headerList))
    }

    private func appendHeader(_ line: String) {
        guard let longer = unsafe curl_slist_append(headerList, line) else { return check(CURLE_OUT_OF_MEMORY) }
        unsafe headerList = unsafe longer
    }

    private func set(_ option: CURLoption, _ value: Int) {
        unsafe check(ccurl_setopt_long(easy, option, value))
    }

    private func set(_ option: CURLoption, _ value: String) {
        unsafe check(ccurl_setopt_string(easy, option, value))
    }

    private func check(_ code: CURLcode) {
        if setupFailure == CURLE_OK { setupFailure = code }
    }

    // MARK: Receiving

    private func setCallbacks() {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe check(ccurl_setopt_pointer(easy, CURLOPT_WRITEDATA, context))
        unsafe check(ccurl_setopt_pointer(easy, CURLOPT_HEADERDATA, context))
        let receiveBody: curl_write_callback = { data, size, count, context in
            guard let context = unsafe context, let data = unsafe data else { return 0 }
            let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
            return unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue().receive(body: bytes)
        }
        let receiveHeader: curl_write_callback = { data, size, count, context in
            guard let context = unsafe context, let data = unsafe data else { return 0 }
            let line = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
            return unsafe Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue().receive(headerLine: line)
        }
        unsafe check(ccurl_setopt_write_callback(easy, CURLOPT_WRITEFUNCTION, receiveBody))
        unsafe check(ccurl_setopt_write_callback(easy, CURLOPT_HEADERFUNCTION, receiveHeader))
    }

    /// - Returns: the count taken; any other than the given one ends the transfer.
    private func receive(body bytes: UnsafeRawBufferPointer) -> Int {
        guard bytes.count <= maximumReplyBytes - body.count else {
            refusal = .invalidResponse("the reply is larger than \(maximumReplyBytes) bytes")
            return 0
        }
        if body.isEmpty {
            var announced: curl_off_t = -1
            unsafe ccurl_getinfo_offset(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced)
            // One allocation, and no more than the limit, which the announcement may exceed.
            body.reserveCapacity(min(max(0, Int(announced)), maximumReplyBytes))
        }
        unsafe body.append(contentsOf: bytes)
        return bytes.count
    }

    private func receive(headerLine line: UnsafeRawBufferPointer) -> Int {
        headerByteCount += line.count
        headIsComplete = unsafe line.allSatisfy { $0 == 0x0D || $0 == 0x0A }
        guard headerByteCount <= Self.maximumHeaderBytes else {
            refusal = .invalidResponse("the reply has more than \(Self.maximumHeaderBytes) bytes of headers")
            return 0
        }
        return line.count
    }

    // MARK: The outcome

    /// What has become of the transfer, to be asked once, when libcurl says that it is done.
    func outcome(_ code: CURLcode) -> Result<HTTPReply, TritonError> {
        if let refusal { return .failure(refusal) }
        guard code == CURLE_OK else {
            return .failure(
                CurlFailure.error(code, requestWasSent: requestWasSent, systemReported: usesTLS || hasSystemError))
        }
        guard headIsComplete else { return .failure(.connectionLost("the reply ends in its head")) }
        do throws(TritonError) {
            if let encoding = try header("Content-Encoding"), encoding.utf8.elementsEqual("identity".utf8) == false {
                throw .invalidResponse("Content-Encoding '\(ReplyValidation.excerpt(encoding))' was not asked for")
            }
            let jsonLength = try header("Inference-Header-Content-Length")
            return .success(HTTPReply(status: status, jsonLength: jsonLength, body: body))
        } catch {
            return .failure(error)
        }
    }

    private var status: Int {
        var status = 0
        unsafe ccurl_getinfo_long(easy, CURLINFO_RESPONSE_CODE, &status)
        return status
    }

    private var requestWasSent: Bool {
        var size = 0
        unsafe ccurl_getinfo_long(easy, CURLINFO_REQUEST_SIZE, &size)
        return size > 0
    }

    private var hasSystemError: Bool {
        var number = 0
        unsafe ccurl_getinfo_long(easy, CURLINFO_OS_ERRNO, &number)
        return number != 0
    }

    /// - Throws: `.invalidResponse` if the header is there more than once.
    private func header(_ name: String) throws(TritonError) -> String? {
        var header: UnsafeMutablePointer<curl_header>?
        let found = unsafe curl_easy_header(easy, name, 0, UInt32(CURLH_HEADER), -1, &header)
        guard found == CURLHE_OK, let header = unsafe header?.pointee, let value = unsafe header.value else {
            return nil
        }
        guard unsafe header.amount == 1 else { throw .invalidResponse("the header \(name) is there more than once") }
        return unsafe String(cString: value)
    }
}

extension Duration {
    /// Rounded up, at least 1: libcurl takes 0 for 'no limit' or 'the default'.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        let (product, overflow) = Int(seconds).multipliedReportingOverflow(by: 1000)
        guard !overflow, product < Int(Int32.max) - 1000 else { return Int(Int32.max) }
        return max(1, product + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
    }

    var wholeSeconds: Int {
        (wholeMilliseconds + 999) / 1000
    }
}
