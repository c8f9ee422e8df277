import Hummingbird
import NIOCore

/// Reads `{"text": "…"}` from a request, with every check that can be made before analysing.
struct TextRequest {
    /// Whether fields besides `text` are refused. The original system's clients send some.
    var refusesUnknownFields: Bool
    var maxBodyBytes: Int

    func text(of request: Request) async throws -> String {
        try checkHeaders(request.headers)
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: maxBodyBytes)
        } catch is NIOTooManyBytesError {
            throw Self.tooLarge(maxBodyBytes)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw GatewayError(.malformedRequest, "the body ended early, or is not valid HTTP; send it again")
        }
        return try text(in: Array(body.readableBytesView))
    }

    /// The decoding alone, for tests and for the command line.
    func text(in body: [UInt8]) throws(GatewayError) -> String {
        let (fields, unknownCount): ([String: StrictJSON.Value], Int)
        do {
            (fields, unknownCount) = try StrictJSON.object(body, keys: ["text"])
        } catch {
            throw GatewayError(error)
        }
        guard !refusesUnknownFields || unknownCount == 0 else {
            throw GatewayError(.unknownField, "the body has a field besides \"text\"; send {\"text\": \"…\"}")
        }
        switch fields["text"] {
        case .string(let text): return text
        case nil: throw GatewayError(.missingText, "the body has no field \"text\"; send {\"text\": \"…\"}")
        default: throw GatewayError(.invalidText, "\"text\" must be a string")
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
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > maxBodyBytes {
            throw Self.tooLarge(maxBodyBytes)
        }
    }

    private static func tooLarge(_ limit: Int) -> GatewayError {
        GatewayError(.bodyTooLarge, "the body is larger than \(limit) bytes; send a shorter text")
    }
}

extension Substring {
    fileprivate var trimmed: String {
        String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
