import Foundation
import Glibc
import Synchronization

/// One connection that a `LoopbackServer` accepted. Reads give up after 20 s, so that no test hangs.
public final class LoopbackConnection: Sendable {
    private let descriptor: Int32
    private let isFinished = Mutex(false)

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var on: Int32 = 1
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// At most `limit` bytes that have come; nil at the end of the stream, after a reset, or after 20 s.
    public func read(atMost limit: Int = 65536) -> [UInt8]? {
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            count = unsafe max(0, recv(descriptor, buffer.baseAddress, limit, 0))
        }
        return bytes.isEmpty ? nil : bytes
    }

    /// - Returns: false when the peer has gone.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.send(
                    descriptor, buffer.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    @discardableResult
    public func send(_ text: String) -> Bool {
        send(Array(text.utf8))
    }

    /// Sends a byte at a time until all are sent or the peer has gone.
    public func drip(_ bytes: [UInt8], pauseSeconds: Double) {
        for byte in bytes {
            guard send([byte]) else { return }
            Thread.sleep(forTimeInterval: pauseSeconds)
        }
    }

    /// Reads and forgets until the peer closes.
    /// - Returns: false when it has not done so within 20 s.
    @discardableResult
    public func waitUntilPeerCloses() -> Bool {
        let begin = ContinuousClock.now
        while read() != nil {}
        return begin.duration(to: .now) < .seconds(19)
    }

    /// Closes with RST instead of FIN, as a killed or overloaded peer does.
    public func reset() {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        finish()
    }

    /// Ends the connection in both directions with FIN; the script's next read says that the peer has gone.
    public func disconnect() {
        isFinished.withLock { isFinished in
            if !isFinished { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    /// Closes, once: the descriptor's number may belong to something else afterwards.
    func finish() {
        isFinished.withLock { isFinished in
            if !isFinished { close(descriptor) }
            isFinished = true
        }
    }
}
