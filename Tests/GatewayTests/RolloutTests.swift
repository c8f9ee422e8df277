import Features
import Foundation
import Logging
import Synchronization
import Testing
import TritonClient

@testable import Gateway

@Suite struct `A rollout` {
    private let triton = FakeTriton()
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A scoring file fitted with version 2 of `bert_bilstm`.
    private static var candidate: Scoring {
        var scoring = Fixture.scoring
        scoring.version = "test-2"
        scoring.models["bert_bilstm"] = .init(fitID: "fit-2")
        return scoring
    }

    private static func set(_ name: String, _ scoring: Scoring = Fixture.scoring) -> ScoringSet {
        ScoringSet(name: name, scoring: scoring, versions: [:])
    }

    private func rollout(_ settings: RolloutSettings) async -> Rollout {
        let rollout = Rollout(settings, transport: triton, configuration: .init(), logger: Self.logger)
        await rollout.refresh()
        return rollout
    }

    private func analyze(_ rollout: Rollout, _ text: String = `The pipeline`.essay) async throws -> Analysis {
        try await rollout.analyze(text, requestID: "r", deadline: .now.advanced(by: .seconds(10)))
    }

    private static func texts(_ count: Int) -> [String] {
        (0..<count).map { "Essay number \($0). " + `The pipeline`.essay }
    }

    // MARK: Versions

    @Test func `calls the version that the scoring file was fitted for, whatever else is loaded`() async throws {
        triton.load(.bertBiLSTM, version: "2", fitID: "fit-2")
        let stable = try await analyze(rollout(.single(Fixture.scoring)))
        #expect(stable.scores.first { $0.model == .bertBiLSTM }?.version == "1")
        let next = try await analyze(rollout(.single(Self.candidate)))
        #expect(next.scores.map(\.version) == ["2", "1", "1", "1"])
        #expect(next.scoringVersion == "test-2")
        #expect(triton.requests.allSatisfy { $0.version != nil }, "no call leaves the version to the server")
    }

    @Test func `never calls a version that the scoring file was not fitted for`() async throws {
        triton.load(.bertBiLSTM, version: "2", fitID: "another")
        let rollout = await rollout(.single(Self.candidate))
        await #expect(throws: GatewayError.self) { try await analyze(rollout) }
        #expect(rollout.plan.main.readiness == .notReady)
        #expect(triton.requests.isEmpty)
        let problem = rollout.catalog.snapshot[.bertBiLSTM]?.problem
        #expect(problem?.contains("fitted for fit_id fit-2, the server has another") == true, "\(problem ?? "")")
    }

    @Test func `holds to a pinned version, and says where it is not loaded`() async {
        var set = Self.set("pinned")
        set.versions = [.bertBiLSTM: "3"]
        let rollout = await rollout(RolloutSettings(main: .init(set: set, percent: 100)))
        let problem = rollout.catalog.snapshot[.bertBiLSTM]?.problem
        #expect(problem == "version 3 is not loaded in the inference server; loaded: 1")
    }

    @Test func `nothing said of version 1 is taken for another version`() {
        var configuration = Fixture.configuration(.ebm)
        configuration.parameters["fit_id.2"] = configuration.parameters["fit_id"]
        var metadata = Fixture.metadata(.ebm)
        metadata.versions = ["2"]
        let problem = ModelCatalog.judge(.ebm, metadata, configuration, scoring: Fixture.scoring).problem ?? ""
        #expect(problem.contains("no parameter feature_names.2"))
        #expect(problem.contains("no parameter feature_schema_hash.2"))
        #expect(!problem.contains("fit_id"))
    }

    @Test func `a model that the scoring file does not bind is used in version 1 alone`() {
        var scoring = Fixture.scoring
        scoring.models["sentence_encoder"] = nil
        var metadata = Fixture.metadata(.sentenceEncoder)
        func state() -> ModelState {
            ModelCatalog.judge(
                .sentenceEncoder, metadata, Fixture.configuration(.sentenceEncoder), scoring: scoring)
        }
        metadata.versions = ["1", "2"]
        #expect(state().info?.version == "1")
        metadata.versions = ["2"]
        #expect(state().problem?.contains("only its version 1") == true)
    }

    // MARK: Splits

    private func split(_ percent: Double) -> RolloutSettings {
        RolloutSettings(
            main: .init(set: Self.set("stable"), percent: 100 - percent),
            others: [.init(set: Self.set("candidate", Self.candidate), percent: percent)])
    }

    @Test func `a text lies where the first eight bytes of its SHA-256 lie`() {
        // sha256("abc") begins with ba7816bf8f01cfea.
        #expect(abs(RolloutPlan.place(of: "abc") - 100 * Double(0xba78_16bf_8f01_cfea as UInt64) / 0x1p64) < 1e-9)
    }

