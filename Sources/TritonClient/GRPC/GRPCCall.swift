internal import CGRPC

/// One unary call on the wire: owns the call and everything that C core fills in before its batch completes.
///
/// Confined to the transport's thread.
@safe final class GRPCCall {
    private let handle: OpaquePointer
    private let metadata: SentMetadata?
    private let received: ReceivedParts

    /// Starts the call; the completion of its only batch ends it.
    /// - Parameter tag: comes back with the completion.
    /// - Returns: nil when C core does not take the call, which is a lack of memory.
    init?(
        _ request: GRPCRequest, on channel: GRPCChannel, queue: CompletionQueue, deadline: ContinuousClock.Instant,
        tag: CallStateMachine.CallID
    ) {
        let method = Slice(request.method.rawValue)
        guard
            let handle = unsafe grpc_channel_create_call(
                channel.handle, nil, GRPCLibrary.propagateDefaults, queue.handle, method.slice, nil,
                .monotonic(at: deadline), nil)
        else { return nil }
        unsafe self.handle = unsafe handle
        metadata = request.traceParent.map { SentMetadata(name: "traceparent", value: $0) }
        received = ReceivedParts()
        guard let message = MessageBuffer(request.parts), start(message, tag) else { return nil }
    }

    deinit {
        unsafe grpc_call_unref(handle)
    }

    private func start(_ message: MessageBuffer, _ tag: CallStateMachine.CallID) -> Bool {
        var operations = unsafe [grpc_op](repeating: grpc_op(), count: 6)
        // Without the flag wait_for_ready a call fails at once while the server is away.
        unsafe operations[0].op = GRPC_OP_SEND_INITIAL_METADATA
        if let metadata {
            unsafe operations[0].data.send_initial_metadata.count = 1
            unsafe operations[0].data.send_initial_metadata.metadata = unsafe metadata.entry
        }
        unsafe operations[1].op = GRPC_OP_SEND_MESSAGE
        // C core takes references to the slices; the buffer itself stays ours.
        unsafe operations[1].data.send_message.send_message = unsafe message.handle
        unsafe operations[2].op = GRPC_OP_SEND_CLOSE_FROM_CLIENT
        unsafe operations[3].op = GRPC_OP_RECV_INITIAL_METADATA
        unsafe operations[3].data.recv_initial_metadata.recv_initial_metadata = unsafe received.initialMetadata
        unsafe operations[4].op = GRPC_OP_RECV_MESSAGE
        unsafe operations[4].data.recv_message.recv_message = unsafe received.message
        unsafe operations[5].op = GRPC_OP_RECV_STATUS_ON_CLIENT
        unsafe operations[5].data.recv_status_on_client.trailing_metadata = unsafe received.trailingMetadata
        unsafe operations[5].data.recv_status_on_client.status = unsafe received.status
        unsafe operations[5].data.recv_status_on_client.status_details = unsafe received.statusDetails
        unsafe operations[5].data.recv_status_on_client.error_string = unsafe received.errorString
        let tag = unsafe UnsafeMutableRawPointer(bitPattern: UInt(tag))
        return unsafe grpc_call_start_batch(handle, operations, operations.count, tag, nil) == GRPC_CALL_OK
    }

    /// Makes the batch complete soon. Harmless when it has.
    func cancel() {
        unsafe grpc_call_cancel(handle, nil)
    }

    /// What has become of the call, to be asked once, when its batch has completed.
    /// - Parameter target: of the channel.
    func outcome(target: String) -> Result<GRPCReply, TritonError> {
        let status = unsafe received.status.pointee
        guard status == GRPC_STATUS_OK else {
            return .failure(
                GRPCFailure(
                    status: Int(status.rawValue), message: received.statusMessage,
                    reachedConnection: peer != target, isFromServer: received.statusMayBeFromServer
                ).error)
        }
        guard let message = unsafe received.message.pointee else {
            return .failure(.invalidResponse("status OK without a message"))
        }
        guard unsafe message.pointee.data.raw.compression == GRPC_COMPRESS_NONE else {
            return .failure(.invalidResponse("the reply is compressed, which was not asked for"))
        }
        guard let bytes = unsafe MessageBuffer.bytes(of: message) else {
            return .failure(.invalidResponse("the reply's message cannot be read"))
        }
        return .success(GRPCReply(message: bytes))
    }

    /// The address that the call was sent to; the channel's target if it was sent to none.
    private var peer: String {
        guard let peer = unsafe grpc_call_get_peer(handle) else { return "" }
        defer { unsafe gpr_free(peer) }
        return unsafe String(cString: peer)
    }
}

/// Owns one entry of a call's initial metadata, for as long as the call.
@safe private final class SentMetadata {
    let entry = UnsafeMutablePointer<grpc_metadata>.allocate(capacity: 1)

