internal import CCurl
internal import Glibc

/// The transport's thread: owns the multi handle and every transfer in it.
@safe final class CurlLoop {
    typealias Calls = CallTable<HTTPRequest, HTTPReply>

    private let multi: UnsafeMutableRawPointer
    private let calls: Calls
    private let endpoint: Endpoint
    private let configuration: TransportConfiguration
    private var transfers: [CallStateMachine.CallID: CurlTransfer] = [:]

    /// - Parameter multi: owned from here on; the loop frees it after `calls` has been told not to wake it any more.
    init(multi: UnsafeMutableRawPointer, calls: Calls, endpoint: Endpoint, configuration: TransportConfiguration) {
        unsafe self.multi = unsafe multi
        self.calls = calls
        self.endpoint = endpoint
        self.configuration = configuration
    }

    /// Runs until every call has ended after a shutdown.
    func run() {
        while true {
            let (work, nextDeadline) = calls.takeWork()
            for item in work {
                switch item {
                case .start(let id, let request, _): start(id, request)
                case .abort(let id): abort(id)
                case .stop:
                    stop()
                    return
                }
            }
            var running: Int32 = 0
            let performed = unsafe curl_multi_perform(multi, &running)
            finishCompleted()
            let polled = unsafe curl_multi_poll(multi, nil, 0, Self.timeout(until: nextDeadline), nil)
            if performed != CURLM_OK || polled != CURLM_OK { failAll(performed != CURLM_OK ? performed : polled) }
        }
    }

    private func start(_ id: CallStateMachine.CallID, _ request: HTTPRequest) {
        guard let transfer = CurlTransfer(request, to: endpoint, configuration: configuration, tag: id) else {
            calls.wireEnded(id, .failure(.unreachable("no memory for a transfer")))
            return
        }
        guard transfer.setupFailure == CURLE_OK else {
            calls.wireEnded(
                id,
                .failure(CurlFailure.error(transfer.setupFailure, requestWasSent: false, systemReported: false)))
            return
        }
        let added = unsafe curl_multi_add_handle(multi, transfer.easy)
        guard added == CURLM_OK else {
            calls.wireEnded(id, .failure(.unreachable(Self.text(added))))
            return
        }
        transfers[id] = transfer
    }

    /// Taking a handle out before its transfer is complete closes its connection.
    private func abort(_ id: CallStateMachine.CallID) {
        end(id, .failure(.cancelled))
    }

    private func finishCompleted() {
        var remaining: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &remaining) {
            guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
            // The message dies with the handle's removal: everything is read from it first.
            let code = unsafe ccurl_message_result(message)
            var tag: UnsafeMutableRawPointer?
            unsafe ccurl_getinfo_pointer(message.pointee.easy_handle, CURLINFO_PRIVATE, &tag)
            let id = CallStateMachine.CallID(UInt(bitPattern: tag))
            if let transfer = transfers[id] { end(id, transfer.outcome(code)) }
        }
    }

    private func end(_ id: CallStateMachine.CallID, _ outcome: Result<HTTPReply, TritonError>) {
        if let transfer = transfers.removeValue(forKey: id) { unsafe curl_multi_remove_handle(multi, transfer.easy) }
        calls.wireEnded(id, outcome)
    }

    /// The multi handle itself failed (no memory, no descriptors): no transfer in it can be trusted to go on.
    private func failAll(_ code: CURLMcode) {
        for id in transfers.keys.sorted() { end(id, .failure(.connectionLost(Self.text(code)))) }
        // Should the failure last, then at most 100 turns a second.
        usleep(10_000)
    }

    private func stop() {
        calls.threadIsEnding()
        unsafe curl_multi_cleanup(multi)
        calls.threadEnded()
    }

    private static func text(_ code: CURLMcode) -> String {
        unsafe String(cString: curl_multi_strerror(code))
    }

    /// Milliseconds to wait, rounded up: rounded down, the last part of a millisecond would be a busy loop.
    private static func timeout(until deadline: ContinuousClock.Instant?) -> Int32 {
        guard let deadline else { return Int32.max }
        let left = ContinuousClock.now.duration(to: deadline)
        return left <= .zero ? 0 : Int32(clamping: left.wholeMilliseconds)
    }
}
