import Crypto
import HTTPTypes
import Hummingbird

/// One file of the web page, as it is served: it lies in the program, so there is no folder to install or to mistype.
struct WebFile: Sendable {
    /// In the URL.
    var path: String
    var contentType: String
    var bytes: ByteBuffer
    /// With its quotation marks; of the bytes, so two builds of the same page agree.
    var entityTag: String

    init(name: String, text: String) {
        path = name == "index.html" ? "/" : "/web/\(name)"
        contentType = Self.contentType(ofName: name)
        bytes = ByteBuffer(string: text)
        let digest = SHA256.hash(data: Array(text.utf8))
        entityTag = "\"\(Hexadecimal.text(digest.prefix(12)))\""
    }

    static let all = webFileTexts.map { WebFile(name: $0.name, text: $0.text) }

    /// 200 with the file, or 304 where the browser has it already.
    func response(ifNoneMatch: String?) -> Response {
        var headers = HTTPFields()
        headers[.eTag] = entityTag
        // Kept, and asked for again each time: a new version shows at once, an old one costs 304.
        headers[.cacheControl] = "no-cache"
        headers[.contentSecurityPolicy] = Self.contentSecurityPolicy
        guard !isKnown(ifNoneMatch) else { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = contentType
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: bytes))
    }

    /// Nothing from another origin, nothing inline, and nobody frames the page.
    static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    /// - Parameter ifNoneMatch: `*`, or entity tags with commas between them; weak ones compare as strong ones (RFC 9110).
    private func isKnown(_ ifNoneMatch: String?) -> Bool {
        guard let ifNoneMatch else { return false }
        return ifNoneMatch.utf8.split(separator: UInt8(ascii: ",")).contains { item in
            let tag = item.drop { $0 == UInt8(ascii: " ") }.prefix { $0 != UInt8(ascii: " ") }
            let strong = tag.starts(with: "W/".utf8) ? tag.dropFirst(2) : tag
            return strong.elementsEqual(entityTag.utf8) || strong.elementsEqual("*".utf8)
        }
    }

    private static func contentType(ofName name: String) -> String {
        if name.hasSuffix(".html") { return "text/html; charset=utf-8" }
        if name.hasSuffix(".css") { return "text/css; charset=utf-8" }
        if name.hasSuffix(".js") { return "text/javascript; charset=utf-8" }
        if name.hasSuffix(".svg") { return "image/svg+xml" }
        return "text/plain; charset=utf-8"
    }
}
