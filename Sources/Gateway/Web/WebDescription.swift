import HTTPTypes

extension WebRoutes {
    /// The page itself first.
    static let operations = WebFile.all.sorted { ($0.path.count, $0.path) < ($1.path.count, $1.path) }.map { file in
        let mediaType = file.contentType.prefix { $0 != ";" }
        return APIOperation(
            method: .get, path: file.path, id: id(ofPath: file.path),
            summary: file.path == "/" ? "The web page: paste an essay, read the verdict." : "A file of the web page.",
            description: "Comes with an ETag; 304 where the caller has it already.",
            group: .pages, parameters: [.requestID],
            replies: [
                .init(description: "The file.", mediaType: String(mediaType), example: String(mediaType)),
                .init(status: 304, description: "The caller has it: If-None-Match names its ETag.", content: []),
            ])
    }

    /// `/web/plain-report.js` is `webPlainReportJs`.
    private static func id(ofPath path: String) -> String {
        let words = path.split { !$0.isLetter && !$0.isNumber }
        guard let first = words.first else { return "webPage" }
        return ([String(first)] + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }).joined()
    }
}
