import Logging
import ServiceLifecycle
import UnixSignals

/// Something that is read from files, and read again when they change.
protocol ReloadableFile: Sendable {
    /// - Parameter isAsked: by SIGHUP, rather than in case that something has changed.
    func reload(isAsked: Bool) async
}

/// Has files read again on SIGHUP, and looks every few seconds whether they have changed: a mounted secret changes
/// without anybody to send a signal.
struct ReloadService: Service {
    var files: [any ReloadableFile]
    var interval = Duration.seconds(2)

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask {
                    for await _ in signals { await reload(isAsked: true) }
                }
                group.addTask {
                    while !Task.isCancelled {
                        try? await Task.sleep(for: interval, clock: .continuous)
                        await reload(isAsked: false)
                    }
                }
            }
        }
    }

    private func reload(isAsked: Bool) async {
        for file in files { await file.reload(isAsked: isAsked) }
    }
}
