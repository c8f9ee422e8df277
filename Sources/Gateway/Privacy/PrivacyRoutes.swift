import HTTPTypes
import Hummingbird

/// `GET /privacy`: a page for people, or plain text for whoever asks for that.
struct PrivacyRoutes: Sendable {
    let policy: PrivacyPolicy

    func add(to router: Router<GatewayContext>) {
        let (html, text) = (ByteBuffer(string: policy.html), ByteBuffer(string: policy.text))
        router.only(.get, "/privacy") { request, _ in
            let accept = (request.headers[.accept] ?? "").lowercased()
            let wantsText = accept.contains("text/plain") && !accept.contains("text/html")
            return Response(
                status: .ok,
                headers: [
                    .contentType: wantsText ? "text/plain; charset=utf-8" : "text/html; charset=utf-8",
                    .vary: "Accept",
                ],
                body: .init(byteBuffer: wantsText ? text : html))
        }
    }
}
