internal import CGRPC

/// Owns a completion queue, and a way to wake the thread that waits in it.
///
/// C core has no wake-up of its own. A batch of no operations completes at once, on any call: this one belongs to a
/// lame channel, so that it neither connects anywhere nor depends on the real channel.
@safe final class CompletionQueue {
    enum Event {
        /// The batch with this tag has completed.
        case completed(UInt64)
        case wokenUp
        case timedOut
        case shutDown
    }

    let handle: OpaquePointer
    private let lameChannel: OpaquePointer
    /// For `wake`, which does not hold the owner.
    let wakeCall: OpaquePointer

    /// - Returns: nil when C core has no memory.
    init?() {
        GRPCLibrary.initialize()
        guard let handle = unsafe grpc_completion_queue_create_for_next(nil) else { return nil }
        guard let channel = unsafe grpc_lame_client_channel_create("wake", GRPC_STATUS_UNAVAILABLE, "wake") else {
            unsafe Self.destroy(handle)
            return nil
        }
        let method = Slice("/wake")
        guard
            let call = unsafe grpc_channel_create_call(
                channel, nil, GRPCLibrary.propagateDefaults, handle, method.slice, nil,
                gpr_inf_future(GPR_CLOCK_MONOTONIC), nil)
        else {
            unsafe grpc_channel_destroy(channel)
            unsafe Self.destroy(handle)
            return nil
        }
        unsafe (self.handle, lameChannel, wakeCall) = unsafe (handle, channel, call)
    }

    /// Every call and channel that uses the queue must be gone.
    deinit {
        unsafe grpc_call_unref(wakeCall)
        unsafe grpc_channel_destroy(lameChannel)
        unsafe Self.destroy(handle)
    }

    /// Waits for the next event, at most until `deadline`; nil waits for ever. One thread at a time.
    func next(until deadline: ContinuousClock.Instant?) -> Event {
        let event = unsafe grpc_completion_queue_next(handle, .monotonic(at: deadline), nil)
        return switch unsafe event.type {
        case GRPC_OP_COMPLETE:
            if let tag = unsafe event.tag { .completed(UInt64(UInt(bitPattern: tag))) } else { .wokenUp }
        case GRPC_QUEUE_SHUTDOWN: .shutDown
        default: .timedOut
        }
    }

    /// Makes `next` return `.wokenUp` in the waiting thread. From any thread; neither blocks nor calls back.
    static func wake(_ wakeCall: OpaquePointer) {
        unsafe grpc_call_start_batch(wakeCall, nil, 0, nil, nil)
    }

    private static func destroy(_ handle: OpaquePointer) {
        unsafe grpc_completion_queue_shutdown(handle)
        while unsafe grpc_completion_queue_next(handle, gpr_inf_future(GPR_CLOCK_MONOTONIC), nil).type
            != GRPC_QUEUE_SHUTDOWN
        {}
        unsafe grpc_completion_queue_destroy(handle)
    }
}

/// What is done or known once a process.
enum GRPCLibrary {
    /// `GRPC_PROPAGATE_DEFAULTS`, a macro; there is no parent call to propagate from.
    static let propagateDefaults: UInt32 = 0xFFFF

    /// C core stays initialised for the life of the process: its helper threads are few, and starting them again
    /// races with the end of the old ones.
    static func initialize() {
        _ = initialized
    }

    private static let initialized: Void = grpc_init()
}

/// Owns one reference to a slice.
@safe struct Slice: ~Copyable {
    var slice: grpc_slice

    /// Takes over the reference that the caller has.
    init(owning slice: grpc_slice) {
        unsafe self.slice = unsafe slice
    }

    init(_ text: String) {
        unsafe self.init(owning: grpc_slice_from_copied_string(text))
    }

    init(copying bytes: [UInt8]) {
        unsafe self.init(
            owning: bytes.withUnsafeBytes { unsafe grpc_slice_from_copied_buffer($0.baseAddress, $0.count) })
    }

    deinit {
        unsafe grpc_slice_unref(slice)
    }
}

extension gpr_timespec {
    /// - Parameter instant: nil for the end of time.
    static func monotonic(at instant: ContinuousClock.Instant?) -> gpr_timespec {
        guard let instant else { return gpr_inf_future(GPR_CLOCK_MONOTONIC) }
        // The two monotonic clocks have different epochs, and one of them counts suspended time. C core aborts the
        // process on negative nanoseconds.
        let (seconds, attoseconds) = max(.zero, ContinuousClock.now.duration(to: instant)).components
        let span = gpr_timespec(
            tv_sec: seconds, tv_nsec: Int32(attoseconds / 1_000_000_000), clock_type: GPR_TIMESPAN)
        return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), span)
    }
}
