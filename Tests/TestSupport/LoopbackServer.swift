import Foundation
import Glibc
import Synchronization

/// A TCP server on 127.0.0.1 that does to its clients what a script says: answers, stalls, drips, resets, lies.
/// Every connection has a thread of its own, on which the script may block.
public final class LoopbackServer: Sendable {
    public typealias Script = @Sendable (LoopbackConnection) -> Void

    public let port: Int
    private let listener: Int32
    private let state = Mutex(State())

    private struct State {
        var open: [Int: LoopbackConnection] = [:]
        var accepted = 0
        var isStopped = false
    }

    /// How many connections have come in so far.
    public var acceptedCount: Int { state.withLock { $0.accepted } }

    /// - Parameters:
    ///   - port: 0 takes a free one.
    ///   - script: runs once a connection, which is closed when the script returns.
    public init(port: Int = 0, _ script: @escaping Script) throws {
        (listener, self.port) = try Self.listen(port: port, backlog: 64)
        let listener = listener
        Thread.detachNewThread { [self] in
            while true {
                let descriptor = accept(listener, nil, nil)
                if descriptor < 0 { break }
                serve(LoopbackConnection(descriptor), script)
            }
            close(listener)
        }
    }

    /// A port on which nothing listens.
    public static func unusedPort() throws -> Int {
        let (descriptor, port) = try listen(backlog: 1)
        close(descriptor)
        return port
    }

    /// Closes the port and every connection. Connections that a script is waiting on end with it.
    public func stop() {
        let open = state.withLock { state in
            state.isStopped = true
            return state.open.values
        }
        // The thread in accept() returns and closes the descriptor itself.
        shutdown(listener, Int32(SHUT_RDWR))
        for connection in open { connection.disconnect() }
    }

    private func serve(_ connection: LoopbackConnection, _ script: @escaping Script) {
        let number = state.withLock { state in
            state.accepted += 1
            state.open[state.accepted] = connection
            return state.accepted
        }
        Thread.detachNewThread { [self] in
            script(connection)
            state.withLock { _ = $0.open.removeValue(forKey: number) }
            connection.finish()
        }
    }

    fileprivate static func listen(port: Int = 0, backlog: Int32) throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw POSIXError(.EMFILE) }
        // A server that has just stopped leaves connections in TIME_WAIT behind, which hold its port.
        var on: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        let port = unsafe withAddress(port: port) { address, length -> Int? in
            var length = length
            guard unsafe bind(descriptor, address, length) == 0, Glibc.listen(descriptor, backlog) == 0,
                unsafe getsockname(descriptor, address, &length) == 0
            else { return nil }
            return unsafe address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                unsafe Int(UInt16(bigEndian: address.pointee.sin_port))
            }
        }
        guard let port else {
            close(descriptor)
            throw POSIXError(.EADDRNOTAVAIL)
        }
        return (descriptor, port)
    }

    /// Lends the address of a port of 127.0.0.1 in the form that the socket calls want.
    fileprivate static func withAddress<Result>(
        port: Int, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe body(pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// A port whose connections are neither accepted nor refused, as behind a firewall that drops packets: its backlog is
/// full, and Linux ignores further SYNs then.
public final class DeafListener: Sendable {
    public let port: Int
    private let descriptors: [Int32]

    public init() throws {
        let (listener, port) = try LoopbackServer.listen(backlog: 0)
        self.port = port
        var descriptors = [listener]
        for _ in 0..<4 {
            let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            guard client >= 0 else { throw POSIXError(.EMFILE) }
            descriptors.append(client)
            _ = unsafe LoopbackServer.withAddress(port: port) { address, length in
                unsafe connect(client, address, length)
            }
        }
        self.descriptors = descriptors
    }

    public func close() {
        for descriptor in descriptors { Glibc.close(descriptor) }
    }
}
