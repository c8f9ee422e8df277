import HTTPTypes
import Hummingbird
import NIOCore

/// The bytes of a request's JSON body, with every check that can be made before reading them as JSON.
struct JSONBody {
    var maxBytes: Int

    func bytes(of request: Request) async throws -> [UInt8] {
        try checkHeaders(request.headers)
        do {
            return Array(try await request.body.collect(upTo: maxBytes).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        } catch let error as CancellationError {
            throw error
        } catch {
            throw GatewayError(.malformedRequest, "the body ended early, or is not valid HTTP; send it again")
        }
    }

    private func checkHeaders(_ headers: HTTPFields) throws(GatewayError) {
        let mediaType = (headers[.contentType] ?? "").lowercased().split(separator: ";").map { $0.trimmed }
        guard mediaType.first == "application/json",
            mediaType.dropFirst().allSatisfy({ $0 == "charset=utf-8" || $0 == "charset=\"utf-8\"" })
        else { throw GatewayError(.unsupportedMediaType, "send Content-Type: application/json, in UTF-8") }
        guard (headers[.contentEncoding] ?? "identity").lowercased() == "identity" else {
            throw GatewayError(.unsupportedMediaType, "send the body without Content-Encoding")
        }
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > maxBytes { throw tooLarge }
    }

    private var tooLarge: GatewayError {
        GatewayError(.bodyTooLarge, "the body is larger than \(maxBytes) bytes; send a shorter text")
    }
}

extension Substring {
    fileprivate var trimmed: String {
        String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
