internal import Glibc

/// A thread of the operating system for one transport's blocking loop. Never the cooperative pool: that has one
/// thread a core, and a blocked one is missed.
enum IOThread {
    private final class Body {
        let run: () -> Void

        init(_ run: @escaping () -> Void) {
            self.run = run
        }
    }

    /// Starts a detached thread that runs `body` and ends.
    ///
    /// SIGPIPE is blocked in it: OpenSSL writes to a broken connection without MSG_NOSIGNAL.
    /// - Returns: false when the system refuses a thread; `body` is released then.
    static func start(_ body: sending @escaping () -> Void) -> Bool {
        let retained = unsafe Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread, nil,
            { argument in
                blockBrokenPipeSignal()
                if let argument = unsafe argument {
                    unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                }
                return nil
            }, retained.toOpaque())
        guard status == 0 else {
            unsafe retained.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}

private func blockBrokenPipeSignal() {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGPIPE)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
}
