import Synchronization
import Testing

@testable import Gateway

@Suite struct `Places for essays` {
    /// What is in work, and work that lasts until it is let go.
    private final class Work: Sendable {
        let running = Mutex(Set<String>())
        private let isOpen = Mutex(false)

        func run(_ name: String) async throws {
            running.withLock { _ = $0.insert(name) }
            defer { running.withLock { _ = $0.remove(name) } }
            while !isOpen.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
        }

        func letGo() { isOpen.withLock { $0 = true } }

        func wait(until isRight: (Set<String>) -> Bool) async throws {
            while !isRight(running.withLock { $0 }) { try await Task.sleep(for: .milliseconds(1)) }
        }
    }

    @Test func `refuses single essays beyond its limit, and says how many there are`() async throws {
        let admission = Admission(limit: 1, of: "batches")
        let work = Work()
        let first = Task { try await admission.admitted { try await work.run("first") } }
        try await work.wait { $0.count == 1 }
        #expect(throws: GatewayError.self) { try admission.refuseIfFull() }
        do {
            try await admission.admitted {}
            Issue.record("admitted")
        } catch let error as GatewayError {
            #expect(error.code == .overloaded)
            #expect(error.message.contains("1 batches"))
        }
        work.letGo()
        try await first.value
        try await admission.admitted {}
    }

    @Test func `lets as many texts of batches in as there are places, and the others as places are given back`()
        async throws
    {
        let admission = Admission(limit: 1, batchLimit: 3)
        let (work, later) = (Work(), Work())
        let first = (0..<3).map { number in
            Task { try await admission.admittedFromBatch { try await work.run("\(number)") } }
        }
        try await work.wait { $0.count == 3 }
        let more = (0..<5).map { number in
            Task { try await admission.admittedFromBatch { try await later.run("\(number)") } }
        }
        for _ in 0..<50 { await Task.yield() }
        #expect(later.running.withLock { $0.isEmpty })
        work.letGo()
        try await later.wait { $0.count == 3 }
        later.letGo()
        for task in first + more { try await task.value }
    }

    @Test func `lets one text of a batch in while a single essay is in work, and never refuses the single one`()
        async throws
    {
        let admission = Admission(limit: 2, batchLimit: 3)
        let (single, batch) = (Work(), Work())
        let essay = Task { try await admission.admitted { try await single.run("essay") } }
        try await single.wait { $0.count == 1 }
        let texts = (0..<3).map { number in
            Task { try await admission.admittedFromBatch { try await batch.run("\(number)") } }
        }
        try await batch.wait { $0.count == 1 }
        for _ in 0..<50 { await Task.yield() }
        #expect(batch.running.withLock { $0.count } == 1)
        try await admission.admitted {}
        single.letGo()
        try await batch.wait { $0.count == 3 }
        batch.letGo()
        try await essay.value
        for text in texts { try await text.value }
    }

    @Test func `forgets a text that is given up while it waits, and keeps its place for others`() async throws {
        let admission = Admission(limit: 1, batchLimit: 1)
        let work = Work()
        let first = Task { try await admission.admittedFromBatch { try await work.run("first") } }
        try await work.wait { $0.count == 1 }
        let waiting = (0..<20).map { _ in Task { try await admission.admittedFromBatch {} } }
        for task in waiting.prefix(10) { task.cancel() }
        for task in waiting.prefix(10) {
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        work.letGo()
        try await first.value
        for task in waiting.dropFirst(10) { try await task.value }
        try await admission.admittedFromBatch {}
    }
}
