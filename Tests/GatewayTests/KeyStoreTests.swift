import Foundation
import Logging
import Synchronization
import Testing

@testable import Gateway

/// A time that moves when a test says so, on both of the clocks that keys go by.
final class TestClock: Sendable {
    private let elapsed = Mutex(Duration.zero)
    private let start = ContinuousClock.now
    static let startDate = Date(timeIntervalSince1970: 1_800_000_000)

    func advance(by duration: Duration) { elapsed.withLock { $0 += duration } }

    var clock: KeyStore.Clock {
        KeyStore.Clock(
            instant: { [self] in start.advanced(by: elapsed.withLock { $0 }) },
            date: { [self] in Self.startDate.addingTimeInterval(elapsed.withLock { $0 } / .seconds(1)) })
    }
}

/// A keys file of a test's own, and the keys in it.
struct KeyFolder {
    let path = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString).json").path

    /// Adds a key to the file.
    func add(_ change: (inout KeyFile.Entry) -> Void = { _ in }) throws -> APIKey {
        let key = APIKey.make()
        var file = try KeyFile(data ?? Data(#"{"keys": []}"#.utf8))
        var entry = KeyFile.Entry(id: key.id, name: "test", sha256: key.sha256, created: TestClock.startDate)
        change(&entry)
        file.keys.append(entry)
        try file.write(to: path)
        return key
    }

    func remove(_ key: APIKey) throws {
        var file = try KeyFile(data)
        file.keys.removeAll { $0.id == key.id }
        try file.write(to: path)
    }

    var data: Data? { try? Data(contentsOf: URL(fileURLWithPath: path)) }

    func overwrite(_ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    func store(_ clock: KeyStore.Clock = .init()) throws -> KeyStore {
        let store = KeyStore(path: path, clock: clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try store.load()
        return store
    }
}

/// The code of the error that a key is refused with; nil where it is let in, and its place given back.
private func refusal(_ store: KeyStore, _ key: String?) -> GatewayError.Code? {
    do {
        try store.admit(key).release()
        return nil
    } catch {
        return error.code
    }
}

@Suite struct `A key` {
    @Test func `has a prefix, an id and a secret, and no two are the same`() {
        let keys = (0..<100).map { _ in APIKey.make() }
        #expect(Set(keys.map(\.text)).count == 100)
        for key in keys {
            #expect(key.text.utf8.count == 56)
            #expect(key.text.hasPrefix("aoh_\(key.id)_"))
            #expect(APIKey.id(in: key.text) == key.id)
        }
    }

    @Test(arguments: [
        "", "aoh_", "aoh_12345678", "aoh_12345678_", "AOH_12345678_" + String(repeating: "a", count: 43),
        "aoh_1234567/_" + String(repeating: "a", count: 43), "aoh_12345678-" + String(repeating: "a", count: 43),
        "aoh_12345678_" + String(repeating: "a", count: 44), "aoh_1234567é_" + String(repeating: "a", count: 42),
    ])
    func `in another form has no id`(text: String) {
        #expect(APIKey.id(in: text) == nil)
    }

    @Test func `is stored as the SHA-256 that other programs compute`() {
        let key = APIKey(id: "12345678", text: "abc")
        #expect(key.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let bytes = Hexadecimal.bytes(key.sha256) ?? []
        #expect(Hexadecimal.text(bytes) == key.sha256)
        #expect(Hexadecimal.bytes("0g") == nil)
        #expect(Hexadecimal.bytes("abc") == nil)
    }
}

@Suite struct `The keys file` {
    @Test func `is read as it was written, and its owner alone can read it`() throws {
        let folder = KeyFolder()
        let key = try folder.add {
            $0.notBefore = TestClock.startDate
            $0.expires = TestClock.startDate.addingTimeInterval(60)
            $0.ratePerMinute = 60
            $0.concurrency = 2
        }
        let text = String(decoding: try #require(folder.data), as: UTF8.self)
        #expect(!text.contains(key.text))
        let entry = try #require(try KeyFile(folder.data).keys.first)
        #expect(entry.id == key.id && entry.ratePerMinute == 60 && entry.concurrency == 2)
        #expect(entry.expires == TestClock.startDate.addingTimeInterval(60))
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.path)
        #expect((attributes[.posixPermissions] as? Int) == 0o600)
    }

    @Test func `keeps the permissions that an operator has given it`() throws {
        let folder = KeyFolder()
        _ = try folder.add()
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: folder.path)
        _ = try folder.add()
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.path)
        #expect((attributes[.posixPermissions] as? Int) == 0o640)
    }

    static let digest = String(repeating: "0", count: 64)
    static let good = #""name": "n", "sha256": "\#(digest)", "created": "2026-01-01T00:00:00Z""#

    @Test(arguments: [
        ("", "JSON"), ("{}", "keys is missing"), ("[]", "wrong type"), (#"{"keys": [{\#(good)}]}"#, "id is missing"),
        (#"{"keys": [{"id": "short", \#(good)}]}"#, "id must be"),
        (#"{"keys": [{"id": "12345678", \#(good), "expire": "2026-01-01T00:00:00Z"}]}"#, "unknown field expire"),
        (#"{"keys": [{"id": "12345678", \#(good), "expires": "tomorrow"}]}"#, "must be a time"),
        (#"{"keys": [{"id": "12345678", \#(good), "concurrency": 0}]}"#, "concurrency must be"),
        (#"{"keys": [{"id": "12345678", \#(good), "rate_per_minute": 0}]}"#, "rate_per_minute must be"),
        (#"{"keys": [{"id": "12345678", \#(good), "rate_per_minute": "9"}]}"#, "wrong type"),
        (#"{"keys": [{"id": "12345678", \#(good)}, {"id": "12345678", \#(good)}]}"#, "same id"),
        (#"{"keys": [{"id": "12345678", "name": "", "sha256": "00", "created": "2026-01-01T00:00:00Z"}]}"#, "64 hexa"),
    ])
    func `that is wrong is refused with a word on what is wrong`(text: String, problem: String) {
        let error = #expect(throws: KeyFile.Invalid.self) { try KeyFile(Data(text.utf8)) }
        #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
    }

    @Test func `that is wrong at the start is not used`() throws {
        let folder = KeyFolder()
        #expect(throws: KeyFile.Invalid.self) { try folder.store() }
    }
}

@Suite struct `The key store` {
    private let folder = KeyFolder()
    private let time = TestClock()

    @Test func `lets nobody in before it is loaded`() throws {
        let key = try folder.add()
        let store = KeyStore(path: folder.path, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        #expect(refusal(store, key.text) == .unauthorized)
    }

    @Test func `lets in who has a key, several of one owner as well`() throws {
        let keys = [try folder.add(), try folder.add(), try folder.add { $0.name = "other" }]
        let store = try folder.store()
        for key in keys { #expect(refusal(store, key.text) == nil) }
    }

    @Test func `refuses missing, unknown and half-right keys alike`() throws {
        let (key, other) = (try folder.add(), APIKey.make())
        let store = try folder.store()
        let swapped = "aoh_\(key.id)_" + other.text.suffix(43)
        for presented in [nil, "", "x", other.text, swapped, key.text + " ", String(key.text.dropLast())] {
            let error = #expect(throws: GatewayError.self) { try store.admit(presented) }
            #expect(error?.code == .unauthorized)
            #expect(error?.message == "this needs a valid API key: send Authorization: Bearer KEY, or X-API-Key: KEY")
        }
        // A digest is not a key.
        #expect(refusal(store, key.sha256) == .unauthorized)
    }

    @Test func `goes by not_before and expires`() throws {
        let key = try folder.add {
            $0.notBefore = TestClock.startDate.addingTimeInterval(10)
            $0.expires = TestClock.startDate.addingTimeInterval(20)
        }
        let store = try folder.store(time.clock)
        #expect(refusal(store, key.text) == .unauthorized)
        time.advance(by: .seconds(10))
        #expect(refusal(store, key.text) == nil)
        time.advance(by: .seconds(9))
        #expect(refusal(store, key.text) == nil)
        time.advance(by: .seconds(1))
        #expect(refusal(store, key.text) == .unauthorized)
    }

    @Test func `lets a minute's requests pass at once, then one as often as the rate says`() throws {
        let key = try folder.add { $0.ratePerMinute = 6 }
        let free = try folder.add()
        let store = try folder.store(time.clock)
        for _ in 0..<6 { #expect(refusal(store, key.text) == nil) }
        let error = #expect(throws: GatewayError.self) { try store.admit(key.text) }
        #expect(error?.code == .rateLimited && error?.retryAfter == 10)
        time.advance(by: .seconds(9.5))
        let later = #expect(throws: GatewayError.self) { try store.admit(key.text) }
        #expect(later?.retryAfter == 1)
        time.advance(by: .seconds(0.5))
        #expect(refusal(store, key.text) == nil)
        #expect(refusal(store, key.text) == .rateLimited)
        #expect(refusal(store, free.text) == nil)
        // However long nobody asks, no more than a minute's worth is saved up.
        time.advance(by: .seconds(3_600))
        for _ in 0..<6 { #expect(refusal(store, key.text) == nil) }
        #expect(refusal(store, key.text) == .rateLimited)
    }

    @Test func `takes what a batch costs beyond the minute from the next ones`() throws {
        let key = try folder.add { $0.ratePerMinute = 6 }
        let store = try folder.store(time.clock)
        let place = try store.admit(key.text)
        place.charge(additional: 11)
        place.release()
        time.advance(by: .seconds(60))
        #expect(refusal(store, key.text) == .rateLimited)
        time.advance(by: .seconds(10))
        #expect(refusal(store, key.text) == nil)
    }

    @Test func `lets a key hold so many places, and no more`() throws {
        let key = try folder.add { $0.concurrency = 2 }
        let store = try folder.store(time.clock)
        let places = [try store.admit(key.text), try store.admit(key.text)]
        let error = #expect(throws: GatewayError.self) { try store.admit(key.text) }
        #expect(error?.code == .tooManyAtOnce && error?.retryAfter == 1)
        places[0].release()
        #expect(refusal(store, key.text) == nil)
    }

    @Test func `takes a changed file while it runs, and counts on for the keys that stay`() throws {
        let first = try folder.add {
            $0.ratePerMinute = 1
            $0.concurrency = 1
        }
        let store = try folder.store(time.clock)
        let place = try store.admit(first.text)
        let second = try folder.add()
        #expect(refusal(store, second.text) == .unauthorized)
        store.reload(isAsked: false)
        #expect(refusal(store, second.text) == nil)
        #expect(refusal(store, first.text) == .tooManyAtOnce)
        place.release()
        #expect(refusal(store, first.text) == .rateLimited)
        try folder.remove(first)
        store.reload(isAsked: true)
        #expect(refusal(store, first.text) == .unauthorized)
        #expect(refusal(store, second.text) == nil)
    }

    @Test func `keeps its keys when the file is broken or gone, and takes it when it is mended`() throws {
        let key = try folder.add()
        let store = try folder.store()
        let whole = try #require(folder.data)
        try folder.overwrite(#"{"keys": ["#)
        store.reload(isAsked: false)
        #expect(refusal(store, key.text) == nil)
        try FileManager.default.removeItem(atPath: folder.path)
        store.reload(isAsked: true)
        #expect(refusal(store, key.text) == nil)
        try folder.overwrite(String(decoding: whole, as: UTF8.self))
        let second = try folder.add()
        store.reload(isAsked: false)
        #expect(refusal(store, second.text) == nil)
    }
}

@Suite struct `A time on the command line` {
    @Test func `is a span, a day or a time`() throws {
        let now = TestClock.startDate
        #expect(Moment.date("2d", now: now) == now.addingTimeInterval(172_800))
        #expect(Moment.date("12h", now: now) == now.addingTimeInterval(43_200))
        #expect(Moment.date("2027-01-31", now: now) == Date(timeIntervalSince1970: 1_801_353_600))
        #expect(Moment.date("2027-01-31T08:00:00Z", now: now) == Date(timeIntervalSince1970: 1_801_382_400))
    }

    @Test(arguments: ["", "d", "0d", "-1d", "1w", "2027-13-01", "2027-01-32", "tomorrow", "99999999999999999999d"])
    func `that is none of these is refused`(text: String) {
        #expect(Moment.date(text, now: TestClock.startDate) == nil)
    }
}
