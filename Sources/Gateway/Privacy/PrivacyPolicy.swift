/// What happens with a text and with whoever sends it: the words of `GET /privacy`.
///
/// A test compares `logged` with what the access log really has.
struct PrivacyPolicy: Sendable {
    /// Who runs this gateway, and how to reach them; empty where the operator has not said.
    var operatorName = ""
    var contact = ""

    struct Section: Sendable {
        var title: String
        var paragraphs: [String] = []
        var items: [String] = []
    }

    /// Every field of an access log line, and what it is.
    static let logged: [(field: String, meaning: String)] = [
        ("request_id", "a random name of the request, or the harmless one that the caller chose"),
        ("method", "the HTTP method"),
        ("route", "the route's name, never the address as it was sent"),
        ("status", "the HTTP status of the answer"),
        ("code", "the outcome: ok, or the code of the error"),
        ("milliseconds", "how long the answer took"),
        ("key", "the id of the key that was used, where one was; not the key itself"),
        ("words", "how many words the text has"),
        ("tokens", "how many tokens it has"),
        ("scoring_version", "which weights and thresholds were used"),
        ("model_versions", "which versions of the models answered"),
        ("degraded", "that a model was away, where one was"),
        ("trace_id", "the random name of the trace that the request belongs to, where the caller or a proxy sent one"),
    ]

    var sections: [Section] {
        [
            Section(
                title: "What this service does",
                paragraphs: [
                    "You send a text; you get the probability that a language model wrote it, with an explanation. The "
                        + "answer describes the text. It is no proof, and it must not be used to accuse anybody."
                ]),
            Section(
                title: "What is processed",
                paragraphs: [
                    "The text is processed in memory while it is analysed, for one purpose: to answer your request. It "
                        + "is cleaned, measured and cut into tokens, which are numbers for words and for parts of "
                        + "words. The tokens and the measurements go to the inference server that the same operator "
                        + "runs, and nowhere else. Nothing is used to train a model."
                ]),
            Section(
                title: "What is logged",
                paragraphs: [
                    "One line a request, and where a part of the service fails, one more with the request id and the "
                        + "failure. A request's line holds:"
                ],
                items: Self.logged.map { "\($0.field): \($0.meaning)" }),
            Section(
                title: "What is kept",
                paragraphs: [
                    "Nothing of the text: no copy, no excerpt, no hash, and no verdict or score of a single text. The "
                        + "log lines above, and sums over many requests (how many, how fast, with which outcome), are "
                        + "kept for as long as the operator needs them to run the service.",
                    "This service sets no cookies and loads nothing from other sites.",
                ]),
            Section(
                title: "Other services between you and this one",
                paragraphs: [
                    "Where you use this service through another one, such as a chat assistant, that service handles the "
                        + "text and the answer under its own policy before and after they pass through here."
                ]),
            Section(title: "Your choices", paragraphs: [choices]),
            Section(title: "Who is responsible", paragraphs: [responsible]),
        ]
    }

    private var choices: String {
        "Send no text that you may not share, and take out names, which the analysis does not need. Since nothing of a "
            + "text is kept, there is nothing of it to show, correct or delete; a log line can be found by its request id."
    }

    private var responsible: String {
        let name = operatorName.isEmpty ? "whoever runs this server and gave you its address" : operatorName
        let reach = contact.isEmpty ? "Ask them." : "Contact: \(contact)."
        return "The operator: \(name). \(reach)"
    }
}

extension PrivacyPolicy {
    static let title = "Privacy policy"

    /// UTF-8, lines not wrapped.
    var text: String {
        sections.reduce(into: Self.title + "\n") { text, section in
            text += "\n\(section.title)\n\n"
            text += section.paragraphs.joined(separator: "\n\n") + "\n"
            if !section.items.isEmpty { text += "\n" + section.items.map { "- \($0)\n" }.joined() }
        }
    }

    /// One page with no style, script or picture, which browsers show light or dark as the reader likes.
    var html: String {
        let body = sections.map { section in
            let paragraphs = section.paragraphs.map { "<p>\(HTMLText.escaped($0))</p>\n" }.joined()
            let items = section.items.map { "<li>\(HTMLText.escaped($0))</li>\n" }.joined()
            let list = items.isEmpty ? "" : "<ul>\n\(items)</ul>\n"
            return "<h2>\(HTMLText.escaped(section.title))</h2>\n\(paragraphs)\(list)"
        }
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(Self.title)</title>
            </head>
            <body>
            <main>
            <h1>\(Self.title)</h1>
            \(body.joined())</main>
            </body>
            </html>

            """
    }
}
