import Foundation
import Testing

@testable import Features

/// The features of syntax on predicted tags, lemmas and trees beside the same features on the treebank's own: what
/// docs/features.md tells of their agreement.
@Suite("Features of predicted trees beside those of the treebank's")
struct TreeFeatureAgreementTests {
    private static let sentencesAText = 20
    private let analyzer = SyntaxAnalyzer.shared

    /// Texts of twenty sentences, a paragraph each, of those that the gateway cuts into the treebank's tokens.
    private func texts() throws -> [(document: Document, gold: SyntaxAnalysis)] {
        var result: [(Document, SyntaxAnalysis)] = []
        var paragraphs: [String] = []
        var gold = SyntaxAnalysis()
        for sentence in try Treebank().sentences {
            let forms = sentence.tokens.map { String(decoding: sentence.bytes[$0], as: UTF8.self) }
            let paragraph = forms.joined(separator: " ")
            let document = Document(paragraph)
            guard document.sentenceCount == 1, document.tokens.count == forms.count else { continue }
            append(sentence, to: &gold)
            paragraphs.append(paragraph)
            if paragraphs.count == Self.sentencesAText {
                result.append((Document(paragraphs.joined(separator: "\n\n")), gold))
                paragraphs = []
                gold = SyntaxAnalysis()
            }
        }
        return result
    }

    private func append(_ sentence: Treebank.Sentence, to gold: inout SyntaxAnalysis) {
        for token in sentence.tokens.indices {
            let tags = analyzer.uposNames.indices.filter { analyzer.uposNames[$0] == sentence.upos[token] }
            let tag = tags.first { analyzer.xposNames[$0] == sentence.xpos[token] } ?? tags.first ?? 0
            gold.tags.append(UInt8(tag))
            gold.heads.append(sentence.heads[token])
            gold.labels.append(UInt8(analyzer.labelNames.firstIndex(of: sentence.labels[token]) ?? 0))
            gold.lemmaHashes.append(WordHash(sentence.lemmas[token].utf8).value)
        }
    }

    /// Pearson's; nil where one side is always the same.
    private func correlation(_ pairs: [(Double, Double)]) -> Double? {
        let count = Double(pairs.count)
        let (meanA, meanB) = (pairs.reduce(0) { $0 + $1.0 } / count, pairs.reduce(0) { $0 + $1.1 } / count)
        let both = pairs.reduce(0) { $0 + ($1.0 - meanA) * ($1.1 - meanB) }
        let (a, b) = (
            pairs.reduce(0) { $0 + ($1.0 - meanA) * ($1.0 - meanA) },
            pairs.reduce(0) { $0 + ($1.1 - meanB) * ($1.1 - meanB) }
        )
        return a * b == 0 ? nil : both / (a * b).squareRoot()
    }

    @Test("They say the same of a text")
    func agreement() throws {
        let texts = try texts()
        #expect(texts.count >= 50)
        var values: [String: [(Double, Double)]] = [:]
        for (document, gold) in texts {
            #expect(document.sentenceCount == Self.sentencesAText && document.tokens.count == gold.count)
            var (predicted, right): ([Double], [Double]) = ([], [])
            for family in [any FeatureBlock.Type](arrayLiteral: PartsOfSpeech.self, SyntacticTrees.self) {
                family.append(AnalyzedText(document), to: &predicted)
                family.append(AnalyzedText(document, syntax: gold), to: &right)
            }
            let names = (PartsOfSpeech.definitions + SyntacticTrees.definitions).map(\.name)
            for (name, pair) in zip(names, zip(predicted, right)) { values[name, default: []].append(pair) }
        }
        print("| feature | correlation | median difference | median value |")
        for name in (PartsOfSpeech.definitions + SyntacticTrees.definitions).map(\.name) {
            let pairs = values[name] ?? []
            let differences = pairs.map { abs($0.0 - $0.1) }.sorted()
            let median = pairs.map(\.1).sorted()[pairs.count / 2]
            let r = correlation(pairs)
            print(
                "| `\(name)` |", r.map { String(format: "%.3f", $0) } ?? "", "|",
                String(format: "%.3g", differences[pairs.count / 2]),
                "|", String(format: "%.3g", median), "|")
            #expect(r ?? 1 >= 0.8, "\(name)")
        }
    }
}
