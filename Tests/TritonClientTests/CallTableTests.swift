import Foundation
import Synchronization
import TestSupport
import Testing

@testable import TritonClient

@Suite("Call table")
struct CallTableTests {
    typealias Table = CallTable<Int, Int>

    /// A wire on a thread of its own that answers each call with its number, soon, later, or only after an abort.
    private static func startWire(_ table: Table, _ signal: DispatchSemaphore, seed: UInt64) {
        Thread.detachNewThread {
            var random = SeededRandom(seed)
            var onWire: [CallStateMachine.CallID: Int] = [:]
            while true {
                let (work, _) = table.takeWork()
                for item in work {
                    switch item {
                    case .start(let id, let number, _):
                        if Bool.random(using: &random) {
                            table.wireEnded(id, .success(number))
                        } else {
                            onWire[id] = number
                        }
                    case .abort(let id):
                        if let number = onWire.removeValue(forKey: id) { table.wireEnded(id, .success(number)) }
                    case .stop:
                        table.threadIsEnding()
                        table.threadEnded()
                        return
                    }
                }
                if let (id, number) = onWire.randomElement(using: &random), Int.random(in: 0..<3, using: &random) == 0 {
                    onWire[id] = nil
                    table.wireEnded(id, .success(number))
                }
                _ = signal.wait(timeout: .now() + .milliseconds(1))
            }
        }
    }

    /// A continuation resumed twice traps, one never resumed hangs: ending at all is half of the proof.
    @Test("calls from many tasks, cancelled, overdue and shut down at random, each end once with their own answer")
    func concurrentCalls() async {
        let seed = UInt64.random(in: .min ... .max)
        print("CallTableTests.concurrentCalls seed \(seed)")
        for round in 0..<20 as Range<UInt64> {
            let signal = DispatchSemaphore(value: 0)
            let table = Table { signal.signal() }
            Self.startWire(table, signal, seed: seed &+ round)
            let endings = await withTaskGroup(of: String.self) { group in
                for number in 0..<200 {
                    group.addTask { await Self.oneCall(table, number, seed: seed &+ round &* 1000 &+ UInt64(number)) }
                }
                group.addTask {
                    try? await Task.sleep(for: .milliseconds(4))
                    await table.shutdown()
                    return "shutdown"
                }
                var endings: [String: Int] = [:]
                for await ending in group { endings[ending, default: 0] += 1 }
                return endings
            }
            #expect(endings.values.reduce(0, +) == 201)
            #expect(endings["wrong"] == nil, "seed \(seed), round \(round)")
            await table.shutdown()
        }
    }

    private static func oneCall(_ table: Table, _ number: Int, seed: UInt64) async -> String {
        var random = SeededRandom(seed)
        let deadline = ContinuousClock.now + .microseconds(Int.random(in: -100...6000, using: &random))
        let pause = Int.random(in: 0...4000, using: &random)
        let call = Task { () async -> String in
            do throws(TritonError) {
                return try await table.call(number, deadline: deadline) == number ? "answered" : "wrong"
            } catch {
                switch error {
                case .cancelled, .deadlineExceeded, .shutDown: return "\(error)"
                default: return "wrong"
                }
            }
        }
        if Bool.random(using: &random) {
            try? await Task.sleep(for: .microseconds(pause))
            call.cancel()
        }
        return await call.value
    }

    @Test("after the thread has ended, calls and shutdowns return at once")
    func afterTheEnd() async {
        let signal = DispatchSemaphore(value: 0)
        let table = Table { signal.signal() }
        Self.startWire(table, signal, seed: 1)
        await table.shutdown()
        await table.shutdown()
        #expect(
            await tritonError { () throws(TritonError) in try await table.call(1, deadline: .generous) } == .shutDown)
    }
}
