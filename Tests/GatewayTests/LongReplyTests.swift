import Features
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Testing
import WordPiece

@testable import Gateway

/// A GPT's action takes replies of fewer than 100,000 characters.
@Suite struct `Replies to long texts` {
    private static let most = 100_000

    private func analysis(_ text: String) async throws -> Analysis {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let triton = FakeTriton()
        let catalog = ModelCatalog(transport: triton, scoring: Fixture.scoring, logger: logger)
        await catalog.refresh()
        return try await ScorePipeline(transport: triton, catalog: catalog, scoring: Fixture.scoring, limits: .init())
            .analyze(text, requestID: "test", deadline: .now.advanced(by: .seconds(120)))
    }

    @Test func `the longest text that is analysed has no more passages than a reply holds`() {
        // 16 tokens a sentence.
        let sentence = "She kept the bees behind a house, and nobody ever asked her for it. "
        let text = String(repeating: sentence, count: 32_768 / 16)
        let encoding = Tokenizer.bertBaseUncased.encode(TextCleaner.clean(text).text)
        #expect(encoding.count == GatewayConfiguration.Limits().maxTokens)
        let shape = Fixture.scoring.windows
        let windows = encoding.windows(maximumLength: shape.maximumLength, overlap: shape.overlap)
        #expect(windows.count > 150 && windows.count <= AnalyzeReply.maximumPassages)
    }

    @Test func `of a text with more passages than a reply holds, the strongest are told, and that it is so`()
        async throws
    {
        var long = try await analysis(`The pipeline`.essay)
        long.passages = (0..<5_000).map { index in
            Passage(range: index..<index + 1_000, probability: Double((index * 7919) % 5_000) / 5_001 + 1e-17)
        }
        long.reasons = [.featuresOutOfRange(FeatureSchema.current.names)]
        let reply = AnalyzeReply(long, requestID: String(repeating: "r", count: 64))
        #expect(reply.trimmed == ["passages"])
        #expect(reply.passages.count == AnalyzeReply.maximumPassages)
        #expect(reply.passages.map(\.start) == reply.passages.map(\.start).sorted())
        let told = reply.passages.map(\.probabilityAI)
        let weakest = try #require(told.min())
        #expect(long.passages.count { $0.probability >= weakest } == told.count)
        // The rest is room for eight terms with two features each: there are three here.
        #expect(try replyBytes(reply).count < Self.most - 20_000)
    }

    @Test func `what a GPT can ask for besides is short enough, too`() async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let parts = buildGateway(
            .init(), transport: FakeTriton(), scoring: Fixture.scoring, shapes: `The global explanation`.shapes,
            logger: logger)
        await parts.catalog.refresh()
        try await parts.application.test(.router) { client in
            for operation in APIOperation.ofAction where operation.method == .get {
                let response = try await client.execute(uri: operation.path, method: .get)
                #expect(response.status == .ok)
                #expect(response.body.readableBytes < Self.most, "\(operation.path)")
            }
        }
    }
}
