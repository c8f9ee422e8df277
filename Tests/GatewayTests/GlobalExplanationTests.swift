import Features
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Testing
import TritonClient

@testable import Gateway

@Suite struct `The EBM's shapes` {
    @Test func `are of the EBM that the built-in scoring file was fitted with`() throws {
        let (shapes, scoring) = (try EBMShapes.builtIn(), try Scoring(json: BuiltInScoring.json))
        #expect(shapes.fitID == scoring.models["ebm"]?.fitID)
        #expect(shapes.featureSchemaHash == FeatureSchema.current.hash)
        #expect(shapes.texts > 0)
    }

    @Test func `name features that there are, and count`() throws {
        for term in try EBMShapes.builtIn().terms {
            #expect(term.features == Explanation.featureNames(ofTerm: term.name))
            #expect(Set(term.features).isSubset(of: FeatureSchema.current.names))
            #expect(term.importance >= 0 && term.importance.isFinite)
            let numbers = term.scores + term.edges.joined()
            #expect(numbers.filter { !$0.isFinite } == [])
        }
    }

    @Test func `make no reply of 100,000 characters`() throws {
        let shapes = try EBMShapes.builtIn()
        #expect(try replyBytes(GlobalExplanationReply(shapes)).count < 100_000)
        for term in shapes.terms { #expect(try replyBytes(TermReply(term, of: shapes)).count < 100_000) }
    }

    @Test(arguments: [(-1.0, 0.5), (0, -1), (0.5, -1), (2, 3), (9, 3)])
    func `a value that equals an edge lies in the bin above it`(value: Double, contribution: Double) {
        #expect(`The global explanation`.shapes.terms[0].contribution(at: [value]) == contribution)
    }

    @Test func `of a pair are read row by row`() {
        let pair = `The global explanation`.shapes.terms[2]
        let contributions = [[0.0, 0.0], [0, 6], [2, 0], [2, 6]].map { pair.contribution(at: $0) }
        #expect(contributions == [0.1, 0.2, 0.3, 0.4])
    }

    @Test(
        arguments: [
            ("not JSON", "not a file of shapes"), (#""edges":[[0,0]],"scores":[1,2,3]"#, "ascend"),
            (#""edges":[[0,1]],"scores":[1,2]"#, "a score for each bin"), (#""edges":[],"scores":[1]"#, "each bin"),
        ])
    func `are refused where they are not sound`(term: String, problem: String) {
        let json = """
            {"fit_id":"f","feature_schema_hash":"h","intercept":0,"texts":1,
             "terms":[{"name":"a","features":["a"],"importance":1,\(term)}]}
            """
        let error = #expect(throws: EBMShapes.Invalid.self) { try EBMShapes(json: Data(json.utf8)) }
        #expect(error?.description.contains(problem) == true)
    }
}

/// `GET /v1/explain/global`, in process.
@Suite struct `The global explanation` {
    private static let names = FeatureSchema.current.names

    static let shapes = EBMShapes(
        fitID: "fit-ebm", featureSchemaHash: FeatureSchema.current.hash, intercept: Fixture.intercept, texts: 7,
        terms: [
            .init(name: names[0], features: [names[0]], edges: [[0, 2]], scores: [0.5, -1, 3], importance: 0.25),
            .init(name: names[1], features: [names[1]], edges: [[]], scores: [0], importance: 0),
            .init(
                name: "\(names[0]) & \(names[1])", features: [names[0], names[1]], edges: [[1], [5]],
                scores: [0.1, 0.2, 0.3, 0.4], importance: 0.5),
        ])

    private let triton = FakeTriton()

    /// The status and the object that `path` is answered with.
    private func get(
        _ path: String, scoring: Scoring = Fixture.scoring, shapes: EBMShapes = Self.shapes
    ) async throws -> (status: HTTPResponse.Status, reply: [String: Any]) {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let parts = buildGateway(.init(), transport: triton, scoring: scoring, shapes: shapes, logger: logger)
        await parts.catalog.refresh()
        let response = try await parts.application.test(.router) { client in
            try await client.execute(uri: path, method: .get)
        }
        let body = try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView))
        return (response.status, try #require(body as? [String: Any]))
    }

    private func message(_ reply: [String: Any]) -> String {
        (reply["error"] as? [String: Any])?["message"] as? String ?? ""
    }

    @Test func `lists every term, the strongest first, and shows the shapes of single features`() async throws {
        let (status, reply) = try await get("/v1/explain/global")
        #expect(status == .ok)
        #expect(reply["fit_id"] as? String == "fit-ebm")
        #expect(reply["intercept"] as? Double == Fixture.intercept)
        #expect(reply["texts"] as? Int == 7)
        let terms = try #require(reply["terms"] as? [[String: Any]])
        #expect(terms.compactMap { $0["importance"] as? Double } == [0.5, 0.25, 0])
        let shape = try #require((reply["shapes"] as? [[String: Any]])?.first)
        #expect(shape["scores"] as? [[Double]] == [[0.5, -1, 3]])
        let feature = try #require((shape["features"] as? [[String: Any]])?.first)
        #expect(Set(feature.keys) == ["name", "unit", "higher", "lower", "edges"])
        #expect(feature["edges"] as? [Double] == [0, 2])
        #expect(feature["unit"] as? String == FeatureSchema.current.definitions[0].unit)
    }

    @Test func `tells one feature's shape and its pairs`() async throws {
        let (status, reply) = try await get("/v1/explain/global?feature=\(Self.names[0])")
        #expect(status == .ok)
        #expect((reply["term"] as? [String: Any])?["name"] as? String == Self.names[0])
        let pairs = try #require(reply["pairs"] as? [[String: Any]])
        #expect(pairs.compactMap { $0["name"] as? String } == [Self.shapes.terms[2].name])
    }

    @Test func `tells a pair's table`() async throws {
        let (_, reply) = try await get("/v1/explain/global?feature=\(Self.names[0])%20%26%20\(Self.names[1])")
        let term = try #require(reply["term"] as? [String: Any])
        #expect(term["scores"] as? [[Double]] == [[0.1, 0.2], [0.3, 0.4]])
        #expect((term["features"] as? [[String: Any]])?.compactMap { $0["edges"] as? [Double] } == [[1], [5]])
    }

    @Test(
        arguments: [
            ("feature=nonsense", 404), ("feature=", 404), ("features=a", 422), ("feature=a&feature=b", 422),
        ])
    func `what it does not know, it refuses without repeating it`(query: String, status: Int) async throws {
        let (found, reply) = try await get("/v1/explain/global?\(query)")
        #expect(found.code == status)
        #expect(!message(reply).contains("nonsense") && !message(reply).isEmpty)
    }

    @Test func `shows no shapes of another EBM than the one that is served`() async throws {
        var other = Self.shapes
        other.fitID = "yesterday's"
        let (status, reply) = try await get("/v1/explain/global", shapes: other)
        #expect(status == .serviceUnavailable)
        #expect(message(reply).contains("yesterday's") && message(reply).contains("fit-ebm"))
    }

    @Test func `shows no shapes where the server has an EBM that the gateway refuses`() async throws {
        var scoring = Fixture.scoring
        scoring.models["ebm"]?.fitID = "tomorrow's"
        let (status, reply) = try await get("/v1/explain/global", scoring: scoring)
        #expect(status == .serviceUnavailable)
        #expect(message(reply).contains("another EBM"))
    }

    @Test func `needs no server while the shapes are those of the fit`() async throws {
        triton.setReachable(false)
        #expect(try await get("/v1/explain/global").status == .ok)
        #expect(try await get("/v1/explain/global", shapes: .empty).status == .serviceUnavailable)
    }
}
