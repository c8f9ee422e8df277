import ArgumentParser
import Foundation

/// How `gateway analyze` writes its results.
enum ResultFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// A few lines for people.
    case text
    /// One JSON object a line, as over HTTP.
    case jsonl
    /// One line a text for spreadsheets, without features and passages.
    case csv

    /// The columns of `csv`.
    static let columns =
        ["id", "verdict", "probability_ai", "reasons", "words", "tokens", "degraded", "missing_models"]
        + ModelName.scorers.flatMap { ["\($0.rawValue)_version", "\($0.rawValue)_logit"] }
        + ["scoring_version", "error_code", "error_message"]

    /// What stands before the first result, newline included.
    var header: [UInt8] { self == .csv ? Self.row(Self.columns) : [] }

    /// One result, newline included.
    func bytes(_ id: InputLine.JSONID?, _ result: Result<Analysis, GatewayError>) throws -> [UInt8] {
        switch (self, result) {
        case (.csv, _): return Self.row(Self.fields(id, result))
        case (.jsonl, .success(let analysis)):
            return try replyBytes(AnalyzedLine(analysis, id: id)) + [UInt8(ascii: "\n")]
        case (.jsonl, .failure(let error)): return try replyBytes(LineError(id: id, error)) + [UInt8(ascii: "\n")]
        case (.text, .success(let analysis)): return Array((Summary.text(analysis, name: id?.text ?? "") + "\n").utf8)
        case (.text, .failure(let error)): return Array("\(id?.text ?? ""): \(error.message)\n".utf8)
        }
    }

    private static func fields(_ id: InputLine.JSONID?, _ result: Result<Analysis, GatewayError>) -> [String] {
        switch result {
        case .failure(let error):
            let empty = [String](repeating: "", count: columns.count - 3)
            return [id?.text ?? ""] + empty + [error.code.rawValue, error.message]
        case .success(let analysis):
            var fields = [id?.text ?? "", analysis.verdict.rawValue, "\(analysis.probability)"]
            fields.append(analysis.reasons.map(\.code.rawValue).joined(separator: " "))
            fields += ["\(analysis.wordCount)", "\(analysis.tokenCount)", "\(!analysis.missing.isEmpty)"]
            fields.append(analysis.missing.map(\.model.rawValue).joined(separator: " "))
            for model in ModelName.scorers {
                let score = analysis.scores.first { $0.model == model }
                fields += [score?.version ?? "", score.map { "\($0.logit)" } ?? ""]
            }
            return fields + [analysis.scoringVersion, "", ""]
        }
    }

    /// RFC 4180, but for the line's end, which is a newline alone.
    static func row(_ fields: [String]) -> [UInt8] {
        let quoted = fields.map { field in
            guard field.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return field }
            return "\"" + field.replacing("\"", with: "\"\"") + "\""
        }
        return Array((quoted.joined(separator: ",") + "\n").utf8)
    }
}

/// A result of `analyze` as JSON: the HTTP reply with the text's id.
struct AnalyzedLine: Encodable, Sendable {
    var id: InputLine.JSONID?
    var reply: AnalyzeReply

    enum CodingKeys: String, CodingKey { case id }

    init(_ analysis: Analysis, id: InputLine.JSONID?) {
        self.id = id
        reply = AnalyzeReply(analysis, requestID: RequestID.accept(nil))
    }

    func encode(to encoder: any Encoder) throws {
        try reply.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
    }
}

extension InputLine.JSONID {
    /// Without quotes.
    var text: String {
        switch self {
        case .string(let text), .number(let text): text
        }
    }
}

/// A result for people at a terminal.
enum Summary {
    static func text(_ analysis: Analysis, name: String) -> String {
        let percent = (analysis.probability * 1000).rounded() / 10
        var lines = ["\(name): \(analysis.verdict.rawValue), probability of AI \(percent)%"]
        lines.append("  \(analysis.explanation.summary)")
        if analysis.verdict == .ai {
            let high = analysis.ensemble.humansScoring(atLeast: analysis.probability)
            lines.append(
                "  Of \(analysis.ensemble.humanScores.count) human essays, judged by models that had not seen their kind, "
                    + "\(high) score this high.")
        }
        for term in analysis.explanation.terms.prefix(3) { lines.append("  \(term.sentence)") }
        if !analysis.missing.isEmpty {
            let names = analysis.missing.map(\.model.rawValue).joined(separator: ", ")
            lines.append("  Without \(names): less is known than usual.")
        }
        return lines.joined(separator: "\n")
    }
}
