import Foundation
import Testing

@testable import Features

/// The test part of the English Web Treebank (Universal Dependencies, CC BY-SA 4.0), which is not a part of this
/// repository: `../shared/data/ud` beside the package, or the folder that UD_DIR names.
struct Treebank {
    struct Sentence {
        var bytes: [UInt8] = []
        var tokens: [Range<Int>] = []
        var lemmas: [String] = []
        var upos: [String] = []
        var xpos: [String] = []
        /// -1 for the root.
        var heads: [Int32] = []
        var labels: [String] = []
    }

    let sentences: [Sentence]

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder =
            ProcessInfo.processInfo.environment["UD_DIR"].map { URL(filePath: $0) }
            ?? root.appending(path: "../shared/data/ud")
        let text = try String(contentsOf: folder.appending(path: "en_ewt-ud-test.conllu"), encoding: .utf8)
        var sentences: [Sentence] = []
        var sentence = Sentence()
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let fields = line.split(separator: "\t")
            if line.isEmpty, !sentence.tokens.isEmpty {
                sentences.append(sentence)
                sentence = Sentence()
            } else if fields.count == 10, let head = Int32(fields[6]), Int(fields[0]) != nil {
                let start = sentence.bytes.count
                sentence.bytes += fields[1].utf8
                sentence.tokens.append(start..<sentence.bytes.count)
                sentence.lemmas.append(String(fields[2]))
                sentence.upos.append(String(fields[3]))
                sentence.xpos.append(String(fields[4]))
                sentence.heads.append(head - 1)
                sentence.labels.append(String(fields[7]))
            }
        }
        self.sentences = sentences
    }
}

@Suite("Tagger, lemmas and parser on the treebank's test part")
struct SyntaxAgreementTests {
    private let analyzer = SyntaxAnalyzer.shared

    private func analyze(_ sentence: Treebank.Sentence) -> SyntaxAnalysis {
        analyzer.analyze(sentence.bytes, tokens: sentence.tokens, sentences: [sentence.tokens.indices])
    }

    @Test("Every decision is the training code's")
    func agreement() throws {
        let fixture = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "Fixtures/syntax-digests.txt")
        let digests = try String(contentsOf: fixture, encoding: .utf8).split(separator: "\n").map(String.init)
        let sentences = try Treebank().sentences
        #expect(sentences.count == 2077 && digests.count == sentences.count)
        var different: [Int] = []
        for (place, sentence) in sentences.enumerated() {
            let analysis = analyze(sentence)
            var hash = WordHash()
            for token in sentence.tokens.indices {
                hash.add(analysis.tags[token])
                for byte in analyzer.lemma(sentence.bytes, sentence.tokens[token], analysis.lemmaScripts[token]).utf8 {
                    hash.add(byte)
                }
                let head = UInt16(analysis.heads[token] + 1)
                hash.add(UInt8(head & 255))
                hash.add(UInt8(head >> 8))
                hash.add(analysis.labels[token])
            }
            let digits = String(hash.value, radix: 16)
            if String(repeating: "0", count: 16 - digits.count) + digits != digests[place] { different.append(place) }
        }
        #expect(different == [])
    }

    @Test("Gold tokens and predicted tags reach the figures of docs/syntax.md")
    func accuracy() throws {
        var total = 0
        var (upos, xpos, lemmas, attached, labelled) = (0, 0, 0, 0, 0)
        for sentence in try Treebank().sentences {
            let analysis = analyze(sentence)
            total += sentence.tokens.count
            for token in sentence.tokens.indices {
                let tag = Int(analysis.tags[token])
                if analyzer.uposNames[tag] == sentence.upos[token] { upos += 1 }
                if analyzer.xposNames[tag] == sentence.xpos[token] { xpos += 1 }
                let lemma = analyzer.lemma(sentence.bytes, sentence.tokens[token], analysis.lemmaScripts[token])
                if lemma == sentence.lemmas[token] || sentence.lemmas[token] == "_" { lemmas += 1 }
                guard analysis.heads[token] == sentence.heads[token] else { continue }
                attached += 1
                if analyzer.labelNames[Int(analysis.labels[token])] == sentence.labels[token] { labelled += 1 }
            }
        }
        func share(_ count: Int) -> Double { Double(count) / Double(total) }
        print(
            "syntax on \(total) tokens: UPOS \(share(upos)) XPOS \(share(xpos)) lemmas \(share(lemmas))",
            "UAS \(share(attached)) LAS \(share(labelled))")
        #expect(total == 25_094)
        #expect(share(upos) >= 0.95)
        #expect(share(xpos) >= 0.945)
        #expect(share(lemmas) >= 0.97)
        #expect(share(attached) >= 0.87)
        #expect(share(labelled) >= 0.84)
    }
}
