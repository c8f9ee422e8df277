import Testing
import TritonClient

@testable import Gateway

@Suite struct `The models commands` {
    @Test func `a table has a line a version, and says what was never loaded`() {
        let table = ListCommand.table([
            RepositoryModel(name: "bert_bilstm", version: "1", state: "READY", reason: ""),
            RepositoryModel(name: "bert_bilstm", version: "2", state: "UNAVAILABLE", reason: "no such\nfile"),
            RepositoryModel(name: "ebm", version: "", state: "", reason: ""),
        ])
        #expect(
            table.split(separator: "\n") == [
                "MODEL        VERSION  STATE        REASON",
                "bert_bilstm  1        READY",
                "bert_bilstm  2        UNAVAILABLE  no such file",
                "ebm          -        not loaded",
            ])
    }

    @Test func `a server that takes no load says what to do about it`() {
        for polling in ["polling", "model control mode is none"] {
            let words = RepositoryOptions.words(
                for: .server(
                    .unavailable, message: "explicit model load / unload is not allowed if \(polling) is enabled"),
                url: "http://localhost")
            #expect(words.contains("--model-control-mode=explicit"))
        }
        #expect(RepositoryOptions.words(for: .unreachable("refused"), url: "").contains("--triton"))
    }
}
