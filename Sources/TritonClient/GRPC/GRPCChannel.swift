internal import CGRPC

/// Owns a channel: C core's connections to the servers behind one name, which it makes and renews by itself. Calls take
/// them in turns.
@safe final class GRPCChannel {
    let handle: OpaquePointer
    /// As `grpc_call_get_peer` gives it for a call that no connection has taken.
    let target: String

    /// Nothing is sent before the first call.
    /// - Parameter target: in C core's words, `dns:///HOST:PORT` or `ipv4:ADDRESS:PORT,ADDRESS:PORT`; it must differ from
    ///   every peer that a connection reports.
    /// - Throws: `.unreachable` when the CA file cannot be read or used, or there is no memory.
    init(target: String, usesTLS: Bool, configuration: TransportConfiguration) throws(TritonError) {
        GRPCLibrary.initialize()
        let credentials = try ChannelCredentials(usesTLS: usesTLS, caFile: configuration.caFile)
        let arguments = ChannelArguments(configuration, takesTurns: !Self.isOneAddress(target))
        guard
            let handle = unsafe arguments.withArguments({ unsafe grpc_channel_create(target, credentials.handle, $0) })
        else { throw .unreachable("gRPC gives no channel") }
        unsafe self.handle = unsafe handle
        self.target = target
    }

    deinit {
        unsafe grpc_channel_destroy(handle)
    }

    /// Whether the target says by itself where to connect, and there is nothing to look up: `dns:///` with a number.
    private static func isOneAddress(_ target: String) -> Bool {
        let scheme = "dns:///"
        guard target.utf8.starts(with: scheme.utf8) else { return false }
        let host = target.utf8.dropFirst(scheme.utf8.count)
        if host.first == UInt8(ascii: "[") { return true }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return host.allSatisfy { digits.contains($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") }
    }

    /// Ends the wait before the next attempt to connect or to look the name up.
    func resetBackoff() {
        unsafe grpc_channel_reset_connect_backoff(handle)
    }
}

/// Owns the credentials that a channel is made with.
@safe private struct ChannelCredentials: ~Copyable {
    let handle: OpaquePointer

    /// Where Debian, Red Hat, and Alpine or macOS keep the certificate authorities that they trust; C core on its own
    /// would take a list that came with its package.
    private static let systemFiles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
    ]

    init(usesTLS: Bool, caFile: String?) throws(TritonError) {
        let made: OpaquePointer?
        if usesTLS {
            guard let authorities = (caFile.map { [$0] } ?? Self.systemFiles).lazy.compactMap(PEMFile.read).first else {
                throw .unreachable("no CA certificates in \(caFile ?? Self.systemFiles.joined(separator: ", "))")
            }
            unsafe made = unsafe grpc_ssl_credentials_create(authorities, nil, nil, nil)
        } else {
            unsafe made = unsafe grpc_insecure_credentials_create()
        }
        guard let made = unsafe made else { throw .unreachable("gRPC gives no credentials") }
        unsafe handle = unsafe made
    }

    deinit {
        unsafe grpc_channel_credentials_release(handle)
    }
}

/// The channel's settings: every one that matters is set, none left to C core's version.
@safe private final class ChannelArguments {
    private let arena = ProtobufArena()
    private var arguments: [grpc_arg] = unsafe []

    /// - Parameter takesTurns: whether the target may have several addresses.
    init(_ configuration: TransportConfiguration, takesTurns: Bool) {
        let connectTimeout = configuration.connectTimeout.wholeMilliseconds
        let backoffMaximum = configuration.reconnectBackoffMaximum.wholeMilliseconds

        set(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, configuration.maximumReplyBytes)
        set(GRPC_ARG_MAX_SEND_MESSAGE_LENGTH, GRPCRequest.maximumMessageBytes)
        // An error message of Triton, which may carry a Python traceback, comes as metadata. C core's default is 8 KiB.
        set(GRPC_ARG_MAX_METADATA_SIZE, 64 << 10)
        // A compressed reply is handed over as it came, and refused: see GRPCCall.
        set("grpc.per_message_decompression", 0)
        set("grpc.compression_enabled_algorithms_bitset", 1)

        // The least time that an attempt to connect gets, so the connect time-out, whatever its name; 20 s by default.
        set(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, connectTimeout)
        set("grpc.initial_reconnect_backoff_ms", configuration.reconnectBackoffInitial.wholeMilliseconds)
        set(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, backoffMaximum)
        // 120 s and 30 s by default.
        set(GRPC_ARG_DNS_ARES_QUERY_TIMEOUT_MS, connectTimeout)
        set("grpc.dns_min_time_between_resolutions_ms", backoffMaximum)

        set(GRPC_ARG_KEEPALIVE_TIME_MS, configuration.keepaliveInterval.wholeMilliseconds)
        // Also the TCP user time-out: bytes that are not acknowledged for this long end the connection.
        set(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, configuration.keepaliveTimeout.wholeMilliseconds)
        set("grpc.keepalive_permit_without_calls", 0)
        // Triton counts a ping within 5 min of the one before, with no data of its own between them, as a strike, and
        // closes the connection on the third. Two pings a call make at most one strike, and its answer clears it.
        set("grpc.http2.max_pings_without_data", 2)

        set(GRPC_ARG_ENABLE_RETRIES, 0)
        set(GRPC_ARG_ENABLE_HTTP_PROXY, 0)
        set("grpc.service_config_disable_resolution", 1)
        // Every address of the name gets its connection and its turn; by default all calls would go to the first.
        // One address is connected to when a call wants it: the call waits for that, where the policy of turns, which connects
        // on its own account, would fail it between two attempts.
        if takesTurns { set("grpc.lb_policy_name", "round_robin") }
        // Connections are this channel's alone, so that they end with it.
        set(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1)
        set(GRPC_ARG_ENABLE_CHANNELZ, 0)
    }

    func withArguments(_ body: (UnsafePointer<grpc_channel_args>) -> OpaquePointer?) -> OpaquePointer? {
        unsafe arguments.withUnsafeMutableBufferPointer { buffer in
            var all = unsafe grpc_channel_args(num_args: buffer.count, args: buffer.baseAddress)
            return unsafe body(&all)
        }
    }

    private func set(_ key: String, _ value: Int) {
        var argument = unsafe grpc_arg()
        unsafe argument.type = GRPC_ARG_INTEGER
        // The keys are ours and hold no NUL.
        guard let key = try? unsafe arena.string(key) else { return }
        unsafe argument.key = unsafe key
        unsafe argument.value.integer = Int32(clamping: value)
        unsafe arguments.append(argument)
    }

    private func set(_ key: String, _ value: String) {
        var argument = unsafe grpc_arg()
        unsafe argument.type = GRPC_ARG_STRING
        guard let key = try? unsafe arena.string(key), let value = try? unsafe arena.string(value) else { return }
        unsafe argument.key = unsafe key
        unsafe argument.value.string = unsafe value
        unsafe arguments.append(argument)
    }
}