    @Test func `a split gives each set its share of the texts, the same texts each time`() async {
        let plan = await rollout(split(20)).plan
        let names = Self.texts(2000).map { plan.member(at: RolloutPlan.place(of: $0)).name }
        // Five standard deviations of a share of 20 % of 2,000 texts are 89.
        #expect(abs(names.count { $0 == "candidate" } - 400) <= 89)
        #expect(names == Self.texts(2000).map { plan.member(at: RolloutPlan.place(of: $0)).name })
    }

    @Test func `a share that grows keeps its texts`() async {
        let (few, more) = (await rollout(split(10)).plan, await rollout(split(30)).plan)
        for text in Self.texts(500) {
            let place = RolloutPlan.place(of: text)
            if few.member(at: place).name == "candidate" { #expect(more.member(at: place).name == "candidate") }
        }
    }

    @Test func `texts that cleaning makes equal are answered by one set`() async throws {
        triton.load(.bertBiLSTM, version: "2", fitID: "fit-2")
        let plan = await rollout(split(50)).plan
        for text in Self.texts(40) {
            #expect(plan.member(for: text).name == plan.member(for: "\u{FEFF}  \(text)\r\n\u{200B}").name)
        }
        #expect(Set(Self.texts(40).map { plan.member(for: $0).name }) == ["stable", "candidate"])
    }

    @Test func `a set of a split that is not ready leaves its texts to the main one, and readiness says so`()
        async throws
    {
        let rollout = await rollout(split(50))
        for text in Self.texts(10) { #expect(try await analyze(rollout, text).scoringVersion == "test") }
        let reply = ReadyReply(rollout.plan, isDraining: false)
        #expect(reply.status == "degraded")
        #expect(reply.rollout?.serving.map(\.status) == ["not_ready", "ready"])
        #expect(reply.rollout?.serving.first?.problems["bert_bilstm"] != nil)
        triton.load(.bertBiLSTM, version: "2", fitID: "fit-2")
        await rollout.refresh()
        #expect(ReadyReply(rollout.plan, isDraining: false).status == "ready")
    }

    // MARK: Changing

    @Test func `settings that are not ready are refused, and those in force stay`() async throws {
        let rollout = await rollout(.single(Fixture.scoring))
        let next = RolloutSettings(main: .init(set: Self.set("candidate", Self.candidate), percent: 100))
        await #expect(throws: Rollout.NotReady.self) { try await rollout.adopt(next) }
        #expect(rollout.plan.main.name == "default")
        triton.load(.bertBiLSTM, version: "2", fitID: "fit-2")
        try await rollout.adopt(next)
        #expect(try await analyze(rollout).scoringVersion == "test-2")
        try await rollout.adopt(.single(Fixture.scoring))
        #expect(try await analyze(rollout).scoringVersion == "test")
    }

    // MARK: Shadows

    @Test func `a shadow is computed, and never returned`() async throws {
        triton.load(.bertBiLSTM, version: "2", fitID: "fit-2")
        triton.state.withLock { $0.shift = 10 }
        var settings = RolloutSettings.single(Fixture.scoring)
        let alone = try await analyze(rollout(settings))
        settings.shadow = Self.set("candidate", Self.candidate)
        let lines = LogLines()
        let metrics = GatewayMetrics()
        let rollout = Rollout(
            settings, transport: triton, configuration: .init(), logger: lines.logger, metrics: metrics)
        await rollout.refresh()
        let analysis = try await analyze(rollout)
        #expect(analysis.probability == alone.probability)
        #expect(analysis.scoringVersion == "test")
        let compared = try await Self.line("gateway_shadow_probability_difference_count", of: metrics)
        #expect(compared == "gateway_shadow_probability_difference_count{set=\"candidate\"} 1")
        // No log says of an essay what it was taken for, nor how far two sets differ about it.
        #expect(!lines.text.contains("shadow") && !lines.text.contains("committee"))
    }

    /// The first line of the metrics that begins so, waited for.
    private static func line(_ beginning: String, of metrics: GatewayMetrics) async throws -> String {
        for _ in 0..<5000 {
            let lines = String(decoding: metrics.registry.exposition, as: UTF8.self).split(separator: "\n")
            if let found = lines.first(where: { $0.hasPrefix(beginning) }) { return String(found) }
            try await Task.sleep(for: .milliseconds(2))
        }
        return try #require(nil as String?, "no metric \(beginning)")
    }

    @Test func `a shadow that fails costs the answer nothing`() async throws {
        var settings = RolloutSettings.single(Fixture.scoring)
        settings.shadow = Self.set("candidate", Self.candidate)
        let lines = LogLines()
        let rollout = Rollout(settings, transport: triton, configuration: .init(), logger: lines.logger)
        await rollout.refresh()
        #expect(try await analyze(rollout).scoringVersion == "test")
        #expect(try await lines.first("shadow failed")["code"] == "not_ready")
    }
}