    init(name: String, value: String) {
        unsafe entry.initialize(to: grpc_metadata())
        unsafe entry.pointee.key = unsafe grpc_slice_from_copied_string(name)
        unsafe entry.pointee.value = unsafe grpc_slice_from_copied_string(value)
    }

    deinit {
        unsafe grpc_slice_unref(entry.pointee.key)
        unsafe grpc_slice_unref(entry.pointee.value)
        unsafe entry.deallocate()
    }
}

/// Owns the places that C core writes a call's results to, at addresses that do not move.
@safe private final class ReceivedParts {
    let initialMetadata = UnsafeMutablePointer<grpc_metadata_array>.allocate(capacity: 1)
    let trailingMetadata = UnsafeMutablePointer<grpc_metadata_array>.allocate(capacity: 1)
    let message = UnsafeMutablePointer<UnsafeMutablePointer<grpc_byte_buffer>?>.allocate(capacity: 1)
    let status = UnsafeMutablePointer<grpc_status_code>.allocate(capacity: 1)
    let statusDetails = UnsafeMutablePointer<grpc_slice>.allocate(capacity: 1)
    let errorString = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: 1)

    init() {
        unsafe grpc_metadata_array_init(initialMetadata)
        unsafe grpc_metadata_array_init(trailingMetadata)
        unsafe message.initialize(to: nil)
        unsafe status.initialize(to: GRPC_STATUS_UNKNOWN)
        unsafe statusDetails.initialize(to: grpc_empty_slice())
        unsafe errorString.initialize(to: nil)
    }

    deinit {
        unsafe grpc_metadata_array_destroy(initialMetadata)
        unsafe grpc_metadata_array_destroy(trailingMetadata)
        unsafe grpc_byte_buffer_destroy(message.pointee)
        unsafe grpc_slice_unref(statusDetails.pointee)
        unsafe gpr_free(UnsafeMutableRawPointer(mutating: errorString.pointee))
        unsafe initialMetadata.deallocate()
        unsafe trailingMetadata.deallocate()
        unsafe message.deallocate()
        unsafe status.deallocate()
        unsafe statusDetails.deallocate()
        unsafe errorString.deallocate()
    }

    /// At most 1,000 bytes of it: the server's text, or C core's.
    var statusMessage: String {
        let length = unsafe cgrpc_slice_length(statusDetails)
        let bytes = unsafe UnsafeBufferPointer(start: cgrpc_slice_start(statusDetails), count: min(length, 1000))
        return unsafe String(decoding: bytes, as: UTF8.self) + (length > 1000 ? "…" : "")
    }

    /// False for a status that C core made up above the connection; it says these words of all others, from 1.0 to this
    /// day, the failures of the connection included: see `GRPCFailure.isOfConnection`.
    var statusMayBeFromServer: Bool {
        guard let text = unsafe errorString.pointee else { return false }
        return unsafe String(cString: text).contains("Error received from peer")
    }
}

/// Owns the byte buffer of one outgoing message.
@safe private final class MessageBuffer {
    let handle: UnsafeMutablePointer<grpc_byte_buffer>

    /// Copies the parts, once.
    init?(_ parts: [[UInt8]]) {
        // Empty parts would only be empty slices, but a message needs none to be empty itself.
        var slices = unsafe parts.map { part in
            unsafe part.withUnsafeBytes { unsafe grpc_slice_from_copied_buffer($0.baseAddress, $0.count) }
        }
        let made = unsafe grpc_raw_byte_buffer_create(&slices, slices.count)
        // The buffer has references of its own.
        for index in parts.indices { unsafe grpc_slice_unref(slices[index]) }
        guard let made = unsafe made else { return nil }
        unsafe handle = unsafe made
    }

    deinit {
        unsafe grpc_byte_buffer_destroy(handle)
    }

    /// A copy of the bytes in `buffer`; nil if C core cannot read it.
    static func bytes(of buffer: UnsafeMutablePointer<grpc_byte_buffer>) -> [UInt8]? {
        var reader = unsafe grpc_byte_buffer_reader()
        guard unsafe grpc_byte_buffer_reader_init(&reader, buffer) == 1 else { return nil }
        defer { unsafe grpc_byte_buffer_reader_destroy(&reader) }
        var bytes: [UInt8] = []
        unsafe bytes.reserveCapacity(grpc_byte_buffer_length(buffer))
        var slice = unsafe grpc_slice()
        while unsafe grpc_byte_buffer_reader_next(&reader, &slice) == 1 {
            unsafe bytes.append(
                contentsOf: UnsafeBufferPointer(start: cgrpc_slice_start(&slice), count: cgrpc_slice_length(&slice)))
            unsafe grpc_slice_unref(slice)
        }
        return bytes
    }
}
